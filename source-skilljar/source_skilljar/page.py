"""An answer of the API, parsed once whoever looks at it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import orjson
import requests


class Page(requests.Response):
    """A response whose JSON is parsed once. `payload` is None for an empty body."""

    @classmethod
    def of(cls, status: int, body: bytes, url: str) -> Page:
        """A page with that content."""
        page = cls()
        page.status_code = status
        page._content = body
        page.url = url
        page.encoding = "utf-8"
        return page

    @cached_property
    def payload(self) -> Any:
        """The JSON value. Raises ValueError for anything else."""
        return orjson.loads(self.content) if self.content.strip() else None

    @property
    def is_readable(self) -> bool:
        """Whether the body is JSON, or empty."""
        try:
            _ = self.payload
        except ValueError:
            return False
        return True
