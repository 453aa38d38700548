"""What values of Pluralsight's API mean: states, addresses, lengths, tags and texts.

What the API reference does not settle, such as the spelling of states, is kept in the constants below.
"""

from __future__ import annotations

import html
import re
from typing import Any

from lms_shared.adapter.remote import RecordRejected
from lms_shared.model.scalars import iso_duration, read_number
from lms_shared.presets.source_row import SourceRow

SITE = "https://app.pluralsight.com"
"""Course addresses are absolute, or relative to this site."""
INACTIVE_STATES = frozenset({"retired", "removed"})
"""States of a course or path that is no longer offered; compared without regard to case."""

MISSING_OF_PROGRESS = {
    "content": "The course is most likely outside of the plan: its progress comes though show_off_plan_content is off "
    "in source-pluralsight. Switch that on, and sync course_catalog in the same connection.",
    "user": "The learner is most likely off the account, or the stream users is not in the connection. Sync users "
    "in the same connection.",
}
"""Why something that a row refers to is not there, most likely. Pluralsight Skills GraphQL API, courseProgress: it has
rows of courses that courseCatalog leaves out."""
_LISTED = (
    "What the channel holds is most likely outside of the plan, or its catalog is not in the connection. Switch "
    "show_off_plan_content on in source-pluralsight, and sync course_catalog and content_catalog."
)
_CHANNEL = "Sync channels in the same connection."
MISSING_OF_CHANNELS = {
    "content": _LISTED,
    "published course": _LISTED,
    "collection": _CHANNEL,
    "published path": _CHANNEL,
}


def as_list(value: Any) -> Any:
    """A list; a text alone is its sole member."""
    return [value] if isinstance(value, str) else value or None


def is_offered(state: Any) -> bool:
    """Whether content in this state is still offered. Raises RecordRejected for no text."""
    if not isinstance(state, str):
        raise RecordRejected("INPUT.TYPE", "the status is not a text", "Send the status as the API spells it.")
    return state.strip().lower() not in INACTIVE_STATES


def is_address(value: Any) -> bool:
    """Whether a value is an address, absolute or relative to the site."""
    return isinstance(value, str) and (value.startswith("/") or "://" in value)


def address(value: Any) -> Any:
    """An address that is absolute; anything else is handed on as it is."""
    if not isinstance(value, str) or "://" in value:
        return value
    return f"{SITE}/{value.strip().lstrip('/')}"


def slug(channel: Any) -> str:
    """The address of a channel's path. It must not change with the channel's name, which finds nothing again."""
    return "channel-" + "-".join(re.findall(r"[a-z0-9]+", str(channel).lower()))


def duration(seconds: Any) -> Any:
    """Seconds as ISO 8601; anything else is handed on as it is and left out by name."""
    number = read_number(seconds)
    if number is None:
        return seconds
    try:
        return iso_duration(number)
    except (ValueError, OverflowError):
        return str(seconds)


def tags(row: SourceRow) -> list[str] | None:
    """All names under which a course or path is filed, each once."""
    names = [row.get("tags", one) for one in ("superDomain", "domain", "audience")]
    names.append(row.get("tags", "primaryAtomic", "name"))
    for one in ("topics", "tools", "audiences", "certifications", "primaryAtomicTags"):
        several = row.items("tags", one)
        names += several if isinstance(several, list) else [several]
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name.strip())) or None


def description(row: SourceRow, *, active: bool) -> Any:
    """The text of a course, with a notice if it is replaced by another."""
    text = row.get("description") or row.get("shortDescription")
    replacement = row.get("courseStatus", "replacementCourseId")
    if active or not replacement or not isinstance(text, str | None):
        return text
    state = str(row.get("courseStatus", "name")).strip().lower()
    notice = f"This course is {state}. It is replaced by course {html.escape(str(replacement))}."
    return f"{text}\n\n{notice}" if text else notice
