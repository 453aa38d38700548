"""What a run of `lms-sync` promises, with the real connectors against pretend servers."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.requests_log import WriteEvent
from lms_shared.dev.testing.pipelines import KEYS, Pipeline, ended, made, served


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    with served() as servers:
        yield made(tmp_path / "pluralsight-to-skilljar", *servers)


@pytest.fixture(scope="module")
def calm_end(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What Skilljar holds after a run that nothing disturbed."""
    with served() as servers:
        calm = made(tmp_path_factory.mktemp("calm") / "pipeline", *servers)
        assert calm.run().code == 0
        return calm.end_state


@pytest.mark.sweep
def test_the_second_run_writes_nothing_and_a_dry_run_leaves_everything_as_it_was(
    pipeline: Pipeline,
) -> None:
    empty = pipeline.end_state
    planned = pipeline.run("--dry-run")
    assert (planned.code, planned.end["dry_run"]) == (0, True)
    assert pipeline.end_state == empty
    assert pipeline.states() == {}, "what a dry run did not write must come again"

    sample = pipeline.run("--limit", "3", "--streams", "users,course_catalog")
    assert (sample.code, sample.end["records"]) == (0, 6), sample.end
    assert pipeline.states() == {}, "what a sample left out must come again"

    first = pipeline.run()
    assert first.code == 0, first.error
    assert first.end["written"] > 0
    assert [one["connector"] for one in first.of("checked")] == ["source-pluralsight", "destination-skilljar"]
    assert {one["stream"] for one in first.of("stream")} == {
        "course_catalog", "content_catalog", "users", "course_progress"
    }  # fmt: skip
    assert set(pipeline.states()) == {"course_progress"}, "streams that are read whole start from nothing each time"
    after = pipeline.end_state

    second = pipeline.run()
    assert (second.code, second.end["written"]) == (0, 0)
    assert second.end["records"] < first.end["records"]
    some = pipeline.run("--streams", "users,course_catalog")
    assert {one["stream"] for one in some.of("stream")} == {"users", "course_catalog"}
    assert set(pipeline.states()) == {"course_progress"}, "what is not chosen keeps its state"
    again = pipeline.run("--full-refresh")
    assert (again.code, again.end["written"]) == (0, 0)
    assert again.end["records"] == first.end["records"]
    assert pipeline.end_state == after

    files = [path for path in pipeline.folder.rglob("*") if path.is_file() and path.name != ".env"]
    assert len(files) > 8
    for path in files:
        assert not [key for key in KEYS.values() if key.encode() in path.read_bytes()], f"a secret stays in {path}"


@pytest.mark.sweep
def test_exit_codes_tell_config_from_trouble_and_from_too_many_rejects(pipeline: Pipeline) -> None:
    # Learners that the LMS does not have cannot be updated.
    update = {"stream": "users", "preset": "pluralsight", "mode": "update"}
    pipeline.change("destination", stream_mappings=[update], max_rejected=2)
    rejected = pipeline.run("--streams", "users")
    assert rejected.code == 3, rejected.end
    assert rejected.end["rejected"] > 2

    pipeline.change("source", api_key="wrong-key-of-pluralsight")
    refused = pipeline.run()
    assert refused.code == 2
    assert "source-pluralsight" in refused.end["error"]
    assert "wrong-key-of-pluralsight" not in json.dumps(refused.events) + refused.error

    pipeline.change("source", api_key="${NOT_SET_ANYWHERE}")
    missing = pipeline.run()
    assert missing.code == 2
    assert "NOT_SET_ANYWHERE is not set" in missing.end["error"]


