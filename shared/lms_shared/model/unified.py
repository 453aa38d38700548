"""The unified LMS objects: one record shape for every destination, before an LMS says where it keeps what."""

from __future__ import annotations

from lms_shared.model.completion import is_better, is_later, joined
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Field, FieldPolicy, Kind, OnInvalid
from lms_shared.model.keys import KeyKind, MatchKey, Reference, Selector

_TEXT, _REFERENCE, _URL = Kind.TEXT, Kind.REFERENCE, Kind.URL
_REJECT = OnInvalid.REJECT
"""Of fields that decide over something: left out, `active: "no longer"` would publish a course."""

_USER_SELECTOR_FIELDS = (
    Field("user_id", _REFERENCE, "The learner, by the LMS's own user id."),
    Field("user_external_reference", _REFERENCE, "The learner, by external reference."),
    Field("user_email", Kind.EMAIL, "The learner, by e-mail address."),
)
_CONTENT_SELECTOR_FIELDS = (
    Field("learning_object_id", _REFERENCE, "The content, by the LMS's own id."),
    Field("learning_object_external_reference", _REFERENCE, "The content, by external reference."),
)
_GROUP_SELECTOR_FIELDS = (
    Field("group_id", _REFERENCE, "The group, by the LMS's own id."),
    Field("group_external_reference", _REFERENCE, "The group, by external reference."),
    Field("group_name", _TEXT, "The group, by name."),
)

USER_REFERENCE = Reference(
    "user",
    "users",
    (
        Selector("user_id", "id"),
        Selector("user_external_reference", "external_reference"),
        Selector("user_email", "email"),
    ),
)
CONTENT_REFERENCE = Reference(
    "content",
    "content",
    (
        Selector("learning_object_id", "id"),
        Selector("learning_object_external_reference", "external_reference"),
    ),
)
GROUP_REFERENCE = Reference(
    "group",
    "groups",
    (
        Selector("group_id", "id"),
        Selector("group_external_reference", "external_reference"),
        Selector("group_name", "name"),
    ),
)

_ID = Field("id", _REFERENCE, "The LMS's own id of the object, where it is known.")
_EXTERNAL_REFERENCE = Field(
    "external_reference",
    _REFERENCE,
    "Identifier of the object in the system it comes from; the first key by which it is found again.",
    policy=FieldPolicy.FILL_IF_EMPTY,
)

_REFERENCE_KEY = MatchKey("external_reference", KeyKind.REFERENCE)
_ID_KEY = MatchKey("id", KeyKind.IDENTIFIER)

USERS = ObjectDeclaration(
    name="users",
    title="Users",
    description="Learners and their membership of the academy.",
    fields=(
        _ID,
        _EXTERNAL_REFERENCE,
        Field("email", Kind.EMAIL, "E-mail address; unique in the LMS."),
        Field("name", _TEXT, "Full name, where first and last name are not given apart."),
        Field("first_name", _TEXT, "First name."),
        Field("last_name", _TEXT, "Last name."),
        Field("phone_number", _TEXT, "Phone number."),
        Field("language", Kind.LANGUAGE, "Preferred language, as a BCP 47 tag or by its English name."),
        Field("active", Kind.BOOLEAN, "False deactivates the user and keeps all records.", on_invalid=_REJECT),
    ),
    required=(("email", "external_reference"),),
    keys=(_REFERENCE_KEY, _ID_KEY, MatchKey("email", KeyKind.NATURAL)),
    instead_of={"name": ("first_name", "last_name")},
    group_by=("email",),
)

GROUPS = ObjectDeclaration(
    name="groups",
    title="Groups",
    description="Groups of learners.",
    fields=(
        _ID,
        _EXTERNAL_REFERENCE,
        Field("name", _TEXT, "Name of the group."),
        Field("active", Kind.BOOLEAN, "False deactivates the group, where the LMS can.", on_invalid=_REJECT),
    ),
    required=(("name",),),
    keys=(_REFERENCE_KEY, _ID_KEY, MatchKey("name", KeyKind.NATURAL)),
    group_by=("name",),
)

GROUP_MEMBERS = ObjectDeclaration(
    name="group_members",
    title="Group members",
    description="Which learner is in which group.",
    fields=(
        *_GROUP_SELECTOR_FIELDS,
        *_USER_SELECTOR_FIELDS,
        Field("active", Kind.BOOLEAN, "False removes the learner from the group.", on_invalid=_REJECT),
    ),
    required=(
        ("group_id", "group_external_reference", "group_name"),
        ("user_id", "user_external_reference", "user_email"),
    ),
    references=(GROUP_REFERENCE, USER_REFERENCE),
    create_inactive=False,
    group_by=("group", "user"),
)

