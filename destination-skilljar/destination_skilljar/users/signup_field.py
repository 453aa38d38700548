"""The signup field that holds the external references of learners, and which values it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from destination_skilljar.api import Row


@dataclass(frozen=True)
class SignupField:
    """A signup field of the domain."""

    id: str
    options: frozenset[str] | None
    """The values of a picklist; None where it is free text."""
    pattern: re.Pattern[str] | None
    """What a whole value must look like."""

    @classmethod
    def of(cls, row: Row) -> SignupField:
        """The field of a row (Skilljar API, SignupField: `type`, `options`, `regex_validator`)."""
        options = [one for one in row.get("options") or [] if isinstance(one, dict)]
        listed = frozenset(str(one.get("value")) for one in options) if row.get("type") == "PICKLIST" else None
        return cls(str(row["id"]), listed, _pattern(row.get("regex_validator")))

    def takes(self, value: str) -> bool:
        """Whether a value can be written."""
        if self.options is not None and value not in self.options:
            return False
        return self.pattern is None or self.pattern.fullmatch(value) is not None


def _pattern(text: Any) -> re.Pattern[str] | None:
    """The expression; None if there is none, or one in another dialect than Python's, on which Skilljar decides."""
    try:
        return re.compile(text) if isinstance(text, str) and text else None
    except re.error:
        return None
