"""How a stream is listed and what its rows become, as declared under `listing` in the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

DEFAULT_PAGE_SIZE = 1_000
"""Skilljar, paging: sizes that are too large are cut, and a list without the parameter ignores it."""


@dataclass(frozen=True)
class Listing:
    """One row of the table of streams.

    `path` and the values of `query` take partition values in braces. `page_size` 0 sends none. `copies` maps top-level
    fields to the nested fields (dotted) that they repeat. `secrets` are dropped, besides those that are dropped from
    every stream. `item_key` is the partition value that is the row's own id. `unwrap` and `flatten` name a field that
    holds the row, or the rows. `single` lists answer one object. `may_be_absent`: 404 says that there is none.
    `domain_field` names the row's domain, where it has one.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    page_size: int = DEFAULT_PAGE_SIZE
    copies: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    item_key: str | None = None
    unwrap: str | None = None
    flatten: str | None = None
    single: bool = False
    may_be_absent: bool = False
    domain_field: str = "domain_name"

    @classmethod
    def of(cls, declared: Mapping[str, Any]) -> Listing:
        """The listing that the manifest declares. Raises TypeError for an unknown key."""
        values = {key: value for key, value in declared.items() if key not in ("cursor", "$parameters")}
        return cls(**{**values, "secrets": tuple(values.get("secrets", ()))})

    def first_url(self, base_url: str, partition: Mapping[str, Any], extra: Mapping[str, Any]) -> str:
        """The address of the first page. `extra` is added to the query."""
        quoted = {key: quote(str(value), safe="") for key, value in partition.items()}
        query = {name: template.format_map(partition) for name, template in self.query.items()}
        query.update(extra)
        if self.page_size:
            query["page_size"] = str(self.page_size)
        url = f"{base_url}/{self.path.format_map(quoted)}"
        return f"{url}?{urlencode(query)}" if query else url


def dig(row: Mapping[str, Any], path: str) -> Any:
    """The value under a dotted path, None where a part of it is missing."""
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
