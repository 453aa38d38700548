"""The write engine: takes messages in, lets records through map → match → plan → apply → report, and gives states back.

It knows no LMS: all it knows of one are the declarations and calls of an `Adapter`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from lms_shared.activity import Pace
from lms_shared.adapter.adapter import Adapter, EntitySink, ObjectSink
from lms_shared.adapter.remote import Awaited, RemoteObject
from lms_shared.errors import config_error
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.signals import Stopped
from lms_shared.upsert.account.checkpoints import CheckpointTracker
from lms_shared.upsert.account.counters import Counters, SyncResult
from lms_shared.upsert.account.kept_rejects import KeptRejects
from lms_shared.upsert.account.limits import past_limits, wrong_mapping
from lms_shared.upsert.account.record_outcomes import RecordOutcomes, UnwantedLinks
from lms_shared.upsert.account.repeats import Repeats
from lms_shared.upsert.account.store import ReportStore, SyncObserver
from lms_shared.upsert.apply.apply import Applier
from lms_shared.upsert.apply.contest import Contested
from lms_shared.upsert.apply.contests import Contests
from lms_shared.upsert.apply.mirror import Mirror
from lms_shared.upsert.apply.setbacks import Held, Setbacks, rejected
from lms_shared.upsert.apply.writer import Result, Writer
from lms_shared.upsert.batch import Batch, rivals, united
from lms_shared.upsert.intake import Intake
from lms_shared.upsert.item import Item, Outcome, Ready, Reject, Stuck, Waiting
from lms_shared.upsert.match.deferred import DeferredRecords, Spill
from lms_shared.upsert.match.resolver import ReferenceResolver
from lms_shared.upsert.plan.estimate import calls_to_write
from lms_shared.upsert.plan.order import writing_order
from lms_shared.upsert.plan.plan import Action
from lms_shared.upsert.routing.routing import Route
from lms_shared.upsert.routing.settings import SyncConfig
from lms_shared.wire.messages import Input, RecordMessage, State, StateMessage, StatusMessage, StreamId

NOT_PUBLISHED = "REFERENCE.NOT_PUBLISHED"
"""The code of a link whose target is there and cannot be linked to yet."""
MAX_POSTPONED = 10_000
"""Records that are held back for another stream's sake; with more than these their states have waited long enough."""
DURABLE_EVERY = 5.0
"""Seconds after which the lines of rejects are written out although no state waits for that."""
LONG_PAUSE = 6
"""Signals of one pause of the source after which records are no longer held back for another stream's sake."""


