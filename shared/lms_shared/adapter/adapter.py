"""What an LMS adapter supplies to the engine: for each object its declaration and a handful of calls.

An adapter knows its LMS and nothing of streams, batches, modes, retries of creates, rejects or states.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.adapter.rewriting import RewrittenTexts
from lms_shared.http.client import Limits
from lms_shared.http.outcome import CallFailed
from lms_shared.model.declarations import ObjectDeclaration

_T = TypeVar("_T")
_A = TypeVar("_A")

Values = Mapping[str, Any]
"""Fields of a record in normal form, only those that the LMS has a place for; None empties a field."""
References = Mapping[str, RemoteObject]
"""The objects that a record refers to, by the name of the reference."""


class AtOnce(Protocol):
    """Calls a function for each of several things, several of them at the same time; the answers in their order."""

    def __call__(self, act: Callable[[_T], _A], things: Iterable[_T], /) -> Iterable[_A]: ...


@dataclass(frozen=True)
class LinkWrite:
    """A link that is to be made or changed."""

    references: References
    values: Values
    """The changed fields; of a new link all that are to be written."""
    remote: RemoteObject | None = None
    """The link as it is; None for one that is to be made."""


class WholeList(list[str]):
    """A list that says all that there is to be, whatever a field policy would keep beside it."""


class ObjectSink(ABC):
    """The calls of one object. All methods may be called from several threads at once.

    Raises `RecordRejected` where the LMS refuses a record, `UnknownOutcome` where a call that must not be repeated
    blindly got no answer, and an `AirbyteTracedException` where the sync cannot go on.
    """

    bulk_from: int | None = None
    """From how many objects on a call for many is worth it; None where the LMS has none."""

    def __init__(self, declaration: ObjectDeclaration) -> None:
        self.declaration = declaration
        self._rewritten = RewrittenTexts()

    def declared_shape(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """A record as the API's own pages show it, in the fields of the declaration. Pure, and before any check."""
        return values

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """The record as the LMS holds it, such as a name put together of its parts. Pure.

        Raises FieldRefused for a value that this LMS in particular cannot hold (it is called again without, where the
        field is one that can be left out), and RecordRejected for a record that it cannot take.
        """
        return values

    def address(self, remote: RemoteObject) -> str | None:
        """Where people find the object in the LMS, if what was read of it says so."""
        return None

    def before_create(self, references: References) -> None:
        """Looks whether an object with these references can be created at all; reads only, so that a dry run asks too.

        Raises RecordRejected where it cannot.
        """
        return

    def answered(self, sent: Values, answer: Mapping[str, Any]) -> None:
        """To be called with what a write sent and what its answer shows, in the fields of the declaration: an LMS that
        does not keep texts as they are is told of once."""
        self.declaration = self._rewritten.look_at(self.declaration, sent, answer)

    @abstractmethod
    def create(self, values: Values, references: References) -> RemoteObject:
        """Makes the object, with everything that belongs to it. Never called for a key that has a match."""

    @abstractmethod
    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        """Writes the changed fields and nothing else."""

    def delete(self, remote: RemoteObject) -> None:
        """Removes the object for good; only called where the declaration has mode `hard_delete`."""
        raise NotImplementedError(f"{self.declaration.name} declares no hard delete, {remote.id} stays")


