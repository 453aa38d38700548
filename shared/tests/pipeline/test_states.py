"""Which states are kept, and what is said of a file that holds something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lms_shared.pipeline.problems import PipelineConfigError
from lms_shared.pipeline.states import StateFile


def state(name: str, value: Any, namespace: str | None = None, **more: Any) -> dict[str, Any]:
    descriptor = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"type": "STREAM", "stream": {"stream_descriptor": descriptor, "stream_state": value}, **more}


def test_the_last_state_of_each_incremental_stream_is_on_disk_before_the_next_step(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    file = StateFile(path, [(None, "a"), ("space", "a")])
    file.acknowledge(state("a", 1, destinationStats={"recordCount": 2}, id=7))
    assert json.loads(path.read_text()) == [state("a", 1)]
    file.acknowledge(state("a", 2))
    file.acknowledge(state("a", 9, "space"))
    file.acknowledge(state("whole", 3))
    assert json.loads(path.read_text()) == [state("a", 2), state("a", 9, "space")]
    assert StateFile(path, [(None, "a")]).start() == [state("a", 2)]


def test_states_of_streams_that_are_not_in_the_run_stay(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    StateFile(path, [(None, "a")]).acknowledge(state("a", 1))
    StateFile(path, [(None, "b")]).acknowledge(state("b", 2))
    assert json.loads(path.read_text()) == [state("a", 1), state("b", 2)]


@pytest.mark.parametrize("content", ["{}", "[{}]", '[{"stream": {}}]', "[1]", "not json"])
def test_a_foreign_file_is_refused_and_not_read_as_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(PipelineConfigError, match=r"state.json.*delete it to read everything again"):
        StateFile(path, [])
    assert path.read_text() == content
