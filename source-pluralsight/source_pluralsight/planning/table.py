"""The table of streams in streams.yaml: what is known of them without asking the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Self

import yaml

from source_pluralsight.query.page_query import Argument, Source
from source_pluralsight.settings import Settings

PACKAGE = "source_pluralsight"


@dataclass(frozen=True)
class Filter:
    """A filter of a known stream, at dotted paths below the root field, of which the schema has one.

    Its value is `setting` of the configuration or `slice_key` of the part that is read. `gql_type` is the type if it is
    documented; `as_enum` marks a list whose type is unknown and likely one of enum values. A value equal to `unless`
    is not sent. An `optional` filter is not missed where the schema lacks it.
    """

    paths: tuple[tuple[str, ...], ...]
    setting: str | None = None
    slice_key: str | None = None
    gql_type: str | None = None
    as_enum: bool = False
    unless: Any = None
    optional: bool = False

    @classmethod
    def from_table(cls, value: Mapping[str, Any]) -> Self:
        """Reads one entry of a stream's `filters`."""
        paths = tuple(tuple(path.split(".")) for path in value["paths"])
        return cls(**{**value, "paths": paths})

    def argument(self, settings: Settings, path: tuple[str, ...], gql_type: str | None = None) -> Argument:
        """The argument that applies the filter at one of its paths, under the introspected type if that is known."""
        variable = gql_type or self.gql_type
        if self.slice_key is not None:
            return Argument(path, Source.SLICE, variable, self.slice_key, self.unless)
        value = getattr(settings, self.setting) if self.setting else None
        value = list(value) if isinstance(value, tuple) else value
        return Argument(path, Source.CONSTANT, variable, value, self.unless, as_enum=self.as_enum)


@dataclass(frozen=True)
class KnownStream:
    """A stream that is offered whether or not the API can be introspected.

    `take_all` marks streams of whose fields next to nothing is published: what introspection shows is taken, and the
    fields of the schema file are tried where introspection is refused. `hint` tells what to use in its place.
    """

    name: str
    query: str
    schema: Mapping[str, Any]
    primary_key: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    take_all: bool = False
    cursor_field: str | None = None
    hint: str = ""


@cache
def known_streams() -> tuple[KnownStream, ...]:
    """The table, with each stream's schema file."""
    package = files(PACKAGE)
    rows = yaml.safe_load(package.joinpath("streams.yaml").read_text())["streams"]
    return tuple(
        KnownStream(
            **{
                **row,
                "schema": json.loads(package.joinpath(f"schemas/{row['name']}.json").read_text()),
                "primary_key": tuple(row.get("primary_key", ())),
                "filters": tuple(Filter.from_table(value) for value in row.get("filters", ())),
            }
        )
        for row in rows
    )
