"""The doctor tells every reading of the sandbox's switches apart, by reading alone and without personal data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.sandbox.pluralsight.options import (
    EndDate,
    ExtensionsShape,
    FilterDates,
    PluralsightOptions,
    Refusal,
)
from lms_shared.doctor import run_doctor
from source_pluralsight import dialect
from source_pluralsight.doctor import DOCTOR

HOLDS, NOT, UNKNOWN = "holds", "does not hold", "could not tell"


@pytest.fixture
def examine(serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(options: PluralsightOptions | None = None, **sizes: int) -> tuple[dict[str, str], dict[str, Any], Any]:
        site = serve(options, **sizes)
        config, output = tmp_path / "config.json", tmp_path / "doctor.json"
        config.write_text(json.dumps(site.config()))
        assert run_doctor(DOCTOR, ["--config", str(config), "--output", str(output)]) == 0
        report = json.loads(output.read_text())
        text = capsys.readouterr().out + output.read_text()
        for user in site.sandbox.state()["users"]:
            assert user["psUserId"] not in text
            assert not user["email"] or user["email"] not in text
        return {row["guess"]: row["finding"] for row in report["findings"]}, report, site

    return run


def test_the_default_account_confirms_what_reading_can_confirm(examine: Any) -> None:
    findings, report, site = examine(courses=60)
    assert set(findings) == {guess.name for guess in dialect.GUESSES}
    assert NOT not in findings.values()
    sure = {"introspection", "date_form", "start_date_filter", "end_date_filter", "total_count", "course_progress_key"}
    assert all(findings[name] == HOLDS for name in sure | {"updated_on", "course_states", "off_plan_filter"})
    assert findings["payload_limit"] == UNKNOWN
    assert report["calls"] <= 60
    assert site.server.requests.writes == 0


@pytest.mark.parametrize(
    ("options", "guess", "finding"),
    [
        (PluralsightOptions(introspection_refusal=Refusal.ERRORS), "introspection", NOT),
        (PluralsightOptions(introspection_refusal=Refusal.FORBIDDEN), "introspection", NOT),
        (PluralsightOptions(filter_dates=FilterDates.DAYS), "date_form", NOT),
        (PluralsightOptions(filter_dates=FilterDates.DAYS, error_extensions=ExtensionsShape.ARRAY), "date_form", NOT),
        (PluralsightOptions(filter_dates=FilterDates.BOTH), "date_form", HOLDS),
        (PluralsightOptions(start_date_inclusive=False), "start_date_filter", NOT),
        (PluralsightOptions(end_date=EndDate.IGNORED), "end_date_filter", NOT),
        (PluralsightOptions(end_date=EndDate.REFUSED), "end_date_filter", NOT),
        (PluralsightOptions(end_date=EndDate.BY_COMPLETION), "end_date_filter", NOT),
        (PluralsightOptions(end_date=EndDate.EXCLUSIVE), "end_date_filter", HOLDS),
        (PluralsightOptions(short_rows={"teams": 1}), "total_count", NOT),
        (PluralsightOptions(null_nodes=frozenset({"users"})), "total_count", NOT),
        (PluralsightOptions(rows_without_key={"courseProgress": "courseId"}), "course_progress_key", NOT),
        (PluralsightOptions(undated_rows=3), "updated_on", NOT),
        (PluralsightOptions(content_types_are_strings=True), "content_types", NOT),
        (PluralsightOptions(content_types_are_strings=False), "content_types", HOLDS),
        (PluralsightOptions(page_cap=50), "first_cap", NOT),
        (PluralsightOptions(), "first_cap", UNKNOWN),
    ],
)
def test_each_reading_is_told_apart(examine: Any, options: PluralsightOptions, guess: str, finding: str) -> None:
    findings, _, _ = examine(options)
    assert findings[guess] == finding


def test_a_key_that_is_refused_is_said_and_ends_with_the_code_for_the_config(
    serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(serve().config(api_key="wrong-but-secret")))
    assert run_doctor(DOCTOR, ["--config", str(config)]) == 2
    said = capsys.readouterr().err
    assert "api_key" in said
    assert "wrong-but-secret" not in said
