"""The lists of version 2 as data: path, scopes, rows, filters and what may be included (reference: skilljar-v2, 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.timestamps import parse_timestamp
from lms_shared.dev.sandbox.skilljar.v2 import objects
from lms_shared.dev.sandbox.skilljar.v2.documents import (
    Document,
    Page,
    V2Error,
    bad_request,
    cursor_position,
    not_found,
    page_size,
    unfit,
)
from lms_shared.dev.sandbox.skilljar.v2.filters import Filter, Test, column, equals, flag, one_of, window


@dataclass(frozen=True)
class Collection:
    """One list, and the reads of its single objects."""

    path: str
    scopes: frozenset[str]
    show: Callable[[Store, Row], Document]
    rows: Callable[[Store], Sequence[Row]]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    includes: Mapping[str, Callable[[Store, Row], Document | None]] = field(default_factory=dict)
    row_id: Callable[[Row], str] = lambda row: str(row["id"])

    def page(self, store: Store, query: Mapping[str, str], address: str) -> Document:
        """The page that a query asks for. Raises V2Error."""
        tests = [self._filter(name, value) for name, value in query.items() if name.startswith("filter[")]
        included = self._included(query.get("include"), store.options.v2_refused_includes)
        size = page_size(query.get("page[size]"), store.options.largest_page)
        rows = self.rows(store)
        page = Page.cut(rows, _matching(store, rows, tests, cursor_position(query.get("page[cursor]"))), size)
        document: Document = {
            "data": [self.show(store, row) for row in page.rows],
            "has_more": page.next_cursor is not None,
            "next_cursor": page.next_cursor,
            "meta": {"page_size": size},
            "links": {"self": address, "next": page.next_cursor and f"{address.partition('?')[0]}", "prev": None},
        }
        if included:
            document["included"] = self._include(store, page.rows, included)
        return document

    def item(self, store: Store, row_id: str) -> Document:
        """One object. Raises V2Error."""
        row = next((one for one in self.rows(store) if self.row_id(one) == row_id), None)
        if row is None:
            raise not_found(self.path.strip("/").rpartition("/")[2])
        return {"data": self.show(store, row)}

    def _filter(self, name: str, value: str) -> Test:
        known = self.filters.get(name.removeprefix("filter[").removesuffix("]"))
        if known is None:
            raise unfit(f"{name} is not a filter of this list.")
        return known(value)

    def _included(self, text: str | None, refused: Mapping[str, int]) -> list[str]:
        names = [one for one in (text or "").split(",") if one]
        unknown = [one for one in names if one not in self.includes]
        if unknown:
            raise bad_request(f"include: {unknown[0]} is not known.")
        for one in names:
            if one in refused:
                raise V2Error(refused[one], "permission_denied", f"include: {one} is not allowed.")
        return names

    def _include(self, store: Store, rows: Sequence[Row], names: Sequence[str]) -> list[Document]:
        found = {
            (shown["type"], shown["id"]): shown
            for name in names
            for row in rows
            if (shown := self.includes[name](store, row)) is not None
        }
        return list(found.values())


def _matching(store: Store, rows: Sequence[Row], tests: Sequence[Test], start: int) -> Iterator[int]:
    return (number for number in range(start, len(rows)) if all(test(store, rows[number]) for test in tests))


def _table(name: str) -> Callable[[Store], Sequence[Row]]:
    return lambda store: list(store[name])


def _completed_at(store: Store, row: Row) -> str | None:
    completed: str | None = objects.progress_of(store, row).get("completed_at")
    return completed


def _email(store: Store, row: Row) -> str:
    user = store["users"].get(row["user_id"])
    return str(user["email"]) if user else ""


def _course_of(store: Store, row: Row) -> str | None:
    publication = store["published_courses"].get(row["published_course_id"])
    return None if publication is None else str(publication["course_id"])


def _in_force(store: Store, row: Row) -> bool:
    """Active and not expired."""
    expires = row.get("expires_at")
    return bool(row.get("active")) and not (expires and parse_timestamp(expires).timestamp() <= store.options.clock())


def _certificates(store: Store) -> Sequence[Row]:
    return [one for one in store["course_registrations"] if one.get("certificate_id")]


def _issued_at(store: Store, row: Row) -> str | None:
    issued: str | None = store["certificates"].rows[row["certificate_id"]]["issued_at"]
    return issued


def _certificate_status(text: str) -> Test:
    if text not in ("active", "expired", "all"):
        raise unfit(f"{text!r} is not a status.")

    def test(store: Store, row: Row) -> bool:
        expires = store["certificates"].rows[row["certificate_id"]].get("expires_at")
        ended = expires is not None and parse_timestamp(expires).timestamp() <= store.options.clock()
        return text == "all" or ended is (text == "expired")

    return test


def _linked_student(store: Store, row: Row) -> Document | None:
    user = store["users"].get(row["user_id"])
    return user and objects.student(store, user)


def _linked_purchase(store: Store, row: Row) -> Document | None:
    found = store["purchases"].get(row.get("purchase_id"))
    return found and objects.purchase(found)


def _linked_certificate(store: Store, row: Row) -> Document | None:
    registration = store["course_registrations"].get(row.get("registration_id"))
    return objects.certificate(store, registration) if registration and registration.get("certificate_id") else None


def _changed(store: Store, row: Row) -> str | None:
    return store.changed_at(row)


_STATUSES = frozenset({"completed", "in_progress", "not_started"})

COLLECTIONS = (
    Collection(
        "/v2/enrollments/",
        frozenset({"enrollments:read"}),
        objects.enrollment,
        lambda store: [one for one in store["course_enrollments"] if one.get("published_course_id")],
        {
            "enrolled_gte": window(column("enrolled_at")),
            "enrolled_lte": window(column("enrolled_at"), until=True),
            "completed_gte": window(_completed_at),
            "completed_lte": window(_completed_at, until=True),
            "student.id": equals(column("user_id")),
            "student.email": equals(_email, fold=True),
            "course.id": equals(_course_of),
            "progress_status": one_of(
                lambda store, row: objects.progress_status(objects.progress_of(store, row)), _STATUSES
            ),
            "domains": one_of(column("domain_name")),
            "active": flag(_in_force),
        },
        {"student": _linked_student, "purchase": _linked_purchase, "certificate": _linked_certificate},
    ),
    Collection(
        "/v2/certificates/",
        frozenset({"certificates:read"}),
        objects.certificate,
        _certificates,
        {
            "issued_gte": window(_issued_at),
            "issued_lte": window(_issued_at, until=True),
            "status": _certificate_status,
            "student.id": equals(column("user_id")),
            "course.id": equals(column("course_id")),
            "domains": one_of(column("domain_name")),
        },
        row_id=lambda row: str(row["certificate_id"]),
    ),
    Collection(
        "/v2/lessons/",
        frozenset({"lessons:read"}),
        objects.lesson,
        _table("lessons"),
        {
            "updated_since": window(_changed),
            "course_id": equals(column("course_id")),
            "type": equals(column("type")),
            "title": equals(column("title"), fold=True),
        },
    ),
    Collection(
        "/v2/quizzes/",
        frozenset({"quizzes:read"}),
        objects.quiz,
        _table("quizzes"),
        {"updated_since": window(_changed), "name": equals(column("name"), fold=True)},
    ),
    Collection(
        "/v2/question-banks/",
        frozenset({"question-banks:read"}),
        objects.question_bank,
        _table("question_banks"),
        {"updated_since": window(_changed), "name": equals(column("name"))},
    ),
    Collection(
        "/v2/published-courses/",
        frozenset({"published-courses:read"}),
        objects.published_course,
        _table("published_courses"),
        {"course": equals(column("course_id")), "live": flag(lambda _, row: True)},
    ),
    Collection(
        "/v2/domains/",
        frozenset({"domains:read"}),
        objects.domain,
        _table("domains"),
        {"name": equals(column("name"))},
    ),
    Collection(
        "/v2/students/",
        frozenset({"students:read"}),
        objects.student,
        _table("users"),
        {
            "email": equals(column("email"), fold=True),
            "first_name": equals(column("first_name")),
            "last_name": equals(column("last_name")),
        },
    ),
)
"""All lists that the pretend version 2 serves."""
