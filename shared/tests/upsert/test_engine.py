"""The engine over whole syncs into the LMS in memory: odd inputs, failures in the middle, deferred records, states."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.adapter.remote import RecordRejected
from lms_shared.dev.testing import memory_lms
from lms_shared.dev.testing.catalogue import catalogue
from lms_shared.dev.testing.memory_destination import MemoryDestination, sync_into
from lms_shared.dev.testing.memory_lms import MemoryLms, failing, killed_at, lost_answers
from lms_shared.dev.testing.syncs import (
    Run,
    Stream,
    catalog,
    last_states,
    lines,
    messages,
    record,
    reject_lines,
    state,
    status,
)
from lms_shared.http.outcome import UnknownOutcome
from lms_shared.reports.folder import FolderStore
from lms_shared.upsert.apply import apply
from lms_shared.wire.parsing import parse_lines

ALL = frozenset({"users", "groups", "group_members", "content", "assignments", "completions"})
USER = {"email": "ada@example.com", "external_reference": "u-1"}
COURSE = {"external_reference": "c-1", "title": "Course"}
PRESET = {"stream": "course_progress", "preset": "pluralsight"}
PROGRESS = {
    "psUserId": "u-1",
    "courseId": "c-1",
    "user": {"email": "ada@example.com"},
    "isCourseCompleted": True,
    "percentComplete": 100,
    "completedOn": "2026-01-01T00:00:00Z",
}


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "FIRST_WAIT", 0.0)


@pytest.fixture
def lms() -> MemoryLms:
    return MemoryLms()


def config_sentence(run: Run) -> str:
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    return str(run.error.message)


# Inputs at the edge


def test_an_empty_input_ends_well_with_a_summary_of_each_stream(lms: MemoryLms) -> None:
    done = sync_into(lms, [Stream("users"), Stream("content")], [])
    assert (done.error, done.states) == (None, [])
    assert [(one["stream"], one["created"]) for one in done.summaries] == [("users", 0), ("content", 0)]
    assert done.log[-1].startswith("sync summary ")


def test_states_without_records_come_back_in_their_order(lms: MemoryLms) -> None:
    sent = [state("users", {"sent": 1}), state("content", {"sent": 2}), state("users", {"sent": 3})]
    done = sync_into(lms, [Stream("users"), Stream("content")], sent)
    assert done.positions == [("users", 1), ("content", 2), ("users", 3)]
    assert done.counted("recordCount") == 0


@pytest.mark.parametrize(("workers", "batch_size"), [(1, 1), (20, 10_000), (20, 3), (1, 7)])
def test_streams_may_be_mixed_in_any_way(lms: MemoryLms, workers: int, batch_size: int) -> None:
    sync_into(lms, catalogue(ALL))
    held, mixed = lms.state(), MemoryLms()
    turns = itertools.zip_longest(*(list(messages([one])) for one in reversed(catalogue(ALL))))
    sent = [one for turn in turns for one in turn if one is not None]
    done = sync_into(mixed, catalogue(ALL), sent, num_workers=workers, batch_size=batch_size)
    assert done.error is None
    assert mixed.state() == held


def test_a_stream_that_the_catalog_does_not_have_ends_the_sync_with_its_name(lms: MemoryLms) -> None:
    done = sync_into(lms, [Stream("users")], [record("strangers", {})])
    assert "strangers" in config_sentence(done)
    assert "It has: users." in config_sentence(done)


def test_an_unreadable_record_of_an_unknown_stream_is_skipped_with_a_warning(lms: MemoryLms) -> None:
    torn = b'{"type": "RECORD", "record": {"stream": "strangers", "data": {"name": "Lovelace'
    done = sync_into(lms, [Stream("users")], [torn, record("users", USER)])
    assert done.error is None
    assert lms.writes == 1
    assert any("unreadable record" in line for line in done.log)
    assert "Lovelace" not in "".join(done.log)


def test_fields_that_are_ignored_are_told_in_one_line_of_each_kind_and_not_without_end(lms: MemoryLms) -> None:
    records = [{"email": f"{number}@example.com", f"extra-{number}": 1, "phone_number": "1"} for number in range(500)]
    done = sync_into(lms, [Stream("users", records)])
    told = [line for line in done.log if "are ignored" in line or "no place" in line]
    assert len(told) == 2
    assert sum("phone_number" in line for line in told) == 1
    (extra,) = (line for line in told if "extra-0" in line)
    assert extra.count("extra-") == 50
    assert "and more" in extra


@pytest.mark.parametrize("size", [1, 2, 500])
def test_the_last_valid_record_of_a_key_wins_and_the_others_count_as_unchanged(lms: MemoryLms, size: int) -> None:
    records = [{**USER, "first_name": name} for name in ("Ada", "Augusta")] + [{**USER, "active": "maybe"}]
    done = sync_into(lms, [Stream("users", records)], batch_size=size)
    assert [row.fields["first_name"] for row in lms.rows("users")] == ["Augusta"]
    assert (done.total("created"), done.total("rejected")) == (1, 1)
    assert done.counted("recordCount") == 2


@pytest.mark.parametrize("size", [1, 500])
def test_where_the_lms_refuses_the_last_record_of_a_key_the_one_before_it_is_written(lms: MemoryLms, size: int) -> None:
    lms.add("users", email="taken@example.com", stamps={"airbyte": "u-9"})
    records = [{**USER, "first_name": "Ada"}, {**USER, "email": "taken@example.com"}]
    done = sync_into(lms, [Stream("users", records)], batch_size=size)
    assert done.total("rejected") == 1
    assert [row.fields.get("first_name") for row in lms.rows("users")] == [None, "Ada"]


@pytest.mark.parametrize("size", [1, 500])
def test_two_streams_of_one_object_each_write_what_they_own(lms: MemoryLms, size: int) -> None:
    streams = [
        Stream("users", [{**USER, "first_name": "Ada"}]),
        Stream("more", [{"external_reference": "u-1", "last_name": "Lovelace"}], "update", "users"),
    ]
    done = sync_into(lms, streams, batch_size=size)
    (row,) = lms.rows("users")
    assert (row.fields["first_name"], row.fields["last_name"]) == ("Ada", "Lovelace")
    assert done.total("rejected") == 0


def test_equal_objects_of_two_streams_are_never_made_twice(lms: MemoryLms) -> None:
    streams = [
        Stream("content", [{"external_reference": f"c-{n}", "title": f"One {n}"} for n in range(50)]),
        Stream(
            "more", [{"external_reference": f"c-{n}", "title": f"Two {n}"} for n in range(50)], object_name="content"
        ),
    ]
    sync_into(lms, streams, num_workers=20)
    assert len(lms.rows("content")) == 50


# Match and adoption


def test_a_sole_unstamped_course_of_the_same_title_is_adopted_stamped_and_from_then_on_own(lms: MemoryLms) -> None:
    lms.add("content", title="Course")
    lms.add("content", title="Course", draft=True)
    lms.add("content", title="Course", stamps={"other": "x"})
    assert sync_into(lms, [Stream("content", [COURSE])]).total("updated") == 1
    assert [row.stamps for row in lms.rows("content")] == [{"airbyte": "c-1"}, {}, {"other": "x"}]
    assert sync_into(lms, [Stream("content", [{**COURSE, "title": "Renamed"}])]).total("updated") == 1
    assert len(lms.rows("content")) == 3


def test_connections_with_different_namespaces_keep_apart(lms: MemoryLms) -> None:
    for namespace in ("one", "two"):
        sync_into(lms, [Stream("content", [COURSE])], namespace=namespace)
    assert sorted(str(row.stamps) for row in lms.rows("content")) == ["{'one': 'c-1'}", "{'two': 'c-1'}"]


def test_removing_does_not_touch_a_course_that_only_has_the_same_title(lms: MemoryLms) -> None:
    lms.add("content", title="Course")
    done = sync_into(lms, [Stream("content", [COURSE], "soft_delete")])
    assert (done.total("unchanged"), lms.writes) == (1, 0)


def test_soft_delete_needs_the_key_alone_and_does_nothing_the_second_time(lms: MemoryLms) -> None:
    sync_into(lms, [Stream("content", [COURSE])])
    for deactivated in (1, 0):
        done = sync_into(lms, [Stream("content", [{"external_reference": "c-1"}], "soft_delete")])
        assert (done.total("deactivated"), done.total("rejected")) == (deactivated, 0)
    assert lms.rows("content")[0].fields["active"] is False


def test_hard_delete_by_id_does_nothing_the_second_time(lms: MemoryLms) -> None:
    row_id = lms.add("content", title="Course")
    mapping = [{"stream": "content", "mode": "hard_delete"}]
    for deactivated in (1, 0):
        done = sync_into(lms, [Stream("content", [{"id": row_id}])], stream_mappings=mapping)
        assert (done.total("deactivated"), done.total("rejected")) == (deactivated, 0)
    assert lms.rows("content") == []


def test_update_changes_what_is_there_and_rejects_the_rest(lms: MemoryLms, tmp_path: Path) -> None:
    lms.add("users", email="ada@example.com")
    records = [{"email": "ada@example.com", "first_name": "Ada"}, {"email": "bob@example.com"}]
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    done = sync_into(lms, [Stream("users", records, "update")], object_storage_config=storage)
    assert (done.total("updated"), done.total("rejected")) == (1, 1)
    assert [one["code"] for one in done.rejects] == ["POLICY.NO_MATCH"]


def test_a_preset_writes_all_objects_of_a_record(lms: MemoryLms) -> None:
    lms.add("users", email="ada@example.com")
    lms.add("content", title="Course", stamps={"airbyte": "c-1"})
    done = sync_into(lms, [Stream("course_progress", [PROGRESS])], stream_mappings=[PRESET])
    assert [(one["object"], one["created"]) for one in done.summaries] == [("assignments", 1), ("completions", 1)]
    assert done.counted("recordCount") == 1


def test_a_record_of_two_objects_is_one_reject_where_one_of_them_is_refused(lms: MemoryLms, tmp_path: Path) -> None:
    lms.add("users", email="ada@example.com")
    lms.add("content", title="Course", stamps={"airbyte": "c-1"})
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    streams = [Stream("course_progress", [{**PROGRESS, "completedOn": None}])]
    done = sync_into(lms, streams, stream_mappings=[PRESET], object_storage_config=storage)
    assert [(one["object"], one["code"]) for one in done.rejects] == [("completions", "INPUT.MISSING")]
    assert [(one["object"], one["created"], one["rejected"]) for one in done.summaries] == [
        ("assignments", 1, 0),
        ("completions", 0, 1),
    ]
    assert (done.counted("recordCount"), done.counted("rejectedRecordCount")) == (0, 1)


# Failures


def test_after_a_failure_in_a_batch_settled_states_go_out_and_the_others_do_not(lms: MemoryLms) -> None:
    people = [{"email": f"{number}@example.com"} for number in range(10)]
    lms.trouble = failing(lambda: RuntimeError("broken"), at_write=5)
    sent = list(messages([Stream("users", people)], state_every=1))
    done = sync_into(lms, [Stream("users")], sent, num_workers=1)
    assert isinstance(done.error, RuntimeError)
    assert done.positions == [("users", number) for number in range(1, 5)]
    lms.trouble = memory_lms.no_trouble
    rest = messages([Stream("users", people)], since=last_states(done))
    assert sync_into(lms, [Stream("users")], rest).total("created") == 6


def test_answers_that_stay_away_end_the_sync_as_trouble_that_may_pass(lms: MemoryLms) -> None:
    lms.trouble = failing(lambda: UnknownOutcome("nothing"), at_write=1)
    done = sync_into(lms, [Stream("users", [USER])])
    assert isinstance(done.error, AirbyteTracedException)
    assert done.error.failure_type is FailureType.transient_error
    assert "Memory LMS did not answer" in str(done.error.message)
    assert done.states == []


@pytest.mark.parametrize("seed", range(5))
def test_with_half_of_the_answers_lost_nothing_is_doubled_and_the_counts_are_right(lms: MemoryLms, seed: int) -> None:
    people = [{"email": f"{number}@example.com", "external_reference": f"u-{number}"} for number in range(60)]
    lms.trouble = lost_answers(0.5, seed)
    done = sync_into(lms, [Stream("users", people)], num_workers=4)
    assert done.error is None
    assert len(lms.rows("users")) == 60
    assert done.total("created") == 60


def test_a_record_that_the_lms_refuses_is_a_reject_with_the_lms_s_reason(lms: MemoryLms, tmp_path: Path) -> None:
    lms.trouble = failing(lambda: RecordRejected("REMOTE.REFUSED", "not today", "Come again."), at_write=1)
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    done = sync_into(lms, [Stream("users", [USER])], object_storage_config=storage)
    assert [(one["code"], one["reason"], one["remedy"]) for one in done.rejects] == [
        ("REMOTE.REFUSED", "not today", "Come again.")
    ]
    assert done.counted("rejectedRecordCount") == 1


def test_a_reject_is_in_its_file_before_the_state_behind_it_goes_out(lms: MemoryLms, tmp_path: Path) -> None:
    streams = [Stream("users", [{"email": "nobody"}])]
    config = {"api_key": "k", "object_storage_config": {"storage_type": "LOCAL", "path": str(tmp_path)}}
    states = MemoryDestination(lms).sync(config, catalog(streams), parse_lines(lines(messages(streams))))
    next(states)
    assert len(reject_lines(config)) == 1
    assert list(states) == []


@pytest.mark.parametrize("batch_size", [1, 4])
def test_past_max_rejected_the_sync_stops_with_the_settled_states_out(lms: MemoryLms, batch_size: int) -> None:
    records = [USER, *[{"email": "nobody"}] * 30]
    sent = list(messages([Stream("users", records)], state_every=1))
    done = sync_into(lms, [Stream("users")], sent, max_rejected=2, batch_size=batch_size)
    assert "max_rejected" in config_sentence(done)
    assert done.positions[:2] == [("users", 1), ("users", 2)]
    assert len(done.states) < 30
    assert len(lms.rows("users")) == 1


def test_as_many_rejects_as_max_rejected_says_are_no_failure(lms: MemoryLms) -> None:
    records = [{"email": "nobody"}] * 2
    assert sync_into(lms, [Stream("users", records)], max_rejected=2).error is None


@pytest.mark.parametrize(("share", "fails"), [(0.5, False), (0.49, True), (0, True)])
def test_past_the_share_of_rejects_the_sync_fails_at_its_end(lms: MemoryLms, share: float, fails: bool) -> None:
    records = [USER, {"email": "nobody"}]
    done = sync_into(lms, [Stream("users", records)], max_rejected_share=share)
    assert (done.error is not None) is fails
    assert done.positions == [("users", 2)]
    if fails:
        assert "1 of 2 records were rejected" in config_sentence(done)


def test_a_killed_process_leaves_no_thread_that_goes_on_writing(lms: MemoryLms) -> None:
    people = [{"email": f"{number}@example.com"} for number in range(50)]
    lms.trouble = killed_at(7, "after")
    done = sync_into(lms, [Stream("users", people)], num_workers=20)
    assert isinstance(done.error, memory_lms.Killed)
    assert lms.writes == 7


# Config


@pytest.mark.parametrize(
    ("policies", "sentence"),
    [
        ([{"object": "people", "field": "email", "policy": "never"}], "there is no object 'people'"),
        ([{"object": "users", "field": "mail", "policy": "never"}], "object 'users' has no field 'mail'"),
    ],
)
def test_a_policy_of_nothing_is_refused_before_the_first_write(
    lms: MemoryLms, policies: list[dict[str, str]], sentence: str
) -> None:
    assert sentence in config_sentence(sync_into(lms, [Stream("users", [USER])], field_policies=policies))
    assert lms.writes == 0


@pytest.mark.parametrize(("notify", "mails"), [(False, 0), (True, 1)])
def test_mail_is_sent_only_where_the_config_asks_for_it(lms: MemoryLms, notify: bool, mails: int) -> None:
    sync_into(lms, [Stream("users", [USER])], send_notifications=notify)
    assert len(lms.mails) == mails


def test_the_summary_counts_the_requests_of_each_object(lms: MemoryLms) -> None:
    done = sync_into(lms, [Stream("users", [USER]), Stream("content")])
    assert [(one["stream"], one["requests"]) for one in done.summaries] == [("users", 3), ("content", 0)]


def test_a_stream_that_is_not_complete_leaves_its_states_as_they_are(lms: MemoryLms) -> None:
    sent = [record("users", USER), state("users", {"sent": 1}), status("users", "INCOMPLETE")]
    done = sync_into(lms, [Stream("users")], sent)
    assert (done.error, done.positions) == (None, [("users", 1)])


class CountedStore(FolderStore):
    """Counts how often lines are made durable."""

    flushes = 0

    def flush(self) -> None:
        type(self).flushes += 1
        super().flush()


def test_rejects_are_written_out_when_a_state_is_due_and_not_one_by_one(
    lms: MemoryLms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms_shared.reports.opening.FolderStore", CountedStore)
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    streams = [Stream("users", [USER, *({"email": f"nobody {number}"} for number in range(300))])]
    run = sync_into(lms, streams, messages(streams, state_every=100), object_storage_config=storage)
    assert run.error is None
    assert len(run.rejects) == 300
    assert CountedStore.flushes <= len(run.states) + 2