class SyncEngine:
    """One sync. Not to be used twice."""

    def __init__(
        self,
        adapter: Adapter,
        routes: Mapping[StreamId, Route],
        config: SyncConfig,
        store: ReportStore,
        observer: SyncObserver,
    ) -> None:
        self._adapter = adapter
        self._config = config
        self._store = store
        self._began = datetime.now(UTC)
        self._pace = Pace()
        self._sinks = _with_policies(adapter.sinks, config)
        self._order = writing_order({name: sink.declaration for name, sink in self._sinks.items()})
        self._report = Counters(dict(routes), adapter.requests_made, config.dry_run)
        self._checkpoints = CheckpointTracker(
            # A read that is resumed does not send again what was acknowledged, and a mirror would take it for gone.
            withheld=(stream for stream, route in routes.items() if route.mode is Mode.MIRROR)
        )
        self._spill = Spill()
        retried = _retried_streams(routes, config) if store.keeps else {}
        self._kept = KeptRejects(store, self._spill, retried, config.keep_rejected_days)
        self._record_outcomes = RecordOutcomes(
            self._checkpoints, self._report, observer, store, self._spill, self._sinks, self._kept
        )
        routed = {name for route in routes.values() for name in route.objects}
        self._unwanted = UnwantedLinks(self._record_outcomes, routed)
        self._mirror = Mirror(routes, self._sinks, config)
        self._intake = Intake(
            routes,
            self._sinks,
            adapter.lms,
            self._record_outcomes,
            self._report,
            self._mirror,
            strict=config.strict,
        )
        self._batch_size = adapter.batch_size(config.batch_size)
        self._batch = Batch(self._batch_size)
        self._deferred = DeferredRecords()
        self._postponed = DeferredRecords()
        self._unsure: dict[str, DeferredRecords] = {}
        """By object, records that wait for others which may claim the same key."""
        self._postponed_objects: set[str] = set()
        self._resolver = ReferenceResolver(self._sinks, routed, remember_all=config.dry_run)
        self._applier = Applier(adapter.lms, config.dry_run, self._resolver.fields.prove, adapter.moment)
        self._contests = Contests(self._applier)
        self._repeats = Repeats(self._report.remarks)
        self._setbacks = Setbacks(adapter.went_well_since)
        self._last_tries: set[int] = set()
        """Records that are tried once more, and rejected where they fail again."""
        workers = adapter.parallelism(config.num_workers)
        self._writer = Writer(self._sinks, self._resolver, self._applier, workers)
        self._durable_at = time.monotonic()
        self._idle_signals = 0
        self._flushed_at = 0
        """Records that had come in when the batch was written last."""
        self._open_streams = set(routes)
        self._routes = routes

    def run(self, inputs: Iterable[Input | None]) -> Iterator[dict[str, Any]]:
        """Writes all records and yields raw `state` objects as they become due; None in the input means 'idle'.

        Raises AirbyteTracedException after the states that are safe are out.
        """
        try:
            yield from self._retry()
            for message in inputs:
                yield from self._on(message)
            yield from self._finish()
        except Stopped:
            yield from self._due()
            raise
        finally:
            if not self._store.keeps:
                self._report.rejects.tell()
            self._report.log_summaries()
            self._close()

    def _close(self) -> None:
        self._spill.close()
        for one in (self._deferred, self._postponed, *self._unsure.values()):
            one.close()

    def _retry(self) -> Iterator[dict[str, Any]]:
        """Tries the rejects that stand again, before anything newer comes."""
        self._kept.read()
        for identifier, message in self._kept.to_try():
            self._batch.add(self._intake.take(message, identifier))
            if self._batch.full:
                yield from self._flush()
        yield from self._flush()

    def result(self) -> SyncResult:
        """What the sync has done so far."""
        summaries = tuple(self._report.summaries())
        prices = {name: sink.declaration.write_calls for name, sink in self._sinks.items()}
        return SyncResult(
            began=self._began,
            summaries=summaries,
            calls_to_write=sum(
                calls_to_write(prices[one.object_name], one.counts, self._adapter.writes_per_call) for one in summaries
            ),
        )

    def progress(self) -> dict[str, int]:
        """Records that came in, those of them that are `unsettled`, objects that were written, and records that were
        rejected, so far."""
        return {**self._report.progress(), "unsettled": self._record_outcomes.unsettled}

    def seconds_left(self) -> float | None:
        """About how long the sync still takes; None while the source may still send records, of which only it knows
        how many."""
        if self._open_streams:
            return None
        left = self._record_outcomes.unsettled
        return self._pace.seconds_for(left, self._report.taken_records - left)

    def _on(self, message: Input | None) -> Iterator[dict[str, Any]]:
        self._idle_signals = 0 if message else self._idle_signals + 1
        if isinstance(message, RecordMessage):
            items = self._intake.take(message)
            self._batch.add(items)
            if self._batch.full or self._report.taken_records - self._flushed_at >= self._batch_size:
                yield from self._flush()
                if len(self._postponed) >= MAX_POSTPONED:
                    yield from self._flush_all(self._postponed, postpone=False)
            elif not items:
                yield from self._due()
        elif isinstance(message, StateMessage):
            self._checkpoints.hold(message.state, message.stream)
            if self._batch.empty:
                yield from self._due()
        elif isinstance(message, StatusMessage):
            yield from self._on_status(message)
        else:
            yield from self._on_idle()

    def _on_idle(self) -> Iterator[dict[str, Any]]:
        """The source pauses: what is here is written, so that its states need not wait for what may never come."""
        if not self._batch.empty:
            yield from self._flush()
        if self._checkpoints.waiting and len(self._postponed) and self._idle_signals >= LONG_PAUSE:
            yield from self._flush_all(self._postponed, postpone=False)

    def _on_status(self, message: StatusMessage) -> Iterator[dict[str, Any]]:
        self._mirror.ended(message.stream, complete=message.complete)
        if not message.complete:
            return
        self._open_streams.discard(message.stream)
        yield from self._acknowledged(self._checkpoints.release(message.stream))
        yield from self._flush_all(self._postponed)
        if self._contests.objects or self._unsure:
            yield from self._flush()
            yield from self._settle_contests()
        if len(self._deferred):
            # What waits for this stream alone can no longer be resolved; it would hold back all states to the end.
            yield from self._flush()
            yield from self._flush_deferred(self._deferred.in_vain(self._objects_to_come()))
        if self._batch.empty:
            self._unwanted.release(self._objects_to_come())
            yield from self._due()

    def _finish(self) -> Iterator[dict[str, Any]]:
        self._open_streams.clear()
        yield from self._flush()
        yield from self._flush_all(self._postponed)
        yield from self._settle_contests()
        if (failure := self._setbacks.left) is not None:
            raise failure
        yield from self._flush_all(self._deferred)
        yield from self._settle_contests()
        if (failure := self._setbacks.left) is not None:
            raise failure
        self._unwanted.release(())
        yield from self._due()
        self._stop(past_limits(self._report, self._config) or wrong_mapping(self._report, self._config))
        self._kept.finish()
        self._mirror.finish(self._applier, self._record_outcomes)

    def _flush_all(self, deferred: DeferredRecords, *, postpone: bool = True) -> Iterator[dict[str, Any]]:
        yield from self._flush_deferred(deferred.drain(), postpone=postpone)

    def _flush_deferred(self, deferred: Iterator[Item], *, postpone: bool = True) -> Iterator[dict[str, Any]]:
        while some := list(islice(deferred, self._batch_size)):
            yield from self._flush(some, postpone=postpone)

    def _stop(self, reason: str | None) -> None:
        """Ends the sync for a reason, if there is one. What is settled is out by then."""
        if reason is not None:
            raise config_error(reason)

    def _due(self) -> Iterator[dict[str, Any]]:
        self._intake.refuse_lacking()
        now = time.monotonic()
        if self._checkpoints.any_due or now - self._durable_at >= DURABLE_EVERY:
            self._durable_at = now
            self._record_outcomes.make_durable()
        yield from self._acknowledged(self._checkpoints.due())

    def _acknowledged(self, states: Iterator[State]) -> Iterator[State]:
        """The states, but for a dry run: the sync that is to follow needs the same records."""
        for state in states:
            if not self._config.dry_run:
                yield state

    def _flush(self, deferred: Iterable[Item] = (), *, postpone: bool = True) -> Iterator[dict[str, Any]]:
        self._intake.refuse_lacking()
        self._flushed_at = self._report.taken_records
        failure = self._write([*deferred, *self._batch.take()], postpone=postpone)
        while failure is None and (due := self._setbacks.due()):
            failure = self._try_once_more(due)
        failure = failure or self._setbacks.hopeless
        if failure is None:
            self._unwanted.release(self._objects_to_come())
        yield from self._due()
        if failure is not None:
            raise failure
        if self._report.taken_records >= self._config.batch_size:
            self._stop(past_limits(self._report, self._config))

    def _write(self, items: list[Item], *, postpone: bool) -> BaseException | None:
        """Writes items object by object, in the order in which objects refer to each other."""
        waiting: dict[str, list[Item]] = {name: [] for name in self._order}
        for item in items:
            if self._record_outcomes.outdated(item.record):
                self._record_outcomes.drop(item.record)
            elif not (postpone and self._postpone(item)):
                waiting[item.object_name].append(item)
        while name := next((one for one in self._order if waiting[one]), None):
            batch, waiting[name] = waiting[name], []
            arrived, failure = self._write_object(self._sinks[name], batch)
            if failure is not None:
                return failure
            for key in arrived:
                for item in self._deferred.arrived(key):
                    if not (postpone and self._postpone(item)):
                        waiting[item.object_name].append(item)
        return None

    def _try_once_more(self, due: Iterable[Held]) -> BaseException | None:
        """Writes records whose calls failed, each by itself."""
        for held in due:
            self._last_tries.add(held.item.record)
            failure = self._write([held.item], postpone=False)
            if failure is not None:
                return failure
            if held.item.record in self._last_tries:
                self._last_tries.discard(held.item.record)
                self._beaten(held.rest, None)
            elif held.rest:
                failure = self._write([one.item for one in held.rest], postpone=False)
                if failure is not None:
                    return failure
        return None

    def _postpone(self, item: Item) -> bool:
        """Puts an item aside while another stream may still bring what goes before it."""
        first = self._sinks[item.object_name].declaration.after
        if not first:
            return False
        others = self._open_streams - {item.stream}
        if not any(set(first) & set(self._routes[stream].objects) for stream in others):
            return False
        self._record_outcomes.put_aside(item.record)
        self._postponed.defer(item, ())
        self._postponed_objects.add(item.object_name)
        return True

    def _write_object(self, sink: ObjectSink, items: list[Item]) -> tuple[list[Awaited], BaseException | None]:
        # What was deferred comes behind newer records of its key; the order of the input says which is the last.
        ready, results, failure = self._writer.prepare(sink, sorted(items, key=lambda item: item.record))
        arrived: list[Awaited] = []
        for result in results:
            arrived += self._settle(sink.declaration, result)
        self._repeats.look_at(sink.declaration, [one.item for one in ready])
        groups = rivals(sink.declaration, ready)
        while groups and failure is None:
            chosen: list[Ready] = []
            group_of: dict[int, list[Ready]] = {}
            for group in groups:
                one = united(sink.declaration, group)
                for each in group if one is None else [one]:
                    chosen.append(each)
                    group_of[each.item.record] = [each] if one is None else group
            outcomes, failure = self._writer.write(sink, chosen)
            groups = []
            for outcome in outcomes:
                group = group_of[outcome.item.record]
                rest = [one for one in group if one.item.record != outcome.item.record]
                if isinstance(outcome, Contested):
                    self._contest(outcome, rest)
                elif rest and isinstance(outcome, Outcome) and outcome.action is Action.REJECT:
                    groups += [[one] for one in group]  # one of them is to blame; each is written by itself
                else:
                    arrived += self._settle(sink.declaration, outcome, rest)
                    if isinstance(outcome, Outcome):
                        self._beaten(rest, outcome.known)
        return arrived, failure

    def _contest(self, contested: Contested, rest: list[Ready]) -> None:
        """Puts a record aside that claims a key which others have, or may still claim."""
        item = contested.item
        self._record_outcomes.put_aside(item.record)
        if contested.waits:
            self._unsure.setdefault(item.object_name, DeferredRecords()).defer(item, ())
            self._beaten(rest, contested.own)
        else:
            self._contests.hold(contested, rest)

    def _settle_contests(self) -> Iterator[dict[str, Any]]:
        """Settles records that waited for a natural key, of objects of which nothing else is to come."""
        for name in self._order:
            if name not in self._objects_of_streams() and name in self._unsure:
                self._applier.complete.add(name)
                yield from self._flush_all(self._unsure[name], postpone=False)
            if name not in self._contests.objects:
                continue
            sink = self._sinks[name]
            assert isinstance(sink, EntitySink)
            arrived: list[Awaited] = []
            for outcome, rest in self._contests.settle(sink, self._objects_of_streams()):
                arrived += self._settle(sink.declaration, outcome, rest)
                if isinstance(outcome, Outcome):
                    if outcome.action is Action.REJECT:
                        yield from self._flush([one.item for one in rest], postpone=False)
                    else:
                        self._beaten(rest, outcome.known)
            yield from self._flush([item for key in arrived for item in self._deferred.arrived(key)])

    def _beaten(self, rest: Iterable[Ready], by: RemoteObject | None) -> None:
        for one in rest:
            reason = "another record of the same object wins"
            self._record_outcomes.settle(Outcome(one.item, Action.UNCHANGED, reason, remote=by))

    def _settle(self, declaration: ObjectDeclaration, result: Result, rest: Iterable[Ready] = ()) -> list[Awaited]:
        """Books a result, and names the keys under which its object may be waited for. `rest` are earlier records of
        the same object, which count where this one is rejected."""
        if isinstance(result, Waiting):
            self._wait(result)
            return []
        if isinstance(result, Outcome) and self._is_half_made(declaration, result):
            return []
        if isinstance(result, Stuck):
            if result.item.record not in self._last_tries:
                self._record_outcomes.put_aside(result.item.record)
                self._setbacks.hold(result, rest)
                return []
            self._last_tries.discard(result.item.record)
            result = rejected(result.item, result.failure)
        self._unwanted.hold(declaration, result.item)
        self._record_outcomes.settle(result)
        if result.action is not Action.REJECT:
            for held in self._setbacks.beaten_by(declaration, result.item):
                reason = "a later record of the same object was written"
                self._record_outcomes.settle(Outcome(held.item, Action.UNCHANGED, reason, remote=result.known))
                self._beaten(held.rest, result.known)
        if result.remote is None:
            return []
        self._mirror.wrote(result.item.stream, declaration.name, result.remote)
        written = result.action is not Action.UNCHANGED
        return self._resolver.settled(declaration, result.item.values, result.remote, written=written)

    def _is_half_made(self, declaration: ObjectDeclaration, outcome: Outcome) -> bool:
        """Defers a link to what is there and not finished, as after a crash, while its record may still come."""
        if outcome.reject is None or outcome.reject.code != NOT_PUBLISHED:
            return False
        awaited = self._resolver.awaited(declaration, outcome.item.values)
        if not {one[0] for one in awaited} & (self._objects_to_come() - {declaration.name}):
            return False
        self._record_outcomes.put_aside(outcome.item.record)
        self._deferred.defer(outcome.item, awaited, declaration.name)
        return True

    def _objects_of_streams(self) -> set[str]:
        """Objects of which records may still come in, or wait for another stream."""
        of_streams = {name for stream in self._open_streams for name in self._routes[stream].objects}
        return of_streams | (self._postponed_objects if len(self._postponed) else set())

    def _objects_to_come(self) -> set[str]:
        """Objects of which this sync may still write more."""
        others = self._setbacks.objects | self._contests.objects
        return self._deferred.to_come(self._objects_of_streams() | others)

    def _wait(self, waiting: Waiting) -> None:
        item = waiting.item
        target = {one[0] for one in waiting.awaited}
        if target & self._objects_to_come():
            self._record_outcomes.put_aside(item.record)
            self._deferred.defer(item, waiting.awaited, item.object_name)
            return
        self._record_outcomes.settle(
            Outcome(
                item,
                Action.REJECT,
                f"the {waiting.reference} it refers to is not there",
                reject=Reject(
                    "REFERENCE.NOT_FOUND",
                    f"the {waiting.reference} that the record refers to is not in {self._adapter.lms}",
                    self._hint(item, waiting.reference, target),
                ),
            )
        )

    def _hint(self, item: Item, reference: str, objects: set[str]) -> str:
        """What to do about a reference that is not there: what the source's preset knows of it, if anything."""
        targets = (one for one in self._routes[item.stream].mapper.targets if one.object_name == item.object_name)
        known = next((one.hints[reference] for one in targets if reference in one.hints), None)
        return (
            known or f"Sync {' and '.join(sorted(objects))} first or in the same connection, or correct the reference."
        )


def _retried_streams(routes: Mapping[StreamId, Route], config: SyncConfig) -> dict[StreamId, bool]:
    """The streams of the sync, and whether their rejects are kept to be tried again: of the others all records come
    again anyway, and what was deleted in the source must not come back."""
    if config.dry_run:
        return {}
    retried = {stream: route.incremental and route.refused is None for stream, route in routes.items()}
    return {stream: one and config.retry_rejected for stream, one in retried.items()}


def _with_policies(sinks: Mapping[str, ObjectSink], config: SyncConfig) -> dict[str, ObjectSink]:
    for name, policies in config.policies.items():
        sinks[name].declaration = sinks[name].declaration.with_policies(policies)
    for name, fields in config.mappings.cleared.items():
        sinks[name].declaration = sinks[name].declaration.with_cleared(fields)
    return dict(sinks)
