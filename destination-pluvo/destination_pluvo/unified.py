"""What Pluvo can hold of the unified objects, as declarations.

Sources: pages on users, groups, learning journeys, offers and portfolio items (places), and what each of their
mutations selects by (match keys).
"""

from __future__ import annotations

from destination_pluvo.dialect import LANGUAGE_NAMES, TEXTS_ESCAPED
from destination_pluvo.extra_categories.extra_fields import extra_field
from destination_pluvo.settings import ContentObject, Settings
from destination_pluvo.users.sink import PART_POLICY
from lms_shared.model import unified
from lms_shared.model.declarations import Mode, ObjectDeclaration, WriteCalls
from lms_shared.model.fields import Field, Kind
from lms_shared.model.keys import KeyKind, MatchKey
from lms_shared.model.placement import Placement, placed

*_BY_NAME, _BY_TITLE = unified.CONTENT.keys
_UPSERTS = frozenset({Mode.UPSERT, Mode.UPDATE, Mode.CREATE_ONLY})
_NO_STAMP = "Pluvo does not keep which connection made an object, so nobody knows what this one owns"
_NO_DELETE = "the API has no call that deletes it; use soft_delete"
_EVENT_OF_OFFER = "Each offer gets an event of type ELEARNING with the same ref: learners enroll in events."
_ARCHIVED_ONLY = {Mode.HARD_DELETE: _NO_DELETE, Mode.MIRROR: _NO_STAMP}
_REMOVED = frozenset({Mode.SOFT_DELETE, Mode.HARD_DELETE})
"""Links are removed in either mode: nothing else of them could be switched off."""


def declare_users(settings: Settings) -> ObjectDeclaration:
    own = (
        Field("roles", Kind.TEXT_LIST, "Roles in the organization: PARTICIPANT, TRAINER, MANAGER.", place="user.roles"),
        Field("afasEmployeeId", Kind.REFERENCE, "Employee id in AFAS.", place="user.afasEmployeeId"),
        Field("afasPersonId", Kind.REFERENCE, "Person id in AFAS.", place="user.afasPersonId"),
    )
    return placed(
        unified.USERS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={
                "id": "user.id",
                "external_reference": "user.ref",
                "email": "user.email",
                "name": "user.name",
                "first_name": "user.name, joined with last_name",
                "last_name": "user.name, joined with first_name",
                "language": "user.language: NL, EN or DE, by a tag such as nl-NL or by the name of the language",
                "active": "user.archived, reversed",
            },
            choices={"language": LANGUAGE_NAMES},
            policies={"first_name": PART_POLICY, "last_name": PART_POLICY},
            create_needs=(("email",), ("name", "first_name", "last_name")),
            modes=_UPSERTS | {Mode.SOFT_DELETE},
            soft_delete="the user is archived",
            extra_fields=(*own, *map(extra_field, settings.extra_fields)),
            notes=(
                "A ref that looks made up by Pluvo (a random UUID) counts as none, unless a record names it.",
                "A new user needs an e-mail address and a name.",
                "One part of a name changes no name that is there; of a new user it is the name.",
            ),
            refusals=_ARCHIVED_ONLY,
        ),
    )


def declare_groups(settings: Settings) -> ObjectDeclaration:
    own = (
        Field(
            "maxUsers", Kind.INTEGER, "Most users of the group; 0 means no limit.", minimum=0, place="group.maxUsers"
        ),
        Field("enableChat", Kind.BOOLEAN, "Whether its users can chat.", place="group.enableChat"),
        Field("isEditable", Kind.BOOLEAN, "Whether it can be edited in Pluvo.", place="group.isEditable"),
    )
    return placed(
        unified.GROUPS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={"id": "group.id", "external_reference": "group.ref", "name": "group.name"},
            modes=_UPSERTS | {Mode.HARD_DELETE},
            hard_delete="the group and its memberships are deleted, the users stay",
            extra_fields=(*own, *map(extra_field, settings.extra_fields)),
            refusals={
                Mode.SOFT_DELETE: "groups of Pluvo cannot be deactivated; hard_delete deletes them",
                Mode.MIRROR: _NO_STAMP,
            },
        ),
    )


