"""Trouble is not a refusal, and a refusal is not trouble: what errors beside data, limits and refused fields cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteStreamStatus

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluralsight.options import (
    ALPHA_KEY,
    ExtensionsShape,
    FailingField,
    FilterDates,
    PluralsightOptions,
    Refusal,
)

PROGRESS = ["course_progress"]
DAY_AFTER = datetime(2026, 8, 29, 12, tzinfo=UTC)
"""A clock by which the newest progress rows of the sandbox are a day old."""


def found(output: Any) -> list[dict[str, Any]]:
    return [message.record.data for message in output.records]


def truth(site: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {key(row): row for row in site.sandbox.state()["course_progress"]}


def key(row: dict[str, Any]) -> tuple[str, str]:
    return row["psUserId"], row["courseId"]


def last_state(output: Any) -> dict[str, Any]:
    return dict(output.state_messages[-1].state.stream.stream_state.__dict__)


def warnings(output: Any, text: str) -> list[str]:
    return [log.log.message for log in output.logs if log.log.level.value == "WARN" and text in log.log.message]


def failure_types(output: Any) -> set[str]:
    return {error.trace.error.failure_type.value for error in output.errors}


# Codes decide, in both shapes of `extensions`.


@pytest.mark.parametrize("shape", list(ExtensionsShape))
@pytest.mark.parametrize("refusal", list(Refusal))
def test_forbidden_is_a_config_error_in_both_shapes(
    serve: Any, commands: Any, shape: ExtensionsShape, refusal: Refusal
) -> None:
    streams = commands.catalog(serve().config(api_key=ALPHA_KEY))
    site = serve(PluralsightOptions(error_extensions=shape, stage_refusal=refusal))
    output = commands.read(site.config(), [streams["content_progress"], streams["users"]])
    assert failure_types(output) == {"config_error"}
    assert "release stage" in output.errors[0].trace.error.message
    assert output.get_stream_statuses("users")[-1] == AirbyteStreamStatus.COMPLETE


# The payload limit.


@pytest.mark.parametrize("shape", list(ExtensionsShape))
@pytest.mark.parametrize(("limit", "pages"), [(1, 300), (70, 5), (299, 2)])
def test_a_page_that_is_too_large_is_halved_for_the_rest_of_the_stream_and_said_once(
    serve: Any, commands: Any, shape: ExtensionsShape, limit: int, pages: int
) -> None:
    site = serve(PluralsightOptions(payload_limit=limit, error_extensions=shape, introspection_refusal=Refusal.ERRORS))
    output = commands.read(site.config(num_workers=1), PROGRESS)
    assert not output.errors
    assert {key(row) for row in found(output)} == truth(site).keys()
    assert len(warnings(output, "payload limit")) == 1
    assert site.requests_for("courseProgress") < pages * 2 + 60


def test_a_row_that_is_too_large_by_itself_is_a_config_error_of_its_stream(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(payload_limit=0))
    output = commands.read(site.config(), ["users"])
    assert failure_types(output) == {"config_error"}
    assert "Deselect the stream" in output.errors[0].trace.error.message


def test_an_error_about_first_beside_the_rows_is_a_warning(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(page_cap=50, cap_is_an_error=True))
    output = commands.read(site.config(), ["users", *PROGRESS])
    assert not output.errors
    assert len(found(output)) == 300 + 60
    assert len(warnings(output, "'first' parameter limit exceeded")) == 1


# Data beside errors.


@pytest.mark.parametrize("shape", list(ExtensionsShape))
def test_a_field_that_fails_for_some_rows_is_null_there_with_one_warning(
    serve: Any, commands: Any, shape: ExtensionsShape
) -> None:
    fields = {"CourseProgress.isCourseCompleted": FailingField(every=5), "Course.title": FailingField(every=50)}
    site = serve(PluralsightOptions(failing_fields=fields, error_extensions=shape))
    output = commands.read(site.config(), PROGRESS)
    assert not output.errors
    assert len(found(output)) == 300
    assert sum(row.get("isCourseCompleted") is None for row in found(output)) == 60
    assert [text for text in warnings(output, "isCourseCompleted") if "60 rows" in text]
    assert [text for text in warnings(output, "course.title") if "6 rows" in text]


def test_a_field_that_fails_once_is_asked_for_again(serve: Any, commands: Any) -> None:
    fields = {"CourseProgress.isCourseCompleted": FailingField(every=5, times=1)}
    output = commands.read(serve(PluralsightOptions(failing_fields=fields)).config(), PROGRESS)
    assert not output.errors
    assert all("isCourseCompleted" in row for row in found(output))


@pytest.mark.parametrize("page_size", [1000, 40])
def test_the_state_does_not_pass_a_young_row_that_came_incomplete(serve: Any, commands: Any, page_size: int) -> None:
    fields = {"CourseProgress.isCourseCompleted": FailingField(every=1)}
    site = serve(PluralsightOptions(failing_fields=fields, clock=DAY_AFTER))
    config = site.config(page_size=page_size, lookback_window_days=0)
    output = commands.read(config, PROGRESS)
    young = [row["updatedOn"] for row in found(output) if row.get("isCourseCompleted") is None]
    young = [updated for updated in young if updated > "2026-08-22T12:00:00.000Z"]
    assert young
    state = last_state(output)
    assert state["updatedOn"] < min(young)
    assert not state.get("windows")
    healed = serve(PluralsightOptions(clock=DAY_AFTER))
    again = commands.read(healed.config(lookback_window_days=0), PROGRESS, state)
    assert set(young) <= {row["updatedOn"] for row in found(again)}
    assert last_state(again)["updatedOn"] == max(row["updatedOn"] for row in truth(healed).values())


def test_a_row_that_stays_incomplete_for_a_week_holds_the_state_no_longer(serve: Any, commands: Any) -> None:
    fields = {"CourseProgress.isCourseCompleted": FailingField(every=1)}
    clock = datetime(2026, 9, 5, 12, tzinfo=UTC)
    site = serve(PluralsightOptions(failing_fields=fields, clock=clock))
    output = commands.read(site.config(), PROGRESS)
    assert last_state(output) == {"updatedOn": max(row["updatedOn"] for row in truth(site).values())}


def test_a_row_that_does_not_say_when_it_changed_holds_the_state_for_a_week(serve: Any, commands: Any) -> None:
    fields = {"CourseProgress.updatedOn": FailingField(every=50)}
    site = serve(PluralsightOptions(failing_fields=fields, clock=DAY_AFTER))
    output = commands.read(site.config(), PROGRESS)
    assert not output.errors
    assert last_state(output)["updatedOn"] <= "2026-08-22T12:00:00.000Z"


@pytest.mark.parametrize(
    ("field", "how"),
    [
        ("CourseProgress.courseId", FailingField(every=5)),
        ("CourseProgress.isCourseCompleted", FailingField(every=5, has_path=False)),
        ("CourseProgress.isCourseCompleted", FailingField(every=5, code=None, has_path=False)),
    ],
)
def test_an_error_that_costs_a_key_or_does_not_say_what_it_costs_is_a_failure(
    serve: Any, commands: Any, field: str, how: FailingField
) -> None:
    site = serve(PluralsightOptions(failing_fields={field: how}))
    output = commands.read(site.config(), PROGRESS)
    assert failure_types(output) == {"transient_error"}
    assert (found(output), output.state_messages) == ([], [])


# Fields that the key may not see.


def member_of(schema: dict[str, Any]) -> dict[str, Any]:
    return member_of(schema["items"]) if "items" in schema else schema


def columns(schema: dict[str, Any]) -> Iterable[str]:
    """Dotted names of all columns of a schema, those in lists included."""
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from (f"{name}.{inner}" for inner in columns(member_of(part)))


@pytest.mark.sweep(kept=3)
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("shape", list(ExtensionsShape))
@pytest.mark.parametrize(
    ("field", "stream", "column"),
    [
        ("LabStep.text", "lab_catalog", "objectives.steps.text"),
        ("LabProgress.completedOn", "lab_progress", "completedOn"),
        ("CourseStatus.reason", "course_catalog", "courseStatus.reason"),
    ],
)
def test_a_stream_loses_a_field_that_the_key_may_not_see_and_not_itself(
    serve: Any, commands: Any, field: str, stream: str, column: str, shape: ExtensionsShape, named: bool
) -> None:
    whole = set(columns(commands.catalog(serve().config())[stream].json_schema))
    options = PluralsightOptions(
        beta_fields=frozenset({field}), stage_refusal_names_fields=named, error_extensions=shape
    )
    site = serve(options)
    output = commands.discover(site.config())
    streams = {one.name: one for one in output.catalog.catalog.streams}
    assert set(columns(streams[stream].json_schema)) == whole - {column}
    assert warnings(output, f"{stream}.{column}")
    read = commands.read(site.config(), [streams[stream]])
    assert not read.errors
    assert len(found(read)) > 0


def test_a_field_that_is_forbidden_for_single_rows_is_left_out_of_the_stream(serve: Any, commands: Any) -> None:
    fields = {"LabProgress.completedOn": FailingField(every=3, code="FORBIDDEN")}
    site = serve(PluralsightOptions(failing_fields=fields))
    streams = commands.catalog(site.config())
    assert "completedOn" not in streams["lab_progress"].json_schema["properties"]
    output = commands.read(site.config(), [streams["lab_progress"]])
    assert not output.errors
    assert all("completedOn" not in row for row in found(output))


# Dates of filters as days.


@pytest.mark.sweep(kept=8)
@pytest.mark.parametrize("introspection", [None, Refusal.ERRORS])
@pytest.mark.parametrize("shape", list(ExtensionsShape))
@pytest.mark.parametrize("zone", [-11, 0, 14])
@pytest.mark.parametrize("look_back", [0, 3])
def test_days_are_sent_where_instants_are_refused_and_no_change_is_missed(
    serve: Any, commands: Any, introspection: Refusal | None, shape: ExtensionsShape, zone: int, look_back: int
) -> None:
    options = PluralsightOptions(
        filter_dates=FilterDates.DAYS, error_extensions=shape, day_zone_hours=zone, introspection_refusal=introspection
    )
    site = serve(options)
    state = "2026-08-20T02:01:00.000Z"
    config = site.config(lookback_window_days=look_back)
    assert commands.check(config) == {"status": "SUCCEEDED"}
    output = commands.read(config, PROGRESS, {"updatedOn": state})
    bound = f"2026-08-{20 - look_back}T02:01:00.000Z"
    assert not output.errors
    assert {key(row) for row in found(output)} == {one for one, row in truth(site).items() if row["updatedOn"] >= bound}
    assert len(warnings(output, "days are sent")) == 1


def test_a_date_that_is_refused_in_both_forms_is_a_config_error_about_the_date(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(failing_queries={"courseProgress": "Query field startDate is not a valid date"}))
    output = commands.read(site.config(start_date="2026-01-01T00:00:00Z"), PROGRESS)
    assert failure_types(output) == {"config_error"}
    assert "start_date" in output.errors[0].trace.error.message


# Parents that are gone.


def test_a_parent_that_is_gone_costs_its_own_rows_and_one_warning(serve: Any, commands: Any) -> None:
    streams = commands.catalog(serve(PluralsightOptions(channel_id_required=True)).config())
    site = serve(PluralsightOptions(channel_id_required=True, vanished_channels=2))
    data = site.sandbox.data
    gone = {row["id"] for row in data.channels[:2]}
    there = {row["channelId"] for row in data.channel_members}
    output = commands.read(site.config(), [streams["channel_members"]])
    assert not output.errors
    assert {row["channelId"] for row in found(output)} == there - gone
    assert [text for text in warnings(output, "channel_members") if text.startswith("Stream channel_members: 2 ")]


# Statuses.


@pytest.mark.parametrize("kind", [FaultKind.TOO_MANY_REQUESTS, FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER])
def test_a_stream_begins_with_started_whatever_its_first_call_meets(serve: Any, commands: Any, kind: FaultKind) -> None:
    site = serve(faults=FaultPlan([FaultRule(kind, skip=1, times=3, retry_after=1)]))
    output = commands.read(site.config(), ["users"])
    statuses = output.get_stream_statuses("users")
    assert (statuses[0], statuses[-1]) == (AirbyteStreamStatus.STARTED, AirbyteStreamStatus.COMPLETE)
