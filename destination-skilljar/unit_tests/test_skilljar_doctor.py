"""The doctor on a pretend organization: each reading is told apart, and the report shows nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from destination_skilljar import dialect
from destination_skilljar.doctor import DOCTOR
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import (
    DEMO_V2_CLIENT_ID,
    DEMO_V2_CLIENT_SECRET,
    SkilljarOptions,
    SkilljarSandbox,
)
from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.v2 import app, collections, objects
from lms_shared.dev.sandbox.skilljar.v2.documents import Document
from lms_shared.dev.sandbox.skilljar.v2.tokens import ALL_SCOPES, V2Client
from lms_shared.doctor import run_doctor

KEY = "sk-live-doctor-of-the-destination"
DOMAIN = "academy.example.com"
CLIENT = {"v2_client_id": DEMO_V2_CLIENT_ID, "v2_client_secret": DEMO_V2_CLIENT_SECRET}


def examined(
    tmp_path: Path,
    users: int = 30,
    faults: FaultPlan | None = None,
    domain: str = DOMAIN,
    keys: dict[str, Any] | None = None,
    prepare: Callable[[SkilljarSandbox], None] = lambda lms: None,
    **options: Any,
) -> tuple[int, dict[str, Any]]:
    """Exit code and report; the sandbox must have been asked for nothing but reads."""
    switches = SkilljarOptions(keys=frozenset({KEY}), **options)
    lms = SkilljarSandbox(1, users, 6, switches) if users else SkilljarSandbox.empty(switches, 1)
    config, output = tmp_path / "config.json", tmp_path / "doctor.json"
    prepare(lms)
    before = lms.canonical()
    with SandboxServer(lms, faults=faults) as server:
        entered = {"base_url": f"{server.url}/v1", "v2_base_url": f"{server.url}/v2", **CLIENT, **(keys or {})}
        config.write_text(json.dumps({**entered, "api_key": KEY, "domain_name": domain}))
        code = run_doctor(DOCTOR, ["--config", str(config), "--output", str(output)])
    assert lms.canonical() == before
    if not output.exists():
        return code, {}
    text = output.read_text()
    assert "example.com" not in text
    assert "example.org" not in text
    assert KEY not in text
    assert DEMO_V2_CLIENT_SECRET not in text
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
    assert {found[name] for name in TWO} == {"could not tell"}


@pytest.mark.parametrize(("domain", "said"), [("other.example.com", "domain_name"), ("not a host", "domain")])
def test_a_config_that_does_not_fit_ends_with_the_code_for_config(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], domain: str, said: str
) -> None:
    assert examined(tmp_path, domain=domain) == (2, {})
    assert said in capsys.readouterr().err


TWO = ("same_ids", "latest_progress")
"""What a client of version 2 shows."""


def enrolled_twice(lms: SkilljarSandbox, *, shown_latest: bool) -> None:
    """Somebody who has completed a course is enrolled in it once more, without progress of its own so far."""
    done = next(
        row
        for row in lms.store["course_enrollments"]
        if row["domain_name"] == DOMAIN
        and row["course_progress_id"]
        and lms.store["course_progress"].rows[row["course_progress_id"]]["completed_at"]
    )
    progress = lms.store["course_progress"].rows[done["course_progress_id"]]
    fresh = {name: value for name, value in progress.items() if name != "id"}
    again = lms.store.add("course_progress", **{**fresh, "completed_at": None})
    enrollment = {name: value for name, value in done.items() if name != "id"}
    lms.store.add(
        "course_enrollments",
        **{**enrollment, "enrolled_at": "2030-11-01T00:00:00Z", "course_progress_id": again["id"]},
    )
    if shown_latest:
        registration = lms.store["course_registrations"].rows[done["registration_id"]]
        lms.store["course_registrations"].update(registration, {"course_progress_id": again["id"]})


@pytest.mark.parametrize(("shown_latest", "finding"), [(True, "holds"), (False, "does not hold")])
def test_whose_progress_version_one_shows_is_seen_by_who_is_enrolled_twice(
    tmp_path: Path, shown_latest: bool, finding: str
) -> None:
    report = examined(tmp_path, prepare=lambda lms: enrolled_twice(lms, shown_latest=shown_latest))[1]
    assert findings(report)["latest_progress"] == finding


def test_without_a_client_version_two_is_not_called(tmp_path: Path) -> None:
    nobody = {"v2_client_id": None, "v2_client_secret": None}
    down = FaultPlan([FaultRule(FaultKind.HTML, path="^/v2/")])
    code, report = examined(tmp_path, keys=nobody, faults=down)
    assert code == 0
    assert {findings(report)[name] for name in TWO} == {"could not tell"}


@pytest.mark.parametrize("keys", [{"v2_client_secret": "rotated"}, {"v2_client_id": "weak", "v2_client_secret": "s"}])
def test_a_client_that_is_refused_leaves_its_questions_open(tmp_path: Path, keys: dict[str, str]) -> None:
    weak = {"weak": V2Client("s", ALL_SCOPES - {"enrollments:read"})}
    found = findings(examined(tmp_path, keys=keys, v2_clients=weak)[1])
    assert {found[name] for name in TWO} == {"could not tell"}
    assert found["course_filter"] == "holds"


def test_other_ids_in_version_two_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = objects.enrollment

    def renamed(store: Store, row: Row) -> Document:
        document = shown(store, row)
        document["relationships"]["published-course"]["data"]["id"] += "-of-version-two"
        return document

    monkeypatch.setattr(
        app,
        "COLLECTIONS",
        (replace(collections.COLLECTIONS[0], show=renamed), *collections.COLLECTIONS[1:]),
    )
    found = findings(examined(tmp_path)[1])
    assert (found["same_ids"], found["latest_progress"]) == ("does not hold", "could not tell")
