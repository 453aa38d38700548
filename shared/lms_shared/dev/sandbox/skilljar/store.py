"""Rows in memory, with an index for every field by which they are looked up."""

from __future__ import annotations

import pickle
import random
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lms_shared.dev.sandbox.skilljar.description import ApiDescription, TableDescription
from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.options import SkilljarOptions
from lms_shared.dev.sandbox.skilljar.timestamps import format_timestamp

Row = dict[str, Any]

ID_LENGTH = 13
_ID_LETTERS = string.ascii_lowercase + string.digits


class UniqueViolation(Exception):
    """A row that another one stands in the way of: same values in `fields`."""

    def __init__(self, fields: tuple[str, ...], existing: Row) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields
        self.existing = existing


class RowTable:
    """Rows of one kind by id, in the order in which they came."""

    def __init__(self, description: TableDescription, on_change: Callable[[Row], None]) -> None:
        self._on_change = on_change
        self.description = description
        self.rows: dict[str, Row] = {}
        self._indexes: dict[str, dict[Any, dict[str, None]]] = {name: {} for name in description.indexes}
        self._unique: dict[tuple[str, ...], dict[tuple[Any, ...], str]] = {fields: {} for fields in description.unique}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def get(self, row_id: Any) -> Row | None:
        """The row with that id."""
        return self.rows.get(row_id) if isinstance(row_id, str) else None

    def find(self, **values: Any) -> Row | None:
        """The row with these values in the fields of a unique index."""
        for fields, index in self._unique.items():
            if fields == tuple(values) or set(fields) == set(values):
                return self.get(index.get(tuple(_normal(name, values[name]) for name in fields)))
        raise KeyError(f"{self.description.name} has no unique index over {sorted(values)}")

    def is_indexed(self, name: str) -> bool:
        """Whether `ids_where` can answer for that field."""
        return name in self._indexes or (name,) in self._unique

    def ids_where(self, name: str, value: Any) -> Mapping[str, None]:
        """Ids of the rows with that value in an indexed field, in the order in which they came."""
        if name in self._indexes:
            return self._indexes[name].get(_normal(name, value), {})
        row = self.find(**{name: value})
        return {row["id"]: None} if row else {}

    def where(self, name: str, value: Any) -> list[Row]:
        """Rows with that value in an indexed field, in the order in which they came."""
        return [self.rows[row_id] for row_id in self.ids_where(name, value)]

    @property
    def content(self) -> tuple[Any, ...]:
        """All that the table holds, indexes included."""
        return self.rows, self._indexes, self._unique

    @content.setter
    def content(self, content: tuple[Any, ...]) -> None:
        self.rows, self._indexes, self._unique = content

    def insert(self, row: Row) -> Row:
        """Keep a row that has an id. Raises UniqueViolation."""
        self._check_unique(row, row)
        self.rows[row["id"]] = row
        self._index(row)
        self._on_change(row)
        return row

    def update(self, row: Row, changes: Mapping[str, Any]) -> None:
        """Change fields of a row. Raises UniqueViolation, and then nothing has changed."""
        self._check_unique({**row, **changes}, changes)
        touched = [name for name in self._indexes if name in changes]
        for name in touched:
            if name in row:
                self._indexes[name].get(_normal(name, row[name]), {}).pop(row["id"], None)
        moved = [fields for fields in self._unique if not changes.keys().isdisjoint(fields)]
        for fields in moved:
            self._unique[fields].pop(_unique_key(fields, row), None)
        row.update(changes)
        self._on_change(row)
        for name in touched:
            self._indexes[name].setdefault(_normal(name, row[name]), {})[row["id"]] = None
        self._index_unique(moved, row)

    def delete(self, row: Row) -> None:
        """Forget a row."""
        del self.rows[row["id"]]
        for name, index in self._indexes.items():
            index.get(_normal(name, row.get(name)), {}).pop(row["id"], None)
        for fields, unique in self._unique.items():
            if unique.get(_unique_key(fields, row)) == row["id"]:
                del unique[_unique_key(fields, row)]

    def _index(self, row: Row) -> None:
        for name, index in self._indexes.items():
            index.setdefault(_normal(name, row.get(name)), {})[row["id"]] = None
        self._index_unique(self._unique, row)

    def _index_unique(self, indexes: Iterable[tuple[str, ...]], row: Row) -> None:
        for fields in indexes:
            if all(row.get(name) is not None for name in fields):
                self._unique[fields][_unique_key(fields, row)] = row["id"]

    def _check_unique(self, row: Row, changed: Iterable[str]) -> None:
        names = set(changed)
        for fields, index in self._unique.items():
            if names.isdisjoint(fields) or any(row.get(name) is None for name in fields):
                continue
            taken = index.get(_unique_key(fields, row))
            if taken is not None and taken != row["id"]:
                raise UniqueViolation(fields, self.rows[taken])


