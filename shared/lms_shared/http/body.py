"""The JSON value of an answer, decoded once, however many look at it."""

from __future__ import annotations

import re
from typing import Any

import orjson
import requests

_BEYOND_64_BITS = re.compile(rb"\d{19}")
"""Integers of which orjson would make floats."""
_HELD = "decoded_json"


def json_of(response: requests.Response) -> Any:
    """The decoded body of an answer, the same object each time. Raises ValueError where it is not JSON."""
    held = response.__dict__
    if _HELD not in held:
        held[_HELD] = _decoded(response)
    return held[_HELD]


def _decoded(response: requests.Response) -> Any:
    if not _BEYOND_64_BITS.search(response.content):
        try:
            return orjson.loads(response.content)
        except orjson.JSONDecodeError:
            pass  # perhaps in another encoding than UTF-8, or with NaN
    return response.json()
