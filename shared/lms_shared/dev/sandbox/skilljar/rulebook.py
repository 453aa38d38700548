"""Where the special rules of the API are kept: what the description cannot say about a table, a field or a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.dev.sandbox.skilljar.description import Operation
from lms_shared.dev.sandbox.skilljar.errors import ApiError
from lms_shared.dev.sandbox.skilljar.present import ComputedField
from lms_shared.dev.sandbox.skilljar.query import Ids
from lms_shared.dev.sandbox.skilljar.store import Row, Store


@dataclass(frozen=True, slots=True)
class Call:
    """One request under way: its operation, what its path names, its query and its checked body."""

    store: Store
    operation: Operation
    scope: Mapping[str, str]
    query: Mapping[str, str]
    item: Row | None = None
    body: Any = None


BeforeCreate = Callable[[Call, Row], Row | None]
AfterCreate = Callable[[Call, Row], None]
BeforeUpdate = Callable[[Call, Row, Row], None]
BeforeDelete = Callable[[Store, Row], None]
BeforeList = Callable[[Call], None]
OnRead = Callable[[Call, Row], Row]
Action = Callable[[Call], Any]
BeforeLookUp = Callable[[Store, Mapping[str, str]], None]
Missing = Callable[[Store], ApiError]
Filter = Callable[[Call, str], Ids]
Shape = Callable[[Store, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules by table name, unless told otherwise.

    `before_create` completes the new row; a row that it returns is answered instead of being created.
    `before_update` may change or refuse the changes. `on_read` may answer another row than the one asked for.
    `before_look_up` is called with what the path has named so far, `missing` says what an unknown row answers.
    `before_list` is by path, `actions` by the operation's name, `filters` by table and parameter, `computed`
    by schema and field, `shapes` by schema of list rows.
    """

    before_create: dict[str, BeforeCreate] = field(default_factory=dict)
    after_create: dict[str, AfterCreate] = field(default_factory=dict)
    before_update: dict[str, BeforeUpdate] = field(default_factory=dict)
    before_delete: dict[str, BeforeDelete] = field(default_factory=dict)
    before_list: dict[str, BeforeList] = field(default_factory=dict)
    before_look_up: dict[str, BeforeLookUp] = field(default_factory=dict)
    missing: dict[str, Missing] = field(default_factory=dict)
    on_read: dict[str, OnRead] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    filters: dict[tuple[str, str], Filter] = field(default_factory=dict)
    computed: dict[tuple[str, str], ComputedField] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)

    def including(self, *others: Rulebook) -> Rulebook:
        """These rules and those of `others`. Raises ValueError when two have a rule for the same thing."""
        whole = Rulebook()
        for book in (self, *others):
            for name in self.__slots__:
                target, source = getattr(whole, name), getattr(book, name)
                if doubled := target.keys() & source.keys():
                    raise ValueError(f"{name} has two rules for {sorted(doubled)}")
                target.update(source)
        return whole
