"""Preset `skilljar`: the streams of source-skilljar as unified objects.

Facts: Skilljar API version 1, rows of users, domain users, courses, published courses and a learner's progress; version
2, rows of enrollments, whose student ids are the user ids of version 1. Content is found again by the id of the course,
which progress rows carry even where the publication is gone, and learners by the id of the user. A course that is
published on several domains has one row for each, so a sync has rows of one. Enrollments say of progress what
`user_course_progress` says, and come by the hundred: with both in a sync, enrollments are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lms_shared.adapter.remote import RecordRejected
from lms_shared.model.scalars import read_boolean, read_number
from lms_shared.presets.source_row import Sole, SourceRow, from_json, given, target
from lms_shared.upsert.routing.map import Target

_RESULTS = {"PASSED": "Pass", "FAILED": "Fail"}
_NO_RESULT = frozenset({"none", "pending", "not_applicable"})
_STATUSES = {"completed": "completed", "in_progress": "in_progress", "not_started": "pending"}
_ONE_DOMAIN = Sole("domain_name", "Name one of them in the key `domains` of the source, and make a connection for each")


def user(row: SourceRow) -> dict[str, Any]:
    """A row of `users`."""
    return given(
        external_reference=row.get("user", "id") or row.needed("user_id"),
        email=row.get("user", "email"),
        first_name=row.get("user", "first_name"),
        last_name=row.get("user", "last_name"),
    )


def member(row: SourceRow) -> dict[str, Any]:
    """A row of `domain_users`, which says whether the membership is active."""
    return {**user(row), "active": row.needed("active")}


def course(row: SourceRow) -> dict[str, Any] | None:
    """A row of `courses`; a draft is not relevant to the catalog."""
    if row.get("draft_origin_id") is not None:
        return None
    return given(
        external_reference=row.needed("id"),
        title=row.get("title"),
        description=row.get("long_description_html") or row.get("short_description"),
        cover_url=row.get("promo_image_url"),
        content_type="COURSE",
    )


def published_course(row: SourceRow) -> dict[str, Any]:
    """A row of `published_courses` or `published_course_details`: where the course is opened, and if it is shown."""
    places = [
        (*holder, name) for name in ("long_description_html", "short_description") for holder in (("course",), ())
    ]
    return given(
        external_reference=row.needed("course", "id"),
        title=row.get("course", "title"),
        description=next((text for place in places if (text := row.get(*place))), None),
        content_url=row.get("course_url"),
        content_type="COURSE",
        active=not _boolean(row, "hidden"),
        tags=_names(row.items("tags")),
    )


def assignment(row: SourceRow) -> dict[str, Any]:
    """A row of `user_course_progress` as assignment: whoever has a row was enrolled."""
    lessons = read_number(row.get("course_progress", "completed_lesson_count"))
    started = lessons is not None and lessons > 0
    completed = row.get("course_progress", "completed_at") is not None
    status = "completed" if completed else "in_progress" if started else "pending"
    return given(**_learner_and_course(row), assigned_at=row.get("enrolled_at"), status=status)


def completion(row: SourceRow) -> dict[str, Any] | None:
    """A completed row of `user_course_progress` as completion."""
    completed_at = row.get("course_progress", "completed_at")
    if completed_at is None:
        return None
    result = row.get("course_progress", "success_status")
    return given(
        **_learner_and_course(row),
        completed_at=completed_at,
        # What is neither is handed on as it is, so that the record is rejected by name.
        result=_RESULTS.get(str(result).strip().upper(), result),
        score=_score(row.get("course_progress", "score"), row.get("course_progress", "max_score")),
    )


def enrollment(row: SourceRow) -> dict[str, Any]:
    """A row of `enrollments` as assignment.

    Whether it is active is left alone, as for `user_course_progress`: a learner may have an old enrollment in the same
    course beside the one in force.
    """
    return given(
        **_student_and_course(row),
        assigned_at=row.get("enrolled_at"),
        due_date=row.get("due_at"),
        status=_enrollment_status(row),
    )


def completed_enrollment(row: SourceRow) -> dict[str, Any] | None:
    """A completed row of `enrollments` as completion."""
    completed_at = row.get("completed_at")
    if completed_at is None:
        return None
    result = row.get("success_status")
    known = str(result).strip().lower()
    return given(
        **_student_and_course(row),
        completed_at=completed_at,
        result=None if known in _NO_RESULT else _RESULTS.get(known.upper(), result),
        score=_score(row.get("score"), row.get("max_score")),
    )


def group(row: SourceRow) -> dict[str, Any]:
    """A row of `groups`."""
    return given(external_reference=row.needed("id"), name=row.needed("name"))


def group_member(row: SourceRow) -> dict[str, Any]:
    """A row of `group_users`, below its group, or of `user_groups`, below its user."""
    return given(
        user_external_reference=row.get("user", "id") or row.needed("user_id"),
        user_email=row.get("user", "email"),
        group_external_reference=row.get("group", "id") or row.needed("group_id"),
        group_name=row.get("group", "name"),
    )


def published_path(row: SourceRow) -> dict[str, Any]:
    """A row of `published_paths` as content, found again by the id that enrollments in it carry."""
    return given(
        external_reference=row.needed("id"),
        title=row.get("path", "title") or row.get("title"),
        description=row.get("path", "long_description_html") or row.get("path", "short_description"),
        content_url=row.get("path_url"),
        cover_url=row.get("path", "promo_image_url"),
        content_type="PATH",
        active=not _boolean(row, "hidden"),
        tags=_names(row.items("tags")),
    )


def path_item(row: SourceRow) -> dict[str, Any]:
    """A row of `published_path_items` as link in the list of what the path has become."""
    return given(
        collectionRef=row.needed("published_path_id"),
        contentRef=row.needed("published_course", "course_id"),
        order=row.get("order"),
    )


def path_assignment(row: SourceRow) -> dict[str, Any]:
    """A row of `user_path_enrollments` as assignment."""
    completed = row.get("published_path_progress", "completed_at") is not None
    courses = read_number(row.get("published_path_progress", "completed_course_count"))
    started = courses is not None and courses > 0
    return given(
        **_learner_and_path(row),
        assigned_at=row.get("enrolled_at"),
        active=row.get("active"),
        status="completed" if completed else "in_progress" if started else "pending",
    )


def path_completion(row: SourceRow) -> dict[str, Any] | None:
    """A completed row of `user_path_enrollments` as completion; paths are neither passed nor failed."""
    completed_at = row.get("published_path_progress", "completed_at")
    return None if completed_at is None else given(**_learner_and_path(row), completed_at=completed_at)


_ENROLLED = target("assignments", enrollment, needs=("student_id", "course_id", "progress_status"), sole=_ONE_DOMAIN)
_COMPLETED = target("completions", completed_enrollment, needs=("completed_at",), sole=_ONE_DOMAIN)

SKILLJAR: Mapping[str, tuple[Target, ...]] = {
    "courses": (target("content", course, needs=("id",)),),
    "published_courses": (target("content", published_course, needs=("course.id", "hidden"), sole=_ONE_DOMAIN),),
    "published_course_details": (target("content", published_course, needs=("course.id", "hidden"), sole=_ONE_DOMAIN),),
    "users": (target("users", user, needs=("user.id",)),),
    "domain_users": (target("users", member, needs=("user.id", "active"), sole=_ONE_DOMAIN),),
    "groups": (target("groups", group, needs=("id", "name")),),
    "group_users": (target("group_members", group_member, needs=("group_id", "user.id")),),
    "user_groups": (target("group_members", group_member, needs=("user_id", "group.id")),),
    "published_paths": (target("content", published_path, needs=("id", "hidden"), sole=_ONE_DOMAIN),),
    "published_path_items": (
        target(
            "collection_items",
            path_item,
            needs=("published_path_id", "published_course.course_id"),
            sole=_ONE_DOMAIN,
        ),
    ),
    "user_path_enrollments": (
        target("assignments", path_assignment, needs=("user_id", "published_path_id"), sole=_ONE_DOMAIN),
        target("completions", path_completion, needs=("published_path_progress.completed_at",), sole=_ONE_DOMAIN),
    ),
    "enrollments": (_ENROLLED, _COMPLETED),
    "user_course_progress": (
        target("assignments", assignment, needs=("user_id", "course.id"), sole=_ONE_DOMAIN, instead=_ENROLLED),
        target(
            "completions",
            completion,
            needs=("course_progress.completed_at",),
            sole=_ONE_DOMAIN,
            instead=_COMPLETED,
        ),
    ),
}


def _learner_and_course(row: SourceRow) -> dict[str, Any]:
    return {
        "user_external_reference": row.needed("user_id"),
        "learning_object_external_reference": row.needed("course", "id"),
    }


def _student_and_course(row: SourceRow) -> dict[str, Any]:
    return {
        "user_external_reference": row.needed("student_id"),
        "learning_object_external_reference": row.needed("course_id"),
    }


def _enrollment_status(row: SourceRow) -> str:
    if row.get("completed_at") is not None:
        return "completed"
    status = row.needed("progress_status")
    # Any other status is handed on as it is, so that the record is rejected by name.
    return _STATUSES.get(str(status).strip().lower(), str(status))


def _learner_and_path(row: SourceRow) -> dict[str, Any]:
    return {
        "user_external_reference": row.needed("user_id"),
        "learning_object_external_reference": row.needed("published_path_id"),
    }


def _boolean(row: SourceRow, name: str) -> bool:
    value = read_boolean(row.needed(name))
    if value is None:
        raise RecordRejected("INPUT.TYPE", f"{name} is not true or false", f"Send a boolean in {name}.")
    return value


def _score(score: Any, most: Any) -> Any:
    """A score as share of the highest one; anything that is not a number is handed on, to be left out by name."""
    number, highest = read_number(score), read_number(most)
    if number is not None and highest is not None and 0 <= number <= highest and highest > 0:
        return {"percentage": round(100 * number / highest, 2)}
    return None if score is None else {"raw_value": score}


def _names(tags: Any) -> Any:
    if not isinstance(tags, list):
        return None
    read = [from_json(one) for one in tags]
    return [SourceRow(one).get("name") if isinstance(one, Mapping) else one for one in read] or None
