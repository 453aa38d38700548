"""Walks the pages of a connection and makes sure that all rows came."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from typing import Any

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.declarative.requesters.paginators.strategies.pagination_strategy import PaginationStrategy
from airbyte_cdk.sources.declarative.types import Config, Record, StreamSlice
from airbyte_cdk.utils import AirbyteTracedException

from source_pluralsight.extractor import connection_of, row_list
from source_pluralsight.operation import Operation, Shape

LOGGER = logging.getLogger("airbyte.source_pluralsight.paging")


@dataclass(frozen=True)
class PageToken:
    """Where one reading of a stream stands. It travels from page to page, since the strategy serves many readings.

    `rows` counts null rows too, as `totalCount` does. `promised` is `totalCount` of the first page.
    """

    cursor: str
    rows: int
    promised: int | None
    seen: set[str] = field(repr=False)


@dataclass
class ConnectionPagination(PaginationStrategy):
    """Next page until `hasNextPage` is false or there is no cursor.

    Raises a transient error when a cursor comes again, or when at the end fewer rows came than both the first and the
    last page promised: rows that were added or removed in between make only one of the two disagree.
    """

    config: Config
    parameters: InitVar[Mapping[str, Any]]
    operation: Mapping[str, Any]
    name: str = ""
    _operation: Operation = field(init=False, repr=False)

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self._operation = Operation.from_manifest(self.operation)

    @property
    def initial_token(self) -> Any | None:
        return None

    def get_page_size(self) -> int | None:
        return int(self.config["page_size"])

    def next_page_token(
        self,
        response: requests.Response,
        last_page_size: int,
        last_record: Record | None,
        last_page_token_value: Any | None,
        page_size_override: int | None = None,
        stream_slice: StreamSlice | None = None,
    ) -> PageToken | None:
        if self._operation.shape is Shape.LIST:
            return None
        connection = connection_of(response, self._operation)
        before = last_page_token_value if isinstance(last_page_token_value, PageToken) else None
        total = connection.get("totalCount")
        rows = len(row_list(connection, self._operation)) + (before.rows if before else 0)
        promised = before.promised if before else total
        cursor = self._next_cursor(connection)
        if cursor is None:
            self._require_all(rows, promised, total)
            return None
        seen = before.seen if before else set()
        if cursor in seen:
            raise self._failure(f"Pluralsight handed out a page cursor twice after {rows} rows")
        seen.add(cursor)
        return PageToken(cursor, rows, promised, seen)

    def _next_cursor(self, connection: Mapping[str, Any]) -> str | None:
        page_info = connection.get("pageInfo") or {}
        if not page_info.get("hasNextPage"):
            return None
        cursor = page_info.get("endCursor")
        if cursor is None:
            LOGGER.warning("Stream %s: a next page was announced, but no cursor to it was given.", self.name)
            return None
        return str(cursor)

    def _require_all(self, rows: int, first_promise: Any, last_promise: Any) -> None:
        promises = [promise for promise in (first_promise, last_promise) if isinstance(promise, int)]
        if promises and rows < min(promises):
            raise self._failure(f"Pluralsight promised {min(promises)} rows and sent {rows}")

    def _failure(self, what: str) -> AirbyteTracedException:
        message = f"Stream {self.name}: {what}. Nothing is taken as complete; sync again."
        return AirbyteTracedException(
            message=message, internal_message=message, failure_type=FailureType.transient_error
        )
