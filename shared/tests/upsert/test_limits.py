"""Nothing is rejected quietly: what the log says without a place for rejects, and when a sync has not gone well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.testing.memory_destination import sync_into
from lms_shared.dev.testing.memory_lms import MemoryLms
from lms_shared.dev.testing.syncs import Run, Stream, messages

GOOD = {"email": "ada@example.com", "external_reference": "u-1"}


def bad(number: int) -> dict[str, Any]:
    return {"email": f"grace.{number} at example.com", "external_reference": f"b-{number}"}


def told(run: Run, text: str) -> list[str]:
    return [line for line in run.log if text in line]


def config_sentence(run: Run) -> str:
    assert isinstance(run.error, AirbyteTracedException), run.error
    assert run.error.failure_type is FailureType.config_error
    return str(run.error.message)


@pytest.fixture
def lms() -> MemoryLms:
    return MemoryLms()


def test_without_a_place_for_rejects_each_code_is_warned_of_with_reason_remedy_and_samples(lms: MemoryLms) -> None:
    missing = {"name": "Nobody"}
    run = sync_into(lms, [Stream("users", [GOOD, *map(bad, range(5)), missing])])
    assert run.error is None
    (warned,) = told(run, "rejected as INPUT.FORMAT")
    assert "Stream 'users': 5 record(s)" in warned
    assert warned.count("external_reference b-") == 3
    assert len(told(run, "rejected as INPUT.MISSING")) == 1
    (switch,) = told(run, "Rejected records are not kept")
    assert "object_storage_config" in switch
    assert run.log.index(switch) < run.log.index(told(run, "sync summary")[0])


def test_samples_are_masked(lms: MemoryLms) -> None:
    people = [{"email": f"ada.{number}@example.com", "name": 7 * [number]} for number in range(2)]
    run = sync_into(lms, [Stream("groups", [{"name": "ada@example.com", "active": "perhaps"}, *people])])
    assert told(run, "rejected as")
    assert not told(run, "@example.com")


def test_with_a_place_for_rejects_the_log_does_not_repeat_them(lms: MemoryLms, tmp_path: Path) -> None:
    place = {"storage_type": "LOCAL", "path": str(tmp_path)}
    run = sync_into(lms, [Stream("users", [bad(1)])], object_storage_config=place)
    assert len(run.rejects) == 1
    assert not told(run, "rejected as")
    assert not told(run, "not kept")


@pytest.mark.parametrize("batch_size", [1, 500])
def test_a_stream_of_which_nothing_could_be_understood_fails_the_sync_with_its_states_settled(
    lms: MemoryLms, batch_size: int
) -> None:
    streams = [Stream("groups", [{"name": "Readers"}]), Stream("users", list(map(bad, range(10))))]
    run = sync_into(lms, streams, batch_size=batch_size)
    assert "All 10 records of stream 'users' were rejected (INPUT.FORMAT)" in config_sentence(run)
    assert run.positions == [("groups", 1), ("users", 10)]
    assert len(lms.rows("groups")) == 1


@pytest.mark.parametrize(
    ("records", "config"),
    [
        (list(map(bad, range(9))), {}),
        ([GOOD, *map(bad, range(20))], {}),
        (list(map(bad, range(20))), {"max_rejected_share": 1}),
    ],
    ids=["too few to say", "one was good", "allowed"],
)
def test_a_stream_of_rejects_is_no_failure_where_it_says_nothing_or_is_allowed(
    lms: MemoryLms, records: list[dict[str, Any]], config: dict[str, Any]
) -> None:
    assert sync_into(lms, [Stream("users", records)], **config).error is None


def test_a_stream_whose_references_are_missing_is_not_a_wrong_mapping(lms: MemoryLms) -> None:
    members = [{"group_name": "Nowhere", "user_email": f"{number}@example.com"} for number in range(12)]
    run = sync_into(lms, [Stream("group_members", members)])
    assert run.error is None
    assert run.total("rejected") == 12


@pytest.mark.parametrize("limit", [{"max_rejected": 0}, {"max_rejected_share": 0.1}])
def test_what_was_good_before_the_limit_is_written(lms: MemoryLms, limit: dict[str, Any]) -> None:
    records = [bad(1), GOOD, bad(2), *[{"email": f"{n}@example.com"} for n in range(2)]]
    run = sync_into(lms, [Stream("users", records)], batch_size=500, **limit)
    assert next(iter(limit)) in config_sentence(run)
    assert len(lms.rows("users")) == 3
    assert run.positions == [("users", 5)]


@pytest.mark.parametrize("limit", [{"max_rejected": 3}, {"max_rejected_share": 0.5}])
def test_a_limit_is_judged_as_soon_as_a_batch_is_read(lms: MemoryLms, limit: dict[str, Any]) -> None:
    stream = Stream("users", [*map(bad, range(4)), *[{"email": f"{n}@example.com"} for n in range(400)]])
    sent = messages([stream], state_every=1)
    run = sync_into(lms, [stream], sent, batch_size=4, **limit)
    assert next(iter(limit)) in config_sentence(run)
    assert len(lms.rows("users")) == 0
    assert run.positions[-1] == ("users", 3)


def test_a_record_of_two_objects_is_one_reject_and_two_rejected_items(lms: MemoryLms) -> None:
    row = {
        "psUserId": "p-1",
        "courseId": "c-1",
        "isCourseCompleted": True,
        "completedOn": "2026-01-05T00:00:00Z",
        "percentComplete": 100,
    }
    progress = Stream("course_progress", [row], fields=list(row))
    run = sync_into(lms, [progress])
    assert run.total("rejected") == 1
    assert run.total("rejected_items") == 2
    assert run.counted("rejectedRecordCount") == 1


def test_progress_of_a_course_outside_of_the_plan_is_rejected_with_the_true_cause(lms: MemoryLms) -> None:
    row = {"psUserId": "p-1", "courseId": "c-1", "isCourseCompleted": True, "completedOn": "2026-01-05T00:00:00Z"}
    people = [{"psUserId": "p-1", "email": "ada@example.com", "isOnAccount": True}]
    streams = [Stream("users", people, fields=list(people[0])), Stream("course_progress", [row], fields=list(row))]
    run = sync_into(lms, streams)
    (warned,) = told(run, "rejected as REFERENCE.NOT_FOUND")
    assert "outside of the plan" in warned
    assert "show_off_plan_content" in warned
