"""What Skilljar can hold of the unified objects, as declarations.

Sources: Skilljar API reference, request bodies (places and lengths) and 'writing, per resource' (match keys, switches).
"""

from __future__ import annotations

from destination_skilljar.dialect import TEXTS_ESCAPED
from destination_skilljar.settings import Settings
from destination_skilljar.stamp import max_reference_length
from destination_skilljar.users.bulk_users import BULK_FROM, MOST_AT_ONCE
from lms_shared.model import unified
from lms_shared.model.declarations import Mode, ObjectDeclaration, WriteCalls
from lms_shared.model.fields import Field, FieldPolicy, Kind
from lms_shared.model.keys import KeyKind, MatchKey
from lms_shared.model.placement import Placement, placed

_UPSERTS = frozenset({Mode.UPSERT, Mode.UPDATE, Mode.CREATE_ONLY})
_REFERENCE_KEY = MatchKey("external_reference", KeyKind.REFERENCE)
_ID_KEY = MatchKey("id", KeyKind.IDENTIFIER)
_NO_STAMP = "Skilljar has no place for a mark that says which connection made it"
_BATCH = 100
_DATED = (
    "With a client of version 2, enrollments are made by the hundred, but for those with `assigned_at`: version 1 "
    "alone takes a date. The field policy `never` on it makes them by the hundred as well, dated now."
)
_ENROLLED_LIKE_IT = "Enrolls the learner if there is no enrollment yet, dated like the completion."
_ENROLLED_NOW = "Enrolls the learner if there is no enrollment yet, with a client of version 2 dated now."
_KEPT = "what was completed stays completed, also where the source no longer lists it"


def declare_users(settings: Settings) -> ObjectDeclaration:
    """Learners and their membership of the domain; a signup field may hold the external reference."""
    signup_field = settings.user_reference_signup_field
    email = MatchKey("email", KeyKind.NATURAL)
    reference = {"external_reference": f"signup field '{signup_field}'"} if signup_field else {}
    return placed(
        unified.USERS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={
                "id": "user.id",
                "email": "user.email",
                "name": "user.first_name and user.last_name, split at the first blank",
                "first_name": "user.first_name",
                "last_name": "user.last_name",
                "active": "active of the domain membership",
                **reference,
            },
            keys=(_REFERENCE_KEY, _ID_KEY, email) if signup_field else (_ID_KEY, email),
            limits={"email": 254, "first_name": 50, "last_name": 50},
            create_needs=(("email",),),
            modes=_UPSERTS | {Mode.SOFT_DELETE},
            soft_delete="the domain membership is set to active = false",
            notes=("Created by get-or-create on the domain: a person who is known elsewhere becomes a member.",),
            write_calls=_calls_for_users(settings),
            refusals={
                Mode.HARD_DELETE: "the API deletes no users; use soft_delete",
                Mode.MIRROR: "a learner does not say which connection made it, so nobody knows what this one owns",
            },
        ),
    )


def _calls_for_users(settings: Settings) -> WriteCalls:
    if settings.user_reference_signup_field:
        return WriteCalls(create=2)
    return WriteCalls() if settings.send_notifications else WriteCalls(many=MOST_AT_ONCE, many_from=BULK_FROM)


_RULE_SCHEMA = {
    "properties": {
        "enforce": {"type": ["boolean", "null"]},
        "require_match_all": {"type": ["boolean", "null"]},
        "options": {"type": "array", "items": {"type": "object", "required": ["id"]}},
    },
    "required": ["options"],
}
_GROUP_FIELDS = (
    Field(
        "discount_percent",
        Kind.INTEGER,
        "Discount of the group's members.",
        minimum=0,
        maximum=100,
        place="discount_percent",
        clearable=True,
    ),
    Field(
        "group_category_id", Kind.REFERENCE, "Id of the group's category.", place="group_category_id", clearable=True
    ),
    Field(
        "sign_up_field_rule",
        Kind.NESTED,
        "Rule by which new learners join: `options` of signup fields by id, `enforce` and `require_match_all`.",
        place="sign_up_field_rule",
        extra_schema=_RULE_SCHEMA,
    ),
    Field(
        "rule_email_domains",
        Kind.TEXT_LIST,
        "E-mail domains whose new users join.",
        policy=FieldPolicy.MERGE_LIST,
        place="e-mail domain rules of the group",
    ),
)
"""What the API knows of a group beside the unified fields, in its own words."""


