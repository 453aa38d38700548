"""The writable resources of the API that are no unified objects, as declarations: the API's own field names.

Sources: the page of each resource for its input fields, and for what its mutations select by.
"""

from __future__ import annotations

from collections.abc import Iterable

from lms_shared.model.declarations import KeyKind, MatchKey, Mode, ObjectDeclaration, Reference, Selector
from lms_shared.model.fields import Field, FieldPolicy, Kind

_TEXT, _REFERENCE, _FLAG, _NUMBER, _INSTANT = Kind.TEXT, Kind.REFERENCE, Kind.BOOLEAN, Kind.INTEGER, Kind.INSTANT
_UPSERTS = frozenset({Mode.UPSERT, Mode.UPDATE, Mode.CREATE_ONLY})
_NO_STAMP = "Pluvo does not keep which connection made an object, so nobody knows what this one owns"
_NO_DELETE = "the API has no call that deletes it"
_NO_SWITCH = "the API has no switch that deactivates it"

CONTENT_TYPES = ("USER", "GROUP", "TRAINING", "OFFER")
"""Kinds of objects that extra categories hang on and that the API shows the values of."""
EVENT_TYPES = ("MEETING", "WEBINAR", "TRAINING", "ELEARNING", "COURSE", "SCORM", "VIDEO")
STATUSES = ("ENROLLED", "WAITLISTED", "CANCELLED", "DECLINED")
FIELD_TYPES = ("TEXT", "NUMBER", "DATE", "SELECT", "MULTISELECT", "BOOLEAN")
NOT_SHOWN = "(not shown)"
"""Stands for the value of a field that no answer shows."""

_ID = Field("id", _REFERENCE, "The API's own id, where it is known.", place="id")
_REF = Field("ref", _REFERENCE, "The integrator's identifier, unique for each kind of object.", place="ref")
_REF_KEY, _ID_KEY = MatchKey("ref", KeyKind.REFERENCE), MatchKey("id", KeyKind.IDENTIFIER)

_USER = Reference("user", "users", (Selector("userId", "id"), Selector("userRef", "external_reference")))
_USER_FIELDS = (
    Field("userId", _REFERENCE, "The user, by id."),
    Field("userRef", _REFERENCE, "The user, by ref."),
)


def _field(name: str, kind: Kind, description: str, choices: tuple[str, ...] = ()) -> Field:
    return Field(name, kind, description, choices=choices, place=name)


def _once(name: str, kind: Kind, description: str) -> Field:
    """A field that is sent with a new object; no answer shows it, so that it is taken for equal from then on."""
    return Field(name, kind, f"{description} Sent with a new one only.", place=name, policy=FieldPolicy.FILL_IF_EMPTY)


def _refusals(modes: Iterable[Mode]) -> dict[Mode, str]:
    why = {Mode.HARD_DELETE: _NO_DELETE, Mode.SOFT_DELETE: _NO_SWITCH, Mode.MIRROR: _NO_STAMP}
    return {mode: reason for mode, reason in why.items() if mode not in modes}


TRAININGS = ObjectDeclaration(
    name="trainings",
    title="Trainings",
    description="Learning journeys: an empty shell whose modules are built in the interface.",
    fields=(
        _ID,
        _REF,
        _field("title", _TEXT, "Title."),
        _field("subtitle", _TEXT, "Subtitle."),
        _field("introduction", Kind.HTML, "Introduction."),
        _field("isActive", _FLAG, "Whether it is published."),
        _field("archived", _FLAG, "Whether it is archived."),
        _field("startDate", _INSTANT, "First day; the time of the day is dropped."),
        _field("endDate", _INSTANT, "Last day; the time of the day is dropped."),
        _field("showParticipants", _FLAG, "Whether participants see each other."),
        _field("showSharedFiles", _FLAG, "Whether shared files are shown."),
        _field("enableChat", _FLAG, "Whether participants can chat."),
    ),
    required=(("title",),),
    keys=(_REF_KEY, _ID_KEY),
    modes=_UPSERTS | {Mode.SOFT_DELETE},
    soft_delete="`archived` becomes `true`",
    refusals=_refusals({Mode.SOFT_DELETE}),
    same_as={"content": {"ref": "external_reference", "id": "id"}},
    native=True,
)

