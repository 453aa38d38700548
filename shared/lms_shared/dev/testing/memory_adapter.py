"""The adapter of the LMS in memory: what any adapter is, without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lms_shared.adapter.adapter import Adapter, EntitySink, LinkSink, ObjectSink, References, Values
from lms_shared.adapter.remote import Key, RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.dev.testing.memory_lms import LINK_ENDS, MemoryLms, Row
from lms_shared.http.metrics import RequestCounter
from lms_shared.model import unified
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.keys import KeyKind, MatchKey
from lms_shared.model.placement import Placement, placed

_CHANGING = frozenset({Mode.UPSERT, Mode.UPDATE, Mode.CREATE_ONLY})
_MODES = {
    "users": _CHANGING | {Mode.SOFT_DELETE, Mode.MIRROR},
    "groups": _CHANGING | {Mode.HARD_DELETE},
    "content": _CHANGING | {Mode.SOFT_DELETE, Mode.HARD_DELETE, Mode.MIRROR},
    "group_members": frozenset({Mode.UPSERT, Mode.SOFT_DELETE}),
    "assignments": _CHANGING | {Mode.SOFT_DELETE},
    "completions": frozenset({Mode.UPSERT, Mode.UPDATE, Mode.CREATE_ONLY}),
}
UNPLACED = {"users": frozenset({"phone_number"}), "content": frozenset({"mobile_launch_content_url"})}
"""Fields that the LMS has no place for."""
LIMITS = {"users": {"first_name": 50}, "groups": {"name": 100}, "content": {"title": 120}}
CLEARABLE = {"content": frozenset({"description"}), "completions": frozenset({"score"})}
REFERENCE_WITHOUT_PLACE = (MatchKey("id", KeyKind.IDENTIFIER), MatchKey("email", KeyKind.NATURAL))
"""Keys of the users of an LMS that has no place for an external reference."""


def declarations(*, user_references: bool = True) -> dict[str, ObjectDeclaration]:
    """The unified objects as the LMS in memory holds them."""
    made = {}
    for one in unified.UNIFIED_OBJECTS:
        without = UNPLACED.get(one.name, frozenset())
        keys = one.keys
        if one.name == "users" and not user_references:
            without, keys = without | {"external_reference"}, REFERENCE_WITHOUT_PLACE
        selectors = {each.field for reference in one.references for each in reference.selectors}
        places = {each.name: "memory" for each in one.fields if each.name not in without | selectors}
        made[one.name] = placed(
            one,
            Placement(
                places,
                keys=keys,
                modes=_MODES[one.name],
                limits=LIMITS.get(one.name, {}),
                clearable=CLEARABLE.get(one.name, frozenset()),
            ),
        )
    return made


@dataclass(frozen=True)
class Session:
    """What all sinks of one connection share."""

    lms: MemoryLms
    counter: RequestCounter
    namespace: str
    notify: bool

    def split(self, values: Values) -> tuple[dict[str, Any], dict[str, str]]:
        """The fields to write, and the reference stamp."""
        fields = {name: value for name, value in values.items() if name != "external_reference"}
        reference = values.get("external_reference")
        return fields, {} if reference is None else {self.namespace: reference}

    def remote(self, row: Row) -> RemoteObject:
        fields = dict(row.fields)
        own = self.namespace in row.stamps
        if own:
            fields["external_reference"] = row.stamps[self.namespace]
        sets = frozenset(stream for namespace, stream in row.sets if namespace == self.namespace)
        return RemoteObject(
            row.id,
            fields,
            stamped=bool(row.stamps),
            own=own,
            sets=sets,
            withdrawn=row.withdrawn and fields.get("active") is False,
            draft=row.draft,
        )


class MemoryEntity(EntitySink):
    """Users, groups and content. What was once looked up is remembered, as in the adapter of a real LMS."""

    def __init__(self, declaration: ObjectDeclaration, session: Session) -> None:
        super().__init__(declaration)
        self._session = session
        self._lookup: RemoteIndex[RemoteObject] = RemoteIndex(
            declaration.name,
            id_of=lambda remote: remote.id,
            keys_of=self._keys,
            askable=frozenset(key.field for key in declaration.keys),
            fetch=self._fetch,
        )

    def _keys(self, remote: RemoteObject) -> list[Key]:
        values = {**remote.fields, "id": remote.id}
        found = ((key.field, self.declaration.key_value(key, values)) for key in self.declaration.keys)
        return [Key(name, value) for name, value in found if value is not None]

    def _fetch(self, key: Key) -> list[RemoteObject]:
        self._session.counter.sent()
        rows = self._session.lms.find(self.declaration.name, key.field, key.value, self._session.namespace)
        return [self._remote(row) for row in rows]

    def _remote(self, row: Row) -> RemoteObject:
        remote = self._session.remote(row)
        closed = self.declaration.name == "content" and remote.fields.get("active") is False and not remote.withdrawn
        return remote.changed({}, kept=frozenset({"active"})) if closed else remote

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        return self._lookup.refresh(key) if fresh else self._lookup.find(key)

    def create(self, values: Values, references: References) -> RemoteObject:
        self._session.counter.sent()
        fields, stamps = self._session.split(values)
        row = self._session.lms.create(self.declaration.name, fields, stamps=stamps)
        if self._session.notify and self.declaration.name == "users":
            self._session.lms.send_mail(row.id)
        made = self._remote(row)
        self._lookup.put(made)
        return made

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        self._session.counter.sent()
        fields, stamps = self._session.split(changes)
        changed = self._remote(self._session.lms.update(self.declaration.name, remote.id, fields, stamps))
        self._lookup.put(changed, instead_of=remote)
        return changed

    def delete(self, remote: RemoteObject) -> None:
        self._session.counter.sent()
        self._session.lms.delete(self.declaration.name, remote.id)
        self._lookup.drop(remote)

    def mark(self, remote: RemoteObject, stream: str) -> RemoteObject:
        self._session.counter.sent()
        row = self._session.lms.mark(self.declaration.name, remote.id, (self._session.namespace, stream))
        marked = self._remote(row)
        self._lookup.put(marked, instead_of=remote)
        return marked

    def owned(self) -> Iterator[RemoteObject]:
        self._session.counter.sent()
        remotes = (self._remote(row) for row in self._session.lms.rows(self.declaration.name))
        return (one for one in remotes if one.own)


class MemoryLink(LinkSink):
    """Assignments and completions; a completion makes the assignment that it needs."""

    def __init__(self, declaration: ObjectDeclaration, session: Session) -> None:
        super().__init__(declaration)
        self._session = session

    def _ends(self, references: References) -> tuple[str, ...]:
        by_object = {one.object_name: references[one.name].id for one in self.declaration.references}
        return tuple(by_object[name] for name in LINK_ENDS[self.declaration.name])

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        self._session.counter.sent()
        row = self._session.lms.find_link(self.declaration.name, self._ends(references))
        return self._session.remote(row) if row else None

    def create(self, values: Values, references: References) -> RemoteObject:
        ends = self._ends(references)
        if self.declaration.name == "completions":
            self._session.counter.sent()
            if self._session.lms.find_link("assignments", ends) is None:
                self._session.counter.sent()
                self._session.lms.create("assignments", {}, ends=ends)
        self._session.counter.sent()
        return self._session.remote(self._session.lms.create(self.declaration.name, values, ends=ends))

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        self._session.counter.sent()
        return self._session.remote(self._session.lms.update(self.declaration.name, remote.id, changes, {}))


class MemoryMembers(MemoryLink):
    """Memberships: `active: false` removes the link."""

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        if changes.get("active") is not False:
            return super().update(remote, changes, references)
        self._session.counter.sent()
        self._session.lms.delete(self.declaration.name, remote.id)
        return remote.changed({"active": False})


class MemoryAdapter(Adapter):
    """The LMS in memory as the engine sees it."""

    lms = "Memory LMS"

    def __init__(
        self, lms: MemoryLms, namespace: str = "airbyte", *, notify: bool = False, user_references: bool = True
    ) -> None:
        self._counter = RequestCounter()
        session = Session(lms, self._counter, namespace, notify)
        self._sinks: dict[str, ObjectSink] = {}
        for name, declaration in declarations(user_references=user_references).items():
            kind = MemoryMembers if name == "group_members" else MemoryLink if declaration.references else MemoryEntity
            self._sinks[name] = kind(declaration, session)

    @property
    def sinks(self) -> Mapping[str, ObjectSink]:
        return self._sinks

    def check(self) -> None:
        """There is nothing that could be wrong."""

    def requests_made(self, label: str) -> int:
        return self._counter.made(label)