@pytest.mark.sweep
def test_a_second_run_of_the_folder_is_refused_while_the_first_goes_on(pipeline: Pipeline) -> None:
    with (pipeline.folder / ".lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = pipeline.run()
    assert refused.code == 1
    assert "Another run" in refused.end["error"]


@pytest.mark.sweep
@pytest.mark.parametrize("killed", ["lms-sync", "source-pluralsight", "destination-skilljar"])
def test_a_crash_of_any_process_loses_nothing_and_doubles_nothing(
    pipeline: Pipeline, killed: str, calm_end: str
) -> None:
    process: Future[subprocess.Popen[bytes]] = Future()
    at = 25
    if killed == "source-pluralsight":
        # It waits for the rows of its last stream, whose query it has tried, while those of the others are written.
        at = 1
        progress = FaultRule(FaultKind.SLOW, body="courseProgress", skip=1, delay=50)
        pipeline.pluralsight.faults = FaultPlan([progress])

    def hook(event: WriteEvent) -> None:
        if (event.number, event.phase) == (at, "after"):
            os.kill(_pid(process.result(), killed), signal.SIGKILL)

    pipeline.skilljar.on_write = hook
    process.set_result(pipeline.start())
    broken = ended(process.result())
    assert broken.code == (-signal.SIGKILL if killed == "lms-sync" else 1), broken.events
    pipeline.pluralsight.faults = FaultPlan()
    pipeline.skilljar.on_write = None
    pipeline.wait_for_connectors()

    again = pipeline.run()
    assert again.code == 0, again.events
    assert pipeline.end_state == calm_end


@pytest.mark.sweep
def test_a_stop_ends_the_run_with_1_and_the_next_run_goes_on(pipeline: Pipeline, calm_end: str) -> None:
    process: Future[subprocess.Popen[bytes]] = Future()

    def hook(event: WriteEvent) -> None:
        if (event.number, event.phase) == (20, "before"):
            process.result().send_signal(signal.SIGTERM)

    pipeline.skilljar.on_write = hook
    process.set_result(pipeline.start())
    stopped = ended(process.result())
    assert stopped.code == 1
    assert "Stopped from outside" in stopped.end["error"]
    pipeline.skilljar.on_write = None

    assert pipeline.run().code == 0
    assert pipeline.end_state == calm_end


@pytest.mark.sweep
def test_an_lms_that_fails_for_good_ends_with_1_and_says_who_failed(pipeline: Pipeline) -> None:
    # A wait of a day is not begun, so that the test need not wait until patience is at its end.
    for_a_day = FaultRule(FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER, skip=20, retry_after=86_400)
    pipeline.skilljar.faults = FaultPlan([for_a_day])
    failed = pipeline.run()
    assert failed.code == 1
    assert failed.end["error"].startswith("destination-skilljar: ")


def _pid(lms_sync: subprocess.Popen[bytes], name: str) -> int:
    """The process of a connector that an `lms-sync` has started, or its own."""
    if name == "lms-sync":
        return lms_sync.pid
    found = subprocess.run(["pgrep", "-P", str(lms_sync.pid), "-f", name], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


ENGINE = """#!{python}
# Stands in for a container engine: runs the connector of the image's name, in the folder that is mounted.
import json, os, sys
line = sys.argv[1:]
assert line[:3] == ["run", "--rm", "--interactive"], line
folder, _, inside = line[line.index("--volume") + 1].partition(":")
assert line[line.index("--workdir") + 1] == inside
image = next(number for number, one in enumerate(line) if one.endswith(":dev"))
with open("{log}", "a") as log:
    log.write(json.dumps(line) + "\\n")
os.chdir(folder)
command = os.path.join("{bin}", line[image].removesuffix(":dev"))
os.execv(command, [command, *line[image + 1:]])
"""


@pytest.mark.sweep
def test_with_image_each_command_runs_in_a_container_that_sees_the_folder_alone(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, engine = tmp_path / "log", tmp_path / "bin" / "docker"
    engine.parent.mkdir()
    engine.write_text(ENGINE.format(python=sys.executable, log=log, bin=Path(sys.executable).parent))
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{engine.parent}:{os.environ['PATH']}")
    planned = pipeline.run("--dry-run", "--image", "--image-option=--network=host", "--streams", "users")
    assert planned.code == 0, planned.end
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        assert "--network=host" in line
        assert line[line.index("--user") + 1] == f"{os.getuid()}:{os.getgid()}", "or the reports could not be written"
        assert [one for one in line if one.startswith("/") and ":" in one] == [f"{pipeline.folder}:/pipeline"]
        assert not [key for key in KEYS.values() if key in " ".join(line)], "a command line is seen by everyone"
    images = [next(one for one in line if one.endswith(":dev")) for line in lines]
    assert sorted(images) == [
        "destination-skilljar:dev", "destination-skilljar:dev",
        "source-pluralsight:dev", "source-pluralsight:dev", "source-pluralsight:dev",
    ]  # fmt: skip
