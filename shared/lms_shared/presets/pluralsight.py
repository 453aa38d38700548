"""Preset `pluralsight`: the streams of source-pluralsight as unified objects.

Facts: Pluralsight Skills GraphQL API, node fields of courseCatalog, contentCatalog, users and courseProgress. What the
API reference does not settle (the spelling of states, the unit of a path's duration) is kept in the constants below.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from lms_shared.adapter.remote import RecordRejected
from lms_shared.model.duration import iso_duration
from lms_shared.upsert.routing.map import Target

Data = Mapping[str, Any]

SITE = "https://app.pluralsight.com"
"""Course addresses are absolute, or relative to this site."""
PROVIDER = "Pluralsight"
INACTIVE_STATES = frozenset({"retired", "removed"})
"""States of a course or path that is no longer offered; compared without regard to case."""
PATH_TYPE = "PATH"
"""The content type of learning paths; the courses of contentCatalog come from courseCatalog."""


def course(data: Data) -> dict[str, Any]:
    """A row of `course_catalog` as content, found again by the course id that progress rows carry."""
    status = _object(data.get("courseStatus"))
    active = _active(status.get("name"))
    return _given(
        external_reference=data.get("id"),
        title=data.get("title"),
        description=_description(data, status, active),
        content_url=_address(data.get("url")),
        cover_url=_object(data.get("image")).get("url"),
        content_type="COURSE",
        active=active,
        duration=_duration(data.get("courseSeconds")),
        languages=_list(data.get("language")),
        tags=_tags(data.get("tags")),
        authors=_list(data.get("authors")),
        provider=PROVIDER,
        additional_data=_given(level=data.get("level"), slug=data.get("slug")) or None,
    )


def path(data: Data) -> dict[str, Any] | None:
    """A path of `content_catalog` as content; rows of other types are none of this preset's business.

    The duration of a path is left out: its unit is not documented.
    """
    if str(data.get("contentType") or "").upper() != PATH_TYPE:
        return None
    return _given(
        external_reference=data.get("contentId"),
        title=data.get("title"),
        description=data.get("description"),
        content_url=_address(data.get("pathName")) if _is_address(data.get("pathName")) else None,
        cover_url=data.get("imageUrl"),
        content_type=PATH_TYPE,
        active=_active(data.get("status")),
        tags=_tags(data.get("tags")),
        provider=PROVIDER,
    )


def user(data: Data) -> dict[str, Any]:
    """A row of `users`; who holds no licence any more is inactive."""
    return _given(
        external_reference=data.get("psUserId"),
        email=data.get("email"),
        first_name=data.get("firstName"),
        last_name=data.get("lastName"),
        active=data.get("isOnAccount"),
    )


def assignment(data: Data) -> dict[str, Any]:
    """A row of `course_progress` as assignment: whoever has a row has the course.

    The API does not say since when. The first view is the closest; a row without one is dated by its first sure sign,
    so that the same row always gives the same date.
    """
    completed = _completed(data)
    progress = data.get("percentComplete")
    started = completed is False and isinstance(progress, int | float) and progress > 0
    status = "completed" if completed else "in_progress" if started else "pending"
    return _given(
        **_learner_and_course(data),
        assigned_at=data.get("firstViewedClipOn") or data.get("completedOn") or data.get("updatedOn"),
        status=status if completed is not None else None,
        progress=progress,
    )


def completion(data: Data) -> dict[str, Any] | None:
    """A completed row of `course_progress` as completion. Pluralsight courses are neither passed nor failed."""
    if not _completed(data):
        return None
    return _given(
        **_learner_and_course(data),
        completed_at=data.get("completedOn"),
        time_spent=_duration(data.get("totalWatchedSeconds")),
    )


PLURALSIGHT: Mapping[str, tuple[Target, ...]] = {
    "course_catalog": (Target("content", course),),
    "content_catalog": (Target("content", path),),
    "users": (Target("users", user),),
    "course_progress": (Target("assignments", assignment), Target("completions", completion)),
}


def _learner_and_course(data: Data) -> dict[str, Any]:
    return {
        "user_external_reference": data.get("psUserId"),
        "user_email": _object(data.get("user")).get("email"),
        "learning_object_external_reference": data.get("courseId"),
    }


def _completed(data: Data) -> bool | None:
    completed = data.get("isCourseCompleted")
    if completed is not None and not isinstance(completed, bool):
        raise RecordRejected(
            "INPUT.TYPE", "isCourseCompleted is not true or false", "Send a boolean in isCourseCompleted."
        )
    return completed


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _object(value: Any) -> Data:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value or None


def _active(state: Any) -> bool | None:
    return None if not isinstance(state, str) else state.strip().lower() not in INACTIVE_STATES


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and (value.startswith("/") or "://" in value)


def _address(value: Any) -> Any:
    if not isinstance(value, str) or "://" in value or not value.strip():
        return value or None
    return f"{SITE}/{value.strip().lstrip('/')}"


def _duration(seconds: Any) -> Any:
    """Seconds as ISO 8601; what is no length is handed on as it is, so that the record is rejected by name."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return seconds
    try:
        return iso_duration(seconds)
    except (ValueError, OverflowError):
        return str(seconds)


def _tags(tags: Any) -> list[str] | None:
    parts = _object(tags)
    names = [parts.get(one) for one in ("superDomain", "domain", "audience")]
    names.append(_object(parts.get("primaryAtomic")).get("name"))
    for one in ("topics", "tools", "audiences", "certifications", "primaryAtomicTags"):
        several = parts.get(one)
        names += several if isinstance(several, list) else [several]
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name.strip())) or None


def _description(data: Data, status: Data, active: bool | None) -> Any:
    text = data.get("description") or data.get("shortDescription")
    replacement = status.get("replacementCourseId")
    if active is not False or not replacement or not isinstance(text, str | None):
        return text
    state = str(status["name"]).strip().lower()
    notice = f"This course is {state}. It is replaced by course {html.escape(str(replacement))}."
    return f"{text}\n\n{notice}" if text else notice
