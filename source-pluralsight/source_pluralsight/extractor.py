"""Takes the rows out of an answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field
from typing import Any

import requests
from airbyte_cdk.sources.declarative.extractors.record_extractor import RecordExtractor
from airbyte_cdk.sources.declarative.types import Config

from source_pluralsight.envelope import data_of
from source_pluralsight.operation import Operation, Shape

LOGGER = logging.getLogger("airbyte.source_pluralsight.rows")

SCALAR_FIELD = "value"
"""The field that holds a row which is a mere scalar."""


def connection_of(response: requests.Response, operation: Operation) -> Mapping[str, Any]:
    """The connection object of an answer; empty when the API gave null for it."""
    connection = data_of(response).get(operation.root)
    return connection if isinstance(connection, dict) else {}


def row_list(connection: Mapping[str, Any], operation: Operation) -> list[Any]:
    """Rows of a connection, null rows included."""
    if operation.shape is Shape.EDGES:
        return [edge and edge.get("node") for edge in connection.get("edges") or []]
    return connection.get("nodes") or []


@dataclass
class RowExtractor(RecordExtractor):
    """Rows of nodes, of edges or of a bare list. Null rows carry nothing and are skipped."""

    config: Config
    parameters: InitVar[Mapping[str, Any]]
    operation: Mapping[str, Any]
    name: str = ""
    _operation: Operation = field(init=False, repr=False)

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self._operation = Operation.from_manifest(self.operation)

    def extract_records(self, response: requests.Response) -> Iterable[Mapping[str, Any]]:
        answer = data_of(response).get(self._operation.root)
        if answer is None:
            LOGGER.warning("Stream %s: Pluralsight answered null, which is taken as no rows.", self.name)
            return
        rows = answer if self._operation.shape is Shape.LIST else row_list(answer, self._operation)
        for row in _flattened(rows):
            if row is not None:
                yield row if isinstance(row, dict) else {SCALAR_FIELD: row}


def _flattened(rows: Iterable[Any]) -> Iterable[Any]:
    for row in rows:
        if isinstance(row, list):
            yield from _flattened(row)
        else:
            yield row
