"""Users: the only object of the API with an upsert of its own (users page)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from destination_pluvo.answers import Refused
from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.extra_categories.extra_fields import ExtraFields
from destination_pluvo.generated_refs import GivenReferences
from lms_shared.adapter.adapter import EntitySink, References, Values
from lms_shared.adapter.list_or_ask import Listing, Together
from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import FieldPolicy, Kind
from lms_shared.model.normal_forms import normalise

_SELECTORS = {"id": "id", "external_reference": "ref", "email": "email"}
_INPUTS = {"external_reference": "ref", "email": "email", "name": "name", "language": "language", "roles": "roles"}
_AFAS = ("afasEmployeeId", "afasPersonId")
_PARTS = ("first_name", "last_name")
MOST_LISTED = 20_000
"""Users of an organization that is listed into memory."""
PART_POLICY = FieldPolicy.FILL_IF_EMPTY


class User(NamedTuple):
    """A row, as small as it gets: there may be many."""

    id: str
    ref: str | None
    email: str | None
    name: str | None
    language: str | None
    archived: bool
    roles: list[str] | None


class UsersSink(EntitySink):
    """Users, found by ref, id or e-mail address; archived where a record says that they are inactive."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, extra: ExtraFields, *, notify: bool) -> None:
        super().__init__(declaration)
        self._api = api
        self._extra = extra
        self._notify = notify
        self._refs = GivenReferences()
        self._roles: dict[tuple[str, ...], list[str]] = {}
        """The lists of roles that there are: thousands of users have the same."""
        self._lookup: RemoteIndex[User] = RemoteIndex(
            "users",
            id_of=lambda user: user.id,
            keys_of=_keys,
            askable=frozenset(_SELECTORS),
            fetch=self._fetch,
            listing=self._listing,
            together=Together(frozenset(_SELECTORS), self._fetch_many, api.look_ups_per_document),
            most_listed=MOST_LISTED,
        )

    @property
    def declaration(self) -> ObjectDeclaration:
        """The object; a policy of a part of the name is one of the full name, which is what Pluvo keeps."""
        return self._declaration

    @declaration.setter
    def declaration(self, declared: ObjectDeclaration) -> None:
        policies = [declared.field_by_name[part].policy for part in _PARTS]
        chosen = [one for one in policies if one not in (FieldPolicy.SOURCE_WINS, PART_POLICY)]
        if chosen and declared.field_by_name["name"].policy is FieldPolicy.SOURCE_WINS:
            declared = declared.with_policies({"name": chosen[0]})
        # A part alone is not a name to put in place of one that is there.
        self._declaration = declared.with_policies(dict.fromkeys(_PARTS, PART_POLICY))

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """First and last name are joined: Pluvo keeps one name. One of them alone is the name of a new user only."""
        if "name" in values:
            values = {name: value for name, value in values.items() if name not in _PARTS}
        elif all(part in values for part in _PARTS):
            values["name"] = " ".join(values.pop(part) for part in _PARTS)
        return self._extra.shape(values)

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        self._refs.note([key])
        rows = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        return [self._remote(user) for user in rows]

    def expect(self, keys: Iterable[Key]) -> None:
        keys = list(keys)
        self._refs.note(keys)
        self._lookup.expect(keys)

    def expect_in_turn(self, records: Iterable[Sequence[Key]]) -> None:
        records = list(records)
        self._refs.note(chain.from_iterable(records))
        self._lookup.expect_in_turn(records)

    def loads(self, wanted: frozenset[str]) -> bool:
        return self._extra.loads(wanted) or not wanted.isdisjoint(_AFAS)

    def load(self, remote: RemoteObject, wanted: frozenset[str]) -> RemoteObject:
        loaded = self._extra.load(remote.id, wanted)
        if wanted & set(_AFAS):
            loaded |= self._api.look_up("UserAfasIds", id=remote.id) or {}
        return remote.changed(loaded) if loaded else remote

    def answers(self, keys: Sequence[Key]) -> bool:
        return self._lookup.answers(keys)

    def create(self, values: Values, references: References) -> RemoteObject:
        values = _with_name(values)
        reference = values.get("external_reference")
        selector = {"ref": reference} if reference else {"email": values["email"]}
        try:
            user = self._upsert(selector, values)
        except Refused as refused:
            # Somebody has the address since it was looked up, or under another spelling.
            adopted = self._adopt(values, refused) if reference else None
            if adopted is None:
                raise
            user = adopted
        return self._written(user, None, values)

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        user: User = remote.parts["user"]
        changes = _with_name(changes)
        if set(changes) == {"active"}:
            archive = not changes["active"]
            self._api.change_members("ArchiveUsers", remote.id, "response", archive=archive, ids=[remote.id])
            return self._written(user._replace(archived=archive), user, changes)
        if not any(name in changes for name in (*_INPUTS, *_AFAS, "active")):
            return self._written(user, user, changes)
        # Every user has a ref, if only one that the server made.
        selector = {"ref": user.ref} if user.ref else {"email": user.email}
        return self._written(self._upsert(selector, changes), user, changes)

    def _upsert(self, selector: Mapping[str, Any], values: Values) -> User:
        user = {field: values[name] for name, field in _INPUTS.items() if name in values}
        user |= {name: values[name] for name in _AFAS if name in values}
        if "active" in values:
            user["archived"] = not values["active"]
        changes_selector = any(name in user and user[name] != value for name, value in selector.items())
        operation = "ChangeKeysOfUser" if changes_selector else "UpdateOrCreateUser"
        return self._user(self._api.write(operation, "user", sendInvite=self._notify, user=user, **selector))

    def _adopt(self, values: Values, refused: Refused) -> User | None:
        found = self._lookup.refresh(Key("email", values["email"]))
        if not found:
            return None
        if self._refs.given(found[0].ref) not in (None, values["external_reference"]):
            raise RecordRejected(
                "REMOTE.CONFLICT",
                "the user with this e-mail address carries another reference",
                "Correct the reference in the source, or in Pluvo.",
                (self._remote(found[0]),),
            ) from refused
        return self._upsert({"email": values["email"]}, values)

    def _written(self, user: User, instead_of: User | None, values: Values) -> RemoteObject:
        self._extra.write(user.id, values)
        self._lookup.put(user, instead_of)
        if "external_reference" in values:
            self._refs.note([Key("external_reference", values["external_reference"])])
        remote = self._remote(user)
        self.answered(values, remote.fields)
        return remote

    def _user(self, row: Row) -> User:
        roles = row.get("roles")
        if roles is not None:
            roles = self._roles.setdefault(tuple(roles), roles)
        return User(
            str(row["id"]),
            row.get("ref"),
            row.get("email"),
            row.get("name"),
            row.get("language"),
            bool(row.get("archived")),
            roles,
        )

    def _remote(self, user: User) -> RemoteObject:
        reference = self._refs.given(user.ref)
        fields = {
            "id": user.id,
            "external_reference": reference,
            "email": user.email,
            "name": user.name,
            **dict.fromkeys(_PARTS, user.name),
            "language": user.language,
            "active": not user.archived,
            "roles": user.roles,
        }
        stamped = reference is not None
        return RemoteObject(user.id, fields, stamped=stamped, own=stamped, parts={"user": user})

    def _fetch(self, key: Key) -> list[User]:
        row = self._api.look_up("User", **{_SELECTORS[key.field]: key.value})
        return [self._user(row)] if row else []

    def _fetch_many(self, keys: Sequence[Key]) -> list[list[User] | Exception]:
        answers = self._api.look_up_many("User", [{_SELECTORS[key.field]: key.value} for key in keys])
        return [one if isinstance(one, Exception) else [self._user(one)] if one else [] for one in answers]

    def _listing(self) -> Listing[User] | None:
        """All users, archived ones included; None where the lists do not say how many there are, or are not what they
        are taken to be."""
        kinds = [{"archived": archived} for archived in (False, True)]
        try:
            pages = self._api.first_pages("Users", kinds)
        except Refused:
            return None
        for kind, page in zip(kinds, pages, strict=True):
            if page.count is None or any(bool(row.get("archived")) is not kind["archived"] for row in page.rows):
                return None
        lists = [self._api.nodes("Users", opened=page, **kind) for kind, page in zip(kinds, pages, strict=True)]
        return Listing(
            sum(page.count or 0 for page in pages), self._api.page_size, map(self._user, chain.from_iterable(lists))
        )


def _keys(user: User) -> Iterator[Key]:
    yield Key("id", user.id)
    for held, kind, name in ((user.email, Kind.EMAIL, "email"), (user.ref, Kind.REFERENCE, "external_reference")):
        value: str | None = normalise(kind, held)
        if value:
            yield Key(name, held if held == value else value)  # the row's own text, where it is the same


def _with_name(values: Values) -> Values:
    """The values with the part of a name that is given alone as the name."""
    alone = None if "name" in values else next((values[part] for part in _PARTS if part in values), None)
    return values if alone is None else {"name": alone, **{key: values[key] for key in values if key not in _PARTS}}
