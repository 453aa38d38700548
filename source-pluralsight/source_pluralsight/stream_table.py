"""The static streams as the manifest declares them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Self

from source_pluralsight.operation import Argument, Source


@dataclass(frozen=True)
class Filter:
    """A filter of a static stream, at a dotted path below the root field.

    Its value is `config_key` of the configuration or `slice_key` of the stream slice. `gql_type` is the type if it is
    documented; `as_enum` marks a list whose type is unknown and likely one of enum values. A value equal to `unless`
    is not sent.
    """

    path: tuple[str, ...]
    config_key: str | None = None
    slice_key: str | None = None
    gql_type: str | None = None
    as_enum: bool = False
    unless: Any = None

    @classmethod
    def from_manifest(cls, value: Mapping[str, Any]) -> Self:
        """Read one entry of a stream's `filters`."""
        return cls(**{**value, "path": tuple(value["path"].split("."))})

    def argument(self, config: Mapping[str, Any], gql_type: str | None = None) -> Argument:
        """The argument that applies the filter, under the introspected type if that is known."""
        variable = gql_type or self.gql_type
        if self.slice_key is not None:
            return Argument(self.path, Source.SLICE, variable, self.slice_key, self.unless)
        value = config[self.config_key] if self.config_key else None
        return Argument(self.path, Source.CONSTANT, variable, value, self.unless, as_enum=self.as_enum)


@dataclass(frozen=True)
class StaticStream:
    """A stream that is offered whether or not the API can be introspected.

    `take_all` marks streams of whose fields next to nothing is published: what introspection shows is taken, and the
    fields of the schema file are tried where introspection is refused. `hint` tells what to use in its place.
    """

    name: str
    query: str
    primary_key: tuple[str, ...]
    schema: Mapping[str, Any]
    filters: tuple[Filter, ...] = ()
    take_all: bool = False
    incremental: bool = False
    hint: str = ""


def static_streams(manifest: Mapping[str, Any]) -> Iterator[StaticStream]:
    """The table in the manifest, with each stream's schema file."""
    for entry in manifest["streams"]:
        row = entry["$parameters"]
        yield StaticStream(
            name=row["name"],
            query=row["query"],
            primary_key=tuple(row.get("primary_key", ())),
            schema=json.loads(files(__package__).joinpath(f"schemas/{row['name']}.json").read_text()),
            filters=tuple(Filter.from_manifest(value) for value in row.get("filters", ())),
            take_all=row.get("take_all", False),
            incremental="incremental_sync" in entry,
            hint=row.get("hint", ""),
        )
