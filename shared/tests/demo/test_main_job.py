"""The main job over real processes: each pipeline twice, without faults and with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lms_shared.dev.demo import __main__ as demo
from lms_shared.dev.demo.__main__ import main
from lms_shared.dev.demo.pipelines import PIPELINES

SMALL = ("--users", "12", "--courses", "8", "--progress", "40")


def _shown(output: str, label: str) -> list[str]:
    return [line.rpartition(": ")[2] for line in output.splitlines() if line.startswith(label)]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_second_run_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], every_case: bool
) -> None:
    pipelines = PIPELINES if every_case else PIPELINES[:1]
    monkeypatch.setattr(demo, "PIPELINES", pipelines)
    assert main((*SMALL, "--details")) == 0
    printed = capsys.readouterr().out
    assert printed.count("The second run wrote nothing.") == len(pipelines)
    assert " 0 objects written" not in next(line for line in printed.splitlines() if ", run 1: " in line)


@pytest.mark.sweep
def test_faults_leave_the_same_end_state(capsys: pytest.CaptureFixture[str]) -> None:
    assert main((*SMALL, "--details")) == 0
    fingerprints = _shown(capsys.readouterr().out, "fingerprint of the end state")
    assert main((*SMALL, "--details", "--faults", "0.2", "--fault-seed", "5")) == 0
    stormy = capsys.readouterr().out
    assert stormy.count("The second run wrote nothing.") == len(PIPELINES)
    assert len(fingerprints) == 2
    assert fingerprints == _shown(stormy, "fingerprint of the end state")


@pytest.mark.sweep
def test_a_record_that_is_rejected_for_an_unknown_reason_fails_the_demo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = PIPELINES[0]
    # With all learners of the default size, one is without an e-mail address.
    unprepared = replace(first, expected_rejects={})
    monkeypatch.setattr(demo, "PIPELINES", (unprepared,))
    assert main(("--courses", "4", "--progress", "5")) == 1
    assert "INPUT.MISSING (not expected)" in " ".join(capsys.readouterr().out.split())
