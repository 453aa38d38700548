"""Resources over REST: each list and each row has a path, and methods create, change and delete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import quote

from lms_shared.adapter.adapter import Values
from lms_shared.adapter.list_or_ask import Listing
from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.model.normal_forms import normalise
from lms_shared.resources.bodies import body_value, change_body, create_body
from lms_shared.resources.resource import Resource, Row
from lms_shared.resources.rows import fields_of, text_of
from lms_shared.resources.transport import Transport

_PLACEHOLDER = re.compile(r"{([\w.]+)}")


class UpdateMethod(Enum):
    """The call that changes a row."""

    PATCH = "patch"  # takes the changed fields
    PUT = "put"  # takes the whole row
    POST = "post"  # creating is an upsert by key, so changing is the same call
    RECREATE = "recreate"  # the row is deleted and made anew
    NONE = "none"


@dataclass(frozen=True)
class RestCalls:
    """Where a resource lives. Paths are below the API's base address; `{name}` in them is a field of the record."""

    path: str
    """Where rows are created."""
    item: str
    """Path of one row."""
    list: str | None
    """Where rows are listed; None where they cannot be."""
    query: Mapping[str, str]
    """Query parameters without which the list is refused, by the field that they take."""
    create: str | None
    """Method of the call that creates; None if there is none."""
    change: UpdateMethod
    filters: Mapping[str, str]
    """Query parameters of the list that find rows by a field."""
    item_read: bool
    """Whether one row can be read by its path."""
    single: bool
    """Whether the list's path answers the only row instead of a list."""
    repeated: tuple[str, ...]
    """Fields that each change repeats."""

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> RestCalls:
        """The calls of an entry of TOML."""
        path: str = entry["path"]
        listed = entry.get("list", True)
        return cls(
            path=path,
            item=_below(path, entry.get("item", "{id}")),
            list=listed if isinstance(listed, str) else (path if listed else None),
            query=entry.get("query", {}),
            create=entry.get("create", "POST") or None,
            change=UpdateMethod(entry.get("change", "none")),
            filters=entry.get("filters", {}),
            item_read=entry.get("item_read", True),
            single=entry.get("single", False),
            repeated=tuple(entry.get("repeated", ())),
        )

    @property
    def where(self) -> str:
        return self.path

    @cached_property
    def parents(self) -> tuple[str, ...]:
        return placeholders(self.path)

    @cached_property
    def scope(self) -> tuple[str, ...]:
        return (*placeholders(self.path if self.list is None else self.list), *self.query.values())

    @cached_property
    def address(self) -> tuple[str, ...]:
        return placeholders(self.item)

    @cached_property
    def identity(self) -> tuple[str, ...]:
        return tuple(name for name in self.address if name not in self.parents)

    @property
    def listed(self) -> bool:
        return self.list is not None and not self.single

    @property
    def creates(self) -> bool:
        return self.create is not None

    @property
    def changes(self) -> bool:
        return self.change is not UpdateMethod.NONE

    @property
    def writes_to_change(self) -> int:
        return 2 if self.change is UpdateMethod.RECREATE else 1

    def reads(self, fields: tuple[str, ...]) -> bool:
        return self.single or (self.item_read and fields == self.identity)


class RestApi(Protocol):
    """Calls of an API; refusals are RecordRejected, and a call without an answer is UnknownOutcome."""

    def get(self, path: str) -> Row | None: ...

    def listing(self, path: str, params: Mapping[str, str] | None = None, *, below_object: bool) -> Listing[Row]: ...

    def post(self, path: str, body: Any, *, repeatable: bool = False) -> Row: ...

    def patch(self, path: str, body: Any) -> Row: ...

    def put(self, path: str, body: Any) -> Row: ...

    def delete(self, path: str) -> None: ...


class RestTransport(Transport):
    """The calls of one resource."""

    def __init__(self, resource: Resource, api: RestApi) -> None:
        assert isinstance(resource.calls, RestCalls)
        self._resource = resource
        self._calls = resource.calls
        self._api = api

    def read(self, fields: Mapping[str, Any]) -> Row | None:
        return self._api.get(self._path(self._calls.item, fields))

    def listing(self, scope: Mapping[str, str], wanted: Mapping[str, str]) -> Listing[Row]:
        calls = self._calls
        assert calls.list is not None
        query = {parameter: scope[name] for parameter, name in calls.query.items()}
        query |= {calls.filters[name]: value for name, value in wanted.items()}
        # A list below an object is empty where the object is gone.
        below_object = "{" in calls.list or bool(calls.query)
        return self._api.listing(self._path(calls.list, scope), query, below_object=below_object)

    def create(self, values: Values, body: dict[str, Any]) -> Row:
        path = self._path(self._calls.path, values)
        if self._calls.create == "PATCH":
            return self._api.patch(path, change_body(self._resource, values, {}))
        return self._api.post(path, body, repeatable=self._resource.repeatable)

    def change(self, remote: RemoteObject, changes: Values, body: dict[str, Any]) -> Row:
        resource, fields = self._resource, fields_of(self._resource, remote.parts["row"])
        repeated = {
            name: body_value(resource.attribute[name], self._held(remote, name)) for name in self._calls.repeated
        }
        if self._calls.change is UpdateMethod.PATCH:
            return self._api.patch(self._path(self._calls.item, fields), {**repeated, **body})
        if self._calls.change is UpdateMethod.POST:
            return self._api.post(self._path(self._calls.path, fields), {**repeated, **body}, repeatable=True)
        whole = create_body(resource, {**self._whole(remote), **changes})
        if self._calls.change is UpdateMethod.PUT:
            return self._api.put(self._path(self._calls.item, fields), whole)
        self.delete(fields)
        return self._api.post(self._path(self._calls.path, fields), whole)

    def change_part(self, fields: Mapping[str, Any], place: str, body: Any) -> None:
        self._api.patch(self._path(place, fields), body)

    def delete(self, fields: Mapping[str, Any]) -> None:
        self._api.delete(self._path(self._calls.item, fields))

    def _whole(self, remote: RemoteObject) -> dict[str, Any]:
        compared = (one for one in self._resource.attributes if one.compared)
        held = {one.name: self._held(remote, one.name) for one in compared}
        return {name: value for name, value in held.items() if value is not None}

    def _held(self, remote: RemoteObject, name: str) -> Any:
        return normalise(self._resource.attribute[name].kind, remote.fields.get(name))

    def _path(self, template: str, fields: Mapping[str, Any]) -> str:
        return path_to(self._resource, template, fields)


def placeholders(path: str) -> tuple[str, ...]:
    """Names in the braces of a path."""
    return tuple(_PLACEHOLDER.findall(path))


def path_to(resource: Resource, template: str, fields: Mapping[str, Any]) -> str:
    """A path with the fields of a record or row put in.

    Raises RecordRejected where one is not known.
    """
    values = {}
    for name in placeholders(template):
        text = text_of(resource, fields, name)
        if text is None:
            raise RecordRejected(
                "REMOTE.NO_ID",
                f"the {resource.called} that was found does not show {name}, and its path needs it",
                f"Send {name} in the record.",
            )
        if text in (".", ".."):
            raise RecordRejected("INPUT.VALUE", f"{name} is not a valid id", f"Send the id of an object in {name}.")
        values[name] = quote(text, safe="@")
    for name, text in values.items():
        template = template.replace(f"{{{name}}}", text)
    return template


def _below(path: str, item: str) -> str:
    """An item's path: below that of its list, or from the top where it begins with a slash."""
    if item.startswith("/"):
        return item[1:]
    return f"{path}/{item}" if item else path
