"""The folders of `examples/` run as they are, and what starts them by the clock says what it should."""

from __future__ import annotations

import ast
import configparser
import json
import re
import shutil
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from lms_shared.dev.sandbox.cli import build_parser
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.vendors import VENDORS
from lms_shared.pipeline.cli import build_parser as lms_sync_parser

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
PIPELINES = tuple(sorted(path.parent.name for path in EXAMPLES.glob("*/pipeline.json")))
COMMAND = str(Path(sys.executable).with_name("lms-sync"))
RUN = re.compile(r"lms-sync (run examples/\S+)")


def _sandbox_arguments() -> Namespace:
    """Those of `make sandbox`, with less data."""
    recipe = next(line for line in (ROOT / "Makefile").read_text().splitlines() if "lms-sandbox" in line)
    options = recipe.split("lms-sandbox")[1].replace("$(ARGS)", "").split()
    return build_parser().parse_args([*options, "--users", "8", "--courses", "6", "--progress", "24"])


@pytest.fixture(scope="module")
def ports() -> Iterator[Mapping[int, int]]:
    """The servers of `make sandbox` on free ports, by the port that they have there."""
    arguments = _sandbox_arguments()
    with ExitStack() as stack:
        servers = {one.port: stack.enter_context(SandboxServer(one.build(arguments))) for one in VENDORS}
        yield {port: int(server.url.rpartition(":")[2]) for port, server in servers.items()}


def test_there_is_an_example_for_each_pipeline_of_the_main_job() -> None:
    assert PIPELINES == ("pluralsight-to-pluvo", "pluralsight-to-skilljar", "skilljar-to-pluvo")


@pytest.mark.sweep
@pytest.mark.parametrize("name", PIPELINES)
def test_an_example_runs_as_it_is_and_its_second_run_writes_nothing(
    name: str, tmp_path: Path, ports: Mapping[int, int]
) -> None:
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("state.json", "reports", ".lock", ".run"))
    for role in ("source", "destination"):
        config = folder / f"{role}.json"
        text, found = re.subn(r":(86\d\d)\b", lambda port: f":{ports[int(port[1])]}", config.read_text())
        assert found, "an example is for the ports of the sandbox"
        config.write_text(text)
    ends = []
    for _ in range(2):
        done = subprocess.run([COMMAND, "run", str(folder)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        ends.append(json.loads(done.stdout.splitlines()[-1]))
    assert ends[0]["written"] > 0
    assert ends[1]["written"] == 0
    assert Path(ends[1]["report"]).is_relative_to(folder)
    assert Path(ends[1]["report"]).exists()


@pytest.mark.parametrize("name", PIPELINES)
def test_an_example_holds_no_other_keys_than_those_of_the_sandbox(name: str) -> None:
    options = vars(_sandbox_arguments())
    lines = (EXAMPLES / name / ".env").read_text().splitlines()
    values = {line.partition("=")[2] for line in lines if line and not line.startswith("#")}
    assert values <= {value for key, value in options.items() if key.endswith(("_key", "_secret"))}
    tracked = subprocess.run(
        ["git", "ls-files", "--error-unmatch", f"examples/{name}/.env"], cwd=ROOT, capture_output=True, check=False
    )
    assert tracked.returncode == 0 or not (ROOT / ".git").exists()


def test_each_schedule_starts_a_run_of_an_example_that_the_command_understands() -> None:
    schedules = sorted((EXAMPLES / "schedules").iterdir())
    started = 0
    for path in schedules:
        for line in RUN.findall(path.read_text()):
            arguments = line.replace("%i", PIPELINES[0]).replace("{pipeline}", PIPELINES[0]).rstrip('",').split()
            parsed = lms_sync_parser().parse_args(arguments)
            assert parsed.folder.path.name in PIPELINES, path
            started += 1
    assert started == len(schedules) - 1, "the timer starts the service of its name"


def test_the_crontab_the_units_the_workflow_and_the_scripts_are_well_formed() -> None:
    schedules = EXAMPLES / "schedules"
    jobs = [line for line in (schedules / "crontab").read_text().splitlines() if re.match(r"[\d*]", line)]
    assert [re.match(r"(?:[\d*/,-]+ ){5}cd \S+ && ", job) is not None for job in jobs] == [True]

    service, timer = configparser.ConfigParser(interpolation=None), configparser.ConfigParser(interpolation=None)
    service.optionxform = timer.optionxform = str  # type: ignore[method-assign,assignment] - systemd minds the case
    service.read(schedules / "lms-sync@.service")
    timer.read(schedules / "lms-sync@.timer")
    assert service["Service"]["Type"] == "oneshot", "or the timer would start a second run"
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])

    workflow = yaml.safe_load((schedules / "github-actions.yml").read_text())
    steps = workflow["jobs"]["sync"]["steps"]
    cached = [step["with"]["path"].split() for step in steps if "cache" in step.get("uses", "")]
    assert [[Path(one).name for one in paths] for paths in cached] == [["state.json", "reports"]] * 2, (
        "a state without the rejects that it has passed would lose them"
    )
    assert all(step.get("if") == "always()" for step in steps if "cache/save" in step.get("uses", ""))
    assert workflow["concurrency"], "two runs at once would be refused"
    for script in (schedules / "airflow_dag.py", EXAMPLES / "pyairbyte_sync.py"):
        ast.parse(script.read_text())


@pytest.mark.parametrize(("code", "mailed"), [(0, ""), (3, "finished\n")])
def test_cron_mails_why_a_run_did_not_end_well_and_nothing_else(tmp_path: Path, code: int, mailed: str) -> None:
    job = next(line for line in (EXAMPLES / "schedules" / "crontab").read_text().splitlines() if "lms-sync run" in line)
    command = tmp_path / ".venv" / "bin" / "lms-sync"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\necho progress\necho finished\nexit {code}\n")
    command.chmod(0o755)
    line = job.split(maxsplit=5)[5].replace("/srv/lms", str(tmp_path))
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (mailed, "")