def declare_group_members() -> ObjectDeclaration:
    return placed(
        unified.GROUP_MEMBERS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={"active": "participant of the group"},
            modes=_UPSERTS | _REMOVED,
            soft_delete="the user is removed from the group",
            hard_delete="the user is removed from the group",
            refusals={Mode.MIRROR: _NO_STAMP},
        ),
    )


def declare_content(settings: Settings) -> ObjectDeclaration:
    training = settings.content_object is ContentObject.TRAINING
    what, text = ("training", "introduction") if training else ("offer", "description")
    shown = "training.isActive and not training.archived" if training else "offer.isActive and not offer.archivedAt"
    return placed(
        unified.CONTENT,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={
                "id": f"{what}.id",
                "external_reference": f"{what}.ref",
                "title": f"{what}.title",
                "description": f"{what}.{text}",
                "content_url": f"link at the end of {what}.{text}",
                "active": shown,
            },
            clearable=frozenset({"description"}),
            # Half-made content has a title and its link, and perhaps no reference yet.
            keys=(*_BY_NAME, MatchKey("title", KeyKind.ATTRIBUTE, ("content_url",)), _BY_TITLE),
            modes=_UPSERTS | {Mode.SOFT_DELETE, Mode.MIRROR},
            soft_delete=f"the {what} is archived, all records stay",
            extra_fields=tuple(map(extra_field, settings.extra_fields)),
            notes=(
                f"What this connection archives gets a mark at the end of {what}.{text}, an empty paragraph. Only what "
                "has it is restored when a record is active again: what an admin has archived stays so.",
                f"Mode mirror marks what is in its stream's set by an empty paragraph at the end of {what}.{text}: its "
                f"title names namespace, stream and {what}.",
                *([] if training else [_EVENT_OF_OFFER]),
            ),
            write_calls=WriteCalls() if training else WriteCalls(create=2),
            refusals={Mode.HARD_DELETE: _NO_DELETE},
        ),
    )


def declare_assignments(settings: Settings) -> ObjectDeclaration:
    training = settings.content_object is ContentObject.TRAINING
    removal = "the learner is removed from the training" if training else "the learner is unenrolled"
    return placed(
        unified.ASSIGNMENTS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={"active": "participant of the training" if training else "enrollment in the event of the offer"},
            modes=_UPSERTS | _REMOVED,
            soft_delete=removal,
            hard_delete=removal,
            refusals={Mode.MIRROR: _NO_STAMP},
            made_by=(unified.COMPLETIONS.name,),
        ),
    )


def declare_completions(settings: Settings) -> ObjectDeclaration:
    certificate = "Issues a certificate with each completion that is not failed." if settings.certificate_id else ""
    return placed(
        unified.COMPLETIONS,
        Placement(
            texts_are_escaped=TEXTS_ESCAPED.assumed,
            places={
                "completed_at": "portfolioItem.startDate",
                "result": "line of portfolioItem.description",
                "score": "line of portfolioItem.description",
                "time_spent": "line of portfolioItem.description",
            },
            clearable=frozenset({"result", "score", "time_spent"}),
            modes=_UPSERTS | {Mode.HARD_DELETE},
            hard_delete="the portfolio item is deleted for good; assignment and certificate stay",
            refusals={
                Mode.SOFT_DELETE: "a portfolio item cannot be deactivated; hard_delete deletes it",
                Mode.MIRROR: "what was completed stays completed, also where the source no longer lists it",
            },
            notes=(
                "The item is found again by the last line of its description. Progress cannot be written.",
                "Assigns the content to the learner where that is not done yet.",
                *([certificate] if certificate else []),
            ),
            write_calls=WriteCalls(create=3 if certificate else 2),
            # An item has the title of its content, which is settled first.
            after=(unified.CONTENT.name,),
        ),
    )
