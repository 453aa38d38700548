"""Preset `skilljar`: the streams of source-skilljar as unified objects.

Facts: Skilljar API version 1, rows of users, domain users, courses, published courses and a learner's progress. Content
is found again by the id of the course, which progress rows carry even where the publication is gone, and learners by
the id of the user. A course that is published on several domains has one row for each; select one domain in the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lms_shared.upsert.routing.map import Target

Data = Mapping[str, Any]

_RESULTS = {"PASSED": "Pass", "FAILED": "Fail"}


def user(data: Data) -> dict[str, Any]:
    """A row of `users` or `domain_users`; the latter says whether the membership is active."""
    person = _object(data.get("user"))
    return _given(
        external_reference=person.get("id") or data.get("user_id"),
        email=person.get("email"),
        first_name=person.get("first_name"),
        last_name=person.get("last_name"),
        active=data.get("active"),
    )


def course(data: Data) -> dict[str, Any] | None:
    """A row of `courses`; a draft is none of the catalogue's business."""
    if data.get("draft_origin_id") is not None:
        return None
    return _given(
        external_reference=data.get("id"),
        title=data.get("title"),
        description=data.get("long_description_html") or data.get("short_description"),
        cover_url=data.get("promo_image_url"),
        content_type="COURSE",
    )


def published_course(data: Data) -> dict[str, Any]:
    """A row of `published_courses` or `published_course_details`: where the course is opened, and if it is shown."""
    published = _object(data.get("course"))
    texts = (
        holder.get(name) for name in ("long_description_html", "short_description") for holder in (published, data)
    )
    return _given(
        external_reference=published.get("id"),
        title=published.get("title"),
        description=next((text for text in texts if text), None),
        content_url=data.get("course_url"),
        content_type="COURSE",
        active=None if data.get("hidden") is None else data.get("hidden") is not True,
        tags=_names(data.get("tags")),
    )


def assignment(data: Data) -> dict[str, Any]:
    """A row of `user_course_progress` as assignment: whoever has a row was enrolled."""
    progress = _object(data.get("course_progress"))
    status = "completed" if progress.get("completed_at") else "in_progress" if _started(progress) else "pending"
    return _given(**_learner_and_course(data), assigned_at=data.get("enrolled_at"), status=status)


def completion(data: Data) -> dict[str, Any] | None:
    """A completed row of `user_course_progress` as completion."""
    progress = _object(data.get("course_progress"))
    if progress.get("completed_at") is None:
        return None
    return _given(
        **_learner_and_course(data),
        completed_at=progress.get("completed_at"),
        result=_RESULTS.get(str(progress.get("success_status"))),
        score=_score(progress.get("score"), progress.get("max_score")),
    )


SKILLJAR: Mapping[str, tuple[Target, ...]] = {
    "courses": (Target("content", course),),
    "published_courses": (Target("content", published_course),),
    "published_course_details": (Target("content", published_course),),
    "users": (Target("users", user),),
    "domain_users": (Target("users", user),),
    "user_course_progress": (Target("assignments", assignment), Target("completions", completion)),
}


def _learner_and_course(data: Data) -> dict[str, Any]:
    return {
        "user_external_reference": data.get("user_id"),
        "learning_object_external_reference": _object(data.get("course")).get("id"),
    }


def _started(progress: Data) -> bool:
    lessons = progress.get("completed_lesson_count")
    return isinstance(lessons, int) and lessons > 0


def _score(score: Any, most: Any) -> Any:
    """A score as share of the highest one; what is no number is handed on, so that the record is rejected by name."""
    if score is None:
        return None
    numbers = [one for one in (score, most) if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) == 2 and most > 0 and 0 <= score <= most:
        return {"percentage": round(100 * score / most, 2)}
    return {"raw_value": score}


def _names(tags: Any) -> Any:
    if not isinstance(tags, list):
        return None
    return [_object(one).get("name", one) for one in tags] or None


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _object(value: Any) -> Data:
    return value if isinstance(value, Mapping) else {}
