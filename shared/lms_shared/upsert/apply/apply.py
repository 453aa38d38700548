"""Carries one item through match, plan and write. After a call without an answer it looks again before it decides."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from airbyte_cdk.models import FailureType
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from lms_shared.adapter.adapter import EntitySink, LinkSink, ObjectSink
from lms_shared.adapter.remote import PLANNED_ID, Key, RecordRejected, RemoteObject, is_planned
from lms_shared.http.outcome import CallFailed, UnknownOutcome
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.upsert.apply.bulk import Begun
from lms_shared.upsert.apply.contest import (
    REFERENCE,
    Claims,
    Contested,
    Verdict,
    is_inactive,
    natural_values,
    two_people,
)
from lms_shared.upsert.item import REMOVING, Foreseen, Item, Outcome, Ready, Reject, set_mark, wants_link
from lms_shared.upsert.match.match import Match, Stranger, match_entity
from lms_shared.upsert.plan.plan import Action, Decision, plan

logger = logging.getLogger("airbyte")

MAX_ATTEMPTS = 8
"""How often a write without an answer is looked up and tried again before the sync gives up."""
FIRST_WAIT, LONGEST_WAIT = 0.2, 30.0
"""Seconds between two attempts, doubled each time."""


@dataclass
class Applier:
    """Writes items of one adapter; safe for threads as long as equal objects are not written at the same time."""

    lms: str
    dry_run: bool
    prove: Callable[[ObjectDeclaration, Iterable[str], Mapping[str, Any]], None]
    """Looks up ids that a record came with. Raises RecordRejected where the LMS does not have one."""
    mark: Callable[[], int] = lambda: 0
    """The moment now, as `CallFailed` has it."""
    claims: Claims = field(default_factory=Claims)
    complete: set[str] = field(default_factory=set)
    """Objects of which no other record is to come that could claim a key."""
    vacated: set[tuple[str, str, str]] = field(default_factory=set)
    """In a dry run, natural keys that objects would have given up: the object's name, its id and the key's value."""

    def held(self, sink: ObjectSink, item: Item) -> str | None:
        """The id of the object that an item means, where the LMS has it and it is clear which one it is."""
        if not isinstance(sink, EntitySink):
            return None
        try:
            remote = _Attempt(self, sink, item, {}).match().remote
        except RecordRejected:
            return None
        return None if remote is None or remote.planned else remote.id

    def foresee(self, sink: ObjectSink, ready: Ready) -> Foreseen | None:
        """What is going to be done with an item, as far as the LMS is now; None where that cannot be said."""
        try:
            seen = ready.foreseen or _Attempt(self, sink, ready.item, ready.references).foresee()
            if seen.decision.action is Action.CREATE:
                sink.before_create(ready.references)
        except (RecordRejected, CallFailed):
            return None
        return seen

    def remembered(self, sink: EntitySink, item: Item) -> Foreseen | None:
        """What is going to be done with an item of which memory has all that it takes to say so, so that no call is
        made; None where it is going to be rejected."""
        try:
            return _Attempt(self, sink, item, {}).foresee()
        except RecordRejected:
            return None

    def unchanged(self, sink: EntitySink, ready: Ready) -> Outcome | None:
        """What becomes of an item that needs no write, as far as memory says so; None where that is not sure. To be
        asked where all that it takes is remembered, for it makes no call."""
        item = ready.item
        seen = ready.foreseen or self.remembered(sink, item)
        if seen is None or seen.decision.action is not Action.UNCHANGED or seen.remote is None:
            return None
        decision, remote = seen.decision, seen.remote
        try:
            if _Attempt(self, sink, item, {}).is_contested(decision, remote):
                return None
        except RecordRejected:
            return None
        return Outcome(item, decision.action, decision.reason, decision.changes, remote, former=remote)

    def apply(
        self,
        sink: ObjectSink,
        item: Item,
        references: Mapping[str, RemoteObject],
        begun: Begun | None = None,
        *,
        last: bool = False,
    ) -> Outcome | Contested:
        """Matches, plans and writes an item. `begun` is what a call for many has done for it, perhaps.

        `last`: nothing else is to come that could settle whose a natural key is.

        Raises CallFailed where calls stay without an answer, or fail each time.
        """
        attempt = _Attempt(self, sink, item, references, begun, last=last)
        retrying = Retrying(
            retry=retry_if_exception_type(UnknownOutcome),
            stop=stop_after_attempt(MAX_ATTEMPTS),
            wait=wait_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT) + wait_random(0, FIRST_WAIT),
            before_sleep=attempt.note,
            reraise=True,
        )
        try:
            return retrying(attempt.run)
        except RecordRejected as error:
            reject = Reject.of(error)
            return Outcome(item, Action.REJECT, reject.reason, reject=reject)
        except UnknownOutcome as error:
            if isinstance(error.refusal, RecordRejected):
                reject = Reject.of(error.refusal)
                return Outcome(item, Action.REJECT, reject.reason, reject=reject)
            message = f"{self.lms} did not answer a write in {MAX_ATTEMPTS} attempts. Run the sync again later."
            raise CallFailed(
                message,
                FailureType.transient_error,
                code=error.code,
                operation=error.operation,
                mark=attempt.lost_at or 0,
                internal=f"{message} Last: {error}",
            ) from error


@dataclass
class _Attempt:
    """One item's way, with the memory that a write of it may already have happened."""

    applier: Applier
    sink: ObjectSink
    item: Item
    references: Mapping[str, RemoteObject]
    begun: Begun | None = None
    in_doubt: Decision | None = None
    lost_at: int | None = None
    """When the first answer got lost, as `CallFailed` has it."""
    planned: Decision | None = None
    last: bool = False
    taken_over: RemoteObject | None = None
    """The object of an inactive person, whose address the record's person has now."""

    def note(self, state: RetryCallState) -> None:
        self.in_doubt = self.in_doubt or self.planned
        if self.lost_at is None:
            self.lost_at = self.applier.mark()
        logger.info(
            "A write of %s got no answer (attempt %d); looking it up before it is tried again.",
            self.item.object_name,
            state.attempt_number,
        )

    def decide(self) -> tuple[Decision, RemoteObject | None]:
        """Looks the item's object up and plans. Raises RecordRejected."""
        item = self.item
        declaration = self.sink.declaration.judging(renews=item.renews)
        match = self.match()
        remote, values = match.remote, item.values
        if isinstance(self.sink, EntitySink) and item.mode in _COMPARING and not (remote and remote.planned):
            remote = None if remote is None else self.sink.load(remote, frozenset(values))
            values = self.sink.meant(values, remote)
            if item.mode is Mode.MIRROR and remote is not None and remote.withdrawn:
                values = {"active": True, **values}
        decision = plan(declaration, item.mode, values, remote, match.reason)
        if decision.action is Action.UNCHANGED and remote is not None and self._unmarked(remote):
            decision = Decision(Action.UPDATE, f"{match.reason}; marked as part of stream {item.stream}")
        return decision, remote

    def foresee(self) -> Foreseen:
        """The same, to be remembered. Raises RecordRejected."""
        return Foreseen(*self.decide())

    def _unmarked(self, remote: RemoteObject) -> bool:
        """Whether the object is still to be marked as one of its stream's set."""
        return self.item.mode is Mode.MIRROR and set_mark(self.item.stream) not in remote.sets

    def run(self) -> Outcome | Contested:
        try:
            return self._run()
        except Stranger as stranger:
            return self._contest(stranger)

    def _contest(self, stranger: Stranger) -> Outcome | Contested:
        """Settles whose a natural key is that another reference holds. Raises Stranger where that one keeps it."""
        if is_inactive(self.item):
            return self._beaten(stranger.field)
        if not self.last:
            return Contested(self.item, stranger.field, stranger.remote)
        if stranger.remote.fields.get("active") is not False:
            raise stranger
        self.taken_over = stranger.remote
        return self._run()

    def _beaten(self, field_name: str) -> Outcome:
        reason = f"another person has this {field_name}"
        return Outcome(self.item, Action.UNCHANGED, reason, beaten=True)

    def _run(self) -> Outcome | Contested:
        item = self.item
        if isinstance(self.sink, LinkSink) and not any(one.planned for one in self.references.values()):
            self.sink.said(self.references, active=wants_link(item))
        if self.begun is not None and self.begun.refusal is not None:
            raise self.begun.refusal
        decision, remote = self.decide()
        if decision.action is Action.REJECT:
            raise RecordRejected(
                "POLICY.NO_MATCH",
                decision.reason,
                "Use sync mode append_dedup to create what is missing, or remove the record from the stream.",
            )
        contested = self._claimed(decision, remote) or self._occupied(decision, remote)
        if contested is not None:
            return contested
        self.planned = decision
        if decision.action is Action.CREATE and not any(one.planned for one in self.references.values()):
            self.sink.before_create(self.references)
        if item.given_ids and decision.action in _SENDING:
            sent = decision.new_values
            self.applier.prove(self.sink.declaration, [one for one in item.given_ids if one in sent], item.values)
        written = remote if self.applier.dry_run else self._marked(self._write(decision, remote))
        if self.applier.dry_run and remote is not None and remote.incomplete:
            written = replace(remote, id=PLANNED_ID)
        if written is None and decision.action is Action.CREATE:
            written = RemoteObject(PLANNED_ID, dict(item.values))
        told = self.in_doubt or (self.begun.decision if self.begun else decision)
        return Outcome(item, told.action, told.reason, told.changes, written, former=remote)

    def is_contested(self, decision: Decision, remote: RemoteObject) -> bool:
        """Whether other people claim the key of a record. Raises RecordRejected where one of them keeps it."""
        return self._claimed(decision, remote) is not None

    def _claimed(self, decision: Decision, remote: RemoteObject | None) -> Outcome | Contested | None:
        """What becomes of a record whose reference the LMS does not keep, where other people claim its key."""
        declaration = self.sink.declaration
        last = self.last or self.item.object_name in self.applier.complete
        verdict = self.applier.claims.judge(declaration, self.item, remote, last=last)
        if verdict is Verdict.GO_ON or (verdict is Verdict.WAIT and decision.action is Action.UNCHANGED):
            return None
        name = next(iter(natural_values(declaration, self.item.values)))
        if verdict is Verdict.BEATEN:
            return self._beaten(name)
        if verdict is Verdict.WAIT:
            assert remote is not None
            return Contested(self.item, name, remote, remote, waits=True)
        raise two_people(name, () if remote is None else (remote,))

    def _occupied(self, decision: Decision, remote: RemoteObject | None) -> Contested | None:
        """Whether a change of a natural key would take the key of another object. Raises RecordRejected where it
        stays with that one."""
        if not isinstance(self.sink, EntitySink) or remote is None or decision.action not in _MOVING:
            return None
        for name, value in natural_values(self.sink.declaration, decision.new_values).items():
            others = [one for one in self._find(Key(name, value)) if one.id != remote.id]
            if others and self.last:
                raise RecordRejected(
                    "REMOTE.CONFLICT",
                    f"the new {name} is that of another object in the LMS, which keeps it",
                    f"Correct {name} in the source. Two people can exchange theirs in one sync where both are found by "
                    "reference or id.",
                    tuple(others),
                )
            if others:
                return Contested(self.item, name, others[0], remote)
            if self.applier.dry_run and remote.fields.get(name) is not None:
                given_up = self.sink.declaration.normal(name, remote.fields[name])
                self.applier.vacated.add((self.item.object_name, remote.id, str(given_up)))
        return None

    def _find(self, key: Key) -> list[RemoteObject]:
        """The objects that carry a key; in a dry run without those that would have given it up."""
        assert isinstance(self.sink, EntitySink)
        if key.field == self.sink.declaration.id_field and not self.sink.can_be_id(key.value):
            return []
        found = self.sink.find(key, fresh=self.in_doubt is not None)
        if not self.applier.vacated:
            return found
        name = self.item.object_name
        return [one for one in found if (name, one.id, key.value) not in self.applier.vacated]

    def match(self) -> Match:
        """The object in the LMS that the item means. Raises RecordRejected where that is not clear."""
        fresh = self.in_doubt is not None
        if isinstance(self.sink, LinkSink):
            found = self._linked(fresh=fresh)
            return Match(found, "matched by " + " + ".join(self.references) if found else "no match")
        sink = self.sink
        assert isinstance(sink, EntitySink)
        references = (self.item.values.get(one.field) for one in sink.declaration.field_references)
        if any(map(is_planned, references)):
            if Mode.UPSERT in sink.declaration.modes or self.item.mode is not Mode.UPDATE:
                return Match(None, "no match")
            # The LMS makes the object together with what it refers to.
            fixed = {one.name for one in sink.declaration.fields if one.fixed}
            fields = {name: value for name, value in self.item.values.items() if name in fixed}
            return Match(RemoteObject(PLANNED_ID, fields), "comes with what is planned")
        if self.taken_over is not None:
            anew = self.taken_over.changed({REFERENCE: None})
            return Match(anew, "matched by a natural key, taken over from a person who is not active")
        return match_entity(
            sink.declaration,
            self.item.values,
            self._find,
            removing=self.item.mode in REMOVING,
            chosen=self.item.match_by,
            as_they_came=self.item.as_they_came,
        )

    def _linked(self, *, fresh: bool) -> RemoteObject | None:
        assert isinstance(self.sink, LinkSink)
        if any(one.planned for one in self.references.values()):
            return None
        return self.sink.find(self.references, fresh=fresh)

    def _marked(self, written: RemoteObject | None) -> RemoteObject | None:
        if written is None or not self._unmarked(written):
            return written
        assert isinstance(self.sink, EntitySink)
        return self.sink.mark(written, set_mark(self.item.stream))

    def _write(self, decision: Decision, remote: RemoteObject | None) -> RemoteObject | None:
        if decision.action is Action.UNCHANGED:
            return remote
        if decision.action is Action.CREATE:
            return self.sink.create(decision.new_values, self.references)
        assert remote is not None
        if decision.action is Action.DELETE:
            self.sink.delete(remote)
            return None
        return self.sink.update(remote, decision.new_values, self.references)


_MOVING = frozenset({Action.UPDATE, Action.DEACTIVATE})
"""What may give an object another natural key."""
_SENDING = frozenset({Action.CREATE, Action.UPDATE})
_COMPARING = frozenset({Mode.UPSERT, Mode.UPDATE, Mode.MIRROR, Mode.SOFT_DELETE})
