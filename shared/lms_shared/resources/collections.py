"""Look-ups in the lists of a resource: one for each parent that the records name."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lms_shared.adapter.list_or_ask import ChoiceLog, Listing
from lms_shared.adapter.remote import Key
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.keys import KEY_SEPARATOR, KeyKind
from lms_shared.resources.hooks import ResourceHooks
from lms_shared.resources.resource import Resource, Row, RowKey
from lms_shared.resources.rows import as_read, keys_of, row_id
from lms_shared.resources.transport import Transport

PAGES_TO_CONFIRM = 10
"""Filters compare texts letter by letter, and texts that read the same are equal here: what a filter does not find is
looked for in the whole list, if it is no longer than that."""

MAX_COLLECTIONS = 2000
"""Lists that are remembered: there may be one for each learner."""

Scope = tuple[tuple[str, str], ...]


class Collections:
    """All lists of a resource that a sync has to do with; safe for threads."""

    def __init__(
        self,
        resource: Resource,
        declaration: ObjectDeclaration,
        transport: Transport,
        hooks: ResourceHooks,
        shared: RemoteIndex[Row] | None = None,
    ) -> None:
        """`shared` is given where another object writes the same rows, which then are looked up there."""
        self._resource = resource
        self._declaration = declaration
        self._transport = transport
        self._hooks = hooks
        self._shared = shared
        self._lock = threading.Lock()
        self._lookups: OrderedDict[Scope, RemoteIndex[Row]] = OrderedDict()
        self._choices = ChoiceLog()

    def of_key(self, key: Key) -> RemoteIndex[Row]:
        """The look-up that answers a key, which is in the form of `keys_of`."""
        row_key = self._resource.key_by_field[key.field]
        parts = self._parts(row_key, key)
        return self._of(tuple((name, parts[name]) for name in self._resource.key_scope(row_key)))

    def find(self, key: Key, *, fresh: bool) -> list[Row]:
        """All rows that carry a key."""
        key = as_read(self._resource, key)
        lookup = self.of_key(key)
        rows = lookup.refresh(key) if fresh else lookup.find(key)
        return rows[:1] if self._resource.first else rows

    def expect(self, keys: Iterable[Key]) -> None:
        """Announces keys, so that each list decides what is cheaper."""
        wanted: dict[int, tuple[RemoteIndex[Row], list[Key]]] = {}
        for key in (as_read(self._resource, one) for one in keys):
            lookup = self.of_key(key)
            wanted.setdefault(id(lookup), (lookup, []))[1].append(key)
        for lookup, expected in wanted.values():
            lookup.expect(expected)

    def beside(self, row: Row) -> list[Row]:
        """All rows of the list that a row is in, or is going to be in, as they are now."""
        return list(self._listing({name: str(row[name]) for name in self._resource.scope}).rows)

    def note(self, row: Row, instead_of: Row | None = None) -> None:
        """Takes note of a row that was written, in every list in which it may be looked up."""
        for lookup in self._holding(row):
            lookup.put(row, instead_of)

    def drop(self, row: Row) -> None:
        """Takes note that a row is gone."""
        for lookup in self._holding(row):
            lookup.drop(row)

    def doubt(self, values: Mapping[str, Any]) -> None:
        """A row with these fields was written as another object."""
        for key in self._declaration.keys_for_references:
            value = self._declaration.key_value(key, values)
            if value is not None:
                asked = as_read(self._resource, Key(key.field, value))
                self.of_key(asked).doubt(asked)

    def _holding(self, row: Row) -> list[RemoteIndex[Row]]:
        keys = keys_of(self._resource, self._declaration, row)
        lookups = {id(lookup): lookup for lookup in map(self.of_key, keys)}
        return list(lookups.values())

    def _parts(self, row_key: RowKey, key: Key) -> dict[str, str]:
        return dict(zip(self._resource.key_fields(row_key), key.value.split(KEY_SEPARATOR), strict=True))

    def _of(self, scope: Scope) -> RemoteIndex[Row]:
        if self._shared is not None:
            return self._shared
        with self._lock:
            lookup = self._lookups.get(scope)
            if lookup is None:
                lookup = self._lookups[scope] = self._new(scope)
                while len(self._lookups) > MAX_COLLECTIONS:
                    self._lookups.popitem(last=False)
            self._lookups.move_to_end(scope)
            return lookup

    def _new(self, scope: Scope) -> RemoteIndex[Row]:
        resource, known = self._resource, dict(scope)
        listable = resource.calls.listed and set(resource.scope) <= set(known)
        return RemoteIndex(
            resource.name,
            id_of=lambda row: row_id(resource, row),
            keys_of=lambda row: keys_of(resource, self._declaration, row),
            askable=frozenset(key.fields[0] for key in resource.all_keys if self._askable(key)),
            fetch=lambda key: self._fetch(known, key),
            listing=(lambda: self._listing(known)) if listable else None,
            pages_to_confirm=PAGES_TO_CONFIRM if any(self._by_text(key) for key in resource.all_keys) else 0,
            choices=self._choices,
        )

    def _by_text(self, key: RowKey) -> bool:
        """Whether the filter for a key compares a text that people read."""
        return key.kind is KeyKind.ATTRIBUTE and any(name in self._resource.calls.filters for name in key.fields)

    def _askable(self, key: RowKey) -> bool:
        calls = self._resource.calls
        return calls.reads(key.fields) or any(name in calls.filters for name in key.fields)

    def _fetch(self, scope: dict[str, str], key: Key) -> list[Row]:
        resource = self._resource
        row_key = resource.key_by_field[key.field]
        parts = self._parts(row_key, key)
        if resource.calls.reads(row_key.fields):
            row = self._transport.read(parts)
            found = [] if row is None else [self._in(scope, parts, row)]
        else:
            wanted = {name: parts[name] for name in row_key.fields if name in resource.calls.filters}
            found = list(self._listing(scope, wanted).rows)
        return [row for row in found if key in keys_of(resource, self._declaration, row)]

    def _listing(self, scope: dict[str, str], wanted: dict[str, str] | None = None) -> Listing[Row]:
        listing = self._transport.listing(scope, wanted or {})
        return Listing(listing.count, listing.page_size, self._rows(scope, listing.rows))

    def _rows(self, scope: dict[str, str], rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for one in self._hooks.listed(row):
                yield {**one, **scope}

    def _in(self, scope: dict[str, str], parts: dict[str, str], row: Row) -> Row:
        """An item's own answer; where the item's path is all that says which row it is, that is added."""
        named = {name: value for name, value in parts.items() if name not in self._resource.attribute}
        return {**named, **row, **scope}
