"""The doctor on a pretend organization: each switch of the sandbox is told apart, and the report shows nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from destination_pluvo import dialect
from destination_pluvo.doctor import DOCTOR
from lms_shared.dev.sandbox.pluvo import ApiClient, PluvoOptions, PluvoSandbox
from lms_shared.dev.sandbox.pluvo.options import ALL_SCOPES, EnrollmentSelectors, LookupMiss, OfferRef, PageOverrun
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.doctor import run_doctor

CLIENT, SECRET = "doctor-client", "doctor-secret-value"


def examined(tmp_path: Path, users: int = 60, scopes: frozenset[str] = ALL_SCOPES, **options: Any) -> dict[str, Any]:
    """The report on an organization; the sandbox must have been changed in nothing."""
    lms = PluvoSandbox(1, users, 4, users, PluvoOptions(clients=(ApiClient(CLIENT, SECRET, scopes),), **options))
    config, output = tmp_path / "config.json", tmp_path / "doctor.json"
    before = lms.canonical()
    with SandboxServer(lms) as server:
        config.write_text(json.dumps({"base_url": server.url, "client_id": CLIENT, "client_secret": SECRET}))
        assert run_doctor(DOCTOR, ["--config", str(config), "--output", str(output)]) == 0
    assert lms.canonical() == before
    report = json.loads(output.read_text())
    assert report["calls"] <= 60
    text = output.read_text()
    people = [user for user in lms.state()["users"] if user["email"]] if users else []
    assert [user["email"] for user in people if user["email"] in text or user["id"] in text] == []
    return dict(report)


def findings(report: dict[str, Any]) -> dict[str, str]:
    return {one["guess"]: one["finding"] for one in report["findings"]}


def wrong(report: dict[str, Any]) -> set[str]:
    return {name for name, finding in findings(report).items() if finding == "does not hold"}


def test_an_organization_like_the_reference_bears_the_guesses_out(tmp_path: Path) -> None:
    found = findings(examined(tmp_path))
    assert list(found) == [guess.name for guess in dialect.GUESSES]
    untested = {guess.name for guess in dialect.GUESSES if guess.untested}
    left = {name for name, finding in found.items() if finding == "could not tell"} - untested
    assert left <= {"html_texts", "archived_filter"}
    assert not {name for name, finding in found.items() if finding == "does not hold"}


@pytest.mark.parametrize(
    ("options", "guesses"),
    [
        ({"lookup_miss": LookupMiss.ERROR}, {"lookup_miss"}),
        ({"max_queries_per_document": 5}, {"documents"}),
        ({"refs_ignore_case": True}, {"ref_case"}),
        ({"trainings_of_users_shown": False}, {"trainings_of_user"}),
        ({"offer_ref": OfferRef.REFUSED}, {"offer_ref"}),
        ({"offer_ref": OfferRef.NEVER_TAKEN}, {"offer_ref", "offer_ref_change"}),
        ({"enrollment_selectors": EnrollmentSelectors.REFS}, {"enroll_by_id"}),
        ({"dropped_fields": frozenset({"offerEvent.ref"})}, {"event_by_ref"}),
        ({"dropped_fields": frozenset({"ExtraCategory.ref"})}, {"category_ref"}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_guess_that_is_wrong_is_told_apart(tmp_path: Path, options: dict[str, Any], guesses: set[str]) -> None:
    assert wrong(examined(tmp_path, **options)) == guesses


def test_a_smaller_document_is_proposed_as_a_setting(tmp_path: Path) -> None:
    assert examined(tmp_path, max_queries_per_document=5)["proposed_config"] == {"operations_per_document": 1}


def test_pages_that_are_cut_are_as_good_as_refused_ones(tmp_path: Path) -> None:
    report = examined(tmp_path, page_overrun=PageOverrun.CUT)
    seen = next(one for one in report["findings"] if one["guess"] == "page_size")
    assert (seen["finding"], "cut to 50 rows" in seen["seen"]) == ("holds", True)


def test_without_introspection_the_schema_is_not_judged(tmp_path: Path) -> None:
    report = examined(tmp_path, introspection=False)
    assert wrong(report) == {"introspection"}
    assert findings(report)["offer_ref"] == "could not tell"


def test_an_empty_organization_shows_little_and_nothing_wrong(tmp_path: Path) -> None:
    found = findings(examined(tmp_path, users=0))
    assert found["email_case"] == found["portfolio_scope"] == "could not tell"
    assert "does not hold" not in found.values()


def test_missing_scopes_are_named(tmp_path: Path) -> None:
    report = examined(tmp_path, scopes=ALL_SCOPES - {"groups.write"})
    seen = next(one for one in report["findings"] if one["guess"] == "scopes")
    assert seen["seen"] == "Missing: groups.write."


def test_refused_credentials_end_with_the_code_for_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.json"
    with SandboxServer(PluvoSandbox(1, 1, 1, 0, PluvoOptions())) as server:
        config.write_text(json.dumps({"base_url": server.url, "client_id": CLIENT, "client_secret": SECRET}))
        assert run_doctor(DOCTOR, ["--config", str(config)]) == 2
    error = capsys.readouterr().err
    assert "client_secret" in error
    assert SECRET not in error