def declare_groups() -> ObjectDeclaration:
    return placed(
        unified.GROUPS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={"id": "id", "name": "name"},
            keys=(_ID_KEY, MatchKey("name", KeyKind.NATURAL)),
            limits={"name": 100},
            modes=_UPSERTS | {Mode.HARD_DELETE},
            hard_delete="the group and its memberships are deleted, the learners stay",
            extra_fields=_GROUP_FIELDS,
            refusals={
                Mode.SOFT_DELETE: "groups of Skilljar cannot be deactivated; hard_delete deletes them",
                Mode.MIRROR: _NO_STAMP,
            },
            notes=("Skilljar groups cannot be deactivated, and have no place for an external reference.",),
        ),
    )


def declare_group_members() -> ObjectDeclaration:
    return placed(
        unified.GROUP_MEMBERS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={"active": "membership of the group"},
            modes=_UPSERTS | {Mode.SOFT_DELETE, Mode.HARD_DELETE},
            soft_delete="the learner is removed from the group",
            hard_delete="the same: nothing of a membership is left",
            refusals={Mode.MIRROR: _NO_STAMP},
        ),
    )


def declare_content(namespace: str) -> ObjectDeclaration:
    return placed(
        unified.CONTENT,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={
                "id": "course id",
                "external_reference": f"label 'ext:{namespace}:<external_reference>' of the course",
                "title": "course title",
                "description": "course long_description_html; its text is the short_description",
                "content_url": "link in the content_html of one lesson",
                "active": "hidden and strict_enforce_group_visibility of the publication: inactive is both",
            },
            clearable=frozenset({"description"}),
            keys=(_REFERENCE_KEY, _ID_KEY, MatchKey("title", KeyKind.ATTRIBUTE)),
            limits={"external_reference": max_reference_length(namespace)},
            modes=_UPSERTS | {Mode.SOFT_DELETE, Mode.MIRROR},
            soft_delete="the publication is hidden and closed to whoever has its address, all records stay",
            refusals={Mode.HARD_DELETE: "the learners' records of a course would go with it; use soft_delete"},
            notes=("A course without a publication on the domain is published.",),
            # The course with its label, the lesson and the publication; most updates change but one of them.
            write_calls=WriteCalls(create=3),
        ),
    )


def declare_assignments(*, batches: bool = False) -> ObjectDeclaration:
    """Enrollments. `batches`: whether version 2 writes them, which has due dates and enrolls by the hundred."""
    return placed(
        unified.ASSIGNMENTS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={
                "assigned_at": "enrolled_at of a new enrollment; an existing one keeps its own",
                "active": "active of the enrollment",
                **({"due_date": "due_at of the enrollment; only with a client of version 2"} if batches else {}),
            },
            clearable=frozenset({"due_date"} if batches else ()),
            # A new enrollment with a date is a call of its own, whatever the client.
            write_calls=WriteCalls(many_updates=_BATCH if batches else 1),
            notes=(_DATED,) if batches else (),
            policies={"assigned_at": FieldPolicy.FILL_IF_EMPTY},
            modes=_UPSERTS | {Mode.SOFT_DELETE},
            soft_delete="the enrollment is set to active = false, the progress stays",
            refusals={Mode.HARD_DELETE: "the API deletes no enrollments; use soft_delete", Mode.MIRROR: _NO_STAMP},
            made_by=(unified.COMPLETIONS.name,),
        ),
    )


def declare_completions(*, batches: bool = False) -> ObjectDeclaration:
    """Course progress. `batches`: whether version 2 writes it, all but scores."""
    return placed(
        unified.COMPLETIONS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={
                "completed_at": "course_progress.completed_at",
                "result": "course_progress.success_status",
                "score": "course_progress.score and max_score, whole numbers",
            },
            whole_numbers=frozenset({"score"}),
            clearable=frozenset({"result", "score"}),
            # The enrollment that a completion makes keeps its date, so an assignment of the same sync goes first.
            after=("assignments",),
            modes=_UPSERTS,
            refusals={
                Mode.SOFT_DELETE: "a completion has no switch",
                Mode.HARD_DELETE: "the API deletes no progress",
                Mode.MIRROR: _KEPT,
            },
            notes=(_ENROLLED_NOW if batches else _ENROLLED_LIKE_IT,),
            # Enrollment and progress; with an assignment of the same sync the progress alone.
            write_calls=WriteCalls(many=_BATCH // 2, many_from=1, many_updates=_BATCH)
            if batches
            else WriteCalls(create=2),
        ),
    )
