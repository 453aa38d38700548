"""Spoils the answer of each list call that a connector makes, in each way, and looks what comes of it.

The calls are those that the pretend LMS has logged while a whole sync ran undisturbed, so that none is forgotten. What
must come of a spoiled answer is the right end, or a failure after which the next sync, from the states that came out,
gets there: nothing lost, nothing doubled, nothing acknowledged that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.testing.syncs import Run, last_states

UNREADABLE = (
    FaultKind.EMPTY_BODY,
    FaultKind.NO_CONTENT,
    FaultKind.NULL,
    FaultKind.HTML,
    FaultKind.CUT_BODY,
    FaultKind.ROOT_NULL,
    FaultKind.ROWS_NULL,
    FaultKind.ROWS_MISSING,
    FaultKind.ROWS_TEXT,
)
"""Answers that no list gives."""
INCOMPLETE = (FaultKind.ROWS_HALF, FaultKind.ROWS_GONE, FaultKind.PAGE_REPEATS)
"""Answers of a list that do not hold what it promises."""


@dataclass(frozen=True)
class ListCall:
    """A call that answers with a list."""

    label: str
    """Method and route, and for GraphQL the root fields of the document."""
    field: str
    """The root field that is the list, or holds it; empty for REST."""
    later: bool
    """Whether a later page is asked for."""

    def rule(self, kind: FaultKind, times: int | None) -> FaultRule:
        """Spoils the first answers to the call."""
        method, path, *_ = self.label.split(" ")
        if self.field:
            cursor = r'"after_\d+":\s*"'
            body = rf"(?s)\b{self.field}\(?.*{cursor}" if self.later else rf"(?s)^(?!.*{cursor}).*\b{self.field}\b"
            return FaultRule(kind, method, body=body, field=self.field, times=times)
        page = "(^|&)(page|cursor|page%5Bcursor%5D)="
        route = "^" + re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)) + "$"
        return FaultRule(kind, method, route, query=page if self.later else f"^(?!.*{page})", times=times)


class World(Protocol):
    """An LMS in which some syncs were done, and the next one."""

    @property
    def server(self) -> SandboxServer: ...

    def write(self, since: Mapping[str, int] | None = None) -> Run:
        """The sync, from the given states on."""

    def held(self) -> Any:
        """What is in the LMS, comparable by `==`."""


def list_calls(server: SandboxServer) -> Iterator[ListCall]:
    """The list calls of a run that the server has logged with `note_lists`."""
    for (label, field), later in server.requests.lists.items():
        yield ListCall(label, field, later=False)
        if later:
            yield ListCall(label, field, later=True)


@dataclass(frozen=True)
class Walk:
    """The walk over one sync. `opened` makes the same world again each time."""

    opened: Callable[[], AbstractContextManager[World]]

    def all_calls(self, *, whole: bool) -> int:
        """Spoils each list call of the sync, in each way or (not `whole`) in one, by turns; says how many times."""
        calls, wanted = self.undisturbed()
        kinds = (*UNREADABLE, *INCOMPLETE)
        cases = [
            (call, kind)
            for place, call in enumerate(sorted(calls, key=lambda one: (one.label, one.field, one.later)))
            for turn, kind in enumerate(kinds)
            if whole or turn == place % len(kinds)
        ]
        for call, kind in cases:
            self.spoil(call, kind, wanted)
        lasting = sorted(calls, key=lambda one: one.label) if whole else []
        for call in lasting:
            self.spoil(call, FaultKind.NULL, wanted, times=None)
        return len(cases) + len(lasting)

    def undisturbed(self) -> tuple[set[ListCall], Any]:
        """The list calls of the sync, and its end."""
        with self.opened() as world:
            world.server.note_lists = True
            run = world.write()
            assert run.error is None, run.error
            # A document of GraphQL holds what happens to be asked for at the same time; a field is spoiled once.
            calls = {(one.field or one.label, one.later): one for one in list_calls(world.server)}
            return set(calls.values()), world.held()

    def spoil(self, call: ListCall, kind: FaultKind, wanted: Any, times: int | None = 1) -> None:
        """Spoils an answer and proves what comes of it."""
        told = f"{kind} at {call}"
        with self.opened() as world:
            world.server.faults = FaultPlan([call.rule(kind, times)])
            run = world.write()
            assert world.server.faults.to_json()["rules"][0]["hits"], f"{told}: never asked"
            assert run.rejects == [], f"{told}: {run.rejects}"
            if run.error is not None:
                assert isinstance(run.error, AirbyteTracedException), f"{told}: {run.error!r}"
                assert run.error.failure_type is FailureType.transient_error, f"{told}: {run.error!r}"
                world.server.faults = FaultPlan()
                again = world.write(last_states(run))
                assert (again.error, again.rejects) == (None, []), told
            assert world.held() == wanted, told
            # A write whose answer never comes is looked up, and may be there; a list is read in no other way.
            assert times is not None or run.error is not None or call.field, f"{told}: taken for a list"
