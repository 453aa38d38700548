"""Connections that end an answer that is too large: one that never ends fills the memory long before a timeout helps,
because bytes keep coming."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter

MIB = 2**20
LARGEST_ANSWER = 128 * MIB
"""Bytes of an answer, unpacked. Far above any page of these APIs, and a container of 512 MB still holds it."""
LARGEST_FOR_CHECK = 24 * MIB
"""The same while a person waits for a check, which asks for single rows and for the API's own schema."""


class AnswerTooLarge(requests.RequestException):
    """An answer that was cut off because it is larger than any that the API sends."""

    def __init__(self, largest: int, **context: Any) -> None:
        super().__init__(f"The answer is larger than {largest // MIB} MiB.", **context)
        self.told = f"its answer is larger than {largest // MIB} MiB, or never ends; that is not the API"
        """What is wrong, as the end of a sentence that names the other side."""


class BoundedAdapter(HTTPAdapter):
    """Sends requests as requests itself does, with so many connections, and raises AnswerTooLarge while a body is read
    that has more than `largest` bytes."""

    def __init__(self, connections: int, largest: int = LARGEST_ANSWER) -> None:
        super().__init__(pool_connections=connections, pool_maxsize=connections)
        self._largest = largest

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        response = super().send(request, *args, **options)
        raw: Any = response.raw
        raw.stream = partial(_bounded, raw, response.request, self._largest)
        return response


def _bounded(raw: Any, request: requests.PreparedRequest, largest: int, *args: Any, **options: Any) -> Iterator[bytes]:
    # Its own method is back: else the answer would refer to itself, and stay until Python looks for garbage.
    del raw.stream
    came = 0
    for chunk in raw.stream(*args, **options):
        came += len(chunk)
        if came > largest:
            raw.close()
            raw.release_conn()
            raise AnswerTooLarge(largest, request=request)
        yield chunk