OFFERS = ObjectDeclaration(
    name="offers",
    title="Offers",
    description="Entries of the catalogue; users enroll in their events.",
    fields=(
        _ID,
        _REF,
        _field("title", _TEXT, "Title."),
        _field("description", Kind.HTML, "Description."),
        _field("isActive", _FLAG, "Whether it is offered."),
        _field("archived", _FLAG, "Whether it is archived."),
    ),
    required=(("title",),),
    keys=(_REF_KEY, _ID_KEY),
    modes=_UPSERTS | {Mode.SOFT_DELETE},
    soft_delete="the offer is archived",
    refusals=_refusals({Mode.SOFT_DELETE}),
    # One that has not got its ref yet is known by what else it has.
    group_by=("title",),
    same_as={"content": {"ref": "external_reference", "id": "id"}},
    native=True,
)

OFFER_EVENTS = ObjectDeclaration(
    name="offer_events",
    title="Offer events",
    description="What users enroll in: a cohort, a session, a start moment of an offer.",
    fields=(
        _ID,
        _REF,
        _once("offerId", _REFERENCE, "The offer, by id."),
        _once("offerRef", _REFERENCE, "The offer, by ref."),
        _field("title", _TEXT, "Title."),
        _field("type", _TEXT, "What it consists of.", EVENT_TYPES),
        _field("dates", Kind.NESTED_LIST, "Sessions, each with `startDate` and `endDate`."),
        _field("maxSubscriptions", _NUMBER, "Places; 0 is no limit."),
        _field("minSubscriptions", _NUMBER, "Enrollments that are needed."),
        _field("waitingList", _FLAG, "Whether there is a waiting list once it is full."),
        _field("closingDate", _INSTANT, "Until when users can enroll."),
        _field("price", _REFERENCE, "Price, as a decimal number in a text."),
        _field("cancelled", _FLAG, "Whether it is cancelled."),
        _field("publish", _FLAG, "Whether it is published."),
        _field("trainers", Kind.TEXT_LIST, "Ids of the trainers."),
        _field("accessTrainings", Kind.TEXT_LIST, "Ids of the trainings that enrolled users get."),
        _field("accessCourses", Kind.TEXT_LIST, "Ids of the courses that enrolled users get."),
        _field("accessExternalContents", Kind.TEXT_LIST, "Ids of external contents that enrolled users get."),
        _field("accessScorms", Kind.TEXT_LIST, "Ids of the SCORM packages that enrolled users get."),
        _field("accessVideos", Kind.TEXT_LIST, "Ids of the videos that enrolled users get."),
        _field("certificateId", _REFERENCE, "Id of the certificate template."),
        _field("scoreThreshold", Kind.NUMBER, "Score that is needed."),
    ),
    required=(("offerId", "offerRef"), ("type",)),
    keys=(_REF_KEY, _ID_KEY),
    modes=_UPSERTS | {Mode.SOFT_DELETE, Mode.HARD_DELETE},
    soft_delete="`cancelled` becomes `true`",
    hard_delete="the event and its enrollments are deleted",
    refusals=_refusals({Mode.SOFT_DELETE, Mode.HARD_DELETE}),
    after=("content", "offers"),
    # Content that is an offer has an event of the same ref.
    same_as={"content": {"ref": "external_reference"}},
    native=True,
)

EXTRA_CATEGORIES = ObjectDeclaration(
    name="extra_categories",
    title="Extra categories",
    description="Custom fields of users, groups, trainings or offers.",
    fields=(
        _ID,
        _REF,
        _field("name", _TEXT, "Name; shown as `title`."),
        _field("categoryType", _TEXT, "Type of its values.", FIELD_TYPES),
        _field("forModelTypes", Kind.TEXT_LIST, "Kinds of objects that it is for."),
        _field("choiceOptions", Kind.NESTED_LIST, "Options, each with `stringValue` and `color`."),
        _field("archived", _FLAG, "Whether it is archived."),
        _once("color", _TEXT, "Colour such as #00AAFF."),
        _once("filter", _FLAG, "Whether lists can be filtered by it."),
        _once("showLabel", _FLAG, "Whether its name is shown."),
        _once("multipleChoices", _FLAG, "Whether several options can be chosen."),
    ),
    required=(("name",),),
    keys=(_REF_KEY, _ID_KEY, MatchKey("name", KeyKind.NATURAL)),
    modes=_UPSERTS | {Mode.SOFT_DELETE},
    soft_delete="the extra category is archived",
    refusals=_refusals({Mode.SOFT_DELETE}),
    group_by=("name",),
    native=True,
)

_VALUE_KEYS = tuple(
    MatchKey(model, KeyKind.NATURAL, ("contentType", category))
    for model in ("modelId", "modelRef")
    for category in ("categoryId", "categoryRef")
)

