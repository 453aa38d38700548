"""Follows `next` as it was given, but to no other host: the key goes along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.declarative.requesters.paginators.strategies.pagination_strategy import PaginationStrategy
from airbyte_cdk.sources.declarative.types import Config, Record, StreamSlice
from airbyte_cdk.utils import AirbyteTracedException

from source_skilljar.page import Page
from source_skilljar.settings import config_error
from source_skilljar.sync import Sync


class _Link(str):
    """An address that knows those that led to it, so that a strategy that all lists share can notice a circle."""

    visited: set[str]

    @classmethod
    def through(cls, address: str, visited: set[str]) -> _Link:
        link = cls(address)
        link.visited = visited
        return link


@dataclass
class NextLink(PaginationStrategy):
    """The `next` of an envelope; a bare array or a single object is all there is."""

    config: Config

    def __post_init__(self) -> None:
        self._base = urlsplit(Sync.of(self.config).settings.base_url)

    @property
    def initial_token(self) -> Any | None:
        return None

    def next_page_token(
        self,
        response: requests.Response,
        last_page_size: int,
        last_record: Record | None,
        last_page_token_value: Any | None = None,
        page_size_override: int | None = None,
        stream_slice: StreamSlice | None = None,
    ) -> str | None:
        """The address of the next page. Raises config_error for another host, transient_error for a circle."""
        payload = response.payload if isinstance(response, Page) else None
        text = payload.get("next") if isinstance(payload, Mapping) else None
        if not text:
            return None
        visited = last_page_token_value.visited if isinstance(last_page_token_value, _Link) else {response.url}
        if text in visited:
            message = "Skilljar names a page that was read before as the next one, so the list has no end. Sync again."
            raise AirbyteTracedException(message, message, FailureType.transient_error)
        visited.add(str(text))
        return _Link.through(self._on_own_host(str(text)), visited)

    def get_page_size(self) -> int | None:
        return None

    def _on_own_host(self, link: str) -> str:
        """The link as it is. A proxy before an API makes it say http in its links; the key does not go out in clear."""
        given = urlsplit(link)
        if given.scheme not in ("http", "https") or given.netloc.lower() != self._base.netloc.lower():
            raise config_error(
                f"Skilljar names {given.scheme}://{given.netloc} as the host of a next page, and base_url is on "
                f"{self._base.scheme}://{self._base.netloc}. The key is not sent there. Correct base_url."
            )
        return link if given.scheme == self._base.scheme else given._replace(scheme=self._base.scheme).geturl()
