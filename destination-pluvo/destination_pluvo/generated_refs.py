"""Whether a `ref` was given by somebody, or made up by the server.

Request data page: an object that was made without a ref gets a random one, a version 4 UUID, so that every object has
one. What looks like it is taken for made up, unless a record of this sync names it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from uuid import UUID

from lms_shared.adapter.remote import Key

UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""What ids look like: anything else the API calls not valid, whatever it was asked."""

LENGTH = 36
"""Characters of such a text."""


def looks_made_up(ref: str) -> bool:
    """Whether a ref has the form of those that the server makes."""
    if len(ref) != LENGTH:
        return False
    try:
        parsed = UUID(ref)
    except ValueError:
        return False
    return parsed.version == 4 and str(parsed) == ref.lower()


class GivenReferences:
    """The references that records of this sync carry, as far as they look made up. Safe for threads."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._lock = threading.Lock()

    def note(self, keys: Iterable[Key], field: str = "external_reference") -> None:
        """Takes note of keys that records are looked up by."""
        with self._lock:
            self._given.update(key.value for key in keys if key.field == field and looks_made_up(key.value))

    @property
    def look_made_up(self) -> bool:
        """Whether a record of this sync has a reference of the form of those that the server makes, so that nobody can
        tell which of the others are made up."""
        with self._lock:
            return bool(self._given)

    def given(self, ref: str | None) -> str | None:
        """The ref, or None where the server made it up."""
        if ref is None or not ref.strip() or (looks_made_up(ref) and ref not in self._given):
            return None
        return ref
