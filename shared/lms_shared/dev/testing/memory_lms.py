"""An LMS in memory, as strict as a real one: unique e-mails and group names, one enrollment for a learner and content.

Every call can be made to fail, before or after it is carried out, so that the engine's promises can be put to the test.
"""

from __future__ import annotations

import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lms_shared.adapter.remote import RecordRejected
from lms_shared.http.outcome import UnknownOutcome

UNIQUE = {"users": "email", "groups": "name"}
"""Fields that no two objects may share."""
LINK_ENDS = {
    "group_members": ("groups", "users"),
    "assignments": ("users", "content"),
    "completions": ("users", "content"),
}
"""The two objects that a link joins."""


@dataclass(frozen=True)
class Call:
    """One call of the LMS, and whether it is about to be carried out or just was."""

    verb: Literal["read", "write"]
    what: str
    moment: Literal["before", "after"]
    number: int
    """Number of the read or write, from 1."""


Trouble = Callable[[Call], None]
"""Is told of every call and may raise."""


class Killed(BaseException):
    """The connector's process is gone: nothing of what it would have done happens any more."""


def no_trouble(_: Call) -> None:
    """Every call succeeds."""


def killed_at(write: int, moment: Literal["before", "after"]) -> Trouble:
    """The process is killed at a write; no later call of it gets through."""
    dead = threading.Event()

    def trouble(call: Call) -> None:
        if dead.is_set() or (call.verb == "write" and call.number == write and call.moment == moment):
            dead.set()
            raise Killed(f"at {call.what}")

    return trouble


def lost_answers(share: float, seed: int = 1) -> Trouble:
    """A share of the writes gets no answer, half of them carried out all the same."""
    dice = random.Random(seed)  # noqa: S311 - a test's dice

    def trouble(call: Call) -> None:
        if call.verb == "write" and dice.random() < share / 2:
            raise UnknownOutcome(f"{call.what}: no answer ({call.moment})")

    return trouble


def failing(error: Callable[[], BaseException], *, at_write: int) -> Trouble:
    """One write, and every later one, fails without being carried out."""

    def trouble(call: Call) -> None:
        if call.verb == "write" and call.number >= at_write and call.moment == "before":
            raise error()

    return trouble


@dataclass
class Row:
    """An object in the LMS."""

    id: str
    fields: dict[str, Any]
    stamps: dict[str, str] = field(default_factory=dict)
    """External references by namespace."""
    ends: tuple[str, ...] = ()
    """Ids of the objects that a link joins."""
    draft: bool = False
    sets: frozenset[tuple[str, str]] = frozenset()
    """Namespace and stream of the sets that it belongs to."""
    withdrawn: bool = False
    """Whether a connector switched it off, and not an admin."""