class EntitySink(ObjectSink):
    """An object that is found by keys of its own."""

    known: Mapping[str, Any] = MappingProxyType({})
    """Fields that the adapter knows of each object, such as the configured domain. They are parts of its keys."""

    linked_by_id: bool = False
    """Whether links need nothing but the id of such an object, so that no more is remembered of each of a million."""

    id_form: re.Pattern[str] | None = None
    """What ids of the LMS look like; None where any text may be one."""

    def create_many(self, many: Sequence[Values]) -> None:
        """Makes objects in few calls, and returns when those that were made can be found.

        What was not made, or not as it should be, is made or changed one by one afterwards, so nothing here need be
        complete. The calls must be safe to repeat: a sync that is killed in between makes them again.

        Raises RecordRejected where the LMS refuses all of them because of some.
        """
        raise NotImplementedError(f"{self.declaration.name} declares no call for many")

    @abstractmethod
    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        """All objects that carry the key; `fresh` asks the LMS again instead of memory."""

    def expect(self, keys: Iterable[Key]) -> None:
        """Announces keys that are going to be looked up, so that the cheaper way can be chosen."""

    def expect_in_turn(self, records: Iterable[Sequence[Key]]) -> None:
        """Announces records that are going to be matched, each by its keys in the order in which they are tried."""
        self.expect(keys[0] for keys in records if keys)

    def answers(self, keys: Sequence[Key]) -> bool:
        """Whether looking up keys one after the other, until one finds something, makes no call."""
        return False

    def loads(self, wanted: frozenset[str]) -> bool:
        """Whether `load` may make a call for the named fields."""
        return type(self).load is not EntitySink.load

    def announce(self, records: Iterable[Values]) -> None:
        """Announces records that are going to be written together, once it is known what they refer to."""

    def written_elsewhere(self, values: Values) -> None:
        """A row with these fields was written as another object, so what is remembered of it is in doubt."""

    def can_be_id(self, text: str) -> bool:
        """Whether a text has the form of the LMS's ids; what has not need not be asked for."""
        return self.id_form is None or self.id_form.fullmatch(text) is not None

    def load(self, remote: RemoteObject, wanted: frozenset[str]) -> RemoteObject:
        """Adds the named fields where finding the object did not bring them."""
        return remote

    def mark(self, remote: RemoteObject, stream: str) -> RemoteObject:
        """Marks the object as one of a stream's set, beside its reference stamp; only for mode `mirror`.

        Marking twice is the same as marking once.
        """
        raise NotImplementedError(f"{self.declaration.name} declares no mode mirror")

    def complete(self, values: Values) -> Values:
        """Adds what only the LMS knows of a record, once it is known what it refers to.

        Raises RecordRejected where the LMS does not know it.
        """
        return values

    def meant(self, values: Values, remote: RemoteObject | None) -> Values:
        """What a record means for the object that it matches, such as a list by what is to be added to it; reads at
        most."""
        return values

    def owned(self) -> Iterator[RemoteObject]:
        """All objects that carry a stamp of this connection's namespace; only for mode `mirror`."""
        raise NotImplementedError(f"{self.declaration.name} declares no mode mirror")


class LinkSink(ObjectSink):
    """An object whose key is the pair of objects that it links."""

    def expect(self, pairs: Iterable[References]) -> None:
        """Announces links that are going to be looked up, so that the cheaper way can be chosen."""

    def said(self, references: References, *, active: bool) -> None:
        """Takes note of whether a record wants the link, whatever comes of it."""

    @abstractmethod
    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        """The link between the referenced objects, or None."""

    def write_many(self, writes: Sequence[LinkWrite], at_once: AtOnce) -> Mapping[int, RecordRejected | None]:
        """Makes and changes links, each another one, in few calls, and returns when what was written can be found.

        Gives by the place of each write that was begun what refuses it, None where nothing does. What was not begun, or
        is not as it should be afterwards, is written one by one. An answer that got lost is looked up, never repeated
        blindly.
        """
        raise NotImplementedError(f"{self.declaration.name} declares no call for many")


class Adapter(ABC):
    """An LMS as the engine sees it."""

    lms: str
    """Name of the LMS, for messages."""

    site: str = ""
    """Which academy of the LMS is written to, for reports."""

    limits: Limits = Limits()
    """The connector's share of the quota, by which a dry run tells how long the writes would take."""

    writes_per_call: int = 1
    """How many writes one call carries at most, for the same estimate."""

    @property
    @abstractmethod
    def sinks(self) -> Mapping[str, ObjectSink]:
        """The objects that can be written, by name."""

    @abstractmethod
    def check(self) -> None:
        """Proves that the configuration works, reading only.

        Raises AirbyteTracedException (config_error or transient_error) with a sentence that says what to change.
        """

    @abstractmethod
    def requests_made(self, label: str) -> int:
        """HTTP requests sent so far under a label (see `lms_shared.http.metrics`)."""

    def moment(self) -> int:
        """The moment now, as the failed calls of this adapter have it."""
        return 0

    def went_well_since(self, failure: CallFailed) -> bool:
        """Whether the operation of a call that failed has gone well after it."""
        return False

    def batch_size(self, configured: int) -> int:
        """How many records are collected before they are written; more than configured where calls for many gain by
        it."""
        return configured

    def parallelism(self, num_workers: int) -> int:
        """How many items are worked on at the same time, given the configured number of calls at the same time.

        More than that where the adapter puts the calls of several items into one request.
        """
        return num_workers
