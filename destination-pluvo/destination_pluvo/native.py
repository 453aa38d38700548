"""The objects of the API itself: those with keys of their own by the families' TOML files, those that link a user with
something else, whose key is the pair, by declarations here.
"""

from __future__ import annotations

from importlib.resources import files

from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import Field, Kind
from lms_shared.model.keys import Reference, Selector
from lms_shared.resources.declare import declare_all
from lms_shared.resources.load_toml import load_resources
from lms_shared.resources.references import Surroundings

STATUSES = ("ENROLLED", "WAITLISTED", "CANCELLED", "DECLINED")
_NO_STAMP = "Pluvo does not keep which connection made an object, so nobody knows what this one owns"

_USER = Reference(
    "user",
    "users",
    (Selector("userId", "id"), Selector("userRef", "external_reference"), Selector("userEmail", "email")),
)
_GROUP = Reference(
    "group",
    "groups",
    (Selector("groupId", "id"), Selector("groupRef", "external_reference"), Selector("groupName", "name")),
)
_TRAINING = Reference("training", "trainings", (Selector("trainingId", "id"), Selector("trainingRef", "ref")))
_EVENT = Reference("offer_event", "offer_events", (Selector("offerEventId", "id"), Selector("offerEventRef", "ref")))


def _link(
    name: str,
    title: str,
    description: str,
    target: Reference,
    fields: tuple[Field, ...] = (),
    removal: str = "the user is removed",
) -> ObjectDeclaration:
    selectors = [(reference.name, one) for reference in (target, _USER) for one in reference.selectors]
    return ObjectDeclaration(
        name=name,
        title=title,
        description=description,
        fields=(
            *(Field(one.field, Kind.REFERENCE, f"The {what}, by {_by(one)}.") for what, one in selectors),
            *fields,
            Field("active", Kind.BOOLEAN, "False removes the user.", place="membership"),
        ),
        required=tuple(tuple(one.field for one in reference.selectors) for reference in (target, _USER)),
        references=(target, _USER),
        modes=frozenset({Mode.UPSERT, Mode.UPDATE, Mode.CREATE_ONLY, Mode.SOFT_DELETE, Mode.HARD_DELETE}),
        soft_delete=removal,
        hard_delete=removal,
        refusals={Mode.MIRROR: _NO_STAMP},
        create_inactive=False,
        group_by=(target.name, "user"),
        native=True,
    )


def _by(selector: Selector) -> str:
    return {"external_reference": "ref", "email": "e-mail address"}.get(selector.target_field, selector.target_field)


GROUP_MANAGERS = _link("group_managers", "Group managers", "Who manages which group.", _GROUP)
TRAINING_PARTICIPANTS = _link(
    "training_participants", "Training participants", "Who takes part in which training.", _TRAINING
)
TRAINING_TRAINERS = _link("training_trainers", "Training trainers", "Who trains in which training.", _TRAINING)
ENROLLMENTS = _link(
    "enrollments",
    "Enrollments",
    "Who is enrolled in which offer event.",
    _EVENT,
    (
        Field(
            "status",
            Kind.TEXT,
            "State of the enrollment; of one that is there, cancelling alone.",
            choices=STATUSES,
            place="status",
        ),
    ),
    "the user is unenrolled: Pluvo cancels the enrollment or removes it",
)
LINKS = (GROUP_MANAGERS, TRAINING_PARTICIPANTS, TRAINING_TRAINERS, ENROLLMENTS)


RESOURCES = {one.name: one for one in load_resources(files(__package__))}

SURROUNDINGS = Surroundings(
    names={
        "users": {"userRef": "external_reference", "userEmail": "email"},
        "groups": {"groupRef": "external_reference", "groupName": "name"},
    },
    called={"users": "user", "groups": "group"},
)


def declarations() -> dict[str, ObjectDeclaration]:
    """The declarations of all objects, by name."""
    return {**declare_all(RESOURCES.values(), SURROUNDINGS), **{one.name: one for one in LINKS}}