class Store:
    """All tables of one organization, its clock and its ids."""

    def __init__(self, description: ApiDescription, options: SkilljarOptions, seed: int) -> None:
        self.description = description
        self.options = options
        self._changed_at: dict[str, str] = {}
        """When a row last changed, where that is not said in the row itself; version 2 shows it."""
        self.tables = {name: RowTable(spec, self._note_change) for name, spec in description.tables.items()}
        self._random = random.Random(seed)  # noqa: S311 - ids that look real, no secret
        self._integers = 0
        self._jobs: list[tuple[int, Callable[[], None]]] = []
        self._requests = 0
        self.before_delete: Mapping[str, Callable[[Store, Row], None]] = {}

    def __getitem__(self, name: str) -> RowTable:
        return self.tables[name]

    def changed_at(self, row: Row) -> str:
        """When a row last changed."""
        return self._changed_at[row["id"]]

    def date_changes_back(self, days: int) -> None:
        """All rows so far count as changed `days` ago: what is seeded is no news."""
        then = format_timestamp(datetime.fromtimestamp(self.options.clock() - days * 86_400, UTC))
        self._changed_at = dict.fromkeys(self._changed_at, then)

    def _note_change(self, row: Row) -> None:
        self._changed_at[row["id"]] = self.now()

    def saved(self) -> bytes:
        """All contents, for `load`. Raises RuntimeError while background work is due."""
        if self._jobs:
            raise RuntimeError("Background work is due, and cannot be saved.")
        tables = {name: table.content for name, table in self.tables.items()}
        return pickle.dumps((tables, self._changed_at, self._random.getstate(), self._integers, self._requests))

    def load(self, saved: bytes) -> None:
        """Hold what another store held when it was saved, and nothing else."""
        # S301: made by `saved`.
        tables, self._changed_at, state, self._integers, self._requests = pickle.loads(saved)  # noqa: S301
        for name, content in tables.items():
            self.tables[name].content = content
        self._random.setstate(state)

    def add(self, table_name: str, **values: Any) -> Row:
        """A new row with an id and the table's defaults. Raises UniqueViolation."""
        table = self.tables[table_name]
        row = {"id": values.pop("id", None) or self.new_id(table), **table.description.defaults, **values}
        return table.insert(row)

    def remove(self, table_name: str, row: Row) -> None:
        """Delete a row with everything that hangs on it. Raises 400 while something needs it."""
        if before := self.before_delete.get(table_name):
            before(self, row)
        description = self.tables[table_name].description
        for user in description.in_use:
            other, _, field = user.partition(".")
            if self.tables[other].ids_where(field, row["id"]):
                raise bad_request(detail=f"It is in use by {other}.")
        for dependent in description.cascade:
            other, _, field = dependent.partition(".")
            for hanging in self.tables[other].where(field, row["id"]):
                self.remove(other, hanging)
        self.tables[table_name].delete(row)

    def run_later(self, requests: int, job: Callable[[], None]) -> None:
        """Do `job` in the background: once that many more requests were answered."""
        self._jobs.append((self._requests + requests, job))

    def run_due_jobs(self) -> None:
        """Called when a request comes in: does the background work whose time has come."""
        due = [job for number, job in self._jobs if number <= self._requests]
        self._jobs = [(number, job) for number, job in self._jobs if number > self._requests]
        self._requests += 1
        for job in due:
            job()

    def new_id(self, table: RowTable | None = None) -> str:
        """An id in the form that the table uses."""
        if table is not None and table.description.integer_ids:
            self._integers += 1
            return str(1000 + self._integers)
        return "".join(self._random.choices(_ID_LETTERS, k=ID_LENGTH))

    def linked(self, row: Row, link_name: str) -> Row | None:
        """The row that `row` names through a link."""
        link = self.description.links[link_name]
        return self.tables[link.table].get(row.get(link.field))

    def now(self) -> str:
        """The present moment as the API writes it."""
        return format_timestamp(datetime.fromtimestamp(self.options.clock(), UTC))


def _normal(name: str, value: Any) -> Any:
    # E-mail addresses are told apart regardless of case (inferred; the API matches users by e-mail).
    return value.casefold() if name == "email" and isinstance(value, str) else value


def _unique_key(fields: tuple[str, ...], row: Row) -> tuple[Any, ...]:
    return tuple(_normal(name, row.get(name)) for name in fields)
