"""Rows of an answer, whichever of its known shapes came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import requests
from airbyte_cdk.sources.declarative.extractors.record_extractor import RecordExtractor
from airbyte_cdk.sources.declarative.types import Config

from source_skilljar.listing import Listing
from source_skilljar.page import Page
from source_skilljar.sync import Sync, system_error


@dataclass
class Rows(RecordExtractor):
    """Skilljar, paging: an envelope with `results`, a bare array, one object, or nothing at all.

    Rows that name a domain which the configuration leaves out are dropped.
    """

    config: Config
    listing: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._listing = Listing.of(self.listing)
        self._domains = Sync.of(self.config).settings.domains

    def extract_records(self, response: requests.Response) -> Iterable[MutableMapping[Any, Any]]:
        """The rows. Raises system_error for an answer of no known shape."""
        assert isinstance(response, Page)  # the requester answers nothing else
        for row in self._shaped(self._listed(response.payload)):
            if not self._domains or self._is_wanted(row):
                yield row

    def _listed(self, payload: Any) -> list[Any]:
        if payload is None:
            return []
        if isinstance(payload, list):
            return payload
        if isinstance(payload, dict):
            results = payload.get("results", [] if "count" in payload else None)
            if isinstance(results, list):
                return results
            if results is None and "results" in payload:
                return []
            if self._listing.single or "id" in payload or self._listing.flatten in payload:
                return [payload]
        raise system_error("Skilljar answered neither a list of rows nor an object.")

    def _shaped(self, rows: list[Any]) -> Iterator[dict[str, Any]]:
        unwrap, flatten = self._listing.unwrap, self._listing.flatten
        for row in rows:
            if not isinstance(row, dict):
                raise system_error(f"Skilljar answered a row that is no object but {type(row).__name__}.")
            if flatten and isinstance(row.get(flatten), list):
                yield from (dict(inner) for inner in row[flatten] if isinstance(inner, dict))
            elif unwrap and isinstance(row.get(unwrap), dict):
                yield {**{name: value for name, value in row.items() if name != unwrap}, **row[unwrap]}
            else:
                yield row

    def _is_wanted(self, row: Mapping[str, Any]) -> bool:
        domain = row.get(self._listing.domain_field)
        return domain is None or str(domain).lower() in self._domains
