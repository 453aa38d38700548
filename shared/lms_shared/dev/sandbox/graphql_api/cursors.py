"""Opaque cursors: a position in one list with one set of filters."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from graphql import GraphQLError

PAGING_ARGUMENTS = frozenset({"first", "after", "last", "before", "offset"})


def fingerprint(query: str, arguments: Mapping[str, Any]) -> str:
    """Names a list: the query and its arguments, those of paging apart."""
    relevant = {key: value for key, value in arguments.items() if key not in PAGING_ARGUMENTS}
    text = json.dumps([query, relevant], sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def make_cursor(owner: str, position: int) -> str:
    """An opaque cursor that is good for the list with the fingerprint `owner`."""
    return base64.urlsafe_b64encode(f"{owner}:{position}".encode()).decode()


def read_cursor(cursor: str, owner: str, argument: str = "after") -> int:
    """The position of a cursor; raises GraphQLError when it is not one of the list with that fingerprint."""
    try:
        found, _, position = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if found == owner:
            return int(position)
    except (ValueError, binascii.Error) as error:
        raise GraphQLError(f"{argument} is no cursor") from error
    raise GraphQLError(f"{argument} is a cursor of another query or filter")
