"""Builders of unified records, so that a test says only what matters to it."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

ADA, GRACE = "ada.lovelace@example.com", "grace.hopper@example.com"


def a_user(email: str | None = ADA, **fields: Any) -> Record:
    """A learner; without e-mail address where that is None."""
    return {**({} if email is None else {"email": email}), **fields}


def a_group(name: str = "Engineers", **fields: Any) -> Record:
    """A group."""
    return {"name": name, **fields}


def a_member(email: str = ADA, group: str = "Engineers", **fields: Any) -> Record:
    """A learner in a group, both by name."""
    return {"group_name": group, "user_email": email, **fields}


def a_course(reference: str = "c-1", title: str = "Reading Python", **fields: Any) -> Record:
    """Content with an address that follows from its reference."""
    return {
        "external_reference": reference,
        "title": title,
        "content_url": f"https://learn.example.com/{reference}",
        **fields,
    }


def an_assignment(email: str = ADA, course: str = "c-1", **fields: Any) -> Record:
    """A learner who is to take content."""
    return {
        "user_email": email,
        "learning_object_external_reference": course,
        "assigned_at": "2026-01-05T09:00:00Z",
        **fields,
    }


def a_completion(
    completed_at: str = "2026-03-01T08:00:00Z",
    result: str | None = "Pass",
    percentage: float | None = None,
    *,
    email: str = ADA,
    course: str = "c-1",
    **fields: Any,
) -> Record:
    """A learner who completed content."""
    return {
        "user_email": email,
        "learning_object_external_reference": course,
        "completed_at": completed_at,
        **({} if result is None else {"result": result}),
        **({} if percentage is None else {"score": {"percentage": percentage}}),
        **fields,
    }
