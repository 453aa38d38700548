"""The main job over real processes: Pluralsight into Skilljar, twice, without faults and with."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms_shared.dev.demo.__main__ import main

SMALL = ("--users", "12", "--courses", "8", "--progress", "40")


def _shown(output: str, label: str) -> list[str]:
    return [line.rpartition(": ")[2] for line in output.splitlines() if line.startswith(label)]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_second_run_writes_nothing_and_faults_leave_the_same_end_state(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(SMALL) == 0
    calm = capsys.readouterr().out
    assert main((*SMALL, "--faults", "0.2", "--fault-seed", "5")) == 0
    stormy = capsys.readouterr().out

    assert "The second run wrote nothing." in calm
    assert "The second run wrote nothing." in stormy
    fingerprints = _shown(calm, "fingerprint of the end state")
    assert fingerprints == _shown(stormy, "fingerprint of the end state")
    assert fingerprints
    assert " 0 objects written" not in next(line for line in calm.splitlines() if line.startswith("run 1"))
