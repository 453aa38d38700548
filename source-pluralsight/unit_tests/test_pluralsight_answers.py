"""An answer that cannot be read is never "nothing there": every list call, spoilt in every shape, on every page.

The calls are those that the sandbox logs in a read of all streams, so that no list can be forgotten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteStreamStatus

from lms_shared.dev.sandbox.pluralsight.options import ALPHA_KEY, PluralsightOptions
from lms_shared.dev.sandbox.pluralsight.sandbox import PluralsightSandbox
from lms_shared.dev.sandbox.pluralsight.tampering import Shape, Tampering
from lms_shared.dev.sandbox.server import SandboxServer

SIZES = {"users": 12, "courses": 9, "progress": 30}
SINGLE_OBJECTS = {"planInfo"}
"""The look-up of one object may find none: null is an answer there."""
NEVER_AN_OBJECT = {Shape.ROOT_A_TEXT, Shape.ROOT_MISSING, Shape.DATA_NULL, Shape.DATA_MISSING}


class World:
    """A sandbox, its streams, what a whole read of them gives, and the list calls that this takes."""

    def __init__(self, server: SandboxServer, commands: Any) -> None:
        self.sandbox: Any = server.lms
        endpoint = f"{server.url}/graphql"
        self.config = {"api_key": ALPHA_KEY, "partner_name": "Acme", "endpoint": endpoint, "page_size": 4}
        self._commands = commands
        self.streams = list(self._commands.catalog(self.config).values())
        server.requests.reset()
        self.whole = rows(self.read())
        logged = {label.removeprefix("POST /graphql "): count for label, count in server.requests.by_route.items()}
        self.calls = {root: count for root, count in logged.items() if root != "__schema"}

    def read(self) -> Any:
        return self._commands.read(self.config, self.streams)

    def tampered(self, shape: Shape, nth: int, times: int | None) -> list[str]:
        """The list calls that a shape can spoil at this place, which are spoilt from now on."""
        roots = [root for root, count in self.calls.items() if count >= nth]
        if shape not in NEVER_AN_OBJECT and not _is_no_json(shape):
            roots = [root for root in roots if root not in SINGLE_OBJECTS]
        self.tamperer = self.sandbox.tamper(*(Tampering(root, shape, nth, times) for root in roots))
        return roots


def _is_no_json(shape: Shape) -> bool:
    return shape in {Shape.EMPTY_BODY, Shape.NO_CONTENT, Shape.NULL, Shape.WEB_PAGE, Shape.HALF_A_BODY}


def rows(output: Any) -> Counter[tuple[str, str]]:
    """All records. A row of course_progress may come twice, since its key tells a destination so."""
    found = Counter((message.record.stream, repr(message.record.data)) for message in output.records)
    return Counter({row: 1 if row[0] == "course_progress" else count for row, count in found.items()})


@pytest.fixture(scope="module")
def served(shared_commands: Any) -> Iterator[World]:
    sandbox = PluralsightSandbox(options=PluralsightOptions(channel_id_required=True), **SIZES)
    with SandboxServer(sandbox) as server:
        yield World(server, shared_commands)


@pytest.fixture
def world(served: World) -> World:
    served.sandbox.tamper()
    return served


def test_the_walk_knows_every_list_call_of_a_read_of_all_streams(world: World) -> None:
    assert len(world.calls) > 35
    assert sum(count > 1 for count in world.calls.values()) > 15
    assert set(world.tampered(Shape.EMPTY_BODY, 1, 1)) == set(world.calls)


@pytest.mark.sweep(kept=5)
@pytest.mark.parametrize("nth", [1, 2], ids=["first page", "a later page"])
@pytest.mark.parametrize("shape", list(Shape), ids=str)
def test_a_list_call_that_is_spoilt_once_costs_no_row_and_doubles_none(world: World, shape: Shape, nth: int) -> None:
    roots = world.tampered(shape, nth, times=1)
    output = world.read()
    assert world.tamperer.struck == len(roots)
    assert not output.errors
    assert rows(output) == world.whole


@pytest.mark.sweep(kept=5)
@pytest.mark.parametrize("nth", [1, 2], ids=["first page", "a later page"])
@pytest.mark.parametrize("shape", list(Shape), ids=str)
def test_a_list_call_that_stays_spoilt_fails_its_stream_once_and_moves_no_state(
    world: World, shape: Shape, nth: int
) -> None:
    roots = world.tampered(shape, nth, times=None)
    output = world.read()
    failed = {stream.name for stream in world.streams if ends(output, stream.name) == AirbyteStreamStatus.INCOMPLETE}
    of_streams = [error.trace.error for error in output.errors if error.trace.error.stream_descriptor is not None]
    reported = Counter(error.stream_descriptor.name for error in of_streams)
    assert len(failed) >= len(roots)
    assert reported == dict.fromkeys(failed, 1)
    assert {error.trace.error.failure_type.value for error in output.errors} == {"transient_error"}
    moved = {message.state.stream.stream_descriptor.name for message in output.state_messages}
    assert not moved & (failed - {"course_progress"})
    assert not rows(output) - world.whole


def ends(output: Any, stream: str) -> AirbyteStreamStatus:
    statuses = output.get_stream_statuses(stream)
    assert statuses[0] == AirbyteStreamStatus.STARTED
    return statuses[-1]