CONTENT = ObjectDeclaration(
    name="content",
    title="Content",
    description="Courses, paths and other learning content of a provider.",
    fields=(
        _ID,
        _EXTERNAL_REFERENCE,
        Field("title", _TEXT, "Title."),
        Field("description", Kind.HTML, "Description, as text or HTML."),
        Field("content_url", _URL, "Absolute address at which the content is opened.", on_invalid=_REJECT),
        Field("mobile_launch_content_url", _URL, "Address for mobile devices."),
        Field("cover_url", _URL, "Address of a cover picture."),
        Field("content_type", _TEXT, "Kind of content, in the provider's words, such as COURSE or PATH."),
        Field("active", Kind.BOOLEAN, "False hides the content and keeps all records.", on_invalid=_REJECT),
        Field("duration", Kind.DURATION, "Length as ISO 8601 duration, such as PT1H30M."),
        Field("languages", Kind.TEXT_LIST, "Languages, as BCP 47 tags."),
        Field("skills", Kind.TEXT_LIST, "Skills that the content teaches."),
        Field("categories", Kind.TEXT_LIST, "Categories."),
        Field("tags", Kind.TEXT_LIST, "Tags.", policy=FieldPolicy.MERGE_LIST),
        Field("localizations", Kind.OBJECT_LIST, "Title and description in other languages."),
        Field("authors", Kind.TEXT_LIST, "Names of the authors."),
        Field("order", Kind.INTEGER, "Place among its siblings."),
        Field("provider", _TEXT, "Name of the content provider."),
        Field("additional_data", Kind.OBJECT, "Whatever else the provider says of the content."),
    ),
    required=(("external_reference",), ("title",)),
    keys=(_REFERENCE_KEY, _ID_KEY, MatchKey("title", KeyKind.ATTRIBUTE)),
    group_by=("title",),
)

ASSIGNMENTS = ObjectDeclaration(
    name="assignments",
    title="Assignments",
    description="Which learner is to take which content.",
    fields=(
        *_USER_SELECTOR_FIELDS,
        *_CONTENT_SELECTOR_FIELDS,
        Field("assigned_at", Kind.INSTANT, "When the content was assigned."),
        Field("due_date", Kind.INSTANT, "When it is due."),
        Field(
            "status",
            _TEXT,
            "State in the source system.",
            choices=("pending", "in_progress", "completed"),
            on_invalid=_REJECT,
        ),
        Field("progress", Kind.NUMBER, "Progress in percent, 0 to 100.", minimum=0, maximum=100),
        Field("active", Kind.BOOLEAN, "False withdraws the assignment and keeps all records.", on_invalid=_REJECT),
    ),
    required=(
        ("user_id", "user_external_reference", "user_email"),
        ("learning_object_id", "learning_object_external_reference"),
    ),
    references=(USER_REFERENCE, CONTENT_REFERENCE),
    create_inactive=False,
    group_by=("user",),
)

COMPLETIONS = ObjectDeclaration(
    name="completions",
    title="Completions",
    description="Which learner completed which content; one per pair, the best is kept. Of results that are renewed, "
    "such as those of assessments, the latest is kept, be it better or not.",
    fields=(
        *_USER_SELECTOR_FIELDS,
        *_CONTENT_SELECTOR_FIELDS,
        Field("completed_at", Kind.INSTANT, "When the content was completed.", plausible=True, on_invalid=_REJECT),
        Field("result", _TEXT, "Whether it was passed.", choices=("Pass", "Fail"), on_invalid=_REJECT),
        Field(
            "score",
            Kind.OBJECT,
            "Score: `percentage` (0 to 100) or `raw_value`, nested or beside it as `score_percentage`.",
            members=(
                Field("percentage", Kind.NUMBER, "Percent.", minimum=0, maximum=100),
                Field("raw_value", Kind.NUMBER, "Points."),
            ),
        ),
        Field("time_spent", Kind.DURATION, "Time spent, as ISO 8601 duration."),
    ),
    required=(
        ("user_id", "user_external_reference", "user_email"),
        ("learning_object_id", "learning_object_external_reference"),
        ("completed_at",),
    ),
    references=(USER_REFERENCE, CONTENT_REFERENCE),
    supersedes=is_better,
    renewed_by=is_later,
    joined=joined,
    group_by=("user",),
)

UNIFIED_OBJECTS = (USERS, GROUPS, GROUP_MEMBERS, CONTENT, ASSIGNMENTS, COMPLETIONS)
