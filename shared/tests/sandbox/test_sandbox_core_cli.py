"""The command `lms-sandbox` as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from lms_shared.dev.sandbox.cli import main

COMMAND = [
    sys.executable,
    "-m",
    "lms_shared.dev.sandbox.cli",
    "--pluralsight-port=0",
    "--skilljar-port=0",
    "--pluvo-port=0",
]


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("Ctrl-C"):
            break
    return printed


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_interrupted_and_then_ends_cleanly(tmp_path: Path, end: signal.Signals) -> None:
    ready = tmp_path / "ready.json"
    with running("--only=pluralsight", "--users=7", "--courses=3", "--progress=9", f"--ready-file={ready}") as process:
        printed = read_until_ready(process)
        address: dict[str, Any] = json.loads(ready.read_text())["pluralsight"]
        assert address["page"] in printed
        assert json.dumps(address["config"]) in printed
        assert len(requests.get(f"{address['url']}/_sandbox/state").json()["users"]) == 7
        answer = requests.post(
            address["config"]["endpoint"],
            json={"query": "{courseProgress {totalCount}}"},
            headers={"Authorization": f"Bearer {address['config']['api_key']}"},
        )
        assert answer.json()["data"]["courseProgress"]["totalCount"] == 9
        process.send_signal(end)
        output, errors = process.communicate()
    assert (process.returncode, output, errors) == (0, "", "")


def test_all_vendors_start_with_their_own_address_and_faults(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with running(f"--ready-file={ready}", "--faults=0.5", "--fault-seed=3") as process:
        read_until_ready(process)
        addresses = json.loads(ready.read_text())
        assert list(addresses) == ["pluralsight", "skilljar", "pluvo"]
        for address in addresses.values():
            plan = requests.get(f"{address['url']}/_sandbox/faults").json()
            assert plan["seed"] == 3
            assert sum(rule["probability"] for rule in plan["rules"]) == pytest.approx(0.5)
        skilljar = addresses["skilljar"]
        requests.delete(f"{skilljar['url']}/_sandbox/faults")
        domains = requests.get(f"{skilljar['config']['base_url']}/domains", auth=(skilljar["config"]["api_key"], ""))
        assert skilljar["config"]["domain_name"] in domains.text
        pluvo = addresses["pluvo"]
        requests.delete(f"{pluvo['url']}/_sandbox/faults")
        credentials = {name: pluvo["config"][name] for name in ("client_id", "client_secret")}
        token = requests.post(
            f"{pluvo['config']['base_url']}/oauth/token/", {"grant_type": "client_credentials", **credentials}
        )
        assert token.json()["token_type"] == "Bearer"


def test_faults_are_no_noise_in_the_servers_output(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with running("--only=pluralsight", f"--ready-file={ready}", "--faults=1") as process:
        read_until_ready(process)
        address = json.loads(ready.read_text())["pluralsight"]
        for number in range(60):
            with suppress(requests.RequestException):
                requests.post(address["config"]["endpoint"], data=str(number))
        hits = requests.get(f"{address['url']}/_sandbox/requests").json()["faults"]
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    assert {"drop_before", "drop_after", "cut_body"} <= set(hits)
    assert (process.returncode, output, errors) == (0, "", "")


def test_a_taken_port_is_told_and_is_exit_code_1() -> None:
    with running("--only=pluralsight") as process:
        printed = read_until_ready(process)
        port = printed.partition("127.0.0.1:")[2].partition("/")[0]
        second = subprocess.run(
            [*COMMAND, "--only=pluralsight", f"--pluralsight-port={port}"], capture_output=True, text=True, check=False
        )
    assert second.returncode == 1
    assert "pluralsight cannot start" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("wrong", ["--faults=2", "--latency=-1", "--only=moodle", "--users=many"])
def test_a_wrong_option_is_refused_with_a_sentence(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([wrong])
    assert ended.value.code == 2
    assert wrong.partition("=")[0] in capsys.readouterr().err


def test_fault_rules_of_the_command_line_spoil_the_answers_that_they_name(tmp_path: Path) -> None:
    ready, rules = tmp_path / "ready.json", tmp_path / "rules.json"
    rules.write_text(json.dumps([{"kind": "rows_null", "path": "/v1/groups$", "times": 1}]))
    with running("--only=skilljar", f"--fault-rules=@{rules}", f"--ready-file={ready}") as process:
        read_until_ready(process)
        config = json.loads(ready.read_text())["skilljar"]["config"]
        groups = f"{config['base_url']}/groups"
        answers = [requests.get(groups, auth=(config["api_key"], "")).json()["results"] for _ in range(2)]
    spoiled, sound = answers
    assert spoiled is None
    assert [one["name"] for one in sound]


@pytest.mark.parametrize("rules", ["{", "[{}]", '[{"kind": "nonsense"}]', '[{"kind": "500", "path": "("}]', "@nowhere"])
def test_fault_rules_that_cannot_be_read_are_refused(rules: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only=skilljar", f"--fault-rules={rules}"])
    assert "fault rules cannot be read" in capsys.readouterr().err
