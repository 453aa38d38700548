"""Writes the rows of any resource, as its declaration says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from lms_shared.adapter.adapter import EntitySink, References, Values
from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import FieldPolicy, Kind
from lms_shared.model.normal_forms import equal
from lms_shared.privacy import HIDDEN
from lms_shared.resources.bodies import body_value, change_body, create_body
from lms_shared.resources.collections import Collections
from lms_shared.resources.hooks import ResourceHooks
from lms_shared.resources.members import given_members
from lms_shared.resources.places import Places
from lms_shared.resources.resource import Resource, Row, dotted
from lms_shared.resources.rows import after_write, fields_of, not_kept, remote_of, row_id
from lms_shared.resources.shapes import ADD, REMOVE, declared_shape, meant_lists
from lms_shared.resources.transport import Transport

T = TypeVar("T")


class ResourceSink(EntitySink):
    """Writes the rows of one resource."""

    def __init__(
        self,
        resource: Resource,
        declaration: ObjectDeclaration,
        transport: Transport,
        hooks: ResourceHooks,
        *,
        lms: str,
        known: Mapping[str, Any] = MappingProxyType({}),
        moves_rows: bool = True,
        rows: RemoteIndex[Row] | None = None,
    ) -> None:
        """`known` are fields that no record needs to give. `moves_rows`: whether a row may be put behind others to make
        room for one that a record wants in its place. `rows`: where rows are looked up
        that another object writes too."""
        super().__init__(declaration)
        self.resource = resource
        self.known = {name: value for name, value in known.items() if name in resource.parents}
        self._lms = lms
        self._moves_rows = moves_rows
        self._transport = transport
        self._hooks = hooks
        self._rows = Collections(resource, declaration, transport, hooks, rows)
        self._places = Places(resource, declaration, transport, self._rows)
        self._details = frozenset(one.name for one in resource.attributes if one.detail)
        self._secrets = tuple(one.name for one in resource.attributes if one.secret)

    # What a record is

    def declared_shape(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return declared_shape(self.resource, values)

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """Completes what the adapter knows, and says in one place what nested objects say in another."""
        resource = self.resource
        for name, value in self.known.items():
            values[name] = str(values.get(name) or value).lower()
        for name, place in resource.lifts.items():
            self._lift(values, name, place)
        for one in resource.attributes:
            if one.name in values and one.members:
                values[one.name] = given_members(
                    one, values[one.name], emptying=self.declaration.field_by_name[one.name].clear_on_null
                )
                if values[one.name] is None:
                    del values[one.name]
            for name in (one.name, one.name + ADD, one.name + REMOVE) if one.lower else ():
                if name in values:
                    values[name] = [text.lower() for text in values[name]]
            if one.null_word and one.name not in values and "id" not in values:
                values[one.name] = one.null_word
        for name in resource.parents:
            if values.keys().isdisjoint(self.declaration.named_by(name)):
                raise RecordRejected(
                    "INPUT.MISSING",
                    f"{name} is missing or empty",
                    f"Send {' or '.join(self.declaration.named_by(name))}: it is part of the row's address in the API.",
                )
        return self._hooks.shape(values)

    def _lift(self, values: dict[str, Any], name: str, place: str) -> None:
        head, _, member = place.partition(".")
        nested = self.declaration.normal(name, dotted(values, place))
        if nested is not None:
            values[name] = nested
        elif name in values:
            values[head] = {**values.get(head, {}), member: values[name]}

    # Finding rows

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        return [self._remote(row) for row in self._rows.find(key, fresh=fresh)]

    def _remote(self, row: Row) -> RemoteObject:
        return replace(remote_of(self.resource, row), incomplete=self._hooks.incomplete(row))

    def expect(self, keys: Iterable[Key]) -> None:
        self._rows.expect(keys)

    def complete(self, values: Values) -> Values:
        return self._hooks.complete(values)

    def meant(self, values: Values, remote: RemoteObject | None) -> Values:
        values = meant_lists(self.resource, values, {} if remote is None else remote.fields)
        return values if remote is None else self._hooks.meant(values, remote.parts["row"])

    def announce(self, records: Iterable[Values]) -> None:
        if self.resource.place:
            for values in records:
                self._places.want(values)

    def written_elsewhere(self, values: Values) -> None:
        self._rows.doubt({**self.known, **values})

    def load(self, remote: RemoteObject, wanted: frozenset[str]) -> RemoteObject:
        if not wanted & self._details:
            return remote
        row: Row = remote.parts["row"]
        return remote_of(self.resource, {**row, **self._read(row)})

    def _read(self, row: Row) -> Row:
        """The item's own answer; empty where it is gone."""
        return self._transport.read(fields_of(self.resource, row)) or {}

    # Writing rows

    def create(self, values: Values, references: References) -> RemoteObject:
        return self._told(values, lambda: self._create(values))

    def _create(self, values: Values) -> RemoteObject:
        resource = self.resource
        self._refuse_incomplete(values)
        self._hooks.before_write(values)
        scope = {name: values[name] for name in resource.parents if name in values}
        body = self._hooks.create_body(create_body(resource, values), values)
        answer = self._mending(dict(values), values, lambda: self._transport.create(values, body))
        late = self._late(values, answer)
        taken = {name: value for name, value in values.items() if name not in late}
        row = after_write(resource, scope, answer, taken)
        row = self._hooks.created(row, taken)
        row = self._proved(row, answer, taken, {})
        self._rows.note(row)
        remote = remote_of(resource, row)
        return self._update(remote, late) if late else remote

    def _late(self, values: Values, answer: Row) -> dict[str, Any]:
        """What a new row does not take, or what an existing one that was answered in its place says otherwise."""
        held = fields_of(self.resource, answer)
        return {
            one.name: values[one.name]
            for one in self.resource.attributes
            if one.name in values
            and (one.late or (one.patch_to and self.resource.repeatable))
            and not equal(one.kind, values[one.name], held[one.name])
        }

    def _refuse_incomplete(self, values: Values) -> None:
        """Refuses a new row that lacks what only looks as if it were given: nested objects with nothing in them."""
        nested = (one for one in self.resource.attributes if one.kind is Kind.NESTED)
        lacking = [
            f"{one.name}.{member.name}"
            for one in nested
            for member in one.members
            if member.required and (values.get(one.name) or {}).get(member.name) is None
        ]
        lacking += [" or ".join(group) for group in self.declaration.required if values.keys().isdisjoint(group)]
        if lacking:
            raise RecordRejected(
                "INPUT.MISSING",
                f"{lacking[0]} is missing, and there is no row yet",
                f"Send {lacking[0]}: a new row needs it.",
            )

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        soft = self.resource.soft
        if soft is not None and "active" in changes and "active" not in self.resource.attribute:
            changes = {**changes, **dict.fromkeys(soft.fields, soft.off)}
        return self._told(changes, lambda: self._update(remote, changes))

    def _update(self, remote: RemoteObject, changes: Values) -> RemoteObject:
        resource, row = self.resource, remote.parts["row"]
        self._hooks.before_write(changes)
        if remote.incomplete:
            self._hooks.finish(row)
        self._hooks.changing(row, changes)
        answer: Row = {}
        fields = fields_of(resource, row)
        for one in resource.attributes:
            if one.patch_to and one.name in changes:
                self._transport.change_part(fields, one.patch_to, body_value(one, changes[one.name]))
        body = change_body(resource, changes, remote.fields)
        if body:
            answer = self._mending(row, changes, lambda: self._transport.change(remote, changes, body))
        changed = after_write(resource, row, self._of_row(row, answer), changes)
        changed = self._proved(changed, answer, changes, remote.fields)
        self._rows.note(changed, instead_of=row)
        self._hooks.changed(row, changes)
        return remote_of(resource, changed)

    def _of_row(self, row: Row, answer: Row) -> Row:
        """An answer, unless it is of another row than the one that was written."""
        return answer if row_id(self.resource, {**row, **answer}) == row_id(self.resource, row) else {}

    def _proved(self, row: Row, answer: Row, written: Values, before: Values) -> Row:
        """The row, once it is sure that it holds what was written.

        An answer without an error does not prove that a write happened.
        """
        resource = self.resource
        verified = [one for one in resource.attributes if one.verified and one.name in written]
        if not resource.read_back and not verified:
            return row
        said = self._read(row) if resource.read_back else {one.row_place: answer.get(one.row_place) for one in verified}
        kept = {**row, **said}
        lost = self._hooks.not_kept(kept, not_kept(resource, kept, written), written, before)
        if lost:
            names = " and ".join(lost)
            raise RecordRejected(
                "REMOTE.NOT_KEPT",
                f"{self._lms} answered with success, but did not keep {names}",
                f"Change {names} in {self._lms} itself, or leave it out of the record.",
                (remote_of(resource, row),),
            )
        return kept

    def delete(self, remote: RemoteObject) -> None:
        row: Row = remote.parts["row"]
        self._told({}, lambda: self._transport.delete(fields_of(self.resource, row)))
        self._hooks.removed(row)
        self._rows.drop(row)

    # Refusals

    def _mending(self, row: Row, values: Values, call: Callable[[], T]) -> T:
        """Carries a call out, and once more where it was refused for something that could be mended."""
        try:
            return call()
        except RecordRejected as refusal:
            if refusal.code != "REMOTE.400" or not (self._hooks.mended(values) or self._made_room(row, values)):
                raise
        return call()

    def _made_room(self, row: Row, values: Values) -> bool:
        place = self.resource.place
        # Where orders are not changed, nothing brings the other row back to where its record wants it.
        changed = self.declaration.field_by_name[place].policy is FieldPolicy.SOURCE_WINS if place else False
        if not changed or not self._moves_rows or place not in values:
            return False
        return self._places.made_room(row, values[place])

    def _told(self, values: Values, call: Callable[[], T]) -> T:
        """Carries a call out; what a refusal says is without secrets, and with the remedy of this resource."""
        try:
            return call()
        except RecordRejected as error:
            reason = error.reason
            for secret in _leaves([values.get(name) for name in self._secrets]):
                reason = reason.replace(secret, HIDDEN)
            raise RecordRejected(error.code, reason, self._remedy(error), error.candidates) from None

    def _remedy(self, error: RecordRejected) -> str:
        said = error.reason if error.code == "REMOTE.400" else ""
        remedies = (text for word, text in self.resource.remedies.items() if word in said)
        return next(remedies, error.remedy)


def _leaves(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(one)]
    return [value] if isinstance(value, str) and value else []
