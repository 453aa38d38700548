"""What the pretend Pluvo holds, for tests and for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from itertools import islice
from typing import Any

from lms_shared.dev.sandbox.lms import Table
from lms_shared.dev.sandbox.page import ROWS_SHOWN
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.records import Enrollment, Offer, OfferEvent, Training, User
from lms_shared.dev.sandbox.pluvo.rules.categories import values_of
from lms_shared.dev.sandbox.pluvo.scalars import format_instant
from lms_shared.dev.sandbox.pluvo.tables import Links

_IDENTITY = frozenset({"id", "ref", "ref_was_given"})
_SET_BY_SERVER = frozenset({"created_at", "updated_at", "archived_at", "invited_on", "last_login"})


def whole_state(organization: Organization) -> dict[str, Any]:
    """All records by kind, the links with ids, and every mail that would have been sent."""
    org = organization
    kinds: Mapping[str, Iterable[Any]] = {
        "users": org.users,
        "groups": org.groups,
        "trainings": org.trainings,
        "offers": org.offers,
        "offer_events": org.events,
        "enrollments": org.enrollments,
        "portfolio_items": org.portfolio,
        "certificates": org.certificates,
        "issued_certificates": org.issued,
        "extra_categories": org.categories,
        "mails": org.mails,
    }
    links: Mapping[str, tuple[Links, Iterable[Any]]] = {
        "group_members": (org.members, org.groups),
        "group_managers": (org.managers, org.groups),
        "training_participants": (org.participants, org.trainings),
        "training_trainers": (org.trainers, org.trainings),
    }
    return {
        **{kind: [_plain(row) for row in rows] for kind, rows in kinds.items()},
        **{
            name: {row.id: list(pairs.rights(row.id)) for row in rows if pairs.count(row.id)}
            for name, (pairs, rows) in links.items()
        },
        "extra_category_values": {
            model_id: _values(org, kind, model_id) for (kind, model_id), values in org.values.items() if values
        },
    }


def canonical_state(organization: Organization) -> dict[str, Any]:
    """The contents as an administrator would tell them: without ids, refs that the server made up, and the times that
    it set itself, in a fixed order, so that two runs can be compared."""
    org = organization
    return {
        "users": _sorted(_user(org, user) for user in org.users),
        "groups": _sorted(
            {
                **_described(group),
                "members": _people(org, org.members.rights(group.id)),
                "managers": _people(org, org.managers.rights(group.id)),
                "extra_categories": _values(org, "GROUP", group.id),
            }
            for group in org.groups
        ),
        "trainings": _sorted(
            {
                **_described(training),
                "participants": _people(org, org.participants.rights(training.id)),
                "trainers": _people(org, org.trainers.rights(training.id)),
                "extra_categories": _values(org, "TRAINING", training.id),
            }
            for training in org.trainings
        ),
        "offers": _sorted(_offer(org, offer) for offer in org.offers),
        "portfolio_items": _sorted(
            {**_described(item, "user_id"), "user": _person(org, item.user_id)} for item in org.portfolio
        ),
        "issued_certificates": _sorted(
            {
                "certificate": org.certificates[issued.certificate_id].name,
                "user": _person(org, issued.user_id),
                "training": _name(org.trainings[issued.training_id]) if issued.training_id else None,
                "issue_date": _json(issued.issue_date),
            }
            for issued in org.issued
        ),
        "extra_categories": _sorted(
            {
                **_described(category, "choice_options"),
                "choice_options": [option.string_value for option in category.choice_options],
                "archived": category.archived_at is not None,
            }
            for category in org.categories
        ),
        "mails": sorted((mail.kind, mail.to or "", mail.about) for mail in org.mails),
    }


def page_tables(organization: Organization) -> Sequence[Table]:
    """The tables of the human page."""
    org = organization
    return [
        _table(
            "Trainings",
            org.trainings,
            {
                "Title": lambda row: row.title,
                "Ref": _given_ref,
                "Published": lambda row: row.is_active,
                "Archived": lambda row: row.archived,
                "Participants": lambda row: org.participants.count(row.id),
            },
        ),
        _table(
            "Learners",
            org.users,
            {
                "E-mail": lambda row: row.email,
                "Name": lambda row: row.name,
                "Ref": _given_ref,
                "Groups": lambda row: [org.groups[key].name for key in org.members.lefts(row.id)],
                "Archived": lambda row: row.archived,
            },
        ),
        _assignments(org),
        _table(
            "Completions",
            org.portfolio,
            {
                "Learner": lambda row: org.users[row.user_id].email,
                "Title": lambda row: row.title,
                "Acquired": lambda row: _json(row.start_date),
                "Valid until": lambda row: _json(row.end_date),
                "Description": lambda row: row.description,
            },
        ),
        _table(
            "Offers",
            org.offers,
            {
                "Title": lambda row: row.title,
                "Ref": _given_ref,
                "Archived": lambda row: row.archived_at is not None,
                "Events": lambda row: [event.title for event in org.events.where("offer", row.id)],
            },
        ),
        _table(
            "Mails",
            org.mails,
            {
                "Kind": lambda row: row.kind,
                "To": lambda row: row.to,
                "About": lambda row: row.about,
                "Sent at": lambda row: _json(row.sent_at),
            },
        ),
    ]


def _assignments(org: Organization) -> Table:
    """Direct participants of trainings, then enrollments in offer events."""
    total = sum(org.participants.count(training.id) for training in org.trainings) + len(org.enrollments)
    direct = (
        (org.users[user_id].email, training.title, "participant")
        for training in org.trainings
        for user_id in org.participants.rights(training.id)
    )
    enrolled = (
        (org.users[row.user_id].email, _name(org.events[row.offer_event_id]), row.status.lower())
        for row in org.enrollments
    )
    rows = [row for part in (direct, enrolled) for row in islice(part, ROWS_SHOWN)]
    return Table("Assignments", ("Learner", "To", "As"), rows[:ROWS_SHOWN], total)


def _table(title: str, rows: Any, columns: Mapping[str, Callable[[Any], object]]) -> Table:
    lines = [[value(row) for value in columns.values()] for row in islice(rows, ROWS_SHOWN)]
    return Table(title, list(columns), lines, len(rows))


def _user(org: Organization, user: User) -> dict[str, Any]:
    return {
        **_described(user, "email", "roles"),
        "email": user.email.casefold() if user.email else None,
        "roles": sorted(user.roles),
        "archived": user.archived,
        "extra_categories": _values(org, "USER", user.id),
    }


def _offer(org: Organization, offer: Offer) -> dict[str, Any]:
    return {
        **_described(offer),
        "archived": offer.archived_at is not None,
        "extra_categories": _values(org, "OFFER", offer.id),
        "events": _sorted(_event(org, event) for event in org.events.where("offer", offer.id)),
    }


def _event(org: Organization, event: OfferEvent) -> dict[str, Any]:
    return {
        **_described(event, "offer_id", "dates", "trainers", "access_trainings", "certificate_id"),
        "dates": sorted((_json(one.start_date), _json(one.end_date)) for one in event.dates),
        "trainers": _people(org, event.trainers),
        "access_trainings": sorted(_name(org.trainings[key]) for key in event.access_trainings),
        "enrollments": _sorted(_enrollment(org, row) for row in org.enrollments.where("event", event.id)),
    }


def _enrollment(org: Organization, row: Enrollment) -> dict[str, Any]:
    return {"user": _person(org, row.user_id), "status": row.status}


def _described(row: Any, *without: str) -> dict[str, Any]:
    """The plain values of a record, without what differs from run to run; `without` is told otherwise."""
    values = {
        field.name: _json(getattr(row, field.name))
        for field in fields(row)
        if field.name not in _IDENTITY | _SET_BY_SERVER and field.name not in without
    }
    return {"ref": _given_ref(row), **values} if hasattr(row, "ref") else values


def _given_ref(row: Any) -> str | None:
    return row.ref if row.ref_was_given else None


def _name(row: Training | OfferEvent) -> str:
    return _given_ref(row) or row.title or ""


def _people(org: Organization, ids: Iterable[str]) -> list[str]:
    return sorted(_person(org, user_id) for user_id in ids)


def _person(org: Organization, user_id: str) -> str:
    user = org.users[user_id]
    return user.email.casefold() if user.email else user.name


def _values(org: Organization, kind: str, model_id: str) -> list[tuple[str, Any]]:
    """Pairs of category and value."""
    pairs = []
    for value in values_of(org, kind, model_id):
        keys = [key for key in ("stringValue", "datetimeValue", "booleanValue", "choiceValue") if key in value]
        shown = value[keys[0]]
        pairs.append((value["category"].title, _json(getattr(shown, "string_value", shown))))
    return sorted(pairs, key=repr)


def _plain(row: Any) -> dict[str, Any]:
    return {field.name: _json(getattr(row, field.name)) for field in fields(row)}


def _json(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return format_instant(value)
        case date():
            return value.isoformat()
        case tuple():
            return [_json(one) if not hasattr(one, "__dataclass_fields__") else _plain(one) for one in value]
        case _:
            return str(value)


def _sorted(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=repr)
