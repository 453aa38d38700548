"""What the pretend Skilljar holds, for tests and for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from lms_shared.dev.sandbox.lms import Table
from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.timestamps import format_timestamp, parse_timestamp

ROWS_SHOWN = 200


def whole_state(store: Store) -> dict[str, Any]:
    """All rows by table."""
    return {name: [dict(row) for row in table] for name, table in store.tables.items()}


def canonical_state(store: Store) -> dict[str, Any]:
    """The contents as an administrator would tell them, without ids and in a fixed order, so that two runs can be
    compared. Times that the API itself sets are left out."""
    return {
        "courses": _sorted(_course(store, course) for course in store["courses"]),
        "users": _sorted(_member(store, member) for member in store["domain_users"]),
        "groups": _sorted(
            {"name": group["name"], "members": sorted(_members(store, group))} for group in store["groups"]
        ),
        "enrollments": _sorted(_enrollment(store, row) for row in store["course_enrollments"]),
        "progress": _sorted(_progress(store, row) for row in store["course_progress"]),
    }


def tables(store: Store) -> Sequence[Table]:
    """The tables of the human page."""
    return [
        Table(
            "Courses",
            ("Title", "Labels", "Lessons", "Published on", "Hidden"),
            [_course_line(store, course) for course in islice(store["courses"], ROWS_SHOWN)],
            len(store["courses"]),
        ),
        Table(
            "Learners",
            ("E-mail", "First name", "Last name", "Domain", "Active"),
            [
                tuple(_member(store, row)[name] for name in ("email", "first_name", "last_name", "domain", "active"))
                for row in islice(store["domain_users"], ROWS_SHOWN)
            ],
            len(store["domain_users"]),
        ),
        Table(
            "Enrollments",
            ("Learner", "Course", "Enrolled at", "Active"),
            [
                tuple(_enrollment(store, row)[name] for name in ("email", "course", "enrolled_at", "active"))
                for row in islice(store["course_enrollments"], ROWS_SHOWN)
            ],
            len(store["course_enrollments"]),
        ),
        _completions(store),
        Table("Mails", ("Kind", "To", "Sent at"), [(m["kind"], m["to"], m["sent_at"]) for m in store["mails"]]),
    ]


def _completions(store: Store) -> Table:
    completed = [row for row in store["course_progress"] if row["completed_at"]]
    names = ("email", "course", "completed_at", "success_status", "score", "max_score")
    lines = [tuple(_progress(store, row)[name] for name in names) for row in completed[:ROWS_SHOWN]]
    return Table("Completions", ("Learner", "Course", "Completed at", "Result", "Score", "Of"), lines, len(completed))


def _sorted(rows: Any) -> list[dict[str, Any]]:
    return sorted(rows, key=repr)


def _course_line(store: Store, course: Row) -> tuple[object, ...]:
    publications = store["published_courses"].where("course_id", course["id"])
    return (
        course["title"],
        ", ".join(_label_names(store, course)),
        len(store["lessons"].ids_where("course_id", course["id"])),
        ", ".join(row["domain_name"] for row in publications),
        ", ".join("yes" if row["hidden"] else "no" for row in publications),
    )


def _course(store: Store, course: Row) -> dict[str, Any]:
    lessons = store["lessons"].where("course_id", course["id"])
    publications = store["published_courses"].where("course_id", course["id"])
    return {
        "title": course["title"],
        "short_description": course.get("short_description"),
        "long_description_html": course.get("long_description_html"),
        "enforce_sequential_navigation": course.get("enforce_sequential_navigation"),
        "labels": sorted(_label_names(store, course)),
        "lessons": _sorted(
            {name: lesson.get(name) for name in ("title", "type", "order", "content_html", "optional")}
            for lesson in lessons
        ),
        "publications": _sorted(
            {name: row.get(name) for name in ("domain_name", "hidden", "strict_enforce_group_visibility")}
            for row in publications
        ),
    }


def _label_names(store: Store, course: Row) -> list[str]:
    links = store["course_labels"].where("course_id", course["id"])
    return [store["labels"].rows[link["label_id"]]["name"] for link in links]


def _member(store: Store, member: Row) -> dict[str, Any]:
    user = store["users"].rows[member["user_id"]]
    values = store["signup_values"].where("user_id", user["id"])
    return {
        "domain": member["domain_name"],
        "email": user["email"].casefold(),
        "first_name": user["first_name"],
        "last_name": user["last_name"],
        "active": member["active"],
        "signup_fields": sorted(
            (store["signup_fields"].rows[value["signup_field_id"]]["label"], value["value"])
            for value in values
            if value["domain_name"] == member["domain_name"]
        ),
    }


def _members(store: Store, group: Row) -> list[str]:
    links = store["group_users"].where("group_id", group["id"])
    return [_email(store, link) for link in links]


def _enrollment(store: Store, row: Row) -> dict[str, Any]:
    publication = store["published_courses"].rows[row["published_course_id"]]
    return {
        "email": _email(store, row),
        "course": store["courses"].rows[publication["course_id"]]["title"],
        "domain": row["domain_name"],
        "enrolled_at": _moment(row["enrolled_at"]),
        "active": row["active"],
    }


def _progress(store: Store, row: Row) -> dict[str, Any]:
    course = store["courses"].get(row["course_id"])
    return {
        "email": _email(store, row),
        "course": course["title"] if course else None,
        "completed_at": _moment(row["completed_at"]),
        "success_status": row.get("success_status"),
        "score": row.get("score"),
        "max_score": row.get("max_score"),
    }


def _email(store: Store, row: Row) -> str:
    email: str = store["users"].rows[row["user_id"]]["email"]
    return email.casefold()


def _moment(text: str | None) -> str | None:
    return format_timestamp(parse_timestamp(text)) if text else None
