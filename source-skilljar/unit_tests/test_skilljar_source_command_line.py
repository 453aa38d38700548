"""The installed command: exit codes, clean output, secrets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = str(Path(sys.executable).with_name("source-skilljar"))


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Run the command with files: `run("read", config=…, catalog=…)` gives the exit code, the messages and all text."""

    def start(command: str, **files: Any) -> tuple[int, list[dict[str, Any]], str]:
        arguments = [COMMAND, command]
        for name, content in files.items():
            (tmp_path / name).write_text(json.dumps(content))
            arguments += [f"--{name}", str(tmp_path / name)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stdout + done.stderr

    return start


def catalog(*names: str) -> dict[str, Any]:
    def configured(name: str) -> dict[str, Any]:
        stream = {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
        return {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}

    return {"streams": [configured(name) for name in names]}


def kinds(messages: list[dict[str, Any]]) -> set[str]:
    return {message["type"] for message in messages}


def test_e_mail_addresses_are_masked_in_logs_of_any_origin() -> None:
    script = "import logging; from source_skilljar.run import mask_logs; mask_logs(); "
    script += "logging.getLogger('airbyte.library').warning('row of %s', 'ada.lovelace@example.com')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "row of a***@***" in done.stdout
    assert "lovelace" not in done.stdout + done.stderr


def test_spec_needs_nothing(run: Any) -> None:
    code, messages, _ = run("spec")
    assert code == 0
    assert "SPEC" in kinds(messages)


def test_a_read_writes_messages_only_and_ends_with_zero(run: Any, serve: Any) -> None:
    site = serve()
    code, messages, text = run("read", config=site.config(), catalog=catalog("domains", "published_courses"))
    assert code == 0
    assert {"RECORD", "STATE", "TRACE"} <= kinds(messages)
    assert site.config()["api_key"] not in text


def test_a_wrong_key_fails_check_without_a_crash_and_a_read_with_one(run: Any, serve: Any) -> None:
    config = serve().config(api_key="wrong-but-secret")
    code, messages, text = run("check", config=config)
    assert code == 0
    assert [m["connectionStatus"]["status"] for m in messages if m["type"] == "CONNECTION_STATUS"] == ["FAILED"]
    assert "wrong-but-secret" not in text
    code, messages, text = run("read", config=config, catalog=catalog("users"))
    failures = [m["trace"]["error"]["failure_type"] for m in messages if m.get("trace", {}).get("type") == "ERROR"]
    assert code != 0
    assert set(failures) == {"config_error"}
    assert "wrong-but-secret" not in text


def test_memory_does_not_grow_with_the_rows() -> None:
    bench = Path(__file__).parents[1] / "bench" / "bench_users.py"
    done = subprocess.run([sys.executable, bench, "--rows", "40000"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
