"""Which object and mode a stream is written to, and every refusal with its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.model.declarations import Mode
from lms_shared.testing.memory_adapter import declarations
from lms_shared.testing.syncs import Stream, catalog
from lms_shared.upsert.routing import Route, StreamId, route_streams
from lms_shared.upsert.settings import SyncConfig

OBJECTS = declarations()


def route(stream: Stream, *mappings: dict[str, Any]) -> Route:
    settings = SyncConfig.parse({"stream_mappings": list(mappings)})
    return route_streams(catalog([stream]), settings.mappings, OBJECTS)[StreamId(stream.name)]


@pytest.mark.parametrize(
    ("stream", "mappings", "objects"),
    [
        (Stream("users"), [], ["users"]),
        (Stream("people"), [{"stream": "people", "object": "users"}], ["users"]),
        (Stream("users"), [{"stream": "users", "object": "groups"}], ["groups"]),
        (Stream("users", object_name="content"), [{"stream": "users", "object": "groups"}], ["content"]),
        (Stream("course_catalog"), [{"stream": "course_catalog", "preset": "pluralsight"}], ["content"]),
        (
            Stream("course_progress"),
            [{"stream": "course_progress", "preset": "pluralsight"}],
            ["assignments", "completions"],
        ),
        (
            Stream("course_progress"),
            [{"stream": "course_progress", "preset": "pluralsight", "object": "completions"}],
            ["completions"],
        ),
        (Stream("users"), [{"stream": "another", "object": "nothing"}], ["users"]),
    ],
)
def test_the_object_is_that_of_the_catalog_then_of_the_mapping_then_of_the_name(
    stream: Stream, mappings: Sequence[dict[str, Any]], objects: list[str]
) -> None:
    assert list(route(stream, *mappings).objects) == objects


@pytest.mark.parametrize(
    ("sync_mode", "mapped", "mode"),
    [
        ("append", None, Mode.UPSERT),
        ("append_dedup", None, Mode.UPSERT),
        ("update", None, Mode.UPDATE),
        ("soft_delete", None, Mode.SOFT_DELETE),
        ("append", "create_only", Mode.CREATE_ONLY),
        ("append_dedup", "mirror", Mode.MIRROR),
        ("append_dedup", "update", Mode.UPDATE),
        ("append_dedup", "hard_delete", Mode.HARD_DELETE),
        ("update", "update", Mode.UPDATE),
    ],
)
def test_the_mode_is_that_of_the_sync_mode_or_the_mapping_s(sync_mode: str, mapped: str | None, mode: Mode) -> None:
    mappings = [{"stream": "content", "object": "content", "mode": mapped}] if mapped else []
    assert route(Stream("content", sync_mode=sync_mode), *mappings).mode is mode


REFUSALS: list[tuple[Stream, list[dict[str, Any]], str]] = [
    (Stream("people"), [], "Stream 'people' has no object"),
    (Stream("people", object_name="persons"), [], "there is no object 'persons'. The objects are: assignments,"),
    (Stream("people"), [{"stream": "people", "object": "persons"}], "there is no object 'persons'"),
    (Stream("people"), [{"stream": "people", "preset": "pluralsight"}], "preset 'pluralsight' does not know it"),
    (
        Stream("users"),
        [{"stream": "users", "preset": "pluralsight", "object": "groups"}],
        "does not know it for object 'groups'",
    ),
    (Stream("users", sync_mode="overwrite"), [], "'overwrite' would delete learning records"),
    (
        Stream("users", sync_mode="overwrite"),
        [{"stream": "users", "object": "users", "mode": "upsert"}],
        "'overwrite' would delete learning records",
    ),
    (Stream("groups", sync_mode="soft_delete"), [], "object 'groups' cannot be written in mode 'soft_delete'"),
    (Stream("users"), [{"stream": "users", "mode": "hard_delete"}], "It can do: create_only, mirror, soft_delete"),
    (
        Stream("users", sync_mode="update"),
        [{"stream": "users", "mode": "mirror"}],
        "the sync mode says 'update', the mapping says 'mirror'",
    ),
    (
        Stream("users"),
        [{"stream": "users", "fields": [{"target": "mail", "source": "x"}]}],
        "there is no field 'mail'. The fields are: active, email,",
    ),
    (
        Stream("users"),
        [{"stream": "users", "fields": [{"target": "email", "source": "a..b"}]}],
        "the source of 'email' is no JMESPath",
    ),
    (Stream("users"), [{"stream": "users"}, {"stream": "users"}], "names a stream twice"),
]


@pytest.mark.parametrize(("stream", "mappings", "sentence"), REFUSALS)
def test_what_is_impossible_is_refused_with_a_sentence_that_says_what_to_change(
    stream: Stream, mappings: list[dict[str, Any]], sentence: str
) -> None:
    with pytest.raises(AirbyteTracedException) as caught:
        route(stream, *mappings)
    assert caught.value.failure_type is FailureType.config_error
    assert sentence in str(caught.value.message)
