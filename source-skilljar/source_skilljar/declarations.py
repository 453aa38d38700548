"""The table of streams in streams.yaml: what its keys mean, and which stream is the parent of which."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

import yaml

from lms_shared.http.list_answer import ListShape
from source_skilljar.dialect import LARGE_PAGE_SIZE, PAGE_SIZE

EVERY_FIELD = "all"


class Parents(Enum):
    """Which parents an incremental sync reads the children of."""

    CHANGED = "changed"
    """Those with a newer stamp, or with other values in a watched field."""
    ROTATING = "rotating"
    """New and changed ones at once, and each at the latest after `max_staleness_days`."""


@dataclass(frozen=True)
class V2Changes:
    """A list of version 2 that tells which parents have children that changed: its path, the scope that a client needs
    to read it, the filter by the time of a change, and the field that names the parent."""

    path: str
    scope: str
    filter: str
    parent: str


@dataclass(frozen=True)
class CursorDeclaration:
    """How a stream is read incrementally.

    `field` is the cursor field in the catalog; a stream without one is compared with what the state remembers. Rows
    are filtered by it, or by the dotted `path` that it repeats; `or_else` stands in where it is null. `rows: compared`
    filters by the whole row alone. With `parents`, rows are taken as they come, and parents are chosen instead. `state`
    is the key in the state, the field if it is not said. `skips_old_parents`: no child is newer than its parent, so
    that one from before the start date need not be asked. `v2_changes`: with a client of version 2, lists below which
    it names no change are left out until their turn comes.
    """

    field: str | None = None
    path: str | None = None
    or_else: str | None = None
    rows: str | None = None
    parents: Parents | None = None
    state: str | None = None
    look_back_days: int = 0
    server_filter: str | None = None
    skips_old_parents: bool = True
    v2_changes: V2Changes | None = None


@dataclass(frozen=True)
class StampDeclaration:
    """What tells that a row changed, so that its children are read again.

    `by` are dotted paths of its time, tried in order. `watch` are fields whose values count besides, or `all`. A child
    whose cursor field is `as_field` gets the text of the time.
    """

    by: tuple[str, ...] = ()
    watch: tuple[str, ...] | str = ()
    as_field: str | None = None


@dataclass(frozen=True)
class Parent:
    """A stream whose rows are asked for children, and the dotted path of what stands for a row in the child's path."""

    stream: str
    value: str


@dataclass(frozen=True)
class StreamDeclaration:
    """One row of the table.

    `path` and the values of `query` take the parents' ids in braces. `large_pages` asks for the largest pages that are
    known to work. `one` names the field that every answer has where it is one object and no list. `copies` maps
    top-level fields to the nested fields (dotted) that they repeat. `secrets` are dropped, besides those that are
    dropped from every stream. `unwrap` names a field that may hold the row; `rows_in` one that holds the rows, and
    `rows_or_row_in` one that may; `kept` are dotted paths of the outer row that such inner rows keep. `may_be_absent`:
    404, or null, says that there is none. `domain_field` names the row's domain, where it has one. `item` is the field
    that stands for a row in paths. Parents whose fields have the values of `parents_without` have no children.
    """

    name: str
    path: str
    key: tuple[str, ...] = ("id",)
    query: Mapping[str, str] = field(default_factory=dict)
    large_pages: bool = False
    shape: ListShape = ListShape.ENVELOPE
    one: str | None = None
    copies: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    unwrap: str | None = None
    rows_in: str | None = None
    rows_or_row_in: str | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    may_be_absent: bool = False
    domain_field: str = "domain_name"
    item: str = "id"
    parents: tuple[Parent, ...] = ()
    parents_without: Mapping[str, Any] = field(default_factory=dict)
    stamp: StampDeclaration | None = None
    cursor: CursorDeclaration | None = None

    @property
    def placeholder(self) -> str | None:
        """The last name in braces: what a parent's value is called in a child's row."""
        return _last_placeholder(self.path + "".join(self.query.values()))

    @property
    def own_id(self) -> str | None:
        """The placeholder that is the row's own id, so that the row does not repeat it."""
        ends_with_id = self.one is not None and self.rows_in is None and self.path.endswith("}")
        return self.placeholder if ends_with_id else None

    @property
    def list_address(self) -> tuple[str, str]:
        """Path and query; streams with the same read the same pages."""
        return self.path, urlencode(self.query)

    def first_url(self, base_url: str, ids: Mapping[str, Any], extra: Mapping[str, str]) -> str:
        """The address of the first page. `extra` is added to the query."""
        quoted = {key: quote(str(value), safe="") for key, value in ids.items()}
        query = {name: template.format_map(ids) for name, template in self.query.items()}
        query.update(extra)
        if self.one is None and self.shape is ListShape.ENVELOPE:
            query["page_size"] = str((LARGE_PAGE_SIZE if self.large_pages else PAGE_SIZE).assumed)
        url = f"{base_url}/{self.path.format_map(quoted)}"
        return f"{url}?{urlencode(query)}" if query else url


