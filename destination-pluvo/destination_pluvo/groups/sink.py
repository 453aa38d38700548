"""Groups, and the users in them (groups page, group-user-manager page)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from destination_pluvo.api import PluvoApi, Row, ids
from destination_pluvo.extra_categories.extra_fields import ExtraFields
from destination_pluvo.generated_refs import GivenReferences
from lms_shared.adapter.adapter import EntitySink, LinkSink, References, Values
from lms_shared.adapter.remote import Key, RemoteObject, spellings
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Kind

_INPUTS = {
    "external_reference": "ref",
    "name": "name",
    "maxUsers": "maxUsers",
    "enableChat": "enableChat",
    "isEditable": "isEditable",
}


class GroupsSink(EntitySink):
    """Groups, found by ref, id or name."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, extra: ExtraFields) -> None:
        super().__init__(declaration)
        self._api = api
        self._extra = extra
        self._refs = GivenReferences()
        self._lookup: RemoteIndex[Row] = RemoteIndex(
            "groups",
            id_of=lambda row: str(row["id"]),
            keys_of=_keys,
            askable=frozenset({"id", "external_reference", "name"}),
            fetch=self._fetch,
        )

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        return self._extra.shape(values)

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        self._refs.note([key])
        rows = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        return [self._remote(row) for row in rows]

    def expect(self, keys: Iterable[Key]) -> None:
        self._refs.note(keys)

    def load(self, remote: RemoteObject, wanted: frozenset[str]) -> RemoteObject:
        return remote.changed(self._extra.load(remote.id, wanted))

    def create(self, values: Values, references: References) -> RemoteObject:
        row = self._api.write("CreateGroup", "group", group=_input(values))
        return self._written(row, None, values)

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row: Row = remote.parts["row"]
        changed = _input(changes)
        if changed:
            written = self._api.write("UpdateGroup", "group", id=remote.id, group=changed)
            return self._written(written, row, changes)
        return self._written(row, row, changes)

    def delete(self, remote: RemoteObject) -> None:
        self._api.change_members("DeleteGroups", remote.id, "bulkDelete", ids=[remote.id])
        self._lookup.drop(remote.parts["row"])

    def _written(self, row: Row, instead_of: Row | None, values: Values) -> RemoteObject:
        self._extra.write(str(row["id"]), values)
        self._lookup.put(row, instead_of)
        if "external_reference" in values:
            self._refs.note([Key("external_reference", values["external_reference"])])
        return self._remote(row)

    def _remote(self, row: Row) -> RemoteObject:
        reference = self._refs.given(row.get("ref"))
        fields = {name: row.get(field) for name, field in _INPUTS.items()}
        stamped = reference is not None
        fields |= {"id": str(row["id"]), "external_reference": reference}
        return RemoteObject(str(row["id"]), fields, stamped=stamped, own=stamped, parts={"row": row})

    def _fetch(self, key: Key) -> list[Row]:
        if key.field == "name":
            # `q` is a search, not a comparison.
            return [row for row in self._api.nodes("GroupsByText", q=key.value) if key in _keys(row)]
        row = self._api.look_up("Group", **{"id" if key.field == "id" else "ref": key.value})
        return [row] if row else []


def _input(values: Values) -> Row:
    return {field: values[name] for name, field in _INPUTS.items() if name in values}


def _keys(row: Row) -> Iterator[Key]:
    yield Key("id", str(row["id"]))
    yield from spellings("name", Kind.TEXT, row.get("name"))
    yield from spellings("external_reference", Kind.REFERENCE, row.get("ref"))


@dataclass(frozen=True)
class Membership:
    """A user in something."""

    user: str
    target: str


@dataclass(frozen=True)
class GroupRole:
    """A way in which users belong to groups."""

    listed: str
    """Field of a user that lists the groups."""
    add: str
    remove: str
    path: tuple[str, ...] = ()
    """Where the lists of failures are in the payload."""


PARTICIPANT = GroupRole("participantGroups", "AddUsersToGroup", "RemoveUsersFromGroup")
MANAGER = GroupRole("managerGroups", "AddManagersToGroup", "RemoveManagersFromGroup", ("response",))


class GroupsOfUsers:
    """The groups of each user, read once.

    Older group page: changes of memberships are made in the background and may take minutes. So what is there is read
    before the first change, and never afterwards.
    """

    def __init__(self, api: PluvoApi) -> None:
        self._rows: RemoteIndex[Row] = RemoteIndex(
            "groups of users",
            id_of=lambda row: str(row["user"]),
            keys_of=lambda row: (Key("user", str(row["user"])),),
            askable=frozenset({"user"}),
            fetch=lambda key: [{"user": key.value, **(api.look_up("GroupsOfUser", id=key.value) or {})}],
        )

    def of(self, user: str, role: GroupRole) -> set[str]:
        (row,) = self._rows.find(Key("user", user))
        return set(ids(row.get(role.listed)))


class GroupLinksSink(LinkSink):
    """Members or managers; a user is one or is not."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, groups: GroupsOfUsers, role: GroupRole) -> None:
        super().__init__(declaration)
        self._api = api
        self._groups = groups
        self._role = role
        self._links: RemoteIndex[Membership] = RemoteIndex(
            declaration.name,
            id_of=lambda link: link.target,
            keys_of=lambda link: (Key("user", link.user),),
            askable=frozenset({"user"}),
            fetch=lambda key: [Membership(key.value, group) for group in groups.of(key.value, role)],
        )

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        link = _link(references)
        # All calls are repeatable, so that nothing is ever in doubt and `fresh` asks for nothing.
        found = link in self._links.find(Key("user", link.user))
        return RemoteObject(link.user, {"active": True}, parts={"link": link}) if found else None

    def create(self, values: Values, references: References) -> RemoteObject:
        link = _link(references)
        self._change(self._role.add, link)
        self._links.put(link)
        return RemoteObject(link.user, {"active": True}, parts={"link": link})

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        if changes.get("active") is False:
            self.delete(remote)
        return remote.changed(changes)

    def delete(self, remote: RemoteObject) -> None:
        link: Membership = remote.parts["link"]
        self._change(self._role.remove, link)
        self._links.drop(link)

    def _change(self, operation: str, link: Membership) -> None:
        self._api.change_members(operation, link.user, *self._role.path, groupId=link.target, userIds=[link.user])


def _link(references: References) -> Membership:
    return Membership(references["user"].id, references["group"].id)
