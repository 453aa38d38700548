"""The objects of the API itself: those with keys of their own by the families' TOML files, those that link a user with
something else, whose key is the pair, by declarations here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import Field, Kind, OnInvalid
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
    linked: Reference = _USER,
    fields: tuple[Field, ...] = (),
    *,
    removal: str = "the user is removed",
    notes: tuple[str, ...] = (),
) -> ObjectDeclaration:
    selectors = [(reference.name, one) for reference in (target, linked) for one in reference.selectors]
    return ObjectDeclaration(
        name=name,
        title=title,
        description=description,
        fields=(
            *(Field(one.field, Kind.REFERENCE, f"The {what}, by {_by(one)}.") for what, one in selectors),
            *fields,
            Field(
                "active",
                Kind.BOOLEAN,
                f"False means that {removal}.",
                place="membership",
                on_invalid=OnInvalid.REJECT,
            ),
        ),
        required=tuple(tuple(one.field for one in reference.selectors) for reference in (target, linked)),
        references=(target, linked),
        modes=frozenset({Mode.UPSERT, Mode.UPDATE, Mode.CREATE_ONLY, Mode.SOFT_DELETE, Mode.HARD_DELETE}),
        soft_delete=removal,
        hard_delete=removal,
        refusals={Mode.MIRROR: _NO_STAMP},
        create_inactive=False,
        group_by=(target.name,) if linked is not _USER else (target.name, linked.name),
        notes=notes,
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
    fields=(
        Field(
            "status",
            Kind.TEXT,
            "State of the enrollment; of one that is there, cancelling alone.",
            choices=STATUSES,
            place="status",
            on_invalid=OnInvalid.REJECT,
        ),
    ),
    removal="the user is unenrolled: Pluvo cancels the enrollment or removes it",
)
_COLLECTION, _LISTED = (
    Reference(name, "content", (Selector(f"{name}Id", "id"), Selector(f"{name}Ref", "external_reference")))
    for name in ("collection", "content")
)
COLLECTION_ITEMS = _link(
    "collection_items",
    "Collection items",
    "Which content a collection lists, such as the courses of a channel: links in the text of its training or offer.",
    _COLLECTION,
    _LISTED,
    (
        Field(
            "order",
            Kind.INTEGER,
            "Its place in the collection. Links without one come last, in the order of their words.",
            place="list of links",
        ),
    ),
    removal="the link is taken out of the list",
    notes=(
        "Words and address of a link are those of the content: a change there is a change of the link in the next "
        "sync. A link that an admin has given other words or another address stays as the admin has it, and so does "
        "the place to which an admin has moved it, until the record's `order` changes.",
        "A link to the content that stands in a list of the text already, of an admin or of the source's own "
        "description, is enough, and never moved or taken away.",
        "What is no longer in the stream stays in the list, unless a record says `active: false`.",
    ),
)
LINKS = (GROUP_MANAGERS, TRAINING_PARTICIPANTS, TRAINING_TRAINERS, ENROLLMENTS, COLLECTION_ITEMS)


RESOURCES = {one.name: one for one in load_resources(files(__package__))}

SURROUNDINGS = Surroundings(
    names={
        "users": {"userRef": "external_reference", "userEmail": "email"},
        "groups": {"groupRef": "external_reference", "groupName": "name"},
    },
    called={"users": "user", "groups": "group"},
)


@cache
def declarations() -> Mapping[str, ObjectDeclaration]:
    """The declarations of all objects, by name."""
    return MappingProxyType(declare_all(RESOURCES.values(), SURROUNDINGS) | {one.name: one for one in LINKS})
