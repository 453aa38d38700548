"""Reading a whole plan over HTTP."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import jsonschema
import pytest
from airbyte_cdk.models import AirbyteStreamStatus, Type

from lms_shared.activity import ACTIVITY
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluralsight.options import ALPHA_KEY, PluralsightOptions


def rows(output: Any) -> dict[str, list[dict[str, Any]]]:
    by_stream: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in output.records:
        by_stream[message.record.stream].append(message.record.data)
    return by_stream


def in_any_order(output: Any) -> Counter[tuple[str, str]]:
    return Counter((stream, repr(row)) for stream, found in rows(output).items() for row in found)


def strict(schema: Any) -> Any:
    """The schema without room for a field that it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(part) for key, part in schema.items()}
    return {**closed, "additionalProperties": False} if "properties" in closed else closed


def test_every_discovered_stream_gives_records_that_fit_its_schema_exactly(serve: Any, commands: Any) -> None:
    config = serve().config(api_key=ALPHA_KEY)
    streams = commands.catalog(config)
    output = commands.read(config, streams.values())
    found = rows(output)
    assert not output.errors
    assert found.keys() == streams.keys()
    for name, stream in streams.items():
        validator = jsonschema.Draft7Validator(strict(stream.json_schema), format_checker=jsonschema.FormatChecker())
        for row in found[name]:
            validator.validate(row)


def test_a_declared_primary_key_is_present_and_unique_in_the_data(serve: Any, commands: Any) -> None:
    config = serve().config(api_key=ALPHA_KEY)
    streams = commands.catalog(config)
    found = rows(commands.read(config, streams.values()))
    keyed = {name: stream.source_defined_primary_key for name, stream in streams.items()}
    assert keyed["course_progress"] == [["psUserId"], ["courseId"]]
    for name, key in keyed.items():
        if key:
            values = [tuple(row[part] for (part,) in key) for row in found[name]]
            assert None not in {part for value in values for part in value}
            assert len(set(values)) == len(values), name


def test_two_reads_give_the_same_records(serve: Any, commands: Any) -> None:
    config = serve().config()
    streams = commands.catalog(config).values()
    assert in_any_order(commands.read(config, streams)) == in_any_order(commands.read(config, streams))


@pytest.mark.parametrize(("page_size", "workers"), [(1, 20), (7, 1), (10_000, 2)])
def test_page_size_and_concurrency_change_nothing(serve: Any, commands: Any, page_size: int, workers: int) -> None:
    site = serve(users=15, courses=9, progress=40)
    names = ["users", "course_catalog", "course_progress", "team_managers", "role_iq_skills"]
    expected = commands.read(site.config(), names)
    config = site.config(page_size=page_size, num_workers=workers)
    assert in_any_order(commands.read(config, names)) == in_any_order(expected)


def test_every_request_carries_the_clientversion_header(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(client_version_required=True))
    config = site.config(partner_name=" Acme  Learning ", connector_type="skills data")
    assert commands.check(config)["status"] == "SUCCEEDED"
    commands.read(config, commands.catalog(config).values())
    assert list(site.sandbox.client_versions) == ["Acme_Learning skills_data connector"]


def test_each_stream_starts_completes_and_ends_with_a_state(serve: Any, commands: Any) -> None:
    config = serve().config()
    streams = commands.catalog(config)
    output = commands.read(config, streams.values())
    last: dict[str, Any] = {}
    for message in output.get_message_iterator():
        if message.type == Type.RECORD:
            last[message.record.stream] = message.type
        elif message.type == Type.STATE:
            last[message.state.stream.stream_descriptor.name] = message.type
    assert last == dict.fromkeys(streams, Type.STATE)
    for name in streams:
        statuses = output.get_stream_statuses(name)
        assert (statuses[0], statuses[-1]) == (AirbyteStreamStatus.STARTED, AirbyteStreamStatus.COMPLETE)


def test_introspection_is_asked_once_per_command(serve: Any, commands: Any) -> None:
    site = serve()
    commands.read(site.config(), ["users", "teams", "tags"])
    assert site.requests_for("__schema") == 1
    assert site.requests_for("users") == 1


def test_retired_and_removed_courses_are_read_too(serve: Any, commands: Any) -> None:
    site = serve(courses=60)
    found = rows(commands.read(site.config(show_off_plan_content=True), ["course_catalog"]))["course_catalog"]
    assert {row["id"] for row in found} == {course["id"] for course in site.sandbox.state()["courses"]}
    assert len({row["courseStatus"]["name"] for row in found}) > 1


def test_courses_outside_the_plan_come_only_when_asked_for(serve: Any, commands: Any) -> None:
    site = serve(courses=60)
    of_plan = rows(commands.read(site.config(), ["course_catalog"]))["course_catalog"]
    everything = rows(commands.read(site.config(show_off_plan_content=True), ["course_catalog"]))["course_catalog"]
    assert 0 < len(of_plan) < len(everything)


@pytest.mark.parametrize("strings", [True, False])
def test_content_types_narrow_the_content_catalogue(serve: Any, commands: Any, strings: bool) -> None:
    site = serve(PluralsightOptions(content_types_are_strings=strings))
    everything = rows(commands.read(site.config(), ["content_catalog"]))["content_catalog"]
    paths = rows(commands.read(site.config(content_types=["PATH"]), ["content_catalog"]))["content_catalog"]
    assert {row["contentType"] for row in paths} == {"PATH"}
    assert len(paths) == sum(row["contentType"] == "PATH" for row in everything)


NOT_PASSING = {"401", "403", "404", "slow", "rows_half", "rows_gone", "page_repeats"}
"""Refusals, and lists that are read anew as a whole (see test_pluralsight_answers.py)."""
FAULTS = [kind for kind in FaultKind if kind.value not in NOT_PASSING]


@pytest.mark.sweep(kept=5)
@pytest.mark.parametrize("kind", FAULTS)
def test_trouble_on_the_way_is_retried_until_the_data_is_whole(serve: Any, commands: Any, kind: FaultKind) -> None:
    site = serve(users=15, courses=9, progress=40)
    config = site.config(page_size=10)
    expected = in_any_order(commands.read(config, ["users", "course_progress"]))
    site.server.faults = FaultPlan([FaultRule(kind, probability=0.4, retry_after=1)], seed=3, max_in_a_row=3)
    output = commands.read(config, ["users", "course_progress"])
    assert not output.errors
    assert in_any_order(output) == expected


def test_trouble_that_lasts_is_a_transient_error_of_the_stream(serve: Any, commands: Any) -> None:
    site = serve(users=15, courses=9, progress=40)
    site.server.faults = FaultPlan([FaultRule(FaultKind.UNAVAILABLE, skip=2)])
    output = commands.read(site.config(page_size=10), ["course_progress"])
    assert {error.trace.error.failure_type.value for error in output.errors} == {"transient_error"}
    assert output.get_stream_statuses("course_progress")[-1] == AirbyteStreamStatus.INCOMPLETE
    assert all(
        state.state.stream.stream_state.__dict__.get("updatedOn", "1970") < "2000" for state in output.state_messages
    )


def test_calls_and_waits_are_told_while_they_happen(serve: Any, commands: Any) -> None:
    before = ACTIVITY.as_json()["calls"]
    site = serve()
    commands.read(site.config(), ["users", "teams"])
    assert ACTIVITY.as_json()["calls"] - before >= site.server.requests.total > 0