class MemoryLms:
    """The objects of the pretend LMS, and what is asked of it. Safe for threads."""

    def __init__(self) -> None:
        self.trouble: Trouble = no_trouble
        self.mails: list[str] = []
        self.calls: Counter[str] = Counter()
        self._rows: dict[str, dict[str, Row]] = {name: {} for name in ("users", "groups", "content", *LINK_ENDS)}
        self._index: dict[tuple[object, ...], dict[str, Row]] = {}
        self._ids = itertools.count(1)
        self._lock = threading.RLock()

    @property
    def writes(self) -> int:
        """Writes that were carried out."""
        return self.calls["write"]

    def add(
        self,
        object_name: str,
        *,
        stamps: Mapping[str, str] | None = None,
        ends: tuple[str, ...] = (),
        draft: bool = False,
        **fields: Any,
    ) -> str:
        """An admin adds an object; gives its id."""
        with self._lock:
            held = fields if object_name == "completions" else {"active": True, **fields}
            row = Row(f"{object_name}-{next(self._ids)}", dict(held), dict(stamps or {}), ends, draft)
            self._refuse_double(object_name, row)
            self._rows[object_name][row.id] = row
            self._reindex(object_name, row)
            return row.id

    def edit(self, object_name: str, row_id: str, **fields: Any) -> None:
        """An admin changes an object."""
        with self._lock:
            row = self._rows[object_name][row_id]
            self._unindex(object_name, row)
            row.fields.update(fields)
            row.withdrawn = row.withdrawn and "active" not in fields
            self._reindex(object_name, row)

    def rows(self, object_name: str) -> list[Row]:
        """All objects of a kind, without a call."""
        with self._lock:
            return list(self._rows[object_name].values())

    def find(self, object_name: str, name: str, value: str, namespace: str) -> list[Row]:
        """Objects by id, by the reference stamp of a namespace, or by a field's value."""
        with self._call("read", f"find {object_name}"):
            if name == "id":
                found = self._rows[object_name].get(value)
                return [found] if found else []
            key = (object_name, "stamp", namespace, value) if name == "external_reference" else None
            return list(self._index.get(key or (object_name, name, _folded(value)), {}).values())

    def find_link(self, object_name: str, ends: tuple[str, ...]) -> Row | None:
        """The link between two objects."""
        with self._call("read", f"find {object_name}"):
            return next(iter(self._index.get((object_name, "ends", ends), {}).values()), None)

    def create(self, object_name: str, fields: Mapping[str, Any], **attributes: Any) -> Row:
        """Makes an object. Raises RecordRejected where it would be a second one."""
        with self._call("write", f"create {object_name}"):
            return self._rows[object_name][self.add(object_name, **attributes, **fields)]

    def update(self, object_name: str, row_id: str, fields: Mapping[str, Any], stamps: Mapping[str, str]) -> Row:
        """Changes an object. Raises RecordRejected where it would become the double of another."""
        with self._call("write", f"update {object_name}"):
            row = self._rows[object_name].get(row_id)
            if row is None:
                raise RecordRejected("REMOTE.GONE", "the object is gone", "Run the sync again.")
            changed = replace(row, fields={**row.fields, **fields}, stamps={**row.stamps, **stamps})
            if "active" in fields:
                changed.withdrawn = fields["active"] is False
            self._refuse_double(object_name, changed)
            self._unindex(object_name, row)
            self._rows[object_name][row_id] = changed
            self._reindex(object_name, changed)
            return changed

    def mark(self, object_name: str, row_id: str, mark: tuple[str, str]) -> Row:
        """Adds an object to a set, by namespace and stream."""
        with self._call("write", f"mark {object_name}"):
            row = self._rows[object_name][row_id]
            self._unindex(object_name, row)
            marked = self._rows[object_name][row_id] = replace(row, sets=row.sets | {mark})
            self._reindex(object_name, marked)
            return marked

    def delete(self, object_name: str, row_id: str) -> None:
        """Removes an object; removing one that is gone is no error."""
        with self._call("write", f"delete {object_name}"):
            row = self._rows[object_name].pop(row_id, None)
            if row is not None:
                self._unindex(object_name, row)

    def send_mail(self, user_id: str) -> None:
        """Sends the mail that a write asked for."""
        with self._lock:
            self.mails.append(user_id)

    def state(self) -> dict[str, list[Any]]:
        """Everything in the LMS, free of ids and of the order in which it came."""
        with self._lock:
            return {
                name: sorted((self._shown(row) for row in rows.values()), key=repr) for name, rows in self._rows.items()
            }

    def _shown(self, row: Row) -> dict[str, Any]:
        fields = {name: row.fields[name] for name in sorted(row.fields) if row.fields[name] is not None}
        return {"fields": fields, "stamps": sorted(row.stamps.items()), "ends": [self._name(one) for one in row.ends]}

    def _name(self, row_id: str) -> str:
        row = next((rows[row_id] for rows in self._rows.values() if row_id in rows), None)
        if row is None:
            return "(gone)"
        return str(row.fields.get("email") or row.fields.get("name") or sorted(row.stamps.items()) or row.fields)

    def _call(self, verb: Literal["read", "write"], what: str) -> _Carried:
        return _Carried(self, verb, what)

    def _refuse_double(self, object_name: str, row: Row) -> None:
        unique = UNIQUE.get(object_name)
        doubles: set[str] = set()
        if unique and row.fields.get(unique) is not None:
            doubles |= set(self._index.get((object_name, unique, _folded(row.fields[unique])), {}))
        if row.ends:
            doubles |= set(self._index.get((object_name, "ends", row.ends), {}))
        if doubles - {row.id}:
            raise RecordRejected(
                "REMOTE.REFUSED", f"there is such an object in {object_name} already", "Correct the record."
            )

    def _reindex(self, object_name: str, row: Row) -> None:
        for key in self._keys(object_name, row):
            self._index.setdefault(key, {})[row.id] = row

    def _unindex(self, object_name: str, row: Row) -> None:
        for key in self._keys(object_name, row):
            self._index.get(key, {}).pop(row.id, None)

    def _keys(self, object_name: str, row: Row) -> Iterable[tuple[object, ...]]:
        if row.ends:
            yield (object_name, "ends", row.ends)
        for namespace, reference in row.stamps.items():
            yield (object_name, "stamp", namespace, reference)
        for name in ("email", "name", "title"):
            if row.fields.get(name) is not None:
                yield (object_name, name, _folded(row.fields[name]))


class _Carried:
    """A call on its way: tells the trouble-maker before and after, and holds the lock in between."""

    def __init__(self, lms: MemoryLms, verb: Literal["read", "write"], what: str) -> None:
        self._lms, self._verb, self._what = lms, verb, what
        self._number = 0

    def __enter__(self) -> None:
        self._lms._lock.acquire()
        try:
            self._number = self._lms.calls[self._verb] + 1
            self._tell("before")
        except BaseException:
            self._lms._lock.release()
            raise

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._lms.calls[self._verb] += 1
            if kind is None:
                self._tell("after")
        finally:
            self._lms._lock.release()

    def _tell(self, moment: Literal["before", "after"]) -> None:
        self._lms.trouble(Call(self._verb, self._what, moment, self._number))


def _folded(value: object) -> str:
    return str(value).strip().casefold()
