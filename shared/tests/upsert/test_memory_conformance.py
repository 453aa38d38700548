"""The conformance suite against the LMS in memory: the engine's promises, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.testing.bench import Bench
from lms_shared.dev.testing.conformance import ConformanceSuite
from lms_shared.dev.testing.kill_points import KillPoint, KillPoints
from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.memory_lms import MemoryLms, Row, killed_at, lost_answers, no_trouble


class MemoryBench:
    """The LMS in memory."""

    objects = frozenset({"users", "groups", "group_members", "content", "assignments", "completions"})

    def __init__(self, *, user_references: bool = True) -> None:
        self._user_references = user_references
        self._lms = MemoryLms()

    def destination(self) -> ActivationDestination:
        return MemoryDestination(self._lms, user_references=self._user_references)

    def config(self) -> dict[str, Any]:
        return {"api_key": "a-secret-key"}

    def state(self) -> Any:
        return self._lms.state()

    def writes(self) -> int:
        return self._lms.writes

    def mails(self) -> int:
        return len(self._lms.mails)

    def reset(self) -> None:
        self._lms = MemoryLms()

    def kill_points(self) -> KillPoints:
        return KillPoints(self._lms.writes)

    def kill_at(self, point: KillPoint, moment: Literal["before", "after"]) -> None:
        assert isinstance(point, int)  # the LMS in memory has no kinds of writes
        self._lms.trouble = killed_at(point, moment)

    def lose_answers(self, share: float) -> None:
        self._lms.trouble = lost_answers(share)

    def no_trouble(self) -> None:
        self._lms.trouble = no_trouble

    def title(self, reference: str) -> str | None:
        row = self._content(reference)
        return None if row is None else str(row.fields["title"])

    def rename(self, reference: str, title: str) -> None:
        row = self._content(reference)
        assert row is not None
        self._lms.edit("content", row.id, title=title)

    def is_open(self, reference: str) -> bool:
        row = self._content(reference)
        return row is not None and bool(row.fields["active"])

    def close(self, reference: str) -> None:
        row = self._content(reference)
        assert row is not None
        self._lms.edit("content", row.id, active=False)

    def _content(self, reference: str) -> Row | None:
        rows = self._lms.rows("content")
        return next((row for row in rows if row.stamps.get("airbyte") == reference), None)


class WholeSuite(ConformanceSuite):
    """Nothing is sampled where it costs nothing."""

    @pytest.fixture
    def every_case(self) -> bool:
        return True


class TestMemoryLms(WholeSuite):
    @pytest.fixture
    def bench(self) -> Bench:
        return MemoryBench()

    @pytest.mark.sweep
    def test_random_scenarios_end_as_the_undisturbed_run_does(self, bench: Bench, every_case: bool) -> None:
        super().test_random_scenarios_end_as_the_undisturbed_run_does(bench, every_case)

    @pytest.mark.sweep
    def test_thousands_of_broken_records_among_good_ones_stop_nothing_and_are_never_sent(
        self, bench: Bench, tmp_path: Path, every_case: bool
    ) -> None:
        super().test_thousands_of_broken_records_among_good_ones_stop_nothing_and_are_never_sent(
            bench, tmp_path, every_case
        )


@pytest.mark.sweep
class TestMemoryLmsWithoutUserReferences(ConformanceSuite):
    """An LMS that has no place for a learner's external reference. Its sweeps are sampled as those over HTTP are."""

    @pytest.fixture
    def bench(self) -> Bench:
        return MemoryBench(user_references=False)
