"""Groups of learners and who is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from destination_skilljar.api import Row, SkilljarApi
from lms_shared.adapter.adapter import EntitySink, LinkSink, References, Values
from lms_shared.adapter.list_or_ask import ChoiceLog, Listing
from lms_shared.adapter.remote import Key, RemoteObject, spellings
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Kind

RULE = "sign_up_field_rule"
PATCHED = ("name", "discount_percent", "group_category_id", RULE)
EMAIL_DOMAINS = "rule_email_domains"
_RULE_MEMBERS = frozenset({"enforce", "require_match_all", "options"})


class GroupsSink(EntitySink):
    """Groups, found by their name, which is unique in the organization."""

    linked_by_id = True

    def __init__(self, declaration: ObjectDeclaration, api: SkilljarApi) -> None:
        super().__init__(declaration)
        self._api = api
        self._lookup: RemoteIndex[Row] = RemoteIndex(
            "groups",
            id_of=lambda row: str(row["id"]),
            keys_of=_keys,
            askable=frozenset({"id", "name"}),
            fetch=self._fetch,
            listing=lambda: api.listing("groups"),
        )

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """E-mail domains are kept in lower case; of a rule the API takes less than it shows."""
        if EMAIL_DOMAINS in values:
            values[EMAIL_DOMAINS] = list(dict.fromkeys(one.lower() for one in values[EMAIL_DOMAINS]))
        if RULE in values:
            rule = {name: one for name, one in values[RULE].items() if name in _RULE_MEMBERS}
            values[RULE] = {**rule, "options": [{"id": one["id"]} for one in rule["options"]]}
        return values

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        rows = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        return [_group(row) for row in rows]

    def expect(self, keys: Iterable[Key]) -> None:
        self._lookup.expect(keys)

    def create(self, values: Values, references: References) -> RemoteObject:
        row = self._api.post("groups", {name: values[name] for name in (*PATCHED, EMAIL_DOMAINS) if name in values})
        self._lookup.put(row)
        return _group(row)

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row: Row = {}
        body = {name: changes[name] for name in PATCHED if name in changes}
        if body:
            row = self._api.patch(f"groups/{remote.id}", body)
        if EMAIL_DOMAINS in changes:
            # Skilljar API: settable at creation, afterwards through the group's own resource for them.
            held, wanted = remote.fields.get(EMAIL_DOMAINS) or [], changes[EMAIL_DOMAINS]
            add, remove = set(wanted) - set(held), set(held) - set(wanted)
            rules = {"add": sorted(add), "remove": sorted(remove)}
            self._api.patch(f"groups/{remote.id}/email-domain-rules", {name: one for name, one in rules.items() if one})
            row = {**row, EMAIL_DOMAINS: wanted}
        changed: Row = {**remote.parts["row"], **row}
        self._lookup.put(changed, instead_of=remote.parts["row"])
        return _group(changed)

    def delete(self, remote: RemoteObject) -> None:
        self._api.delete(f"groups/{remote.id}")
        self._lookup.drop(remote.parts["row"])

    def _fetch(self, key: Key) -> list[Row]:
        if key.field == "id":
            row = self._api.item("groups", key.value)
            return [row] if row and str(row.get("id")) == key.value else []
        return [row for row in self._api.rows("groups", {"name": key.value}) if key in _keys(row)]


def _keys(row: Row) -> Iterator[Key]:
    yield Key("id", str(row["id"]))
    yield from spellings("name", Kind.TEXT, row.get("name"))


def _group(row: Row) -> RemoteObject:
    fields = {name: row.get(name) for name in (*PATCHED, EMAIL_DOMAINS)}
    return RemoteObject(str(row["id"]), {"id": str(row["id"]), **fields}, parts={"row": row})


class GroupMembersSink(LinkSink):
    """Memberships; a learner is in a group or is not."""

    def __init__(self, declaration: ObjectDeclaration, api: SkilljarApi) -> None:
        super().__init__(declaration)
        self._api = api
        self._of_group: dict[str, RemoteIndex[str]] = {}
        self._choices = ChoiceLog()

    def expect(self, pairs: Iterable[References]) -> None:
        wanted: dict[str, list[Key]] = {}
        for pair in pairs:
            wanted.setdefault(pair["group"].id, []).append(Key("user", pair["user"].id))
        for group, keys in wanted.items():
            self._members(group).expect(keys)

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        members = self._members(references["group"].id)
        key = Key("user", references["user"].id)
        found = members.refresh(key) if fresh else members.find(key)
        return RemoteObject(key.value, {"active": True}, parts={"group": references["group"].id}) if found else None

    def create(self, values: Values, references: References) -> RemoteObject:
        group, user = references["group"].id, references["user"].id
        self._api.post(f"groups/{group}/users", {"user": {"id": user}})
        self._members(group).put(user)
        return RemoteObject(user, {"active": True}, parts={"group": group})

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        if changes.get("active") is False:
            self.delete(remote)
        return remote.changed(changes)

    def delete(self, remote: RemoteObject) -> None:
        group = remote.parts["group"]
        self._api.delete(f"groups/{group}/users/{remote.id}")
        self._members(group).drop(remote.id)

    def _members(self, group: str) -> RemoteIndex[str]:
        # setdefault keeps the first one when two threads meet here.
        return self._of_group.get(group) or self._of_group.setdefault(group, self._new_lookup(group))

    def _new_lookup(self, group: str) -> RemoteIndex[str]:
        path = f"groups/{group}/users"

        def fetch(key: Key) -> list[str]:
            return [key.value] if self._api.item(path, key.value) else []

        def listing() -> Listing[str]:
            rows = self._api.listing(path, below_object=True)
            return Listing(rows.count, rows.page_size, (_user_id(row) for row in rows.rows))

        return RemoteIndex(
            "members of groups",
            id_of=lambda user: user,
            keys_of=lambda user: (Key("user", user),),
            askable=frozenset({"user"}),
            fetch=fetch,
            listing=listing,
            choices=self._choices,
        )


def _user_id(row: Row) -> str:
    user: Any = row.get("user")
    return str(user.get("id")) if isinstance(user, dict) else ""
