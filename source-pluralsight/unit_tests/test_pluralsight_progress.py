"""Incremental reads of course progress: nothing is missed, and the state moves only when all pages are in."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import AirbyteStreamStatus, Type

from lms_shared.dev.sandbox.pluralsight.options import PluralsightOptions, Refusal, RowOrder

STREAM = ["course_progress"]


def found(output: Any) -> list[dict[str, Any]]:
    return [message.record.data for message in output.records]


def keys(records: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(row["psUserId"], row["courseId"]) for row in records}


def states(output: Any) -> list[dict[str, Any]]:
    return [message.state.stream.stream_state.__dict__ for message in output.state_messages]


def truth(site: Any) -> list[dict[str, Any]]:
    return list(site.sandbox.state()["course_progress"])


@pytest.mark.parametrize("order", list(RowOrder))
def test_the_state_is_the_highest_change_over_all_pages(serve: Any, commands: Any, order: RowOrder) -> None:
    site = serve(PluralsightOptions(progress_order=order))
    output = commands.read(site.config(page_size=40), STREAM)
    assert keys(found(output)) == keys(truth(site))
    assert states(output)[-1] == {"updatedOn": max(row["updatedOn"] for row in truth(site))}


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("as_string", [True, False])
@pytest.mark.parametrize("introspection", [None, Refusal.ERRORS])
def test_a_second_read_gives_what_changed_since_the_state_less_the_look_back(
    serve: Any, commands: Any, inclusive: bool, as_string: bool, introspection: Refusal | None
) -> None:
    options = PluralsightOptions(
        start_date_inclusive=inclusive, start_date_is_string=as_string, introspection_refusal=introspection
    )
    site = serve(options)
    dates = sorted({row["updatedOn"] for row in truth(site)})
    state = dates[len(dates) // 2]
    output = commands.read(site.config(lookback_window_days=7), STREAM, {"updatedOn": state})
    must = [row for row in truth(site) if row["updatedOn"] >= state]
    assert keys(must) <= keys(found(output))
    assert len(found(output)) < len(truth(site))


def test_without_look_back_the_boundary_is_read_again_and_nothing_older(serve: Any, commands: Any) -> None:
    site = serve()
    last = max(row["updatedOn"] for row in truth(site))
    output = commands.read(site.config(lookback_window_days=0), STREAM, {"updatedOn": last})
    assert keys(found(output)) == keys([row for row in truth(site) if row["updatedOn"] == last])
    assert states(output)[-1] == {"updatedOn": last}


def test_every_state_that_was_emitted_can_be_resumed_from(serve: Any, commands: Any) -> None:
    site = serve()
    config = site.config(page_size=50)
    first = commands.read(config, STREAM)
    assert len(states(first)) > 3
    read: set[tuple[str, str]] = set()
    for message in first.get_message_iterator():
        if message.type == Type.RECORD:
            read |= keys([message.record.data])
        elif message.type == Type.STATE:
            again = commands.read(config, STREAM, message.state.stream.stream_state.__dict__)
            assert states(again)[-1] == states(first)[-1]
            assert read | keys(found(again)) == keys(truth(site))


@pytest.mark.parametrize(
    "state",
    [
        "2026-08-25T02:00:00.000Z",
        "2026-08-25T02:00:00.000000Z",
        "2026-08-25T02:00:00Z",
        "2026-08-25T02:00:00+00:00",
        "2026-08-25T04:00:00.000+0200",
        "2026-08-25T02:00:00",
        "2026-08-24T21:00:00.000-05:00",
    ],
)
def test_a_state_is_understood_in_every_usual_notation(serve: Any, commands: Any, state: str) -> None:
    site = serve()
    expected = commands.read(site.config(), STREAM, {"updatedOn": "2026-08-25T02:00:00.000Z"})
    output = commands.read(site.config(), STREAM, {"updatedOn": state})
    assert found(output) == found(expected)
    assert len(found(output)) > 0


def test_a_read_that_finds_nothing_leaves_the_state_where_it_was(serve: Any, commands: Any) -> None:
    site = serve()
    state = {"updatedOn": "2026-09-20T00:00:00.000Z"}
    output = commands.read(site.config(), STREAM, state)
    assert found(output) == []
    assert states(output)[-1] == state


@pytest.mark.parametrize("start_date", ["2026-08-01T00:00:00Z", "2026-08-01T00:00:00.000Z"])
def test_nothing_older_than_the_start_date_is_read(serve: Any, commands: Any, start_date: str) -> None:
    site = serve()
    output = commands.read(site.config(start_date=start_date, lookback_window_days=30), STREAM)
    assert keys(found(output)) == keys([row for row in truth(site) if row["updatedOn"] >= start_date])
    again = commands.read(site.config(start_date=start_date, lookback_window_days=30), STREAM, states(output)[-1])
    assert min(row["updatedOn"] for row in found(again)) >= start_date


@pytest.mark.parametrize(
    "options",
    [
        PluralsightOptions(short_rows={"courseProgress": 2}),
        PluralsightOptions(repeat_cursor=frozenset({"courseProgress"})),
    ],
)
def test_the_state_passes_no_row_that_did_not_come(serve: Any, commands: Any, options: PluralsightOptions) -> None:
    site = serve(options)
    output = commands.read(site.config(page_size=40, lookback_window_days=0), STREAM)
    assert {error.trace.error.failure_type.value for error in output.errors} == {"transient_error"}
    assert output.get_stream_statuses("course_progress")[-1] == AirbyteStreamStatus.INCOMPLETE
    last = states(output)[-1] if states(output) else {"updatedOn": ""}
    read = keys(found(output))
    for row in truth(site):
        if row["updatedOn"] <= last["updatedOn"] or any(a <= row["updatedOn"] <= b for a, b in last.get("windows", ())):
            assert (row["psUserId"], row["courseId"]) in read


def test_a_row_that_moves_between_pages_ends_in_its_latest_version(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(row_moves_between_pages=True))
    output = commands.read(site.config(page_size=150), STREAM)
    assert not output.errors
    latest = {(row["psUserId"], row["courseId"]): row["updatedOn"] for row in found(output)}
    moved = [key for key in latest if sum(key == (row["psUserId"], row["courseId"]) for row in found(output)) > 1]
    now = {(row["psUserId"], row["courseId"]): row["updatedOn"] for row in truth(site)}
    assert moved
    assert {key: latest[key] for key in moved} == {key: now[key] for key in moved}


def test_rows_come_with_the_learner_they_belong_to(serve: Any, commands: Any) -> None:
    site = serve()
    emails = {user["psUserId"]: user["email"] for user in site.sandbox.state()["users"]}
    for row in found(commands.read(site.config(), STREAM)):
        assert row["user"] == {"psUserId": row["psUserId"], "email": emails[row["psUserId"]]}
