"""The main job over real processes: Pluralsight into Skilljar, twice, without faults and with."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms_shared.dev.demo.__main__ import main

SMALL = ("--users", "12", "--courses", "8", "--progress", "40")
STORMY = (*SMALL, "--faults", "0.2", "--fault-seed", "5")


def _shown(output: str, label: str) -> list[str]:
    return [line.rpartition(": ")[2] for line in output.splitlines() if line.startswith(label)]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_second_run_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(SMALL) == 0
    printed = capsys.readouterr().out
    assert "The second run wrote nothing." in printed
    assert " 0 objects written" not in next(line for line in printed.splitlines() if line.startswith("run 1"))


def test_faults_leave_the_same_end_state(capsys: pytest.CaptureFixture[str], every_case: bool) -> None:
    if not every_case:
        pytest.skip("the demo a second and a third time: make test-all")
    assert main(SMALL) == 0
    fingerprints = _shown(capsys.readouterr().out, "fingerprint of the end state")
    assert main(STORMY) == 0
    stormy = capsys.readouterr().out
    assert "The second run wrote nothing." in stormy
    assert fingerprints == _shown(stormy, "fingerprint of the end state")
    assert fingerprints
