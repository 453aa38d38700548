"""The conformance suite: what every destination promises, whatever its LMS.

An adapter's tests run it by naming themselves:

    class TestConformance(ConformanceSuite):
        @pytest.fixture
        def bench(self) -> Bench:
            return MyBench()
"""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings

from lms_shared.dev.testing.bench import Bench
from lms_shared.dev.testing.catalogue import (
    PERSONAL,
    assignments,
    attempts,
    broken,
    catalogue,
    content,
    json_safe,
    one_each,
    unfit,
    users,
    without,
    without_place,
)
from lms_shared.dev.testing.memory_lms import Killed
from lms_shared.dev.testing.random_scenarios import RENAMED, Disturbance, Scenario, interleaved, scenarios
from lms_shared.dev.testing.syncs import Run, Stream, last_states, messages, record, state, sync
from lms_shared.http import client
from lms_shared.upsert.apply import apply

SAMPLE = 4
FEW_SCENARIOS, RANDOM_SCENARIOS = 4, 120
"""How many random scenarios are played, as a sample and in all."""
_Case = TypeVar("_Case")


def some(cases: Iterable[_Case], every_case: bool) -> Sequence[_Case]:
    """All cases, or the first, the last and two between."""
    every = list(cases)
    return every if every_case or len(every) <= SAMPLE else every[:: (len(every) - 1) // (SAMPLE - 1)]


class ConformanceSuite:
    """Guarantees of interest to a user, each a test. Subclasses supply the fixture `bench`."""

    steady_writes = True
    """Whether equal syncs make equal numbers of writes; of one that puts several into one request, time decides."""

    @pytest.fixture
    def bench(self) -> Bench:
        """The adapter under test."""
        raise NotImplementedError("name the bench of the adapter")

    @pytest.fixture
    def every_case(self, request: pytest.FixtureRequest) -> bool:
        """Whether sweeps take every case and not a sample; over HTTP that is minutes."""
        return bool(request.config.getoption("--whole", default=True))

    @pytest.fixture(autouse=True)
    def _no_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (apply, client):
            monkeypatch.setattr(module, "FIRST_WAIT", 0.0)

    def run(
        self,
        bench: Bench,
        streams: Sequence[Stream],
        sent: Iterable[Mapping[str, Any] | bytes] | None = None,
        **config: Any,
    ) -> Run:
        """A sync by a new process."""
        return sync(bench.destination(), {**bench.config(), **config}, streams, sent)

    def need(self, bench: Bench, *objects: str) -> None:
        """Skips the test where the destination does not write all of these objects."""
        if missing := set(objects) - bench.objects:
            pytest.skip(f"the destination writes no {', '.join(sorted(missing))}")

    def expect_success(self, run: Run) -> Run:
        assert run.error is None, run.error
        assert run.total("rejected") == 0, run.log
        return run

    def test_a_second_sync_of_the_same_records_writes_nothing(self, bench: Bench) -> None:
        streams = catalogue(bench.objects)
        self.expect_success(self.run(bench, streams))
        writes, held = bench.writes(), bench.state()
        assert writes > 0
        again = self.run(bench, streams)
        self.expect_success(again)
        assert bench.writes() == writes
        assert bench.state() == held
        assert again.total("unchanged") == sum(len(one.records) for one in streams)

    @pytest.mark.parametrize("seed", [1, 2])
    def test_a_second_sync_in_another_order_writes_nothing(self, bench: Bench, seed: int) -> None:
        streams = catalogue(bench.objects)
        self.expect_success(self.run(bench, streams))
        writes, held = bench.writes(), bench.state()
        shuffled = list(messages(streams))
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - a test's dice
        self.expect_success(self.run(bench, streams, shuffled, batch_size=2))
        assert (bench.writes(), bench.state()) == (writes, held)

    @pytest.mark.parametrize(
        "objects", [("content", "users", "assignments", "completions"), ("users", "groups", "group_members")]
    )
    def test_every_order_of_the_input_ends_in_the_same_state(
        self, bench: Bench, every_case: bool, objects: tuple[str, ...]
    ) -> None:
        self.need(bench, *objects)
        streams = one_each(*objects)
        records = [record(one.name, one.records[0]) for one in streams]
        self.expect_success(self.run(bench, streams, records))
        held = bench.state()
        for number, order in enumerate(some(itertools.permutations(records), every_case)):
            bench.reset()
            self.expect_success(self.run(bench, streams, order, batch_size=number % 3 + 1))
            assert bench.state() == held, [one["record"]["stream"] for one in order]

    def test_the_best_of_several_completions_is_kept_whole_in_whichever_order_they_come(
        self, bench: Bench, every_case: bool
    ) -> None:
        self.need(bench, "users", "content", "assignments", "completions")
        others = one_each("users", "content", "assignments")
        self.expect_success(self.run(bench, others))
        self.expect_success(self.run(bench, [Stream("completions", [attempts()[2]])]))
        held = bench.state()
        for order in some(itertools.permutations(attempts()), every_case):
            bench.reset()
            self.expect_success(self.run(bench, others))
            for attempt in order:
                self.expect_success(self.run(bench, [Stream("completions", [attempt])]))
            assert bench.state() == held, [one["completed_at"] for one in order]
            writes = bench.writes()
            self.expect_success(self.run(bench, [Stream("completions", order)], batch_size=1))
            assert (bench.writes(), bench.state()) == (writes, held)

    def test_of_the_results_of_an_assessment_the_latest_is_kept_in_whichever_order_they_come(
        self, bench: Bench, every_case: bool
    ) -> None:
        self.need(bench, "users", "content", "assignments", "completions")
        stream = "skill_assessment_results"
        person, assessment = users()[0], content()[0]
        results = [
            {
                "psUserId": person["external_reference"],
                "skillAssessmentId": assessment["external_reference"],
                "isCurrentScore": True,
                "completedOn": f"2026-0{month}-01T08:00:00Z",
            }
            for month in (1, 3, 2)
        ]
        others = one_each("users", "content", "assignments")
        mapping = [{"stream": stream, "preset": "pluralsight"}]

        def sent(records: Sequence[Mapping[str, Any]], **config: Any) -> Run:
            streams = [*others, Stream(stream, records)]
            return self.expect_success(self.run(bench, streams, stream_mappings=mapping, **config))

        sent([results[1]])
        held = bench.state()
        for order in some(itertools.permutations(results), every_case):
            bench.reset()
            for result in order:
                sent([result])
            assert bench.state() == held, [one["completedOn"] for one in order]
            writes = bench.writes()
            sent(order, batch_size=1)
            sent(order)
            assert (bench.writes(), bench.state()) == (writes, held)

    def test_of_records_that_mean_one_object_by_different_keys_the_last_wins(self, bench: Bench) -> None:
        self.need(bench, "users", "content", "assignments")
        self.expect_success(self.run(bench, catalogue(bench.objects)))
        writes = bench.writes()
        # Each pair names its object in two ways; what the second says is there already.
        people: list[Mapping[str, Any]] = []
        for user in users():
            people += [{**user, "first_name": "Early"}, without(user, "external_reference")]
        assigned: list[Mapping[str, Any]] = []
        for one, user in zip(assignments(), users(), strict=False):
            again = {**one, "user_external_reference": user["external_reference"], "active": True}
            assigned += [{**one, "active": False}, again]
        run = self.run(bench, [Stream("users", people), Stream("assignments", assigned)])
        self.expect_success(run)
        assert run.total("unchanged") == len(people) + len(assigned)
        assert bench.writes() == writes

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_killed_at_any_write_and_run_again_it_ends_in_the_same_state(
        self, bench: Bench, every_case: bool, moment: Literal["before", "after"]
    ) -> None:
        streams = catalogue(bench.objects)
        self.expect_success(self.run(bench, streams))
        held, points = bench.state(), bench.kill_points()
        for point in points.chosen(whole=every_case):
            bench.reset()
            bench.kill_at(point, moment)
            first = self.run(bench, streams, messages(streams, state_every=1), batch_size=2)
            assert isinstance(first.error, Killed) or (first.error is None and not self.steady_writes)
            bench.no_trouble()
            rest = messages(streams, state_every=1, since=last_states(first))
            self.expect_success(self.run(bench, streams, rest, batch_size=2))
            assert bench.state() == held, f"killed {moment} write {point}"

    def test_random_scenarios_end_as_the_undisturbed_run_does(self, bench: Bench, every_case: bool) -> None:
        """Orders, batches, workers, lost answers, kills, dry runs and an admin's edit, all at once."""

        @settings(
            max_examples=RANDOM_SCENARIOS if every_case else FEW_SCENARIOS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(scenarios(bench.objects))
        def play(scenario: Scenario) -> None:
            quiet, disturbed = (self._played(bench, scenario, disturbed=one) for one in (False, True))
            assert disturbed == quiet

        play()

    def _played(self, bench: Bench, scenario: Scenario, *, disturbed: bool) -> Any:
        """What is in the LMS after both syncs of a scenario, which are then at rest."""
        bench.reset()
        policies: list[dict[str, str]] = []
        for streams, how in zip((scenario.first, scenario.second), scenario.disturbances, strict=True):
            if disturbed:
                self._disturbed(bench, streams, how, policies)
            else:
                self.expect_success(self.run(bench, streams, num_workers=1, field_policies=policies))
            if scenario.renamed and not policies:
                policies = scenario.policies
                bench.rename(scenario.renamed, RENAMED)
        writes, held = bench.writes(), bench.state()
        self.expect_success(self.run(bench, scenario.second, field_policies=policies))
        assert (bench.writes(), bench.state()) == (writes, held)
        return held

    def _disturbed(
        self, bench: Bench, streams: Sequence[Stream], how: Disturbance, policies: Sequence[Mapping[str, str]]
    ) -> None:
        config = {"batch_size": how.batch_size, "num_workers": how.workers, "field_policies": policies}
        since: dict[str, int] = {}
        if how.dry_run:
            planned = self.run(bench, streams, interleaved(streams, how.order, since), dry_run=True, **config)
            assert (planned.error, planned.states) == (None, [])
        bench.lose_answers(how.lost)
        if how.kill_at:
            bench.kill_at(bench.writes() + how.kill_at, how.moment)
            killed = self.run(bench, streams, interleaved(streams, how.order, since), **config)
            assert killed.error is None or isinstance(killed.error, Killed), killed.error
            since = last_states(killed)
            bench.no_trouble()
            bench.lose_answers(how.lost)
        self.expect_success(self.run(bench, streams, interleaved(streams, how.order + 1, since), **config))
        bench.no_trouble()

    def test_with_a_fifth_of_the_calls_unanswered_it_ends_in_the_same_state(self, bench: Bench) -> None:
        streams = catalogue(bench.objects)
        self.expect_success(self.run(bench, streams))
        held = bench.state()
        bench.reset()
        bench.lose_answers(0.2)
        self.expect_success(self.run(bench, streams))
        assert bench.state() == held

    @pytest.mark.parametrize("workers", [1, 20])
    def test_the_number_of_workers_changes_nothing(self, bench: Bench, workers: int) -> None:
        streams = catalogue(bench.objects)
        self.expect_success(self.run(bench, streams))
        held = bench.state()
        bench.reset()
        self.expect_success(self.run(bench, streams, num_workers=workers))
        assert bench.state() == held

    def test_what_an_admin_changed_stays_where_the_policy_says_never(self, bench: Bench) -> None:
        self.need(bench, "content")
        streams = [Stream("content", content())]
        self.expect_success(self.run(bench, streams))
        bench.rename("c-1", "A better title")
        never = [{"object": "content", "field": "title", "policy": "never"}]
        self.expect_success(self.run(bench, streams, field_policies=never))
        assert bench.title("c-1") == "A better title"
        self.expect_success(self.run(bench, streams))
        assert bench.title("c-1") == content()[0]["title"]

    @pytest.mark.parametrize("by_mode", [False, True])
    def test_inactive_content_is_closed_and_opens_as_it_was_when_it_is_active_again(
        self, bench: Bench, by_mode: bool
    ) -> None:
        self.need(bench, "content")
        opened = [{**one, "active": True} for one in content()]
        self.expect_success(self.run(bench, [Stream("content", opened)]))
        held, (first, *others) = bench.state(), [str(one["external_reference"]) for one in opened]
        closing = (
            Stream("content", opened[:1], "soft_delete")
            if by_mode
            else Stream("content", [{**opened[0], "active": False}])
        )
        assert self.expect_success(self.run(bench, [closing])).total("deactivated") == 1
        assert (bench.is_open(first), all(map(bench.is_open, others))) == (False, True)
        writes = bench.writes()
        assert self.expect_success(self.run(bench, [closing])).total("unchanged") == 1
        assert bench.writes() == writes
        assert self.expect_success(self.run(bench, [Stream("content", opened)])).total("updated") == 1
        assert bench.is_open(first)
        assert bench.state() == held

    def test_what_an_admin_has_closed_stays_closed_whatever_its_record_says(self, bench: Bench) -> None:
        self.need(bench, "content")
        opened = [{**one, "active": True} for one in content()]
        first = str(opened[0]["external_reference"])
        self.expect_success(self.run(bench, [Stream("content", opened)]))
        bench.close(first)
        held, writes = bench.state(), bench.writes()
        story: list[Stream] = [
            Stream("content", opened),
            Stream("content", [{**opened[0], "active": False}]),
            Stream("content", opened[:1], "soft_delete"),
            Stream("content", opened),
        ]
        for stream in story:
            run = self.expect_success(self.run(bench, [stream]))
            assert run.total("unchanged") == len(stream.records)
            assert not bench.is_open(first)
        assert (bench.state(), bench.writes()) == (held, writes)

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_killed_while_content_is_closed_or_opened_it_ends_alike(
        self, bench: Bench, every_case: bool, moment: Literal["before", "after"]
    ) -> None:
        self.need(bench, "content")
        opened = [{**one, "active": True} for one in content()[:1]]
        closed = [{**one, "active": False} for one in opened]
        story = (opened, closed, opened, closed)
        for records in story:
            self.expect_success(self.run(bench, [Stream("content", records)]))
        held, points = bench.state(), bench.kill_points()
        for point in points.chosen(whole=every_case):
            bench.reset()
            bench.kill_at(point, moment)
            for records in story:
                killed = self.run(bench, [Stream("content", records)])
                if killed.error is not None:
                    assert isinstance(killed.error, Killed)
                    bench.no_trouble()
                    self.expect_success(self.run(bench, [Stream("content", records)]))
                assert bench.is_open(str(records[0]["external_reference"])) is records[0]["active"]
            assert bench.state() == held, f"killed {moment} write {point}"

    def mirrored(self, bench: Bench, **streams: Sequence[Mapping[str, Any]]) -> Run:
        """A sync of streams of content that are mirrored, without a brake."""
        mappings = [{"stream": name, "object": "content", "mode": "mirror"} for name in streams]
        sent = [Stream(name, records, "append_dedup") for name, records in streams.items()]
        brake = {"max_deactivated": 1000, "max_deactivated_share": 1}
        return self.expect_success(self.run(bench, sent, stream_mappings=mappings, mirror=brake))

    def test_a_mirror_closes_what_its_own_stream_no_longer_has_and_nothing_else(self, bench: Bench) -> None:
        self.need(bench, "content")
        records = [
            {"external_reference": f"m-{n}", "title": f"Mirrored {n}", "content_url": f"https://example.com/{n}"}
            for n in range(6)
        ]

        def opened() -> list[int]:
            return [n for n in range(6) if bench.is_open(f"m-{n}")]

        first, second = records[:4], records[3:]
        self.mirrored(bench, courses=first, paths=second)
        writes = bench.writes()
        assert self.mirrored(bench, courses=first, paths=second).total("unchanged") == 7
        assert bench.writes() == writes
        # Of a stream that is not in the sync nothing is touched, and what both have stays while one of them has it.
        assert self.mirrored(bench, courses=records[:2]).total("deactivated") == 1
        assert opened() == [0, 1, 3, 4, 5]
        assert self.mirrored(bench, courses=records[:2], paths=records[3:5]).total("deactivated") == 1
        assert opened() == [0, 1, 3, 4]
        # What comes back is open again, although its record does not say so.
        self.mirrored(bench, courses=first, paths=second)
        assert opened() == [0, 1, 2, 3, 4, 5]
        assert self.mirrored(bench, courses=first, paths=second).total("unchanged") == 7
        # What both had goes once neither has it, in one sync or in two.
        assert self.mirrored(bench, courses=first[:3], paths=second[1:]).total("deactivated") == 1
        assert opened() == [0, 1, 2, 4, 5]

    def test_what_a_sync_with_dry_run_plans_is_what_the_sync_does(self, bench: Bench) -> None:
        streams = catalogue(bench.objects)
        planned = self.run(bench, streams, dry_run=True)
        self.expect_success(planned)
        assert bench.writes() == 0
        # The sync that is to follow needs the same records, so that none is acknowledged.
        assert planned.states == []
        done = self.run(bench, streams)
        for name in ("created", "updated", "unchanged", "deactivated", "rejected"):
            assert [one[name] for one in planned.summaries] == [one[name] for one in done.summaries]

    def test_every_id_is_told_of_what_is_made_and_of_what_is_found(self, bench: Bench, tmp_path: Path) -> None:
        """And the reference of the source, whether the LMS has a place for it or not."""
        streams = catalogue(bench.objects)
        storage = {"storage_type": "LOCAL", "path": str(tmp_path)}

        def lines(kind: str, stream: Stream) -> list[dict[str, Any]]:
            return [json.loads(line) for line in (tmp_path / f"{kind}-{stream.name}.jsonl").read_text().splitlines()]

        told: dict[bool, dict[str, list[str]]] = {}
        for first in (True, False):
            self.expect_success(self.run(bench, streams, object_storage_config=storage))
            for stream in streams:
                ids, plan = lines("ids", stream), lines("plan", stream)
                assert all(one["created"] is first and one["object"] == stream.name for one in ids)
                assert sorted(one["id"] for one in ids) == sorted(one["id"] for one in plan)
                references = Counter(record.get("external_reference") for record in stream.records)
                assert Counter(one["key"].get("external_reference") for one in ids) == references
                assert Counter(one.get("external_reference") for one in plan) == references
            told[first] = {one.name: sorted(line["id"] for line in lines("ids", one)) for one in streams}
        assert told[True] == told[False]

    def test_a_broken_record_is_a_reject_with_reason_and_remedy_and_is_never_sent(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        sinks = bench.destination().adapter(bench.config()).sinks
        for stream in catalogue(bench.objects):
            cases = list(broken(sinks[stream.name].declaration, stream.records[0]))
            storage = {"storage_type": "LOCAL", "path": str(tmp_path / stream.name)}
            sent: list[Mapping[str, Any] | bytes] = [one.line for one in cases]
            sent += messages([Stream(stream.name)])
            # A stream of which nothing is understood would end the sync.
            run = self.run(bench, [stream], sent, object_storage_config=storage, max_rejected_share=1)
            assert run.error is None, run.error
            assert bench.writes() == 0
            assert len(run.rejects) == len(cases)
            for case, reject in zip(cases, run.rejects, strict=True):
                assert reject["code"].startswith("INPUT."), case.flaw
                assert reject["reason"], case.flaw
                assert reject["remedy"], case.flaw
            assert (run.counted("recordCount"), run.counted("rejectedRecordCount")) == (0, len(cases))

    def test_a_value_that_the_lms_cannot_hold_costs_itself_and_not_its_record(self, bench: Bench) -> None:
        sinks = bench.destination().adapter(bench.config()).sinks
        self.expect_success(self.run(bench, catalogue(bench.objects)))
        writes, held = bench.writes(), bench.state()
        for stream in catalogue(bench.objects):
            declaration, valid = sinks[stream.name].declaration, stream.records[0]
            cases = [(name, data) for name, data in unfit(declaration, valid) if json_safe(data)]
            odd = without_place(declaration, valid)
            run = self.expect_success(self.run(bench, [Stream(stream.name, [*(data for _, data in cases), odd])]))
            assert run.total("unchanged") == len(cases) + 1, stream.name
            assert run.summaries[0]["left_out"] == dict(Counter(name for name, _ in cases)), stream.name
        assert (bench.writes(), bench.state()) == (writes, held)

    def test_thousands_of_broken_records_among_good_ones_stop_nothing_and_are_never_sent(
        self, bench: Bench, tmp_path: Path, every_case: bool
    ) -> None:
        sinks = bench.destination().adapter(bench.config()).sinks
        streams = catalogue(bench.objects)
        self.expect_success(self.run(bench, streams, num_workers=1))
        writes, held = bench.writes(), bench.state()
        bench.reset()
        dice = random.Random(1)  # noqa: S311 - a test's dice
        sent: list[Mapping[str, Any] | bytes] = []
        least = 10_000 if every_case else 500
        share = -(-least // len(streams))
        for stream in streams:
            cases = [one.line for one in broken(sinks[stream.name].declaration, stream.records[0])]
            # The very long ones once each: the rest says as much in less time.
            short = itertools.cycle(line for line in cases if len(line) < 10_000)
            lines = [*cases, *itertools.islice(short, share - len(cases))]
            dice.shuffle(lines)
            good = list(messages([stream], state_every=1))
            every = share // len(good)
            for number, message in enumerate(good):
                last = number == len(good) - 1
                sent += [*lines[number * every : None if last else (number + 1) * every], message]
        storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
        run = self.run(bench, streams, sent, num_workers=1, object_storage_config=storage)
        assert run.error is None, run.error
        assert len(run.rejects) == run.total("rejected") == share * len(streams) >= least
        assert all(one["code"].startswith("INPUT.") and one["reason"] and one["remedy"] for one in run.rejects)
        assert bench.state() == held
        assert bench.writes() == writes or not self.steady_writes
        assert run.counted("recordCount") == sum(len(one.records) for one in streams)

    def test_the_counts_of_the_states_add_up_to_what_was_sent(self, bench: Bench, tmp_path: Path) -> None:
        streams = [
            Stream(one.name, [one.records[0], {"nothing": "known"}, *one.records[1:]])
            for one in catalogue(bench.objects)
        ]
        storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
        sent = list(messages(streams, state_every=2))
        run = self.run(bench, streams, sent, object_storage_config=storage)
        assert run.error is None, run.error
        total = sum(len(one.records) for one in streams)
        assert run.counted("rejectedRecordCount") == len(streams) == len(run.rejects)
        assert run.counted("recordCount") == total - len(streams)
        assert len(run.states) == sum(one["type"] == "STATE" for one in sent)

    def test_the_lines_of_the_rejects_file_can_be_written_again(self, bench: Bench, tmp_path: Path) -> None:
        links = [one for one in catalogue(bench.objects) if one.name in ("group_members", "assignments", "completions")]
        if not links:
            pytest.skip("the destination writes no links")
        storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
        first = self.run(bench, links, object_storage_config=storage)
        assert {one["code"] for one in first.rejects} == {"REFERENCE.NOT_FOUND"}
        self.expect_success(self.run(bench, catalogue(bench.objects)))
        held = bench.state()
        bench.reset()
        entities = [one for one in catalogue(bench.objects) if one not in links]
        self.expect_success(self.run(bench, entities))
        self.expect_success(self.run(bench, links, [one["record"] for one in first.rejects]))
        assert bench.state() == held

    def test_no_mail_is_sent(self, bench: Bench) -> None:
        self.expect_success(self.run(bench, catalogue(bench.objects)))
        assert bench.mails() == 0

    def test_no_personal_data_and_no_secret_is_in_the_log(self, bench: Bench) -> None:
        streams = catalogue(bench.objects)
        secret = str(bench.config().get("api_key") or bench.config().get("client_secret"))
        bad: list[dict[str, Any] | bytes] = [
            {"record": {"stream": "users"}},
            b'{"type": "RECORD", "record": {"stream": "users", "data": {"email": "ada',
        ]
        run = self.run(bench, streams, [*messages(streams), *bad])
        text = "\n".join(run.log)
        assert "sync summary" in text
        assert [one for one in (*PERSONAL, secret) if one in text] == []

    def test_a_state_comes_back_with_all_its_keys(self, bench: Bench) -> None:
        sent = state("users", {"cursor": "1.10"})
        sent["state"] |= {"id": 77, "unknown": {"kept": [1, None]}}
        run = self.run(bench, catalogue(bench.objects)[:1], [sent])
        assert run.states == [{**sent["state"], "destinationStats": {"recordCount": 0.0}}]
        assert json.dumps(run.states)
