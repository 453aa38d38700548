"""The doctor on a pretend organization: each reading is told apart, and the report shows nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from destination_skilljar import dialect
from destination_skilljar.doctor import DOCTOR
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.doctor import run_doctor

KEY = "sk-live-doctor-of-the-destination"
DOMAIN = "academy.example.com"


def examined(
    tmp_path: Path, users: int = 30, faults: FaultPlan | None = None, domain: str = DOMAIN, **options: Any
) -> tuple[int, dict[str, Any]]:
    """Exit code and report; the sandbox must have been asked for nothing but reads."""
    switches = SkilljarOptions(keys=frozenset({KEY}), **options)
    lms = SkilljarSandbox(1, users, 6, switches) if users else SkilljarSandbox.empty(switches, 1)
    config, output = tmp_path / "config.json", tmp_path / "doctor.json"
    before = lms.canonical()
    with SandboxServer(lms, faults=faults) as server:
        config.write_text(json.dumps({"base_url": f"{server.url}/v1", "api_key": KEY, "domain_name": domain}))
        code = run_doctor(DOCTOR, ["--config", str(config), "--output", str(output)])
    assert lms.canonical() == before
    if not output.exists():
        return code, {}
    text = output.read_text()
    assert "example.com" not in text
    assert "example.org" not in text
    assert KEY not in text
    report = json.loads(text)
    assert report["calls"] <= 60
    return code, report


def findings(report: dict[str, Any]) -> dict[str, str]:
    return {one["guess"]: one["finding"] for one in report["findings"]}


def wrong(report: dict[str, Any]) -> set[str]:
    """Guesses that do not hold, beside the one that the sandbox shows in any case: its answers carry no Date."""
    return {name for name, finding in findings(report).items() if finding == "does not hold"} - {"server_clock"}


def test_an_organization_like_the_reference_bears_the_guesses_out(tmp_path: Path) -> None:
    code, report = examined(tmp_path)
    assert code == 0
    assert list(findings(report)) == [guess.name for guess in dialect.GUESSES]
    assert not wrong(report)
    untested = {guess.name for guess in dialect.GUESSES if guess.untested}
    left = {name for name, finding in findings(report).items() if finding == "could not tell"} - untested
    assert left == {"page_size", "short_description_limit"}


@pytest.mark.parametrize(
    ("options", "guesses"),
    [({"email_filters_mind_capitals": True}, {"email_case"})],
)
def test_a_guess_that_is_wrong_is_told_apart(tmp_path: Path, options: dict[str, Any], guesses: set[str]) -> None:
    assert wrong(examined(tmp_path, **options)[1]) == guesses


def test_a_list_that_is_not_served_costs_its_own_guess_alone(tmp_path: Path) -> None:
    down = FaultPlan([FaultRule(FaultKind.HTML, path="/v1/courses")])
    found = findings(examined(tmp_path, faults=down)[1])
    assert found["label_filter"] == found["short_description_limit"] == "could not tell"
    assert found["email_filter"] == found["course_filter"] == "holds"


def test_pages_that_are_cut_are_seen(tmp_path: Path) -> None:
    _, report = examined(tmp_path, largest_page=5)
    seen = {one["guess"]: one for one in report["findings"]}
    assert (seen["page_size"]["finding"], seen["page_size"]["seen"]) == ("holds", "A page was cut to 5 rows.")


def test_an_empty_organization_shows_little_and_nothing_wrong(tmp_path: Path) -> None:
    found = findings(examined(tmp_path, users=0)[1])
    assert found["email_filter"] == found["label_filter"] == found["closing"] == "could not tell"


@pytest.mark.parametrize(("domain", "said"), [("other.example.com", "domain_name"), ("not a host", "domain")])
def test_a_config_that_does_not_fit_ends_with_the_code_for_config(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], domain: str, said: str
) -> None:
    assert examined(tmp_path, domain=domain) == (2, {})
    assert said in capsys.readouterr().err
