"""Learners of the domain."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lms_shared.dev.testing.records import ADA, GRACE, a_user
from lms_shared.dev.testing.skilljar_academy import OTHER_DOMAIN, Academy

FIELD = "Employee ID"


def test_a_new_learner_becomes_a_member_of_the_domain(academy: Academy) -> None:
    academy.write("users", a_user(first_name="Ada", last_name="Lovelace"))
    learner = academy.only("users")
    assert (learner["email"], learner["first_name"], learner["last_name"]) == (ADA, "Ada", "Lovelace")
    assert learner["domain"] == "academy.example.com"
    assert learner["active"] is True


def test_a_person_who_is_known_on_another_domain_becomes_a_member_and_gets_the_names_of_the_record(
    academy: Academy,
) -> None:
    known = academy.add_member(ADA, OTHER_DOMAIN, first_name="A.", last_name="King")
    run = academy.write("users", a_user(first_name="Ada", last_name="Lovelace"))
    assert run.total("created") == 1
    person = academy.user(ADA)
    assert (person["id"], person["first_name"], person["last_name"]) == (known, "Ada", "Lovelace")
    assert sorted(row["domain"] for row in academy.held("users")) == ["academy.example.com", OTHER_DOMAIN]


def test_names_are_kept_up_to_date(academy: Academy) -> None:
    academy.write("users", a_user(first_name="Ada", last_name="Byron"))
    run = academy.write("users", a_user(first_name="Ada", last_name="Lovelace"))
    assert run.total("updated") == 1
    assert academy.user(ADA)["last_name"] == "Lovelace"


def test_a_name_that_the_record_does_not_have_is_left_alone(academy: Academy) -> None:
    academy.add_member(ADA, first_name="Ada", last_name="Lovelace")
    academy.write("users", a_user(first_name="Augusta", last_name=None))
    assert (academy.user(ADA)["first_name"], academy.user(ADA)["last_name"]) == ("Augusta", "Lovelace")


def test_letter_case_of_an_e_mail_address_makes_no_second_learner_and_no_write(academy: Academy) -> None:
    academy.add_member("Ada.Lovelace@Example.com")
    counted = academy.counting()
    run = academy.write("users", a_user())
    assert run.total("unchanged") == 1
    assert counted.writes == 0
    assert len(academy.held("users")) == 1


@pytest.mark.parametrize("mode", ["upsert", "update"])
def test_an_address_that_is_kept_with_capitals_is_found_where_the_filter_minds_them(
    open_academy: Callable[..., Academy], mode: str
) -> None:
    academy = open_academy(email_filters_mind_capitals=True)
    academy.add_member("Ada.Lovelace@Example.com", first_name="Ada")
    counted = academy.counting()
    assert academy.write("users", a_user(first_name="Ada"), mode=mode).total("unchanged") == 1
    assert counted.writes == 0


def test_a_full_name_is_split_at_its_first_blank(academy: Academy) -> None:
    academy.write("users", a_user(name="Ada King Lovelace"))
    assert (academy.user(ADA)["first_name"], academy.user(ADA)["last_name"]) == ("Ada", "King Lovelace")


def test_first_and_last_name_go_before_a_full_name(academy: Academy) -> None:
    academy.write("users", a_user(name="The Countess", first_name="Ada", last_name="Lovelace"))
    assert (academy.user(ADA)["first_name"], academy.user(ADA)["last_name"]) == ("Ada", "Lovelace")


def test_a_part_of_a_full_name_that_is_too_long_is_left_out(academy: Academy) -> None:
    run = academy.write("users", a_user(name="A" * 51))
    assert (run.total("created"), run.summaries[0]["left_out"]) == (1, {"name": 1})
    reject = academy.rejected("users", a_user(name="A" * 51), strict=True)
    assert (reject["code"], reject["reason"]) == ("INPUT.LENGTH", "first_name of name is longer than 50 characters")


def test_a_policy_of_the_full_name_holds_for_both_of_its_parts(academy: Academy) -> None:
    academy.add_member(ADA, first_name="Ada", last_name="Lovelace")
    never = [{"object": "users", "field": "name", "policy": "never"}]
    run = academy.write("users", a_user(name="Countess Ada"), field_policies=never)
    assert run.total("unchanged") == 1
    assert (academy.user(ADA)["first_name"], academy.user(ADA)["last_name"]) == ("Ada", "Lovelace")


def test_an_inactive_record_deactivates_the_membership_and_an_active_one_gives_it_back(academy: Academy) -> None:
    academy.write("users", a_user())
    assert academy.write("users", a_user(active=False)).total("deactivated") == 1
    assert academy.only("users")["active"] is False
    assert academy.write("users", a_user(active=True)).total("updated") == 1
    assert academy.only("users")["active"] is True


def test_a_learner_can_be_created_inactive(academy: Academy) -> None:
    academy.write("users", a_user(active=False))
    assert academy.only("users")["active"] is False


def test_soft_delete_deactivates_once_and_ignores_who_is_not_there(academy: Academy) -> None:
    academy.add_member(ADA)
    first = academy.write("users", a_user(), a_user(GRACE), sync_mode="soft_delete")
    assert (first.total("deactivated"), first.total("unchanged")) == (1, 1)
    counted = academy.counting()
    assert academy.write("users", a_user(), sync_mode="soft_delete").total("unchanged") == 1
    assert counted.writes == 0
    assert academy.only("users")["active"] is False


def test_a_learner_is_found_by_the_reference_in_the_signup_field_and_gets_the_new_e_mail_address(
    academy: Academy,
) -> None:
    academy.write("users", a_user(external_reference="e-1"), user_reference_signup_field=FIELD)
    assert academy.only("users")["signup_fields"] == [(FIELD, "e-1")]
    run = academy.write("users", a_user("ada@example.org", external_reference="e-1"), user_reference_signup_field=FIELD)
    assert run.total("updated") == 1
    assert [row["email"] for row in academy.held("users")] == ["ada@example.org"]


def test_a_learner_without_e_mail_address_is_updated_by_reference(academy: Academy) -> None:
    academy.write("users", a_user(external_reference="e-1"), user_reference_signup_field=FIELD)
    academy.write(
        "users", a_user(None, external_reference="e-1", last_name="Lovelace"), user_reference_signup_field=FIELD
    )
    assert academy.user(ADA)["last_name"] == "Lovelace"


def test_a_learner_without_e_mail_address_cannot_be_created(academy: Academy) -> None:
    record = a_user(None, external_reference="e-1")
    assert academy.rejected("users", record, user_reference_signup_field=FIELD)["code"] == "INPUT.MISSING"


def test_other_signup_fields_of_a_learner_stay(academy: Academy) -> None:
    user = academy.add_member(ADA)
    department = academy.row("signup_fields", label="Department", domain_name="academy.example.com")
    body = {"signup_field": {"id": department["id"]}, "value": "Sales"}
    academy.admin("POST", f"domains/academy.example.com/users/{user}/signup-fields", body)
    academy.write("users", a_user(external_reference="e-1"), user_reference_signup_field=FIELD)
    assert academy.only("users")["signup_fields"] == [("Department", "Sales"), (FIELD, "e-1")]


def test_an_e_mail_address_that_belongs_to_another_reference_is_a_reject_with_the_candidate(academy: Academy) -> None:
    academy.write("users", a_user(external_reference="e-1"), user_reference_signup_field=FIELD)
    reject = academy.rejected("users", a_user(external_reference="e-2"), user_reference_signup_field=FIELD)
    assert reject["code"] == "REMOTE.CONFLICT"
    assert [one["id"] for one in reject["candidates"]] == [academy.user(ADA)["id"]]
    assert academy.only("users")["signup_fields"] == [(FIELD, "e-1")]


def test_an_e_mail_address_that_another_person_has_is_a_reject(academy: Academy) -> None:
    academy.write("users", a_user(external_reference="e-1"), user_reference_signup_field=FIELD)
    academy.add_member(GRACE, OTHER_DOMAIN)
    reject = academy.rejected("users", a_user(GRACE, external_reference="e-1"), user_reference_signup_field=FIELD)
    assert reject["code"] == "REMOTE.400"
    assert sorted(row["email"] for row in academy.rows("users")) == [ADA, GRACE]


def test_no_mail_is_sent_unless_notifications_are_on(academy: Academy) -> None:
    academy.write("users", a_user(), a_user(GRACE))
    assert academy.mails == []


def test_with_notifications_each_new_learner_is_invited_once(academy: Academy) -> None:
    academy.write("users", a_user(), send_notifications=True)
    academy.write("users", a_user(first_name="Ada"), send_notifications=True)
    assert academy.mails == [ADA]


def test_a_learner_is_found_by_id(academy: Academy) -> None:
    user = academy.add_member(ADA)
    academy.write("users", a_user(id=user, first_name="Ada"))
    assert academy.user(ADA)["first_name"] == "Ada"


def test_fields_without_a_place_are_named_once_in_the_log(academy: Academy) -> None:
    run = academy.write("users", a_user(phone_number="1", language="en"), a_user(GRACE, phone_number="2"))
    told = [line for line in run.log if "has no place for" in line]
    assert len(told) == 1
    assert "not written: phone_number, language." in told[0]
