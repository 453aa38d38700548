"""What is inferred of the API and a server may lack: arguments and look-ups that it refuses, a `ref` that it drops."""

from __future__ import annotations

import re
from collections.abc import Callable

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from destination_pluvo.api import Row
from destination_pluvo.refusals import Refused

_UNKNOWN = re.compile(
    r"unknown|not defined|undefined|no such|not accept|unexpected|not exist|unrecogni[sz]ed|not supported|not allowed",
    re.IGNORECASE,
)
"""How GraphQL servers say that a schema lacks a field or an argument; the words are not standardized."""
_TAKEN = re.compile(r"already|\bexists|taken|in use|duplicate|unique", re.IGNORECASE)


def is_unknown(refused: Refused, *names: str) -> bool:
    """Whether the server says that its schema lacks one of these fields or arguments."""
    message = refused.error.message
    named = any(re.search(rf"\b{re.escape(name)}\b", message) for name in names)
    return named and _UNKNOWN.search(message) is not None


def may_be_about_the_client(refused: Refused | AirbyteTracedException) -> bool:
    """Whether a look-up may have been refused for who asks, or for how; one for the token is refused anywhere else."""
    if isinstance(refused, Refused):
        return not refused.error.is_a_miss
    return refused.failure_type is FailureType.config_error


def write_with_ref(write: Callable[[Row], Row], fields: Row) -> Row | None:
    """Writes fields; without their `ref` where the server takes none. None where nothing else is to be written.

    Raises Refused for whatever else is wrong, a ref of another object among it.
    """
    try:
        return write(fields)
    except Refused as refused:
        rest = {name: value for name, value in fields.items() if name != "ref"}
        if "ref" not in fields or not _is_about_ref(refused, alone=not rest):
            raise
    return write(rest) if rest else None


def _is_about_ref(refused: Refused, *, alone: bool) -> bool:
    message = refused.error.message
    named = alone or re.search(r"\bref\b", message) is not None
    return named and _TAKEN.search(message) is None