Streams = Mapping[str, StreamDeclaration]


@cache
def declared_streams() -> Streams:
    """All streams by name, in the order of the table."""
    return read_table(files(__package__).joinpath("streams.yaml").read_text("utf-8"))


def read_table(text: str) -> Streams:
    """The streams of a table. Raises TypeError for an unknown key, KeyError for a parent that is not a stream."""
    table: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    by_path: dict[str, str] = {}
    for name, row in table.items():
        by_path.setdefault(row["path"], name)
    items = {name: str(row.get("item", "id")) for name, row in table.items()}
    return {name: _stream(name, row, by_path, items) for name, row in table.items()}


def _stream(
    name: str, row: Mapping[str, Any], by_path: Mapping[str, str], items: Mapping[str, str]
) -> StreamDeclaration:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items() if key != "parent"
    }
    unknown = values.keys() - {one.name for one in fields(StreamDeclaration)}
    if unknown:
        raise TypeError(f"Stream {name} has unknown keys: {', '.join(sorted(unknown))}.")
    if "shape" in values:
        values["shape"] = ListShape[str(values["shape"]).upper()]
    if "stamp" in values:
        values["stamp"] = _stamp(values["stamp"])
    if "cursor" in values:
        values["cursor"] = _cursor(values["cursor"])
    values["parents"] = tuple(_parents(row, by_path, items))
    return StreamDeclaration(name=name, **values)


def _stamp(row: Mapping[str, Any]) -> StampDeclaration:
    watch = row.get("watch", ())
    return StampDeclaration(tuple(row.get("by", ())), watch if watch == EVERY_FIELD else tuple(watch), row.get("as"))


def _cursor(row: Mapping[str, Any]) -> CursorDeclaration:
    values = dict(row)
    if "parents" in row:
        values["parents"] = Parents(row["parents"])
    if "v2_changes" in row:
        values["v2_changes"] = V2Changes(**row["v2_changes"])
    return CursorDeclaration(**values)


def _parents(row: Mapping[str, Any], by_path: Mapping[str, str], items: Mapping[str, str]) -> Iterator[Parent]:
    named = row.get("parent")
    if isinstance(named, Mapping):
        yield from (Parent(stream, value) for stream, value in named.items())
    elif named is not None:
        yield Parent(named, items[named])
    elif placeholder := _last_placeholder(row["path"]):
        above, _, _ = row["path"].rpartition(f"/{{{placeholder}}}")
        yield Parent(by_path[above], items[by_path[above]])


def _last_placeholder(text: str) -> str | None:
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name]
    return names[-1] if names else None


def ancestors(streams: Streams, name: str) -> Iterator[str]:
    """All streams that are listed above a stream, nearest first; one of them may come more than once."""
    for parent in streams[name].parents:
        yield parent.stream
        yield from ancestors(streams, parent.stream)


def shared_lists(streams: Streams, selected: Collection[str]) -> frozenset[tuple[str, str]]:
    """Addresses of lists that more than one reader needs, whose pages are kept: those of parents, and those that
    several of the selected streams are made of."""
    own = [streams[name].list_address for name in selected]
    above = {streams[parent].list_address for name in selected for parent in ancestors(streams, name)}
    return frozenset(above | {address for address in own if own.count(address) > 1})
