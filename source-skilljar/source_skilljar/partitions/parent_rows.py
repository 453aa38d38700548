"""Lists the parents of a stream: for each row the ids that its children's paths take, and what tells of a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from source_skilljar.declarations import Parent, StreamDeclaration, Streams
from source_skilljar.partitions.parent_stamp import ParentStamp, stamp_of
from source_skilljar.records.shape import dig

Row = dict[str, Any]
ReadList = Callable[[StreamDeclaration, Mapping[str, Any]], Iterator[Row]]
"""The records of one list of a stream, for the ids in its path."""


@dataclass(frozen=True, slots=True)
class ListIds:
    """What one list of a stream is named by: the values of all placeholders in its path, those of ancestors first, and
    columns that its rows get besides. `stamp` is that of the nearest ancestor that has one."""

    values: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    stamp: ParentStamp | None = None


@dataclass(frozen=True, slots=True)
class ParentGroup:
    """Lists that are read together: the one of a parent row, or those of all rows below one row that has a stamp."""

    stamp: ParentStamp | None
    lists: Callable[[], Iterable[ListIds]]


class ParentRows:
    """The parents of a command's streams. Their lists are read as they are asked for."""

    def __init__(self, streams: Streams, read_list: ReadList) -> None:
        self._streams = streams
        self._read_list = read_list

    def lists(self, declared: StreamDeclaration) -> Iterator[ListIds]:
        """All lists of a stream; one without parents has a single list."""
        for group in self.groups(declared):
            yield from group.lists()

    def groups(self, declared: StreamDeclaration) -> Iterator[ParentGroup]:
        """All lists of a stream, by what tells that they changed. Parents are read as the groups are taken, and as deep
        as needed. A value that several rows name, of several parents too, is taken once."""
        if not declared.parents:
            yield ParentGroup(None, lambda: [ListIds()])
            return
        seen: set[object] | None = set() if len(declared.parents) > 1 else None
        for parent in declared.parents:
            above = self._streams[parent.stream]
            for ids in self.lists(above):
                if above.stamp is not None:
                    yield from map(_alone, self._children(declared, parent, ids, seen))
                else:
                    yield self._below(declared, parent, ids, seen)

    def _below(
        self, declared: StreamDeclaration, parent: Parent, ids: ListIds, seen: set[object] | None
    ) -> ParentGroup:
        return ParentGroup(ids.stamp, lambda: self._children(declared, parent, ids, seen))

    def _children(
        self, declared: StreamDeclaration, parent: Parent, ids: ListIds, seen: set[object] | None
    ) -> Iterator[ListIds]:
        above = self._streams[parent.stream]
        placeholder = declared.placeholder
        assert placeholder is not None  # a stream with a parent has one
        inherited = {} if seen is not None else ids.values
        for row in self._read_list(above, {**ids.values, **ids.columns}):
            value = dig(row, parent.value)
            if value is None or _is_without(row, declared.parents_without) or (seen is not None and value in seen):
                continue
            if seen is not None:
                seen.add(value)
            values = {**inherited, placeholder: value}
            if above.stamp is None:
                yield ListIds(values, ids.columns, ids.stamp)
                continue
            stamp = stamp_of(above.stamp, tuple(values.values()), row)
            name = above.stamp.as_field
            is_wanted = name is not None and declared.cursor is not None and declared.cursor.field == name
            yield ListIds(values, {name: stamp.text} if is_wanted and name is not None else {}, stamp)


def _alone(ids: ListIds) -> ParentGroup:
    return ParentGroup(ids.stamp, lambda: [ids])


def _is_without(row: Row, fields: Mapping[str, Any]) -> bool:
    return any(name in row and row[name] == value for name, value in fields.items())
