"""Executes the operations of the description: lists, item reads, creates, partial updates and deletions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lms_shared.dev.sandbox.skilljar.description import Kind, Operation
from lms_shared.dev.sandbox.skilljar.errors import ApiError, bad_request, forbidden, not_found
from lms_shared.dev.sandbox.skilljar.options import RepeatedLink, UserLists
from lms_shared.dev.sandbox.skilljar.present import Presenter, View
from lms_shared.dev.sandbox.skilljar.query import Ids, cut_page, intersect, matching_ids, page_url
from lms_shared.dev.sandbox.skilljar.references import with_references
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, RowTable, Store, UniqueViolation
from lms_shared.dev.sandbox.skilljar.validate import validate_body

_PARAMETER = re.compile(r"{(\w+)}")

# Observed on GET /v1/lessons: a text, not a list of texts.
_MISSING_FILTER = {"query_params": "Course ID required as a query parameter"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON value of an answer; `body` None means an empty one."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class _PathPart:
    parameter: str
    table: str
    key: str


class Engine:
    """Runs operations over a store. Not thread-safe."""

    def __init__(self, store: Store, rules: Rulebook) -> None:
        store.before_delete = rules.before_delete
        self._store = store
        self._rules = rules
        self._presenter = Presenter(store, rules.computed)
        self._parts = {operation.path: self._path_parts(operation.path) for operation in store.description.operations}

    def execute(
        self,
        operation: Operation,
        path_values: Mapping[str, str],
        query: Mapping[str, str],
        url: str,
        body: Any,
    ) -> Answer:
        """Answer one request. `url` is the one that the client used. Raises ApiError."""
        self._store.run_due_jobs()
        if not self._store.options.refused_features.isdisjoint(operation.path.split("/")[2:]):
            raise forbidden("This feature is not enabled for your organization.")
        call = self._resolve(operation, path_values, query)
        if operation.body is not None:
            call = replace(call, body=self._checked_body(operation, body))
        match operation.kind:
            case Kind.LIST | Kind.BARE_LIST:
                return Answer(operation.status, self._list(call, url))
            case Kind.READ:
                return Answer(operation.status, self._read(call))
            case Kind.CREATE:
                return Answer(operation.status, self._create(call))
            case Kind.UPDATE:
                return Answer(operation.status, self._update(call))
            case Kind.DELETE:
                self._delete(call)
                return Answer(operation.status, None)
            case Kind.ACTION:
                return Answer(operation.status, self._act(call))

    def _checked_body(self, operation: Operation, body: Any) -> Any:
        api, trim = self._store.description, self._store.options.trim_texts
        schema, partial = operation.body or "", operation.method in ("PUT", "PATCH")
        if operation.many and isinstance(body, list):
            return [validate_body(api, schema, item, partial, trim) for item in body]
        return validate_body(api, schema, {} if body is None else body, partial, trim)

    def _path_parts(self, path: str) -> list[_PathPart]:
        parts = []
        for match in _PARAMETER.finditer(path):
            name = match[1]
            table, key = self._store.description.item_table(path[: match.end()]) or (
                self._store.description.links[name.removesuffix("_id")].table,
                "id",
            )
            parts.append(_PathPart(name, table, key))
        return parts

    def _check_listed_by_parent(self, operation: Operation) -> None:
        parts = self._parts[operation.path]
        if parts and not self._store[operation.table or ""].is_indexed(parts[-1].parameter):
            raise KeyError(f"{operation.table} has no index over {parts[-1].parameter}")

    def _resolve(self, operation: Operation, values: Mapping[str, str], query: Mapping[str, str]) -> Call:
        scope: dict[str, str] = {}
        row: Row | None = None
        for part in self._parts[operation.path]:
            if before := self._rules.before_look_up.get(part.table):
                before(self._store, scope)
            row = _look_up(self._store[part.table], part.key, values[part.parameter], scope)
            if row is None:
                missing = self._rules.missing.get(part.table)
                raise missing(self._store) if missing else not_found()
            scope[part.parameter] = values[part.parameter]
        if operation.key is not None:
            last = self._parts[operation.path][-1]
            del scope[last.parameter]
        elif operation.kind is not Kind.ACTION:
            row = None
        return Call(self._store, operation, scope, query, row)

    def _list(self, call: Call, url: str) -> Any:
        operation, table = call.operation, self._table(call)
        if any(not call.query.get(name) for name in operation.required_filters):
            raise ApiError(400, _MISSING_FILTER)
        if before := self._rules.before_list.get(operation.path):
            before(call)
        ids = self._listed_ids(call, table)
        flags = [name for name in operation.flags if call.query.get(name, "").lower() == "true"]
        if operation.kind is Kind.BARE_LIST and self._store.options.user_lists is UserLists.BARE:
            return [self._list_row(call, table.rows[row_id], flags) for row_id in ids]
        page = cut_page(table, ids, operation, call.query, self._store.options.largest_page)
        return {
            "count": page.count,
            "next": page_url(url, page.next),
            "previous": page_url(url, page.previous),
            "results": [self._list_row(call, row, flags) for row in page.rows],
        }

    def _list_row(self, call: Call, row: Row, flags: list[str]) -> Any:
        shown = self._presenter.show(_answer(call), row, View.LIST, flags)
        shape = self._rules.shapes.get(_answer(call))
        return shape(self._store, shown) if shape else shown

    def _listed_ids(self, call: Call, table: RowTable) -> Ids:
        parts: list[Ids] = [
            table.ids_where(name, value) for name, value in call.scope.items() if table.is_indexed(name)
        ]
        for name in call.operation.filters:
            value = call.query.get(name)
            if value:
                special = self._rules.filters.get((table.description.name, name))
                parts.append(special(call, value) if special else matching_ids(self._store, table, name, value))
        return intersect(parts) if parts else table.rows

    def _read(self, call: Call) -> Any:
        row = _item(call)
        if on_read := self._rules.on_read.get(self._table(call).description.name):
            row = on_read(call, row)
        return self._show(call, row, View.READ)

    def _create(self, call: Call) -> Any:
        table = self._table(call)
        name = table.description.name
        row: Row = {**call.scope, **with_references(self._store, call.body or {})}
        existing: Row | None = None
        if before := self._rules.before_create.get(name):
            existing = before(call, row)
        if existing is not None:
            return self._show(call, existing, View.CREATE)
        try:
            created = self._store.add(name, **row)
        except UniqueViolation as violation:
            if table.description.link and self._store.options.repeated_link is RepeatedLink.IDEMPOTENT:
                return self._show(call, violation.existing, View.CREATE)
            raise _taken(self._store, violation) from violation
        if after := self._rules.after_create.get(name):
            after(call, created)
        shown = self._show(call, created, View.CREATE)
        if name == "courses" and not self._store.options.creates_show_labels:
            del shown["labels"]
        return shown

    def _update(self, call: Call) -> Any:
        table, row = self._table(call), _item(call)
        changes = with_references(self._store, call.body or {})
        if before := self._rules.before_update.get(table.description.name):
            before(call, row, changes)
        try:
            table.update(row, changes)
        except UniqueViolation as violation:
            raise _taken(self._store, violation) from violation
        return self._show(call, row, View.UPDATE)

    def _delete(self, call: Call) -> None:
        self._store.remove(self._table(call).description.name, _item(call))

    def _act(self, call: Call) -> Any:
        action = self._rules.actions[call.operation.name or ""]
        result = action(call)
        return result if call.operation.answer is None else self._show(call, result, View.READ)

    def _show(self, call: Call, row: Row, view: View) -> Any:
        return self._presenter.show(_answer(call), row, view)

    def _table(self, call: Call) -> RowTable:
        return self._store[call.operation.table or ""]


def _answer(call: Call) -> str:
    return call.operation.answer or ""


def _item(call: Call) -> Row:
    if call.item is None:
        raise not_found()
    return call.item


def _look_up(table: RowTable, key: str, value: str, scope: Mapping[str, str]) -> Row | None:
    if key == "id":
        row = table.get(value)
        if row is None or any(row.get(name, wanted) != wanted for name, wanted in scope.items()):
            return None
        return row
    for fields in table.description.unique:
        if key in fields and all(name == key or name in scope for name in fields):
            return table.find(**{name: value if name == key else scope[name] for name in fields})
    raise KeyError(f"{table.description.name} cannot be looked up by {key}")


def _taken(store: Store, violation: UniqueViolation) -> ApiError:
    name = violation.fields[-1]
    if name.removesuffix("_id") in store.description.links:
        name = name.removesuffix("_id")
    return bad_request(**{name: f"There is one with this {name.replace('_', ' ')} already."})
