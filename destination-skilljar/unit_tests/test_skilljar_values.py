"""Values that Skilljar or its signup field does not take, people known elsewhere, and texts that are kept otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from destination_skilljar import unified
from lms_shared.dev.sandbox.kept_texts import KeptTexts
from lms_shared.dev.testing.records import ADA, GRACE, a_course, a_user
from lms_shared.dev.testing.skilljar_academy import DOMAIN, OTHER_DOMAIN, Academy

OpenAcademy = Callable[..., Academy]
FIELD = "Employee ID"


@pytest.mark.parametrize("many", [1, 60])
def test_a_signup_field_that_refuses_a_value_costs_the_record_before_anything_is_made(
    academy: Academy, many: int
) -> None:
    field = academy.row("signup_fields", label=FIELD, domain_name=DOMAIN)
    academy.edit("signup_fields", field["id"], regex_validator=r"E\d+")
    records = [a_user(f"{number}@example.com", external_reference=f"E{number}") for number in range(many)]
    records.append(a_user(external_reference="unfit"))
    for _ in range(2):
        run = academy.try_to_write("users", *records, user_reference_signup_field=FIELD)
        assert (run.error, run.total("rejected")) == (None, 1)
        assert (run.rejects[-1]["code"], FIELD in run.rejects[-1]["reason"]) == ("INPUT.VALUE", True)
        assert not [row for row in academy.rows("users") if row["email"] == ADA]
        assert len(academy.rows("signup_values")) == many
    counted = academy.counting()
    academy.try_to_write("users", *records, user_reference_signup_field=FIELD)
    assert counted.writes == 0


def test_a_picklist_takes_only_its_options(academy: Academy) -> None:
    field = academy.row("signup_fields", label=FIELD, domain_name=DOMAIN)
    academy.edit("signup_fields", field["id"], type="PICKLIST", options=[{"id": "o1", "value": "E1"}])
    academy.write("users", a_user(external_reference="E1"), user_reference_signup_field=FIELD)
    reject = academy.rejected("users", a_user(GRACE, external_reference="E2"), user_reference_signup_field=FIELD)
    assert (reject["code"], FIELD in reject["reason"]) == ("INPUT.VALUE", True)


@pytest.mark.parametrize(("policy", "name"), [("fill_if_empty", "A."), ("never", "A."), ("source_wins", "Ada")])
def test_a_policy_is_judged_against_what_skilljar_has_also_for_a_person_of_another_domain(
    academy: Academy, policy: str, name: str
) -> None:
    academy.add_member(ADA, OTHER_DOMAIN, first_name="A.")
    policies = [{"object": "users", "field": "first_name", "policy": policy}]
    run = academy.write("users", a_user(first_name="Ada", last_name="Lovelace"), field_policies=policies)
    assert run.total("created") == 1
    held = academy.user(ADA)
    assert (held["first_name"], held["last_name"]) == (name, "Lovelace")
    again = academy.write("users", a_user(first_name="Ada", last_name="Lovelace"), field_policies=policies)
    assert again.total("unchanged") == 1


DESCRIPTION = "<P style='color:red'>Threads &amp; locks<br>with <a href='https://learn.example.com'>more</a></P>"


def test_html_that_is_written_down_anew_and_shows_the_same_is_no_difference(open_academy: OpenAcademy) -> None:
    academy = open_academy(kept_texts=KeptTexts.TIDIED)
    run = academy.write("content", a_course(description=DESCRIPTION))
    assert not any("rewrites" in line for line in run.log)
    assert academy.write("content", a_course(description=DESCRIPTION)).total("unchanged") == 1


def test_html_that_is_cleaned_is_warned_of_once(open_academy: OpenAcademy) -> None:
    academy = open_academy(kept_texts=KeptTexts.CLEANED)
    records = [a_course(f"c-{number}", f"Course {number}", description=DESCRIPTION) for number in range(3)]
    run = academy.write("content", *records)
    assert sum("content.description: the LMS rewrites" in line for line in run.log) == 1


def test_an_lms_that_escapes_texts_is_warned_of_once_and_compared_without(open_academy: OpenAcademy) -> None:
    academy = open_academy(kept_texts=KeptTexts.ESCAPED)
    records = [a_course(f"c-{number}", f"Threads & locks {number}") for number in range(3)]
    run = academy.write("content", *records, batch_size=1)
    assert sum("escapes texts by itself" in line for line in run.log) == 1
    again = academy.write("content", *records, *records, batch_size=1)
    assert sum("escapes texts by itself" in line for line in again.log) == 1
    assert again.total("updated") == 1


def test_with_the_switch_of_the_dialect_escaped_texts_cause_no_write(
    open_academy: OpenAcademy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unified, "TEXTS_ESCAPED", replace(unified.TEXTS_ESCAPED, assumed=True))
    academy = open_academy(kept_texts=KeptTexts.ESCAPED)
    records = [a_course(f"c-{number}", f"Threads & locks {number}") for number in range(3)]
    academy.write("content", *records)
    assert academy.write("content", *records).total("unchanged") == 3


def test_a_link_that_editors_have_dressed_is_still_the_link(academy: Academy) -> None:
    academy.write("content", a_course())
    (lesson,) = academy.rows("lessons")
    dressed = (
        "<p>See <a class=b data-href='x' href=https://learn.example.com/c-1><em>the course</em></a> &amp; enjoy</p>"
    )
    academy.edit("lessons", lesson["id"], content_html=dressed)
    assert academy.write("content", a_course()).total("unchanged") == 1
    academy.write("content", a_course(content_url="https://learn.example.com/new?a=1&b=2"))
    (lesson,) = academy.rows("lessons")
    assert "https://learn.example.com/new?a=1&amp;b=2" in lesson["content_html"]
    assert "<em>the course</em></a> &amp; enjoy" in lesson["content_html"]


def test_a_group_with_an_invisible_character_in_its_name_is_found(academy: Academy) -> None:
    academy.write("groups", {"name": "Engi\u200bneers"})
    counted = academy.counting()
    assert academy.write("groups", {"name": "Engi\u200bneers"}).total("unchanged") == 1
    assert counted.writes == 0
    assert academy.rows("groups")[0]["name"] == "Engi\u200bneers"


@pytest.mark.parametrize("field", [FIELD, None])
@pytest.mark.parametrize("batch_size", [1, 500])
def test_a_returning_learner_is_active_again_in_any_order(academy: Academy, batch_size: int, field: str | None) -> None:
    how: dict[str, Any] = {"batch_size": batch_size, **({"user_reference_signup_field": field} if field else {})}
    academy.write("users", a_user(external_reference="old"), **how)
    records = [a_user(external_reference="old", active=False), a_user(external_reference="new", active=True)]
    academy.write("users", *records, **how)
    assert [row["active"] for row in academy.held("users")] == [True]
    counted = academy.counting()
    academy.write("users", *reversed(records), **how)
    academy.write("users", *records, **how)
    assert counted.writes == 0
