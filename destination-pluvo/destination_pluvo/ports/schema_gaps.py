"""What parts of the API that no page shows do where a server lacks them: it refuses their names."""

from __future__ import annotations

import re

from destination_pluvo.refusals import Refused

_UNKNOWN = re.compile(
    r"unknown|not defined|undefined|no such|not accept|unexpected|not exist|unrecogni[sz]ed|not supported|not allowed",
    re.IGNORECASE,
)
"""How GraphQL servers say that a schema lacks a field or an argument; the words are not standardized."""


def is_unknown(refused: Refused, *names: str) -> bool:
    """Whether the server says that its schema lacks one of these fields or arguments."""
    message = refused.error.message
    named = any(re.search(rf"\b{re.escape(name)}\b", message) for name in names)
    return named and _UNKNOWN.search(message) is not None
