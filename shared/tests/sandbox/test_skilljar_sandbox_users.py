"""Users, memberships, signup fields, invites and groups of the pretend Skilljar."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.dev.sandbox.skilljar.options import ExistingMember, RepeatedLink

ACADEMY = "/domains/academy.example.com"
PARTNERS = "/domains/partners.example.com"


def test_posting_a_user_again_returns_the_same_one_with_its_names(api: Any) -> None:
    first = api.post(f"{ACADEMY}/users", {"user": {"email": "Ann@Example.com", "first_name": "Ann"}})
    again = api.post(f"{ACADEMY}/users", {"user": {"email": "ann@example.COM", "first_name": "Other"}})
    assert again == first
    assert api.get("/users")["count"] == 1


def test_a_user_exists_once_for_all_domains(api: Any) -> None:
    assert api.user("ann@example.com") == api.user("ann@example.com", PARTNERS)
    assert api.get(f"{ACADEMY}/users")["count"] == api.get(f"{PARTNERS}/users")["count"] == 1
    assert api.get("/users")["count"] == 1


@pytest.mark.parametrize(("mode", "active"), [(ExistingMember.UNCHANGED, False), (ExistingMember.UPDATED, True)])
def test_posting_an_inactive_member_again_follows_the_switch(serve: Any, mode: ExistingMember, active: bool) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(existing_member=mode)))
    user = api.user("ann@example.com")
    before = api.patch(f"{ACADEMY}/users/{user}", {"active": False})
    answer = api.post(f"{ACADEMY}/users", {"user": {"email": "ann@example.com"}, "active": True})
    assert (answer["active"], answer["enrolled_at"]) == (active, before["enrolled_at"])


def test_names_and_email_are_changed_on_the_account_and_shown_everywhere(api: Any) -> None:
    user = api.user("old@example.com", first_name="Ann", last_name="Lee")
    answer = api.patch(f"/users/{user}", {"email": "new@example.com", "last_name": "Low"})
    assert (answer["email"], answer["first_name"], answer["last_name"]) == ("new@example.com", "Ann", "Low")
    [member] = api.rows(f"{ACADEMY}/users", user__email="new@example.com")
    assert member["user"]["full_name"] == "Ann Low"
    assert api.rows(f"{ACADEMY}/users", user__email="old@example.com") == []


def test_an_email_of_somebody_else_is_refused(api: Any) -> None:
    api.user("ann@example.com")
    bob = api.user("bob@example.com")
    assert set(api.refused("PATCH", f"/users/{bob}", {"email": "ANN@example.com"})) == {"email"}
    assert api.get(f"/users/{bob}")["user"]["email"] == "bob@example.com"


def test_users_are_found_by_email_regardless_of_case(api: Any) -> None:
    user = api.user("Ann@Example.com")
    for path in ("/users", f"{ACADEMY}/users"):
        name = "email" if path == "/users" else "user__email"
        [row] = api.rows(path, **{name: "aNN@example.com"})
        assert row["user"]["id"] == user


def test_members_are_filtered_by_name_and_activity(api: Any) -> None:
    ann, bob = api.user("ann@example.com", first_name="Ann"), api.user("bob@example.com", first_name="Bob")
    api.patch(f"{ACADEMY}/users/{bob}", {"active": False})
    assert [row["user"]["id"] for row in api.rows(f"{ACADEMY}/users", active="true")] == [ann]
    assert [row["user"]["id"] for row in api.rows(f"{ACADEMY}/users", active="false")] == [bob]
    assert api.rows(f"{ACADEMY}/users", active="false", user__first_name="Ann") == []
    assert [row["user"]["id"] for row in api.rows("/users", first_name="Bob")] == [bob]


def test_putting_changes_only_what_is_sent(api: Any) -> None:
    user = api.user("ann@example.com", first_name="Ann", last_name="Lee")
    answer = api.request("PUT", f"/users/{user}", {"last_name": "Low"}).json()
    assert (answer["first_name"], answer["last_name"]) == ("Ann", "Low")


def test_a_member_of_another_domain_is_404_here(api: Any) -> None:
    user = api.user("ann@example.com", PARTNERS)
    assert api.request("GET", f"{ACADEMY}/users/{user}").status_code == 404
    assert api.request("GET", f"{ACADEMY}/users/{user}/signup-fields").status_code == 404


def _field(api: Any, label: str, domain: str = ACADEMY) -> Any:
    return next(row for row in api.rows(f"{domain}/signup-fields") if row["label"] == label)


def test_members_are_found_by_the_value_of_a_signup_field(api: Any) -> None:
    field, other = _field(api, "Employee ID"), _field(api, "Department")
    ann, bob = api.user("ann@example.com"), api.user("bob@example.com")
    api.post(f"{ACADEMY}/users/{ann}/signup-fields", {"signup_field": {"id": field["id"]}, "value": "E-1"})
    api.post(f"{ACADEMY}/users/{bob}/signup-fields", {"signup_field": {"id": field["id"]}, "value": "E-2"})
    api.post(f"{ACADEMY}/users/{bob}/signup-fields", {"signup_field": {"id": other["id"]}, "value": "Sales"})

    def found(**query: str) -> list[str]:
        return [row["user"]["id"] for row in api.rows(f"{ACADEMY}/users", **query)]

    assert found(signup_field_id=field["id"], signup_field_value="E-1") == [ann]
    assert found(signup_field_id=other["id"], signup_field_value="E-1") == []
    assert found(signup_field_label="Department") == [bob]
    assert found(signup_field_id=field["id"], signup_field_value="e-1") == []


def test_values_stand_in_list_rows_only_when_asked_for(api: Any) -> None:
    field, user = _field(api, "Employee ID"), api.user()
    api.post(f"{ACADEMY}/users/{user}/signup-fields", {"signup_field": {"id": field["id"]}, "value": "E-1"})
    expected = [{"signup_field": {"id": field["id"], "label": "Employee ID"}, "value": "E-1"}]
    [bare] = api.rows(f"{ACADEMY}/users")
    [full] = api.rows(f"{ACADEMY}/users", include_signup_field_data="true")
    assert "signup_fields" not in bare
    assert full["signup_fields"] == expected
    assert api.get(f"{ACADEMY}/users/{user}")["signup_fields"] == expected
    assert api.rows(f"{ACADEMY}/users/{user}/signup-fields") == expected


def test_a_signup_value_is_upserted_and_bulk_answers_only_what_changed(api: Any) -> None:
    number, department = _field(api, "Employee ID")["id"], _field(api, "Department")["id"]
    path = f"{ACADEMY}/users/{api.user()}/signup-fields"
    api.post(path, {"signup_field": {"id": number}, "value": "E-1"})
    api.post(path, {"signup_field": {"id": number}, "value": "E-2"})
    assert [row["value"] for row in api.rows(path)] == ["E-2"]
    fields = [{"id": number, "value": "E-2"}, {"id": department, "value": "Sales"}]
    answer = api.post(f"{path}-bulk", {"signup_fields": fields})
    assert [row["value"] for row in answer["results"]] == ["Sales"]
    assert sorted(row["value"] for row in api.rows(path)) == ["E-2", "Sales"]


def test_a_value_must_fit_its_field_and_the_field_its_domain(api: Any) -> None:
    path = f"{ACADEMY}/users/{api.user()}/signup-fields"
    picklist, foreign = _field(api, "Department")["id"], _field(api, "Employee ID", PARTNERS)["id"]
    assert set(api.refused("POST", path, {"signup_field": {"id": picklist}, "value": "Catering"})) == {"value"}
    assert set(api.refused("POST", path, {"signup_field": {"id": foreign}, "value": "1"})) == {"signup_field"}
    assert api.rows(path) == []


def test_bulk_create_answers_202_and_works_in_the_background(api: Any) -> None:
    api.user("ann@example.com", first_name="Ann")
    users = [{"email": "ANN@example.com", "first_name": "Other"}, {"email": "bob@example.com", "active": False}]
    answer = api.request("POST", f"{ACADEMY}/users/bulk-create", {"users": users})
    assert (answer.status_code, answer.content) == (202, b"")
    assert api.get("/users")["count"] == 1
    assert api.get("/users")["count"] == 2
    [ann] = api.rows(f"{ACADEMY}/users", user__email="ann@example.com")
    [bob] = api.rows(f"{ACADEMY}/users", user__email="bob@example.com")
    assert (ann["user"]["first_name"], ann["active"], bob["active"]) == ("Ann", True, False)


def test_one_bad_row_or_more_than_a_thousand_reject_the_whole_bulk(api: Any) -> None:
    path = f"{ACADEMY}/users/bulk-create"
    errors = api.refused("POST", path, {"users": [{"email": "bob@example.com"}, {"email": "bad"}]})
    assert errors["users"][0] == {}
    assert set(errors["users"][1]) == {"email"}
    api.refused("POST", path, {"users": [{"email": f"u{number}@example.com"} for number in range(1001)]})
    assert [api.get("/users")["count"] for _ in range(3)] == [0, 0, 0]


def test_an_invite_mails_unless_told_not_to_and_nothing_else_mails(api: Any) -> None:
    user = api.user("ann@example.com")
    publication = api.publication(api.course())
    api.enrollment(publication, user)
    api.patch(f"/users/{user}/published-courses/{publication}", {"course_progress": {"completed_at": "2024-01-01"}})
    silent = api.post(f"{ACADEMY}/users/{user}/invites", {"send_email": False})
    assert silent["sent_at"] is None
    assert api.sandbox.state()["mails"] == []
    loud = api.post(f"{ACADEMY}/users/{user}/invites", {})
    assert loud["sent_at"] is not None
    assert [(mail["kind"], mail["to"]) for mail in api.sandbox.state()["mails"]] == [("invite", "ann@example.com")]
    assert {row["id"] for row in api.rows(f"{ACADEMY}/users/{user}/invites")} == {silent["id"], loud["id"]}


def test_anonymizing_erases_names_and_address(api: Any) -> None:
    user = api.user("ann@example.com", first_name="Ann")
    answer = api.request("POST", f"/users/{user}/anonymize").json()
    assert answer["user"]["id"] == user
    assert (answer["user"]["first_name"], api.rows("/users", email="ann@example.com")) == ("", [])


def test_manager_access_names_the_ids_that_do_not_exist(api: Any) -> None:
    user, course = api.user(), api.course()
    body = {
        "group_name": "Team",
        "course_access_level": "SELECTED",
        "path_access_level": "NONE",
        "course_ids": [course, "nothere"],
    }
    path = f"{ACADEMY}/users/{user}/manager-access"
    answer = api.request("PUT", path, body).json()
    assert answer["manager_access"]["course_ids"] == [course]
    assert answer["invalid_ids"]["course_ids"] == ["nothere"]
    api.delete(path)


def test_group_names_are_unique_and_the_filter_is_exact(api: Any) -> None:
    group = api.post("/groups", {"name": "Team"})
    other = api.post("/groups", {"name": "Team 2"})
    assert set(api.refused("POST", "/groups", {"name": "Team"})) == {"name"}
    assert set(api.refused("PATCH", f"/groups/{other['id']}", {"name": "Team"})) == {"name"}
    assert [row["id"] for row in api.rows("/groups", name="Team")] == [group["id"]]
    assert api.rows("/groups", name="team") == []
    assert api.patch(f"/groups/{group['id']}", {"name": "Team"})["name"] == "Team"


def test_a_renamed_group_frees_its_name(api: Any) -> None:
    group = api.post("/groups", {"name": "Team"})
    api.patch(f"/groups/{group['id']}", {"name": "Crew"})
    assert api.rows("/groups", name="Team") == []
    api.post("/groups", {"name": "Team"})


def test_members_of_a_group_are_counted_listed_and_removed(api: Any) -> None:
    group, user = api.post("/groups", {"name": "Team"})["id"], api.user()
    member = api.post(f"/groups/{group}/users", {"user": {"id": user}})
    assert set(member) == {"user", "created_at"}
    assert api.get(f"/groups/{group}")["user_count"] == 1
    assert [row["user"]["id"] for row in api.rows(f"/groups/{group}/users")] == [user]
    [membership] = api.rows(f"/users/{user}/groups")
    assert membership["group"] == {"id": group, "name": "Team"}
    api.delete(f"/groups/{group}/users/{user}")
    assert api.request("DELETE", f"/groups/{group}/users/{user}").status_code == 404
    assert api.get(f"/groups/{group}")["user_count"] == 0


def test_an_unknown_user_cannot_join_a_group(api: Any) -> None:
    group = api.post("/groups", {"name": "Team"})["id"]
    assert set(api.refused("POST", f"/groups/{group}/users", {"user": {"id": "nothere"}})) == {"user"}


@pytest.mark.parametrize(("mode", "status"), [(RepeatedLink.IDEMPOTENT, 201), (RepeatedLink.REFUSED, 400)])
def test_linking_again_makes_no_second_link(serve: Any, mode: RepeatedLink, status: int) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(repeated_link=mode)))
    group, user = api.post("/groups", {"name": "Team"})["id"], api.user()
    course, label = api.course(), api.post("/labels", {"name": "x"})["id"]
    for path, body in [
        (f"/groups/{group}/users", {"user": {"id": user}}),
        (f"/courses/{course}/labels", {"label": {"id": label}}),
    ]:
        api.post(path, body)
        assert api.request("POST", path, body).status_code == status
        assert api.get(path)["count"] == 1


def test_deleting_a_group_removes_its_memberships_and_keeps_the_users(api: Any) -> None:
    group, user = api.post("/groups", {"name": "Team"})["id"], api.user()
    api.post(f"/groups/{group}/users", {"user": {"id": user}})
    api.delete(f"/groups/{group}")
    assert api.rows(f"/users/{user}/groups") == []
    assert api.get("/users")["count"] == 1


def test_new_users_join_the_groups_of_their_email_domain(api: Any) -> None:
    api.user("old@partner.org")
    group = api.post("/groups", {"name": "Partners", "rule_email_domains": ["partner.org"]})["id"]
    new = api.user("new@Partner.org")
    api.user("other@example.com")
    assert [row["user"]["id"] for row in api.rows(f"/groups/{group}/users")] == [new]
    api.delete(f"/groups/{group}")
    api.user("late@partner.org")
    assert api.get("/groups")["count"] == 0


def test_email_domain_rules_are_one_object_and_adding_twice_is_fine(api: Any) -> None:
    group = api.post("/groups", {"name": "Team", "rule_email_domains": ["Old.com"]})["id"]
    path = f"/groups/{group}/email-domain-rules"
    assert api.get(path) == {"email_domains": ["old.com"]}
    for _ in range(2):
        assert api.patch(path, {"add": ["New.com"], "remove": ["old.com"]}) == {
            "add": ["new.com"],
            "remove": ["old.com"],
        }
    assert api.get(path) == {"email_domains": ["new.com"]}
    api.refused("PATCH", path, {})
