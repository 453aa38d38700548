"""Mode `mirror`: what the source no longer has is deactivated, and only that, and never in doubt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.adapter.remote import RecordRejected
from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.memory_lms import Call, Killed, MemoryLms, killed_at, no_trouble
from lms_shared.dev.testing.syncs import Run, Stream, last_states, messages, record, state, status, sync
from lms_shared.http.outcome import UnknownOutcome
from lms_shared.upsert.apply import apply

FREE = {"max_deactivated": 1000, "max_deactivated_share": 1}


@pytest.fixture
def lms() -> MemoryLms:
    lms = MemoryLms()
    mirror(lms, range(10))
    return lms


def course(number: int) -> dict[str, Any]:
    return {"external_reference": f"c-{number}", "title": f"Course {number}"}


def mirror(lms: MemoryLms, numbers: Any, sent: Any = None, **config: Any) -> Run:
    streams = [Stream("content", [course(number) for number in numbers])]
    mapping = [{"stream": "content", "mode": "mirror"}]
    config = {"api_key": "k", "stream_mappings": mapping, "mirror": FREE, **config}
    return sync(MemoryDestination(lms), config, streams, sent)


def active(lms: MemoryLms) -> list[str]:
    return sorted(row.stamps.get("airbyte", "-") for row in lms.rows("content") if row.fields["active"])


def named(*numbers: int) -> list[str]:
    return [f"c-{number}" for number in numbers]


def test_what_the_source_no_longer_has_is_deactivated_once(lms: MemoryLms) -> None:
    assert mirror(lms, range(8)).total("deactivated") == 2
    assert active(lms) == named(*range(8))
    assert mirror(lms, range(8)).total("deactivated") == 0


def test_what_the_source_says_last_of_a_stream_counts(lms: MemoryLms) -> None:
    sent = [*messages([Stream("content", [course(1)])]), status("content", "INCOMPLETE")]
    assert mirror(lms, [1], sent).total("deactivated") == 0


def test_what_comes_back_to_the_source_is_created_no_second_time(lms: MemoryLms) -> None:
    mirror(lms, range(8))
    mirror(lms, range(10))
    assert len(lms.rows("content")) == 10


def test_what_belongs_to_others_stays(lms: MemoryLms) -> None:
    lms.add("content", title="An admin's")
    lms.add("content", title="Another connection's", stamps={"other": "x"})
    mirror(lms, range(9))
    assert active(lms) == sorted(["-", "-", *named(*range(9))])


@pytest.mark.parametrize("end", [[], [status("content", "INCOMPLETE")]])
def test_nothing_is_deactivated_where_the_stream_did_not_end_complete(lms: MemoryLms, end: list[Any]) -> None:
    done = mirror(lms, [], [record("content", course(1)), state("content", {"sent": 1}), *end])
    assert done.error is None
    assert len(active(lms)) == 10
    assert any("did not end with status COMPLETE" in line for line in done.log)


def test_nothing_is_deactivated_where_the_stream_was_empty(lms: MemoryLms) -> None:
    assert mirror(lms, []).error is None
    assert len(active(lms)) == 10


@pytest.mark.parametrize(
    "broken",
    [
        {"title": "No reference"},
        {"external_reference": None, "title": "No reference"},
        {"external_reference": ["c-9"], "title": "Broken reference"},
        {"external_reference": True, "title": "Broken reference"},
        [],
    ],
)
def test_nothing_is_deactivated_where_a_record_does_not_say_what_it_means(lms: MemoryLms, broken: Any) -> None:
    sent = [record("content", course(1)), record("content", broken), status("content", "COMPLETE")]
    done = mirror(lms, [], sent)
    assert done.error is None
    assert len(active(lms)) == 10
    assert any("do not say which object they mean" in line for line in done.log)


def test_a_rejected_record_still_says_that_the_source_has_its_object(lms: MemoryLms) -> None:
    bad = {**course(9), "active": "no longer"}
    sent = [*(record("content", course(number)) for number in range(9)), record("content", bad)]
    done = mirror(lms, [], [*sent, status("content", "COMPLETE")])
    assert (done.total("rejected"), done.total("deactivated")) == (1, 0)
    assert len(active(lms)) == 10


def test_an_object_that_the_source_has_under_another_key_stays() -> None:
    lms = MemoryLms()
    config = {"api_key": "k", "stream_mappings": [{"stream": "users", "mode": "mirror"}], "mirror": FREE}
    people = [{"email": f"{number}@example.com", "external_reference": f"u-{number}"} for number in range(3)]
    sync(MemoryDestination(lms), config, [Stream("users", people)])
    streams = [Stream("users", [{"email": one["email"]} for one in people[:2]])]
    done = sync(MemoryDestination(lms), config, streams)
    assert done.total("deactivated") == 1
    assert [row.fields["active"] for row in lms.rows("users")] == [True, True, False]


@pytest.mark.parametrize(
    ("brake", "allowed"),
    [
        ({"max_deactivated": 2, "max_deactivated_share": 1}, True),
        ({"max_deactivated": 1, "max_deactivated_share": 1}, False),
        ({"max_deactivated": 50, "max_deactivated_share": 0.2}, True),
        ({"max_deactivated": 50, "max_deactivated_share": 0.19}, False),
        ({}, False),
    ],
)
def test_past_the_brake_nothing_is_deactivated_and_the_sync_names_what_would_have_gone(
    lms: MemoryLms, brake: dict[str, float], allowed: bool
) -> None:
    done = mirror(lms, range(8), mirror=brake)
    assert len(done.states) == 1
    if allowed:
        assert done.error is None
        assert len(active(lms)) == 8
        return
    assert isinstance(done.error, AirbyteTracedException)
    assert done.error.failure_type is FailureType.config_error
    assert "2 of 10" in str(done.error.message)
    assert "c-8, c-9" in str(done.error.message)
    assert len(active(lms)) == 10


def test_all_streams_of_an_object_count_together(lms: MemoryLms) -> None:
    streams = [Stream("content", [course(n) for n in range(5)]), Stream("more", [course(5)], object_name="content")]
    mapping = [{"stream": name, "mode": "mirror"} for name in ("content", "more")]
    config = {"api_key": "k", "stream_mappings": mapping, "mirror": FREE}
    sync(MemoryDestination(lms), config, streams)
    assert active(lms) == named(*range(6))
    sent = [*messages(streams[:1]), record("more", course(5))]
    sync(MemoryDestination(lms), config, streams, sent)
    assert active(lms) == named(*range(6))


def test_a_dry_run_says_what_would_go_and_leaves_it(lms: MemoryLms, tmp_path: Path) -> None:
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    writes = lms.writes
    assert mirror(lms, range(9), dry_run=True, object_storage_config=storage).total("deactivated") == 1
    assert lms.writes == writes
    plan = (tmp_path / "plan-content.jsonl").read_text().splitlines()
    assert sum('"action":"deactivated"' in line for line in plan) == 1


def test_a_lost_answer_is_looked_up_and_a_refusal_is_told_without_ending_the_sync(
    lms: MemoryLms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "FIRST_WAIT", 0.0)
    troubles: list[Exception] = [RecordRejected("REMOTE.REFUSED", "is in use", "Wait."), UnknownOutcome("lost")]

    def trouble(call: Call) -> None:
        if call.verb == "write" and troubles:
            raise troubles.pop()

    lms.trouble = trouble
    done = mirror(lms, range(7))
    assert done.error is None
    assert any("could not deactivate" in line and "is in use" in line for line in done.log)
    assert done.total("deactivated") == 2
    lms.trouble = no_trouble
    assert mirror(lms, range(7)).total("deactivated") == 1
    assert active(lms) == named(*range(7))


def test_a_read_that_is_resumed_after_a_crash_hides_nothing() -> None:
    lms = MemoryLms()
    streams = [Stream("content", [course(number) for number in range(10)])]
    lms.trouble = killed_at(6, "after")
    killed = mirror(lms, range(10), messages(streams, state_every=1), batch_size=1)
    assert isinstance(killed.error, Killed)
    assert killed.states == []
    lms.trouble = no_trouble
    rest = messages(streams, state_every=1, since=last_states(killed))
    run = mirror(lms, range(10), rest, batch_size=1)
    assert run.error is None
    assert run.total("deactivated") == 0
    assert active(lms) == named(*range(10))
    assert run.positions == [("content", number) for number in [*range(1, 11), 10]]


def test_states_of_other_streams_do_not_wait_for_the_mirror(lms: MemoryLms) -> None:
    streams = [Stream("content", [course(0)]), Stream("users", [{"email": "ada@example.com"}])]
    mapping = [{"stream": "content", "mode": "mirror"}]
    sent = [one for one in messages(streams) if one != status("content", "COMPLETE")]
    run = sync(MemoryDestination(lms), {"api_key": "k", "stream_mappings": mapping, "mirror": FREE}, streams, sent)
    assert run.positions == [("users", 1)]


def test_a_stream_that_is_read_incrementally_is_refused_before_the_first_write(lms: MemoryLms) -> None:
    stream = Stream("content", [course(number) for number in range(3)], source_mode="incremental")
    config = {"api_key": "k", "stream_mappings": [{"stream": "content", "mode": "mirror"}], "mirror": FREE}
    run = sync(MemoryDestination(lms), config, [stream])
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    assert "full refresh" in str(run.error.message)
    assert active(lms) == named(*range(10))


TWO = [{"stream": "content", "mode": "mirror"}, {"stream": "paths", "object": "content", "mode": "mirror"}]


def two_streams(lms: MemoryLms, courses: Any, paths: Any) -> Run:
    streams = [Stream("content", [course(one) for one in courses]), Stream("paths", [course(one) for one in paths])]
    config = {"api_key": "k", "stream_mappings": TWO, "mirror": FREE}
    return sync(MemoryDestination(lms), config, streams)


def test_each_of_two_streams_of_one_object_keeps_its_own() -> None:
    lms = MemoryLms()
    two_streams(lms, range(4), range(10, 14))
    assert two_streams(lms, range(3), range(10, 12)).total("deactivated") == 3
    assert active(lms) == sorted(named(0, 1, 2, 10, 11))


def test_what_another_stream_has_too_stays(lms: MemoryLms) -> None:
    two_streams(lms, range(10), [8, 9])
    assert two_streams(lms, range(8), [8, 9]).total("deactivated") == 0
    assert mirror(lms, range(8)).total("deactivated") == 0
    assert len(active(lms)) == 10


def test_content_of_a_stream_that_is_not_in_the_sync_is_never_touched() -> None:
    lms = MemoryLms()
    two_streams(lms, range(4), range(10, 14))
    done = mirror(lms, range(4))
    assert done.total("deactivated") == 0
    assert len(active(lms)) == 8
    assert any("4 own content of other streams, or not marked" in line for line in done.log)


def test_own_content_from_before_there_were_marks_is_marked_once_as_an_update_and_else_left_alone() -> None:
    lms = MemoryLms()
    for number in range(3):
        lms.add("content", title=f"Course {number}", active=True, stamps={"airbyte": f"c-{number}"})
    first = mirror(lms, range(2))
    assert (first.total("updated"), first.total("deactivated")) == (2, 0)
    again = mirror(lms, range(2))
    assert (again.total("updated"), again.total("unchanged"), again.total("deactivated")) == (0, 2, 0)
    assert mirror(lms, [0]).total("deactivated") == 1


def test_only_mode_mirror_marks(lms: MemoryLms) -> None:
    lms = MemoryLms()
    sync(MemoryDestination(lms), {"api_key": "k"}, [Stream("content", [course(1)])])
    assert [row.sets for row in lms.rows("content")] == [frozenset()]


def test_a_dry_run_marks_nothing_and_counts_the_marks_as_updates() -> None:
    lms = MemoryLms()
    lms.add("content", title="Course 1", active=True, stamps={"airbyte": "c-1"})
    assert mirror(lms, [1], dry_run=True).total("updated") == 1
    assert lms.writes == 0


def test_past_the_brake_the_plan_file_has_all_that_would_have_gone(lms: MemoryLms, tmp_path: Path) -> None:
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    done = mirror(lms, range(2), mirror={"max_deactivated": 1}, object_storage_config=storage)
    assert done.error is not None
    lines = [json.loads(line) for line in (tmp_path / "plan-content.jsonl").read_text().splitlines()]
    would = [line["key"]["external_reference"] for line in lines if line["action"] == "would_deactivate"]
    assert sorted(would) == named(*range(2, 10))
    assert len(active(lms)) == 10


def test_a_stream_with_a_very_long_name_has_a_set_of_its_own() -> None:
    lms = MemoryLms()
    name = "content " + "x" * 300
    config = {
        "api_key": "k",
        "stream_mappings": [{"stream": name, "object": "content", "mode": "mirror"}],
        "mirror": FREE,
    }
    sync(MemoryDestination(lms), config, [Stream(name, [course(1), course(2)])])
    done = sync(MemoryDestination(lms), config, [Stream(name, [course(1)])])
    assert (done.total("unchanged"), done.total("deactivated")) == (1, 1)


def test_what_two_streams_share_goes_once_neither_has_it() -> None:
    lms = MemoryLms()

    def both(first: Any, second: Any, **config: Any) -> int:
        streams = [Stream("one", [course(n) for n in first]), Stream("two", [course(n) for n in second])]
        mapping = [{"stream": one.name, "object": "content", "mode": "mirror"} for one in streams]
        config = {"api_key": "k", "stream_mappings": mapping, "mirror": FREE, **config}
        done = sync(MemoryDestination(lms), config, streams)
        assert done.error is None
        return done.total("deactivated")

    both([1, 2, 3], [2, 3, 4])
    assert both([1, 3], [3, 4], dry_run=True) == 1
    assert both([1, 3], [3, 4]) == 1
    assert both([1], [3, 4]) == 0
    assert both([1], [4]) == 1
    assert active(lms) == named(1, 4)
