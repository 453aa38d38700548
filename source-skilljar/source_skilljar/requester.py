"""The requester of all streams: makes addresses, and leaves the calling to what the streams share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from airbyte_cdk.sources.declarative.requesters.error_handlers import DefaultErrorHandler
from airbyte_cdk.sources.declarative.requesters.http_requester import HttpRequester
from airbyte_cdk.sources.declarative.types import StreamSlice, StreamState

from source_skilljar.listing import Listing
from source_skilljar.page import Page
from source_skilljar.sync import Sync, system_error
from source_skilljar.transport import Rules

NOT_SERVED = frozenset({403, 404, 405, 410})
"""Skilljar, errors: a feature that the organization lacks, an endpoint that is not served, or a row that is gone."""


@dataclass
class SkilljarRequester(HttpRequester):
    """Sends a call per page."""

    listing: Mapping[str, Any] = field(default_factory=dict)
    _listing: Listing = field(init=False, repr=False)
    _sync: Sync = field(init=False, repr=False)
    _rules: Rules = field(init=False, repr=False)

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        super().__post_init__(parameters)
        self._listing = Listing.of(self.listing)
        self._sync = Sync.of(self.config)
        assert isinstance(self.error_handler, DefaultErrorHandler)  # declared in the manifest
        assert self.api_budget is not None  # declared in the manifest
        self._rules = Rules(self.error_handler, self._sync.one_budget(self.api_budget))

    def send_request(
        self,
        stream_state: StreamState | None = None,
        stream_slice: StreamSlice | None = None,
        next_page_token: Mapping[str, Any] | None = None,
        path: str | None = None,
        request_headers: Mapping[str, Any] | None = None,
        request_params: Mapping[str, Any] | None = None,
        request_body_data: Mapping[str, Any] | str | None = None,
        request_body_json: Mapping[str, Any] | None = None,
        log_formatter: Callable[[requests.Response], Any] | None = None,
    ) -> requests.Response | None:
        """A page, or None where the resource is not served or gone. `next` is followed exactly as it was given."""
        following = next_page_token["next_page_token"] if next_page_token else None
        partition = stream_slice.partition if stream_slice else {}
        if following is None and self._sync.availability.is_missing(self.name):
            return None
        base_url = self._sync.settings.base_url
        cursor_slice = stream_slice.cursor_slice if stream_slice else {}
        url = following or self._listing.first_url(base_url, partition, cursor_slice)
        page = self._sync.fetch(url, self.name, self._rules)
        if page.status_code in NOT_SERVED:
            self._not_served(page, following, bool(partition))
            return None
        self._sync.availability.answered(self.name)
        if following is None and self._sync.sizes is not None:
            self._sync.sizes.note(self.name, page)
        return page

    def _not_served(self, page: Page, following: str | None, is_child: bool) -> None:
        if following is not None:
            raise system_error(f"Stream {self.name}: a further page answers HTTP {page.status_code}; rows are missing.")
        if not (self._listing.may_be_absent and page.status_code == 404):
            self._sync.availability.refused(self.name, page.status_code, is_child)
