"""Resources over GraphQL: a query for each key, and a mutation each to create, change and delete."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lms_shared.adapter.adapter import Values
from lms_shared.adapter.list_or_ask import Listing
from lms_shared.adapter.remote import RemoteObject
from lms_shared.resources.hooks import ResourceHooks
from lms_shared.resources.resource import Resource, Row
from lms_shared.resources.transport import Transport


@dataclass(frozen=True)
class Mutation:
    """A mutation, and how a row goes into it and comes out of it."""

    name: str
    input: str
    """The argument that takes the fields of a row; empty: each is an argument of its own."""
    answer: tuple[str, ...]
    """Where in the payload the row is."""
    arguments: Mapping[str, str]
    """Further arguments, by the field whose value each takes."""
    notify: str
    """The argument that says whether people are told; empty: there is none."""

    @classmethod
    def parse(cls, entry: Mapping[str, Any] | None) -> Mutation | None:
        """A mutation of an entry of TOML; None if there is none."""
        if entry is None:
            return None
        taken = entry.get("input", "")
        answer = entry.get("answer", taken)
        return cls(entry["call"], taken, tuple(answer.split(".")), entry.get("arguments", {}), entry.get("notify", ""))


@dataclass(frozen=True)
class GraphqlCalls:
    """The operations of a resource, by the names of its documents."""

    type_name: str
    """What the schema calls a row."""
    finds: Mapping[str, str]
    """Queries that find the one row with a key, by the field of the key."""
    list: str | None
    """Query of the list; None where rows cannot be listed."""
    scope: tuple[str, ...]
    """Fields that say which list: arguments of its query."""
    filters: Container[str]
    """Fields by which the list is searched, each time anew."""
    create: Mutation | None
    change: Mutation | None
    delete: Mutation | None

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> GraphqlCalls:
        """The operations of an entry of TOML."""
        return cls(
            entry["type"],
            entry.get("finds", {}),
            entry.get("list"),
            tuple(entry.get("scope", ())),
            tuple(entry.get("filters", ())),
            Mutation.parse(entry.get("create")),
            Mutation.parse(entry.get("change")),
            Mutation.parse(entry.get("remove")),
        )

    @property
    def where(self) -> str:
        return self.type_name

    @property
    def parents(self) -> tuple[str, ...]:
        return ()

    @property
    def identity(self) -> tuple[str, ...]:
        return ("id",)

    @property
    def address(self) -> tuple[str, ...]:
        return ()

    @property
    def listed(self) -> bool:
        return self.list is not None and not self.filters

    @property
    def creates(self) -> bool:
        return self.create is not None

    @property
    def changes(self) -> bool:
        return self.change is not None

    @property
    def writes_to_change(self) -> int:
        return 1

    def reads(self, fields: tuple[str, ...]) -> bool:
        return len(fields) == 1 and fields[0] in self.finds


class GraphqlApi(Protocol):
    """Calls of an API; refusals are RecordRejected, and a call without an answer is UnknownOutcome."""

    def look_up(self, name: str, **selectors: Any) -> Row | None: ...

    def rows(self, name: str, **variables: Any) -> list[Row]: ...

    def write(self, name: str, *path: str, **variables: Any) -> Row: ...

    def remove(self, name: str, **variables: Any) -> None: ...

    def change_members(self, name: str, member: str, *path: str, **variables: Any) -> None: ...


class GraphqlTransport(Transport):
    """The calls of one resource."""

    def __init__(self, resource: Resource, api: GraphqlApi, hooks: ResourceHooks, *, notify: bool) -> None:
        assert isinstance(resource.calls, GraphqlCalls)
        self._resource = resource
        self._calls = resource.calls
        self._api = api
        self._hooks = hooks
        self._notify = notify

    def read(self, fields: Mapping[str, Any]) -> Row | None:
        name = next(one for one in self._calls.finds if fields.get(one) is not None)
        value = fields[name]

        def ask() -> Row | None:
            return self._api.look_up(self._calls.finds[name], **{name: value})

        row = self._hooks.found(name, str(value), ask)
        return None if row is None else self._hooks.seen(row)

    def listing(self, scope: Mapping[str, str], wanted: Mapping[str, str]) -> Listing[Row]:
        query = self._calls.list
        assert query is not None
        found = self._hooks.rows(lambda: self._api.rows(query, **scope))
        rows = [self._hooks.seen(row) for row in found]
        return Listing(len(rows), max(1, len(rows)), iter(rows))

    def create(self, values: Values, body: dict[str, Any]) -> Row:
        mutation = self._calls.create
        assert mutation is not None
        return self._hooks.seen(self._hooks.make(values, body, self._write(mutation, values)))

    def change(self, remote: RemoteObject, changes: Values, body: dict[str, Any]) -> Row:
        mutation = self._calls.change
        assert mutation is not None
        row: Row = remote.parts["row"]
        return self._hooks.seen(self._hooks.modify(row, body, self._write(mutation, row)))

    def change_part(self, fields: Mapping[str, Any], place: str, body: Any) -> None:
        # Archiving is a call for many, and says which it was not done for.
        self._api.change_members(place, str(fields["id"]), "response", archive=body, ids=[fields["id"]])

    def delete(self, fields: Mapping[str, Any]) -> None:
        mutation = self._calls.delete
        assert mutation is not None
        self._api.remove(mutation.name, id=fields["id"])

    def _write(self, mutation: Mutation, fields: Mapping[str, Any]) -> Callable[[dict[str, Any]], Row]:
        arguments = {name: fields.get(field) for name, field in mutation.arguments.items()}
        if mutation.notify:
            arguments[mutation.notify] = self._notify

        def write(body: dict[str, Any]) -> Row:
            taken = {mutation.input: body} if mutation.input else body
            return self._api.write(mutation.name, *mutation.answer, **arguments, **taken)

        return write
