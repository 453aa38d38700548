"""What `lms-sync init` writes, and what the other commands say of a folder that is not ready."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from lms_shared.dev.testing.pipelines import COMMAND, lms_sync


@pytest.mark.sweep
def test_what_is_not_given_is_left_to_the_environment_and_secrets_are_in_no_config(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pipeline"
    given = ("--set=source.api_key=the-secret key'1", "--set=destination.requests_per_minute=60")
    made = lms_sync("init", str(folder), "--source", "skilljar", "--destination", "pluvo", *given)
    assert made.returncode == 0, made.stderr
    source = json.loads((folder / "source.json").read_text())
    destination = json.loads((folder / "destination.json").read_text())
    assert source == {"api_key": "${SKILLJAR_API_KEY}"}
    assert destination["client_secret"] == "${PLUVO_CLIENT_SECRET}"
    assert destination["requests_per_minute"] == 60
    assert destination["object_storage_config"]["storage_type"] == "LOCAL"
    example = (folder / ".env.example").read_text()
    assert "PLUVO_CLIENT_SECRET=\n" in example
    assert (folder / ".env").read_text() == "SKILLJAR_API_KEY='the-secret key\\'1'\n"
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    assert ".env" in (folder / ".gitignore").read_text().splitlines()
    assert "PLUVO_CLIENT_SECRET" in made.stdout
    assert f"Enter organization, or base_url, in {folder / 'destination.json'}." in made.stdout
    streams = json.loads((folder / "catalog.json").read_text())["streams"]
    assert [one["stream"]["name"] for one in streams] == ["published_courses", "domain_users", "user_course_progress"]

    again = lms_sync("init", str(folder), "--source", "skilljar", "--destination", "pluvo")
    assert (again.returncode, "--force overwrites it" in again.stderr) == (2, True)
    missing = lms_sync("run", str(folder))
    assert missing.returncode == 2
    assert "PLUVO_CLIENT_SECRET" in json.loads(missing.stdout.splitlines()[-1])["error"]
    nothing = lms_sync("report", str(folder))
    assert nothing.returncode == 2


SECRETS = ("API key", "Client secret")


def on_a_terminal(arguments: Sequence[str], answers: Mapping[str, str]) -> str:
    """What `lms-sync` shows; each answer is typed once the text that it belongs to is shown. Enter answers the rest."""
    terminal, theirs = pty.openpty()
    process = subprocess.Popen([COMMAND, *arguments], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown, answered = "", 0
    with suppress(OSError):  # Linux says so when the other side is closed
        while data := os.read(terminal, 65_536):
            shown += data.decode()
            prompt = shown[answered:].rstrip()
            if prompt.endswith(":"):
                answered = len(shown)
                if any(secret in prompt for secret in SECRETS):
                    while termios.tcgetattr(terminal)[3] & termios.ECHO:
                        os.sched_yield()  # what is typed before the echo is off is thrown away
                answer = next((one for asked, one in answers.items() if asked in prompt), "")
                os.write(terminal, f"{answer}\n".encode())
    os.close(terminal)
    assert process.wait() == 0, shown
    return shown.replace("\r", "")


@pytest.mark.sweep
def test_on_a_terminal_each_required_key_is_asked_for_with_what_it_means(tmp_path: Path) -> None:
    folder = tmp_path / "pipeline"
    answers = {"Source": "pluralsight", "Destination": "pluvo", "Partner name": "Acme", "Client secret": "s3cret"}
    shown = on_a_terminal(["init", str(folder)], answers)
    for side, key, meaning in (
        ("source", "API key (Enter leaves it to .env)", "GraphQL API key of your Pluralsight plan"),
        ("source", "Partner name", "Your company or product"),
        ("destination", "Organization (Enter leaves it out, if base_url is to be set)", "acme for acme.pluvo.com"),
        ("destination", "Client ID", "hands out on request"),
        ("destination", "Client secret", "Secret of the API client"),
    ):
        assert f"[{side}] " in shown.partition(meaning)[0].rpartition("\n")[2], key
        assert key in shown.partition(meaning)[2], key
    assert "s3cret" not in shown
    assert json.loads((folder / "source.json").read_text())["partner_name"] == "Acme"
    destination = json.loads((folder / "destination.json").read_text())
    assert "organization" not in destination, "it may be an address that is set later"
    assert destination["client_secret"] == "${PLUVO_CLIENT_SECRET}"


def test_an_unknown_setting_is_named_before_anything_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "pipeline"
    options = ("--source", "pluralsight", "--destination", "pluvo", "--set", "source.apikey=x")
    refused = lms_sync("init", str(folder), *options)
    assert refused.returncode == 2
    assert "source-pluralsight has no setting apikey" in refused.stderr
    assert not (folder / "source.json").exists()


@pytest.mark.sweep
def test_a_folder_that_is_none_is_said_in_one_sentence(tmp_path: Path) -> None:
    for command in ("run", "report", "doctor"):
        refused = lms_sync(command, str(tmp_path / "nowhere"))
        assert refused.returncode == 2, command
        assert "Traceback" not in refused.stderr