EXTRA_CATEGORY_VALUES = ObjectDeclaration(
    name="extra_category_values",
    title="Extra category values",
    description="The value of a custom field of one object.",
    fields=(
        _field("contentType", _TEXT, "Kind of the object.", CONTENT_TYPES),
        _field("modelId", _REFERENCE, "The object, by id."),
        _field("modelRef", _REFERENCE, "The object, by ref."),
        _field("categoryId", _REFERENCE, "The extra category, by id."),
        _field("categoryRef", _REFERENCE, "The extra category, by ref."),
        _field("stringValue", _TEXT, "Value of a text or number."),
        _field("datetimeValue", _INSTANT, "Value of a date."),
        _field("booleanValue", _FLAG, "Value of a yes or no."),
        _field("choiceValues", Kind.TEXT_LIST, "Texts of the chosen options."),
    ),
    required=(
        ("contentType",),
        ("modelId", "modelRef"),
        ("categoryId", "categoryRef"),
        ("stringValue", "datetimeValue", "booleanValue", "choiceValues"),
    ),
    keys=_VALUE_KEYS,
    modes=_UPSERTS,
    refusals=_refusals(()),
    after=("extra_categories", "users", "groups", "content", "trainings", "offers"),
    # The values of an object are written together.
    group_by=("modelId", "modelRef"),
    native=True,
)

PORTFOLIO_ITEMS = ObjectDeclaration(
    name="portfolio_items",
    title="Portfolio items",
    description="Evidence or achievements of users.",
    fields=(
        _ID,
        _field("userId", _REFERENCE, "Id of the user."),
        _field("title", _TEXT, "Title."),
        _field("description", Kind.HTML, "Description."),
        _field("startDate", _INSTANT, "When it was acquired."),
        _field("endDate", _INSTANT, "Until when it is valid."),
        _field("files", Kind.TEXT_LIST, "Addresses of files in Pluvo's own store."),
    ),
    required=(("userId",), ("title",), ("startDate",)),
    # Items have no ref: without an id, the same title of the same day is the same item.
    keys=(_ID_KEY, MatchKey("userId", KeyKind.NATURAL, ("title", "startDate"))),
    modes=_UPSERTS | {Mode.HARD_DELETE},
    hard_delete="the item is deleted for good",
    refusals=_refusals({Mode.HARD_DELETE}),
    group_by=("userId",),
    native=True,
)

CERTIFICATES = ObjectDeclaration(
    name="certificates",
    title="Certificates",
    description="Certificates issued to users. Pluvo may mail each, and no argument turns that off.",
    fields=(
        _once("certificateId", _REFERENCE, "Id of the template."),
        _field("userId", _REFERENCE, "Id of the user."),
        _field("title", _TEXT, "Title of the certificate."),
        _field("issueDate", _INSTANT, "When it is issued."),
        _once("trainingId", _REFERENCE, "Id of the training that it is tied to."),
    ),
    required=(("certificateId",), ("userId",), ("title",), ("issueDate",)),
    # Issuing makes a portfolio item, by which a certificate of the same title and day is known.
    keys=(MatchKey("userId", KeyKind.NATURAL, ("title", "issueDate")),),
    modes=frozenset({Mode.UPSERT, Mode.CREATE_ONLY}),
    refusals={**_refusals(()), Mode.UPDATE: "a certificate that was issued stays as it is"},
    group_by=("userId",),
    native=True,
)


def _link(
    name: str,
    title: str,
    description: str,
    target: Reference,
    fields: tuple[Field, ...] = (),
    removal: str = "the user is removed",
) -> ObjectDeclaration:
    return ObjectDeclaration(
        name=name,
        title=title,
        description=description,
        fields=(
            *(Field(one.field, _REFERENCE, f"The {target.name}, by {one.target_field}.") for one in target.selectors),
            *_USER_FIELDS,
            *fields,
            Field("active", _FLAG, "False removes the user.", place="membership"),
        ),
        required=tuple(tuple(one.field for one in reference.selectors) for reference in (target, _USER)),
        references=(target, _USER),
        modes=_UPSERTS | {Mode.SOFT_DELETE, Mode.HARD_DELETE},
        soft_delete=removal,
        hard_delete=removal,
        refusals=_refusals({Mode.SOFT_DELETE, Mode.HARD_DELETE}),
        create_inactive=False,
        group_by=(target.name, "user"),
        native=True,
    )


_GROUP = Reference("group", "groups", (Selector("groupId", "id"), Selector("groupRef", "external_reference")))
_TRAINING = Reference("training", "trainings", (Selector("trainingId", "id"), Selector("trainingRef", "ref")))
_EVENT = Reference("offer_event", "offer_events", (Selector("offerEventId", "id"), Selector("offerEventRef", "ref")))

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
    (_field("status", _TEXT, "State of the enrollment; of one that is there, cancelling alone.", STATUSES),),
    "the user is unenrolled: Pluvo cancels the enrollment or removes it",
)
