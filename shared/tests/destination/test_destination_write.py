"""The destination in a program's own process: messages in, messages out."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import pytest
from airbyte_cdk.models import AirbyteMessageSerializer, FailureType, Status, Type
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.destination import base, ending
from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.syncs import Stream, catalog, messages

USERS = [Stream("users", [{"email": "ada@example.com"}])]


def test_write_takes_messages_and_gives_a_state_message_for_each_state() -> None:
    destination = MemoryDestination()
    sent = [AirbyteMessageSerializer.load(one) for one in messages(USERS)]
    (answer,) = destination.write({"api_key": "k"}, catalog(USERS), sent)
    assert answer.type is Type.STATE
    assert answer.state is not None
    assert answer.state.stream is not None
    assert answer.state.destinationStats is not None
    assert answer.state.destinationStats.recordCount == 1
    encoded = json.loads(base.encode(answer))
    assert encoded["state"]["stream"]["stream_descriptor"] == {"name": "users"}
    assert len(destination.lms.rows("users")) == 1


def test_check_hands_on_what_the_adapter_says_without_an_address() -> None:
    class Refusing(MemoryDestination):
        def settings(self, config: object) -> NoReturn:
            raise AirbyteTracedException(
                message="The key of ada@example.com is refused.", failure_type=FailureType.config_error
            )

    result = Refusing().check(base.logger, {"api_key": "k"})
    assert result.status is Status.FAILED
    assert result.message == "The key of a***@*** is refused."
    assert MemoryDestination().check(base.logger, {"api_key": "k"}).status is Status.SUCCEEDED


def test_discover_offers_what_the_adapter_declares() -> None:
    names = {one["object_name"] for one in MemoryDestination().discover({"api_key": "k"})["operations"]}
    assert names == {"users", "groups", "group_members", "content", "assignments", "completions"}


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        (
            {"stream": "people", "object": "user"},
            "'people': there is no object 'user'. The nearest: object 'users'",
        ),
        ({"stream": "people", "fields": [{"target": "email", "source": "a..b"}]}, "is not a valid JMESPath"),
    ],
)
def test_check_finds_a_mapping_that_could_never_work(mapping: dict[str, Any], sentence: str) -> None:
    result = MemoryDestination().check(base.logger, {"api_key": "k", "stream_mappings": [mapping]})
    assert result.status is Status.FAILED
    assert sentence in str(result.message)


def test_a_sync_that_keeps_no_reports_does_not_make_their_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> NoReturn:
        raise AssertionError("The page was made although nothing is stored.")

    monkeypatch.setattr(ending, "render", fail)
    sent = [AirbyteMessageSerializer.load(one) for one in messages(USERS)]
    (answer,) = MemoryDestination().write({"api_key": "k"}, catalog(USERS), sent)
    assert answer.type is Type.STATE
