"""`lms-sync doctor`: both sides of a pipeline are examined, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lms_shared.dev.sandbox.pluvo import ApiClient, PluvoOptions, PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.dev.testing.pipelines import lms_sync

KEY, CLIENT, SECRET = "sk-live-both-sides", "both-sides-client", "both-sides-secret"


@pytest.mark.sweep
def test_both_accounts_are_examined_by_reading_and_a_refused_one_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skilljar = SkilljarSandbox(1, 8, 3, SkilljarOptions(keys=frozenset({KEY})))
    pluvo = PluvoSandbox(1, 8, 2, 4, PluvoOptions(clients=(ApiClient(CLIENT, SECRET),)))
    before = (skilljar.canonical(), pluvo.canonical())
    folder = tmp_path / "pipeline"
    with SandboxServer(skilljar) as source, SandboxServer(pluvo) as destination:
        settings = {
            "source.api_key": KEY,
            "source.base_url": f"{source.url}/v1",
            "destination.client_id": CLIENT,
            "destination.client_secret": SECRET,
            "destination.base_url": destination.url,
        }
        given = [f"--set={name}={value}" for name, value in settings.items()]
        made = lms_sync("init", str(folder), "--source", "skilljar", "--destination", "pluvo", *given)
        assert made.returncode == 0, made.stderr
        told = lms_sync("doctor", str(folder))
        text = (folder / "doctor.json").read_text()
        monkeypatch.setenv("SKILLJAR_API_KEY", "a-key-that-is-wrong")
        refused = lms_sync("doctor", str(folder))
    assert told.returncode == 0, told.stderr
    assert (skilljar.canonical(), pluvo.canonical()) == before
    reports = json.loads(text)
    connectors = [(role, report["connector"]) for role, report in reports.items()]
    assert connectors == [("source", "source-skilljar"), ("destination", "destination-pluvo")]
    assert all(report["calls"] <= 60 for report in reports.values())
    for secret in (KEY, CLIENT, SECRET, "127.0.0.1"):
        assert secret not in text
    for word in ("holds", "could not tell", "source-skilljar", "destination-pluvo"):
        assert word in told.stdout

    assert refused.returncode == 2
    assert "source-skilljar" in refused.stderr
    assert "a-key-that-is-wrong" not in refused.stderr
    assert list(json.loads((folder / "doctor.json").read_text())) == ["destination"]
