"""Writes the items of one object: finds what they refer to, and writes those at once that are independent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from lms_shared.adapter.adapter import EntitySink, LinkSink, ObjectSink
from lms_shared.adapter.pool import threads
from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject, text_key
from lms_shared.http.metrics import counted_as
from lms_shared.http.outcome import CallFailed
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.keys import KeyKind
from lms_shared.upsert.account.counters import request_label
from lms_shared.upsert.apply.apply import Applier
from lms_shared.upsert.apply.bulk import AllBegun, begin_in_bulk
from lms_shared.upsert.apply.contest import Contested
from lms_shared.upsert.item import Foreseen, Item, Outcome, Ready, Reject, Stuck, Waiting, subject
from lms_shared.upsert.match.resolver import ReferenceResolver
from lms_shared.upsert.match.settled import Missing
from lms_shared.upsert.plan.plan import Action

Result = Outcome | Waiting | Stuck
"""What became of an item: it is through, waits for what it refers to, or cannot be got through."""


class Writer:
    """The threads of a sync."""

    def __init__(
        self, sinks: Mapping[str, ObjectSink], resolver: ReferenceResolver, applier: Applier, workers: int
    ) -> None:
        self._sinks = sinks
        self._resolver = resolver
        self._applier = applier
        self._workers = workers

    def prepare(self, sink: ObjectSink, items: list[Item]) -> tuple[list[Ready], list[Result], BaseException | None]:
        """Finds what items refer to and mean: those that can be written, what became of the others, and the failure
        that stopped it, if any."""
        results: list[Result] = []
        try:
            ready = self._resolve_all(sink, items, results)
            if isinstance(sink, LinkSink):
                self._expect_links(sink, ready)
                return ready, results, None
            assert isinstance(sink, EntitySink)
            return self._find_all(sink, ready, results), results, None
        except BaseException as error:
            return [], results, error

    def write(
        self, sink: ObjectSink, ready: list[Ready]
    ) -> tuple[list[Outcome | Stuck | Contested], BaseException | None]:
        """Writes items, those one after the other that depend on each other.

        Gives what became of them, as far as it got, and the failure that stopped it, if any.
        """
        try:
            begun = self._in_bulk(sink, ready)
        except BaseException as error:
            return [], error
        outcomes: list[Outcome | Stuck | Contested] = []
        groups = serial_groups((one, _shared_keys(sink.declaration, one)) for one in ready)
        writing = []
        for group in groups:
            known = self._unchanged(sink, group, begun)
            if known is None:
                writing.append(group)
            else:
                outcomes.append(known)
        return outcomes, self._in_parallel(sink, writing, outcomes, begun) if writing else None

    def _unchanged(self, sink: ObjectSink, group: list[Ready], begun: AllBegun) -> Outcome | None:
        """What becomes of a record that nothing else depends on and that is equal to what memory has of its object: a
        thread would take longer than to say so."""
        one, *others = group
        if others or id(one.item) in begun or not isinstance(sink, EntitySink):
            return None
        if one.foreseen is None and not _needs_no_call(sink, one.item):
            return None
        return self._applier.unchanged(sink, one)

    def _find_all(self, sink: EntitySink, ready: list[Ready], results: list[Result]) -> list[Ready]:
        """Finds the objects that items mean, and foresees what memory alone can say."""
        if not ready:
            return ready
        keys = [_keys_in_turn(sink, one.item) for one in ready]
        with counted_as(_label(ready)):
            sink.announce([one.item.values for one in ready])
            sink.expect_in_turn(keys)

        def find(one: Ready, *, remembered: bool = False) -> Ready | Stuck:
            item, references, *_ = one
            with counted_as(request_label(item.stream, item.object_name)):
                try:
                    if remembered and not sink.loads(frozenset(item.values)):
                        seen = self._applier.remembered(sink, item)
                        if seen is not None:
                            return Ready(item, references, seen.held, seen)
                    return Ready(item, references, self._applier.held(sink, item))
                except CallFailed as failure:
                    return Stuck(item, failure)

        found: list[Ready | Stuck] = []
        asking = []
        for one, wanted in zip(ready, keys, strict=True):
            if _is_remembered(sink, one.item, wanted):
                found.append(find(one, remembered=True))
            else:
                asking.append(one)
        if asking:
            with threads(self._workers, "match") as pool:
                found += pool.map(find, asking)
        found.sort(key=lambda one: one.item.record)
        results += [one for one in found if isinstance(one, Stuck)]
        return [one for one in found if isinstance(one, Ready)]

    def _in_bulk(self, sink: ObjectSink, ready: list[Ready]) -> AllBegun:
        if self._applier.dry_run or sink.bulk_from is None or len(ready) < sink.bulk_from:
            return {}
        label = _label(ready)

        def foresee(one: Ready) -> Foreseen | None:
            with counted_as(label):
                return self._applier.foresee(sink, one)

        def at_once(act: Callable[[Any], Any], things: Iterable[Any]) -> list[Any]:
            def counted(thing: Any) -> Any:
                with counted_as(label):
                    return act(thing)

            return list(pool.map(counted, things))

        def foresee_all(some: Iterable[Ready]) -> Iterator[Foreseen | None]:
            # What memory answers is said in this thread: handing it to another takes longer.
            some = list(some)
            asked = pool.map(foresee, [one for one in some if one.foreseen is None])
            return (next(asked) if one.foreseen is None else foresee(one) for one in some)

        with counted_as(label), threads(self._workers, "bulk") as pool:
            return begin_in_bulk(sink, ready, foresee_all, at_once)

    def _expect_links(self, sink: LinkSink, ready: list[Ready]) -> None:
        if ready:
            with counted_as(_label(ready)):
                sink.expect([one.references for one in ready if not _any_planned(one.references)])

    def _resolve_all(self, sink: ObjectSink, items: list[Item], results: list[Result]) -> list[Ready]:
        declaration = sink.declaration
        if not declaration.references and not declaration.field_references:
            return [Ready(item, {}) for item in items]
        self._expect_targets(declaration, items)
        ready: list[Ready] = []

        def resolve(item: Item) -> Result | Ready:
            with counted_as(request_label(item.stream, item.object_name)):
                try:
                    if isinstance(sink, LinkSink):
                        return Ready(item, self._resolver.resolve(declaration, item.values, item.as_they_came))
                    filled = self._resolver.fields.fill(declaration, item.values)
                    assert isinstance(sink, EntitySink)
                    values = sink.complete(filled.values)
                    return Ready(replace(item, values=values, given_ids=filled.given), {})
                except Missing as missing:
                    return Waiting(item, missing.name, missing.awaited)
                except RecordRejected as error:
                    return Outcome(item, Action.REJECT, error.reason, reject=Reject.of(error))
                except CallFailed as failure:
                    return Stuck(item, failure)

        with threads(self._workers, "resolve") as pool:
            for one in pool.map(resolve, items):
                if isinstance(one, Ready):
                    ready.append(one)
                else:
                    results.append(one)
        return ready

    def _expect_targets(self, declaration: ObjectDeclaration, items: list[Item]) -> None:
        """Announces what resolving these items will look up."""
        if not items:
            return
        values = [item.values for item in items]
        with counted_as(request_label(items[0].stream, items[0].object_name)):
            for name, keys in self._resolver.wanted_keys(declaration, values).items():
                target = self._sinks[name]
                assert isinstance(target, EntitySink)
                target.expect(keys)
            if declaration.field_references:
                self._resolver.fields.expect(declaration, values)

    def _in_parallel(
        self,
        sink: ObjectSink,
        groups: list[list[Ready]],
        outcomes: list[Outcome | Stuck | Contested],
        begun: AllBegun,
    ) -> BaseException | None:
        failures: list[BaseException] = []

        def write(group: list[Ready]) -> None:
            for one in group:
                if failures:
                    return
                item = one.item
                try:
                    with counted_as(request_label(item.stream, item.object_name)):
                        outcomes.append(self._applier.apply(sink, item, one.references, begun.get(id(item))))
                except CallFailed as failure:
                    outcomes.append(Stuck(item, failure))
                except BaseException as error:
                    failures.append(error)

        try:
            with threads(self._workers, "write") as pool:
                for _ in pool.map(write, groups):
                    pass
        except BaseException as error:  # an interruption: what the writers are at is cut off
            failures.append(error)
        return failures[0] if failures else None


def _label(ready: list[Ready]) -> str:
    """What calls for several records are counted as: the first one stands for all."""
    return request_label(ready[0].item.stream, ready[0].item.object_name)


def _needs_no_call(sink: EntitySink, item: Item) -> bool:
    """Whether neither matching a record nor comparing it makes a call."""
    return _is_remembered(sink, item, _keys_in_turn(sink, item)) and not sink.loads(frozenset(item.values))


def _is_remembered(sink: EntitySink, item: Item, keys: Sequence[Key]) -> bool:
    """Whether matching a record by its keys makes no call."""
    return bool(keys) and item.match_by is None and not item.as_they_came and sink.answers(keys)


def _keys_in_turn(sink: EntitySink, item: Item) -> list[Key]:
    """The keys that matching looks up, the first one first, as far as they are certain."""
    declaration = sink.declaration
    if item.match_by is not None:
        values = [(item.match_by, declaration.key_value(item.match_by, item.values))]
    else:
        values = list(zip(declaration.keys, item.key_values(declaration), strict=True))
    return [
        Key(key.field, value)
        for key, value in values
        if value is not None
        and key.kind is not KeyKind.ATTRIBUTE
        and (key.kind is not KeyKind.IDENTIFIER or sink.can_be_id(value))
    ]


def _any_planned(references: Mapping[str, RemoteObject]) -> bool:
    return any(one.planned for one in references.values())


def _shared_keys(declaration: ObjectDeclaration, ready: Ready) -> list[object]:
    """What an item must not have in common with another that is written at the same time."""
    values, references = ready.item.values, ready.references
    keys: list[object] = [
        (key.field, value)
        for key, value in zip(declaration.keys, ready.item.key_values(declaration), strict=True)
        if key.kind is not KeyKind.ATTRIBUTE and value is not None
    ]
    parts: list[object] = []
    for name in declaration.group_by:
        if name in references:
            parts.append(references[name].id)
        elif values.get(name) is not None:
            parts.append(text_key(name, values[name]).value.casefold())
    if parts:
        keys.append(("group", *parts))
    return [subject(declaration, ready), *keys]


T = TypeVar("T")


def serial_groups(keyed: Iterable[tuple[T, Iterable[object]]]) -> list[list[T]]:
    """Puts together what shares a key, directly or through others, each group in the order in which it came.

    Groups can be written at the same time; the members of one must not be.
    """
    group_of: dict[object, int] = {}
    groups: dict[int, list[tuple[int, T]]] = {}
    keys_of: dict[int, set[object]] = {}
    for number, (member, keys) in enumerate(keyed):
        joined = {group_of[key] for key in keys if key in group_of}
        home = max(joined, key=lambda one: len(groups[one]), default=number)
        groups.setdefault(home, []).append((number, member))
        keys_of.setdefault(home, set()).update(keys)
        for other in joined - {home}:
            groups[home] += groups.pop(other)
            keys_of[home] |= keys_of.pop(other)
        group_of.update(dict.fromkeys(keys_of[home] if len(joined) > 1 else keys, home))
    return [[member for _, member in sorted(group, key=lambda one: one[0])] for group in groups.values()]
