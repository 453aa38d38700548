"""The doctor on a pretend organization: each switch of the sandbox is told apart, and the report shows nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.skilljar import SkilljarOptions
from lms_shared.dev.sandbox.skilljar.options import Nesting, UserLists
from lms_shared.doctor import run_doctor
from source_skilljar import dialect
from source_skilljar.doctor import DOCTOR


def examined(site: Any, tmp_path: Path, **keys: Any) -> dict[str, Any]:
    config, output = tmp_path / "config.json", tmp_path / "doctor.json"
    config.write_text(json.dumps({**site.v2_config(), **keys}))
    assert run_doctor(DOCTOR, ["--config", str(config), "--output", str(output)]) == 0
    return dict(json.loads(output.read_text()))


def findings(report: dict[str, Any]) -> dict[str, str]:
    return {one["guess"]: one["finding"] for one in report["findings"]}


def wrong(report: dict[str, Any]) -> set[str]:
    """Guesses that do not hold, beside the one that the sandbox shows in any case: its answers carry no Date."""
    return {name for name, finding in findings(report).items() if finding == "does not hold"} - {"server_clock"}


def test_an_organization_like_the_reference_bears_the_guesses_out(serve: Any, tmp_path: Path) -> None:
    site = serve()
    report = examined(site, tmp_path)
    found = findings(report)
    assert list(found) == [guess.name for guess in dialect.GUESSES]
    assert not wrong(report)
    open_questions = {name for name, finding in found.items() if finding == "could not tell"}
    untested = {guess.name for guess in dialect.GUESSES if guess.untested}
    assert open_questions == untested | {"page_size", "large_page_size"}
    assert report["calls"] <= 60
    assert [route for route in site.calls() if " " in route and not route.startswith("GET ")] == ["POST /v2/auth/token"]


@pytest.mark.parametrize(
    ("options", "guess"),
    [
        ({"user_lists": UserLists.ENVELOPE}, "bare_user_lists"),
        ({"plans": Nesting.NESTED}, "flat_plans"),
        ({"paths": Nesting.NESTED}, "flat_paths"),
        ({"promo_pool_offers": Nesting.FLAT}, "nested_pool_offers"),
        ({"lesson_progress_offered": False}, "lesson_progress"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_guess_that_is_wrong_is_told_apart(serve: Any, tmp_path: Path, options: dict[str, Any], guess: str) -> None:
    assert wrong(examined(serve(replace(SkilljarOptions(), **options)), tmp_path)) == {guess}


def test_pages_that_are_cut_are_seen(serve: Any, tmp_path: Path) -> None:
    report = examined(serve(replace(SkilljarOptions(), largest_page=5)), tmp_path)
    seen = {one["guess"]: one for one in report["findings"]}
    assert seen["large_page_size"]["finding"] == "holds"
    assert "cut to 5 rows" in seen["large_page_size"]["seen"]


def test_a_list_that_does_not_keep_its_count_is_seen(serve: Any, tmp_path: Path) -> None:
    site = serve()
    site.server.faults = FaultPlan([FaultRule(FaultKind.ROWS_HALF, path="/users$")])
    assert findings(examined(site, tmp_path))["counted_pages"] == "does not hold"


def test_an_empty_organization_says_nothing_and_breaks_nothing(serve: Any, tmp_path: Path) -> None:
    report = examined(serve(users=0, courses=0), tmp_path)
    assert not wrong(report)
    assert findings(report)["bare_user_lists"] == "could not tell"


def test_a_key_that_is_refused_is_named_and_nothing_is_examined(
    serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(serve().config(api_key="sk-live-dead")))
    assert run_doctor(DOCTOR, ["--config", str(config)]) == 2
    assert "API key" in capsys.readouterr().err


def test_the_report_shows_nobody(serve: Any, tmp_path: Path) -> None:
    site = serve()
    report = json.dumps(examined(site, tmp_path))
    people = [row[name] for row in site.rows("users") for name in ("id", "email", "last_name")]
    assert not [text for text in people if text in report]
    assert site.config()["api_key"] not in report
    assert "example.com" not in report


def test_without_a_client_version_two_is_not_called(serve: Any, tmp_path: Path) -> None:
    site = serve()
    found = findings(examined(site, tmp_path, v2_client_id=None, v2_client_secret=None))
    assert {finding for name, finding in found.items() if name.startswith("v2_")} == {"could not tell"}
    assert not [route for route in site.calls() if "/v2/" in route]


def test_a_client_that_is_refused_leaves_its_questions_open(serve: Any, tmp_path: Path) -> None:
    found = findings(examined(serve(), tmp_path, v2_client_secret="rotated"))
    assert {finding for name, finding in found.items() if name.startswith("v2_")} == {"could not tell"}
