"""An answer of the API, taken apart: data, errors, warnings. Nothing is judged here.

Published forms are accepted beside those that were seen (Pluralsight reference 1.3): `extensions` of an error is an
object or an array of objects, `path` may be missing, and a refused key has a body of its own, `{"error": …}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson
import requests
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets

from lms_shared.privacy import mask_emails

_SHOWN_ERRORS = 3
_SHOWN_LENGTH = 500
NOT_JSON = object()
"""The body of an answer that is not JSON: a web page, a body that was cut off, nothing at all."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class ApiError:
    """One entry of `errors`."""

    message: str
    codes: frozenset[str] = frozenset()
    path: Path | None = None
    """Where in the data it happened; None where the API does not say."""

    @classmethod
    def of(cls, value: Any) -> ApiError:
        """Reads an entry, of whatever shape."""
        if not isinstance(value, Mapping):
            return cls(str(value))
        path = value.get("path")
        return cls(
            str(value.get("message") or ""),
            frozenset(_codes(value.get("extensions"))),
            tuple(path) if isinstance(path, list) and path else None,
        )

    def is_below_rows(self, root: str) -> bool:
        """Whether it costs a field of one row, and neither the row nor the list."""
        return self.path is not None and _row_depth(self.path, root) is not None

    @property
    def row_and_field(self) -> tuple[int, tuple[str, ...]]:
        """The number of the row in its page, and the field below it, without the numbers of list members.

        Only for errors that are below rows.
        """
        assert self.path is not None
        depth = _row_depth(self.path, str(self.path[0]))
        assert depth is not None
        fields = tuple(part for part in self.path[depth:] if isinstance(part, str))
        return next(part for part in self.path if isinstance(part, int)), fields


def _row_depth(path: Path, root: str) -> int | None:
    """Where the fields of a row begin in a path, None where it does not lead below a row."""
    for start in ((root, "nodes", int), (root, "edges", int, "node"), (root, int)):
        fits = len(path) > len(start) and all(
            isinstance(part, int) if wanted is int else part == wanted
            for part, wanted in zip(path, start, strict=False)
        )
        if fits:
            return len(start)
    return None


def _codes(extensions: Any) -> Iterator[str]:
    for one in extensions if isinstance(extensions, list) else [extensions]:
        if isinstance(one, Mapping) and isinstance(one.get("code"), str):
            yield one["code"]


@dataclass(frozen=True)
class Answer:
    """One answer. `body` is NOT_JSON where it cannot be parsed."""

    status: int
    body: Any
    is_web_page: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, response: requests.Response) -> Answer:
        """Reads a response."""
        content = response.content
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError:
            body = NOT_JSON
        is_web_page = "html" in response.headers.get("Content-Type", "") or content.lstrip()[:1] == b"<"
        return cls(response.status_code, body, body is NOT_JSON and is_web_page, response.headers)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @cached_property
    def errors(self) -> tuple[ApiError, ...]:
        """GraphQL `errors`; empty if there are none."""
        errors = self.body.get("errors") if isinstance(self.body, dict) else None
        if not errors:
            return ()
        return tuple(ApiError.of(one) for one in (errors if isinstance(errors, list) else [errors]))

    @property
    def data(self) -> Mapping[str, Any] | None:
        """`data`, None where it is null, missing or something else."""
        data = self.body.get("data") if isinstance(self.body, dict) else None
        return data if isinstance(data, dict) else None

    @property
    def codes(self) -> frozenset[str]:
        """Codes of all errors."""
        return frozenset().union(*(error.codes for error in self.errors))

    @property
    def error_text(self) -> str:
        """All messages and codes, for matching."""
        parts = [f"{error.message} {' '.join(sorted(error.codes))}" for error in self.errors]
        return " | ".join([*parts, *self._error_of_key])

    @property
    def detail(self) -> str:
        """What the API said, for people: short, without e-mail addresses and the key."""
        texts = [error.message for error in self.errors[:_SHOWN_ERRORS]]
        text = "; ".join(text for text in [*texts, *self._error_of_key] if text) or f"HTTP {self.status}"
        return mask_emails(filter_secrets(text))[:_SHOWN_LENGTH].rstrip(". ")

    @property
    def _error_of_key(self) -> list[str]:
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return [error] if isinstance(error, str) else []

    def warning_texts(self) -> list[str]:
        """Texts of `extensions.warnings`: expiry of the key, deprecations, a page that was cut.

        Pluralsight, deprecation policy. The shape of the elements is not published: strings and objects are taken.
        """
        extensions = self.body.get("extensions") if isinstance(self.body, dict) else None
        warnings = extensions.get("warnings") if isinstance(extensions, dict) else None
        if warnings is None:
            return []
        return [_text(warning) for warning in (warnings if isinstance(warnings, list) else [warnings])]


def _text(warning: Any) -> str:
    if isinstance(warning, str):
        return warning
    if isinstance(warning, dict) and isinstance(warning.get("message"), str):
        return str(warning["message"])
    return orjson.dumps(warning, option=orjson.OPT_SORT_KEYS).decode()
