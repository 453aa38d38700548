"""Names in parts, people who return or exchange addresses, and texts that Pluvo keeps otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from destination_pluvo import unified
from lms_shared.dev.sandbox.kept_texts import KeptTexts
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import ADA, a_course, a_user

Open = Callable[..., PluvoOrganization]


def test_one_part_of_a_name_is_the_name_of_a_new_user_and_changes_no_name_that_is_there(
    organization: PluvoOrganization,
) -> None:
    organization.write("users", a_user(first_name="Nia"))
    assert organization.only("users")["name"] == "Nia"
    organization.write("users", a_user(first_name="Nia", last_name="Lowe"))
    assert organization.only("users")["name"] == "Nia Lowe"
    for part in ({"first_name": "Nia"}, {"last_name": "L."}, {"first_name": "Nia", "last_name": " "}):
        assert organization.write("users", a_user(**part)).total("unchanged") == 1
    assert organization.write("users", a_user(first_name="N", last_name="L", name="Nia L")).total("updated") == 1
    assert organization.only("users")["name"] == "N L"


@pytest.mark.parametrize("policy", ["never", "fill_if_empty"])
def test_a_policy_of_the_name_holds_for_changes_and_not_for_new_users(
    organization: PluvoOrganization, policy: str
) -> None:
    policies = [{"object": "users", "field": "name", "policy": policy}]
    organization.write("users", a_user(name="Ada"), field_policies=policies)
    assert organization.only("users")["name"] == "Ada"
    organization.write("users", a_user(name="Countess"), field_policies=policies)
    assert organization.only("users")["name"] == "Ada"


@pytest.mark.parametrize("batch_size", [1, 500])
def test_a_returning_learner_takes_over_the_archived_account(organization: PluvoOrganization, batch_size: int) -> None:
    organization.write("users", a_user(name="Ada", external_reference="old", active=False))
    records = [
        a_user(name="Ada", external_reference="new", active=True),
        a_user(name="Ada", external_reference="old", active=False),
    ]
    organization.write("users", *records, batch_size=batch_size)
    user = organization.only("users")
    assert (user["ref"], user["archived"]) == ("new", False)
    writes = organization.writes
    organization.write("users", *reversed(records), batch_size=batch_size)
    assert organization.writes == writes


def test_people_exchange_their_addresses(organization: PluvoOrganization) -> None:
    organization.write(
        "users",
        a_user("1@example.com", name="One", external_reference="u-1"),
        a_user("2@example.com", name="Two", external_reference="u-2"),
    )
    swapped = [
        a_user("2@example.com", name="One", external_reference="u-1"),
        a_user("1@example.com", name="Two", external_reference="u-2"),
    ]
    assert organization.write("users", *swapped).total("updated") == 2
    assert {row["ref"]: row["email"] for row in organization.held("users")} == {
        "u-1": "2@example.com",
        "u-2": "1@example.com",
    }


DESCRIPTION = "<P style='color:red'>Threads &amp; locks<br>and more</P>"


def test_a_pluvo_that_escapes_texts_is_warned_of_once_and_compared_without(open_organization: Open) -> None:
    organization = open_organization(kept_texts=KeptTexts.ESCAPED)
    records = [a_course(f"c-{number}", f"Threads & locks {number}") for number in range(3)]
    run = organization.write("content", *records, batch_size=1)
    assert sum("escapes texts by itself" in line for line in run.log) == 1
    again = organization.write("content", *records, batch_size=1)
    assert (again.total("created"), again.total("updated")) == (0, 1)


@pytest.mark.parametrize(("mode", "told"), [(KeptTexts.TIDIED, 0), (KeptTexts.CLEANED, 1)])
def test_html_that_pluvo_rewrites_is_warned_of_only_where_it_shows_something_else(
    open_organization: Open, mode: KeptTexts, told: int
) -> None:
    organization = open_organization(kept_texts=mode)
    records = [a_course(f"c-{number}", f"Course {number}", description=DESCRIPTION) for number in range(3)]
    run = organization.write("content", *records)
    assert sum("content.description: the LMS rewrites" in line for line in run.log) == told
    assert organization.write("content", *records).total("unchanged") == (0 if told else 3)


def test_with_the_switch_of_the_dialect_escaped_texts_cause_no_write(
    open_organization: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unified, "TEXTS_ESCAPED", replace(unified.TEXTS_ESCAPED, assumed=True))
    organization = open_organization(kept_texts=KeptTexts.ESCAPED)
    records = [a_course(f"c-{number}", f"Threads & locks {number}") for number in range(3)]
    organization.write("content", *records)
    assert organization.write("content", *records).total("unchanged") == 3


def test_a_link_that_editors_have_dressed_is_still_the_link(organization: PluvoOrganization) -> None:
    organization.write("content", a_course(description="<p>Words</p>"))
    (training,) = organization.rows("trainings")
    dressed = "<p>Words</p><p><a rel=nofollow href=https://learn.example.com/c-1><b>Open the content</b></a></p>"
    query = (
        "mutation($id: UUID!, $t: UpdateTrainingInput!) { updateTraining(id: $id, training: $t) { training { id } } }"
    )
    organization.admin(query, id=training["id"], t={"introduction": dressed})
    assert organization.write("content", a_course(description="<p>Words</p>")).total("unchanged") == 1


def test_null_empties_the_description_and_leaves_the_link(organization: PluvoOrganization) -> None:
    organization.write("content", a_course(description="<p>Words</p>"))
    policy: dict[str, Any] = {
        "object": "content",
        "field": "description",
        "policy": "source_wins",
        "clear_on_null": True,
    }
    run = organization.write("content", a_course(description=None), field_policies=[policy])
    assert run.total("updated") == 1
    (training,) = organization.rows("trainings")
    assert training["introduction"].startswith("<p><a href=")
    assert organization.write("content", a_course(description=None), field_policies=[policy]).total("unchanged") == 1


def test_the_address_is_found_without_its_invisible_characters(organization: PluvoOrganization) -> None:
    organization.write("users", a_user(f"\ufeff{ADA}", name="Ada", external_reference="u\u200b-1"))
    user = organization.only("users")
    assert (user["email"], user["ref"]) == (ADA, "u-1")
