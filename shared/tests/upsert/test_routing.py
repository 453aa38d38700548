"""Which object and mode a stream is written to, and every refusal with its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.dev.testing.syncs import Stream, catalog
from lms_shared.model.declarations import Mode
from lms_shared.presets import PROVIDERS
from lms_shared.upsert.routing.routing import Route, check_mappings, route_streams
from lms_shared.upsert.routing.settings import SyncConfig
from lms_shared.upsert.routing.targets import Offered
from lms_shared.wire.messages import StreamId

OFFERED = Offered(declarations(), PROVIDERS)


def route(stream: Stream, *mappings: dict[str, Any]) -> Route:
    settings = SyncConfig.parse({"stream_mappings": list(mappings)})
    return route_streams(catalog([stream]), settings.mappings, OFFERED)[StreamId(stream.name)]


def check(config: dict[str, Any]) -> None:
    check_mappings(SyncConfig.parse(config).mappings, OFFERED)


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
        (Stream("users"), [{"stream": "invoices", "object": "nothing"}], ["users"]),
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
    (Stream("people", object_name="persons"), [], "there is no object 'persons'. The nearest: object"),
    (Stream("people"), [{"stream": "people", "object": "persons"}], "there is no object 'persons'"),
    (Stream("people"), [{"stream": "people", "preset": "pluralsight"}], "preset 'pluralsight' does not know it"),
    (
        Stream("users"),
        [{"stream": "users", "preset": "pluralsight", "object": "groups"}],
        "does not know it for object 'groups'",
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
        "the source of 'email' is not a valid JMESPath",
    ),
    (Stream("users"), [{"stream": "users"}, {"stream": "users"}], "names a stream twice: 'users'"),
    (
        Stream("people"),
        [{"stream": "people", "object": "users", "fields": [{"target": "active", "constant": "perhaps"}]}],
        "the constant of 'active': active is not of type boolean.",
    ),
    (
        Stream("course_progress"),
        [{"stream": "course_progress", "preset": "pluralsight", "mode": "soft_delete"}],
        "object 'completions' cannot be written in mode 'soft_delete'",
    ),
]
OF_MAPPINGS = [one[1:] for one in REFUSALS if one[1] and one[0] == Stream(one[0].name)]
"""Refusals that take no word of the catalog."""


@pytest.mark.parametrize(("stream", "mappings", "sentence"), REFUSALS)
def test_what_is_impossible_is_refused_with_a_sentence_that_says_what_to_change(
    stream: Stream, mappings: list[dict[str, Any]], sentence: str
) -> None:
    with pytest.raises(AirbyteTracedException) as caught:
        route(stream, *mappings)
    assert caught.value.failure_type is FailureType.config_error
    assert sentence in str(caught.value.message)


@pytest.mark.parametrize(("mappings", "sentence"), OF_MAPPINGS)
def test_what_is_impossible_whatever_the_catalog_says_is_refused_without_one_in_the_same_words(
    mappings: list[dict[str, Any]], sentence: str
) -> None:
    with pytest.raises(AirbyteTracedException) as caught:
        check({"stream_mappings": mappings})
    assert caught.value.failure_type is FailureType.config_error
    assert sentence in str(caught.value.message)


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ({"object": "persons", "field": "email"}, "field_policies: there is no object 'persons'."),
        ({"object": "users", "field": "mail"}, "object 'users' has no field 'mail'. Its fields are: active, email,"),
    ],
)
def test_a_field_policy_of_nothing_is_refused_with_and_without_a_catalog(policy: dict[str, str], sentence: str) -> None:
    config = {"field_policies": [{**policy, "policy": "never"}]}
    settings = SyncConfig.parse(config)
    for refuse in (lambda: check(config), lambda: route_streams(catalog([]), settings.mappings, OFFERED)):
        with pytest.raises(AirbyteTracedException) as caught:
            refuse()
        assert caught.value.failure_type is FailureType.config_error
        assert sentence in str(caught.value.message)


@pytest.mark.parametrize(
    "mapping",
    [
        {"stream": "people"},
        {"stream": "people", "mode": "mirror", "fields": [{"target": "name", "source": "title"}]},
        {"stream": "users", "mode": "mirror"},
        {"stream": "course_progress", "preset": "pluralsight", "object": "assignments", "mode": "soft_delete"},
        {"stream": "course_progress", "preset": "pluralsight", "fields": [{"target": "due_date", "source": "due"}]},
    ],
)
def test_what_a_catalog_may_still_make_possible_is_not_refused_without_one(mapping: dict[str, Any]) -> None:
    check({"stream_mappings": [mapping], "field_policies": [{"object": "users", "field": "email", "policy": "never"}]})


def test_a_field_mapping_goes_to_those_objects_of_a_preset_that_have_the_field() -> None:
    mapping = {"stream": "course_progress", "preset": "pluralsight"}
    fields = [{"target": "due_date", "source": "due"}, {"target": "user_id", "constant": "7"}]
    mapper = route(Stream("course_progress"), {**mapping, "fields": fields}).mapper
    targets = {name: [one.target for one in mapped] for name, mapped in mapper.fields.items()}
    assert targets == {"assignments": ["due_date", "user_id"], "completions": ["user_id"]}
