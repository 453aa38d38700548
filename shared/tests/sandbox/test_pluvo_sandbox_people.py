"""Users, groups and memberships of the pretend Pluvo."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.sandbox.pluvo import (
    BulkTwins,
    DuplicateAnswer,
    LookupMiss,
    PluvoOptions,
    PluvoSandbox,
)

USER = "{created user {ref email name archived}}"
ANN = {"email": "ann@example.com", "name": "Ann", "ref": "ann"}
TWINS = "{addedIds addedRefs alreadyAddedIds alreadyAddedRefs failedIds failedRefs}"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def names(page: Any) -> list[str]:
    return [edge["node"]["name"] for edge in page["edges"]]


def test_a_created_user_has_the_defaults_of_the_api(pluvo: Any) -> None:
    pluvo.user("ann")
    fields = "id modelId ref email name archived archivedAt isActive roles language participantGroups {id} invitedOn"
    user = pluvo.query("user", f"{{{fields} extraCategoryValues {{__typename}}}}", ref="ann")
    assert user["id"] == user["modelId"]
    expected = {"archived": False, "archivedAt": None, "isActive": True, "roles": ["PARTICIPANT"], "language": "NL"}
    assert expected.items() <= user.items()
    assert (user["participantGroups"], user["extraCategoryValues"], user["invitedOn"]) == ([], [], None)


@pytest.mark.parametrize(
    "taken", [{"email": "ANN@example.com"}, {"ref": "ann"}, {"email": "ann@example.com", "ref": "ann"}]
)
def test_creating_a_user_who_is_there_already_fails(pluvo: Any, taken: dict[str, str]) -> None:
    pluvo.user("ann")
    user = {"email": "other@example.com", "name": "Other", **taken}
    assert pluvo.refused("createUser", USER, sendInvite=False, user=user) == "ValidationError"
    assert len(pluvo.sandbox.state()["users"]) == 1


def test_a_taken_ref_may_be_a_server_error_without_a_code(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(duplicates=DuplicateAnswer.UNEXPLAINED)))
    client.group("team")
    error = client.post('mutation {createGroup(group: {name: "A", ref: "team"}) {group {id}}}').json()["errors"][0]
    assert (error["message"], "extensions" in error) == ("Internal server error", False)


def test_a_ref_is_unique_for_each_type_of_object_and_told_apart_by_case(pluvo: Any) -> None:
    assert pluvo.user("same") != pluvo.group("same") != pluvo.training("same")
    assert pluvo.group("SAME") != pluvo.group("other")


def test_refs_may_ignore_case_and_have_a_limit(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(refs_ignore_case=True, max_ref_length=4)))
    client.group("team")
    assert client.query("group", "{ref}", ref="TEAM") == {"ref": "team"}
    assert client.refused("createGroup", "{__typename}", group={"name": "A", "ref": "Team"}) == "ValidationError"
    assert client.refused("createGroup", "{__typename}", group={"name": "A", "ref": "teams"}) == "ValidationError"


def test_without_a_ref_the_server_makes_one(pluvo: Any) -> None:
    group = pluvo.mutate("createGroup", "{group {id ref}}", group={"name": "A"})["group"]
    assert len(group["ref"]) == 36
    assert pluvo.query("group", "{id}", ref=group["ref"])["id"] == group["id"]
    assert pluvo.sandbox.canonical()["groups"][0]["ref"] is None


def test_a_user_is_found_by_id_ref_or_email_ignoring_case(pluvo: Any) -> None:
    user = pluvo.user("ann")
    for selector in ({"id": user}, {"ref": "ann"}, {"email": "Ann@Example.COM"}, {"id": user, "ref": "ann"}):
        assert pluvo.query("user", "{id}", **selector) == {"id": user}
    assert pluvo.query("user", "{id}", ref="Ann") is None


@pytest.mark.parametrize("name", ["user", "group", "training", "offer", "offerEvent"])
def test_a_lookup_in_vain_is_null_or_an_error(serve_pluvo: Any, name: str) -> None:
    assert serve_pluvo(PluvoSandbox.empty()).query(name, "{id}", ref="x") is None
    strict = serve_pluvo(PluvoSandbox.empty(PluvoOptions(lookup_miss=LookupMiss.ERROR)))
    assert strict.refused(name, "{id}", "query", ref="x") == "NotFound"


@pytest.mark.parametrize(
    "selectors", [{}, {"ref": "ann", "email": "bob@example.com"}, {"ref": "ann", "email": "x@y.zz"}]
)
def test_no_selector_or_contradicting_ones_are_an_error(pluvo: Any, selectors: dict[str, str]) -> None:
    pluvo.user("ann")
    pluvo.user("bob")
    assert pluvo.refused("user", "{id}", "query", **selectors) == "ValidationError"
    assert pluvo.refused("updateOrCreateUser", USER, user={"name": "X"}, **selectors) == "ValidationError"


@pytest.mark.parametrize("selector", [{"ref": "ann"}, {"email": "ann@example.com"}])
def test_the_upsert_creates_once_and_then_changes(pluvo: Any, selector: dict[str, str]) -> None:
    first = pluvo.mutate("updateOrCreateUser", USER, **selector, sendInvite=False, user=ANN)
    assert first == {"created": True, "user": {**ANN, "archived": False}}
    second = pluvo.mutate("updateOrCreateUser", USER, **selector, sendInvite=False, user={"name": "Anne"})
    assert second == {"created": False, "user": {**ANN, "name": "Anne", "archived": False}}


@pytest.mark.parametrize("lacking", ["email", "name"])
def test_the_upsert_creates_nobody_without_email_and_name(pluvo: Any, lacking: str) -> None:
    user = {key: value for key, value in ANN.items() if key != lacking}
    assert pluvo.refused("updateOrCreateUser", USER, ref="ann", user=user) == "ValidationError"


def test_the_selector_of_the_upsert_is_given_to_a_new_user_only_where_switched_on(serve_pluvo: Any) -> None:
    user = {"email": "ann@example.com", "name": "Ann"}
    plain = serve_pluvo(PluvoSandbox.empty())
    assert plain.mutate("updateOrCreateUser", USER, ref="ann", sendInvite=False, user=user)["user"]["ref"] != "ann"
    copying = serve_pluvo(PluvoSandbox.empty(PluvoOptions(selector_copied_on_create=True)))
    assert copying.mutate("updateOrCreateUser", USER, ref="ann", sendInvite=False, user=user)["user"]["ref"] == "ann"
    assert copying.mutate("updateOrCreateUser", USER, email="b@example.com", user={"name": "B"})["created"]


def test_an_upsert_by_ref_with_the_email_of_another_user_fails_and_by_email_adopts(pluvo: Any) -> None:
    pluvo.user("old", email="ann@example.com")
    assert pluvo.refused("updateOrCreateUser", USER, ref="ann", user=ANN) == "ValidationError"
    adopted = pluvo.mutate("updateOrCreateUser", USER, email="ann@example.com", user=ANN)
    assert adopted == {"created": False, "user": {**ANN, "archived": False}}


def test_a_user_is_archived_and_restored_by_any_of_the_ways(pluvo: Any) -> None:
    user = pluvo.user("ann")
    by_update = pluvo.mutate("updateUser", "{user {archived isActive archivedAt}}", ref="ann", user={"archived": True})
    assert (by_update["user"]["archived"], by_update["user"]["isActive"]) == (True, False)
    assert by_update["user"]["archivedAt"] is not None
    restored = pluvo.mutate("archiveUsers", "{response {succeededIds failedIds}}", archive=False, ids=[user, UNKNOWN])
    assert restored["response"] == {"succeededIds": [user], "failedIds": [UNKNOWN]}
    assert pluvo.query("user", "{archived}", ref="ann") == {"archived": False}
    old_way = pluvo.mutate("updateUser", "{user {archived}}", id=user, user={"isActive": False})
    assert old_way["user"]["archived"] is True
    both = {"isActive": True, "archived": True}
    assert pluvo.refused("updateUser", "{user {id}}", id=user, user=both) == "ValidationError"


def test_fields_that_an_update_leaves_out_stay(pluvo: Any) -> None:
    pluvo.user("ann", afasEmployeeId="7")
    pluvo.mutate("updateUser", "{user {id}}", ref="ann", user={"name": "Anne"})
    user = pluvo.query("user", "{name email ref afasEmployeeId}", ref="ann")
    assert user == {"name": "Anne", "email": "ann@example.com", "ref": "ann", "afasEmployeeId": "7"}


@pytest.mark.parametrize(("clears", "left"), [(True, None), (False, "7")])
def test_an_explicit_null_clears_or_changes_nothing(serve_pluvo: Any, clears: bool, left: str | None) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(null_clears=clears)))
    client.user("ann", afasEmployeeId="7")
    answer = client.mutate("updateUser", "{user {ref afasEmployeeId}}", ref="ann", user={"afasEmployeeId": None})
    assert answer["user"] == {"ref": "ann", "afasEmployeeId": left}
    if clears:
        assert client.refused("updateUser", "{user {id}}", ref="ann", user={"name": None}) == "ValidationError"


@pytest.mark.parametrize("email", ["ann", "@", "ann@", "@example.com", "a b@example.com"])
def test_an_email_must_look_like_one(pluvo: Any, email: str) -> None:
    assert pluvo.refused("createUser", USER, user={"email": email, "name": "Ann"}) == "ValidationError"


@pytest.mark.parametrize(("trims", "name"), [(True, "Ann"), (False, " Ann ")])
def test_names_are_trimmed_or_kept(serve_pluvo: Any, trims: bool, name: str) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(trim_names=trims)))
    client.user("ann", name=" Ann ")
    assert client.query("user", "{name}", ref="ann") == {"name": name}


def test_emails_may_be_lowered(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(emails_lowered=True)))
    client.user("ann", email="Ann@Example.com")
    assert client.query("user", "{email}", ref="ann") == {"email": "ann@example.com"}


def test_invites_are_sent_to_new_users_unless_turned_off(pluvo: Any) -> None:
    pluvo.mutate("createUser", USER, user={**ANN, "ref": "a"})
    pluvo.mutate("updateOrCreateUser", USER, ref="b", user={"email": "b@example.com", "name": "B", "ref": "b"})
    assert pluvo.mails() == [("invite", "ann@example.com"), ("invite", "b@example.com")]
    pluvo.mutate("updateOrCreateUser", USER, ref="b", user={"name": "Bo"})
    pluvo.user("c")
    assert len(pluvo.mails()) == 2


def test_users_join_and_leave_groups_by_id_with_their_own_update(pluvo: Any) -> None:
    one, two = pluvo.group("one"), pluvo.group("two")
    pluvo.user("ann", addParticipantGroups=[one], addManagerGroups=[two])
    fields = "{user {participantGroups {ref} managerGroups {ref} groupCount}}"
    moved = pluvo.mutate(
        "updateUser", fields, ref="ann", user={"addParticipantGroups": [two], "removeParticipantGroups": [one]}
    )
    groups = {"participantGroups": [{"ref": "two"}], "managerGroups": [{"ref": "two"}], "groupCount": 1}
    assert moved["user"] == groups
    user = {"name": "New", "addParticipantGroups": [UNKNOWN]}
    assert pluvo.refused("updateUser", fields, ref="ann", user=user) == "NotFound"
    assert pluvo.query("user", "{name}", ref="ann") == {"name": "Ann"}


def test_users_are_listed_by_filter(pluvo: Any, enum_value: Any) -> None:
    team = pluvo.group("team")
    training = pluvo.training("knots")
    pluvo.user("ann", roles=[enum_value("TRAINER")])
    bob = pluvo.user("bob", addParticipantGroups=[team])
    pluvo.user("cho", email="cho@bobsleigh.example")
    pluvo.mutate("updateUser", "{user {id}}", ref="cho", user={"archived": True})
    pluvo.mutate("addUsersToTraining", "{addedIds}", trainingId=training, userIds=[bob], sendInvites=False)

    def listed(**filters: Any) -> list[str]:
        return names(pluvo.query("paginatedUsers", "{edges {node {name}}}", **filters))

    assert listed() == ["Ann", "Bob"]
    assert listed(archived=True) == ["Cho"]
    assert listed(q="BOB") == ["Bob"]
    assert listed(q="bob", archived=True) == ["Cho"]
    assert listed(userRoles=[enum_value("TRAINER")]) == ["Ann"]
    assert listed(groupIds=[team]) == listed(trainingIds=[training]) == ["Bob"]
    assert listed(lastLogin_Gt="2020-01-01") == []
    assert listed(sortBy={"direction": enum_value("DESC")}) == ["Bob", "Ann"]
    assert listed(sortBy={"field": enum_value("EMAIL")}) == ["Ann", "Bob"]
    assert [user["name"] for user in pluvo.query("users", "{name}", active=False)] == ["Cho"]


def test_lists_may_show_archived_objects_unless_told_otherwise(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(lists_show_archived=True)))
    client.user("ann")
    client.mutate("updateUser", "{user {id}}", ref="ann", user={"archived": True})
    assert client.query("paginatedUsers", "{count}") == {"count": 1}
    assert client.query("paginatedUsers", "{count}", archived=False) == {"count": 0}


def test_groups_are_created_changed_searched_and_deleted(pluvo: Any) -> None:
    group = pluvo.group("team", maxUsers=5)
    fields = "{group {name ref maxUsers enableChat isEditable userCount managerCount trainings {id} skills {id}}}"
    changed = pluvo.mutate("updateGroup", fields, ref="team", group={"name": "Crew", "ref": "crew", "maxUsers": None})
    assert changed["group"] == {
        "name": "Crew",
        "ref": "crew",
        "maxUsers": 5,
        "enableChat": False,
        "isEditable": True,
        "userCount": 0,
        "managerCount": 0,
        "trainings": [],
        "skills": [],
    }
    pluvo.group("other")
    assert names(pluvo.query("paginatedGroups", "{edges {node {name}}}", q="crew")) == ["Crew"]
    assert len(pluvo.query("groups", "{id}")) == 2
    assert pluvo.mutate("deleteGroup", "{ok}", id=group) == {"ok": True}
    assert pluvo.refused("deleteGroup", "{ok}", id=group) == "NotFound"
    other = pluvo.query("group", "{id}", ref="other")["id"]
    bulk = pluvo.mutate("deleteGroups", "{bulkDelete {succeededIds failedIds}}", ids=[other, group])
    assert bulk["bulkDelete"] == {"succeededIds": [other], "failedIds": [group]}


def test_a_deleted_group_leaves_no_membership_behind(pluvo: Any) -> None:
    group = pluvo.group("team")
    pluvo.user("ann", addParticipantGroups=[group], addManagerGroups=[group])
    pluvo.mutate("deleteGroup", "{ok}", id=group)
    user = pluvo.query("user", "{participantGroups {id} managerGroups {id}}", ref="ann")
    assert user == {"participantGroups": [], "managerGroups": []}


def test_members_are_added_once_and_named_in_the_lists(pluvo: Any) -> None:
    pluvo.group("team")
    ann, bob = pluvo.user("ann"), pluvo.user("bob")
    pluvo.mutate("addUsersToGroup", TWINS, groupRef="team", userRefs=["ann"])
    answer = pluvo.mutate(
        "addUsersToGroup", TWINS, groupRef="team", userIds=[bob, UNKNOWN], userRefs=["ann", "bob", "nobody"]
    )
    assert answer == {
        "addedIds": [bob],
        "addedRefs": ["bob"],
        "alreadyAddedIds": [ann],
        "alreadyAddedRefs": ["ann"],
        "failedIds": [UNKNOWN],
        "failedRefs": ["nobody"],
    }
    group = pluvo.query("group", "{userCount users {count edges {node {ref}}}}", ref="team")
    assert group["userCount"] == group["users"]["count"] == 2
    assert [edge["node"]["ref"] for edge in group["users"]["edges"]] == ["ann", "bob"]


def test_the_lists_may_name_users_only_the_way_they_were_asked_for(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(bulk_twins=BulkTwins.AS_ASKED)))
    client.group("team")
    ann = client.user("ann")
    client.user("bob")
    answer = client.mutate("addUsersToGroup", "{addedIds addedRefs}", groupRef="team", userIds=[ann], userRefs=["bob"])
    assert answer == {"addedIds": [ann], "addedRefs": ["bob"]}


def test_removing_members_says_who_was_none(pluvo: Any) -> None:
    group = pluvo.group("team")
    pluvo.user("ann", addParticipantGroups=[group])
    pluvo.user("bob")
    answer = pluvo.mutate(
        "removeUsersFromGroup",
        "{removedRefs alreadyRemovedRefs failedRefs}",
        groupId=group,
        userRefs=["ann", "bob", "nobody"],
    )
    assert answer == {"removedRefs": ["ann"], "alreadyRemovedRefs": ["bob"], "failedRefs": ["nobody"]}
    assert pluvo.query("group", "{userCount}", id=group) == {"userCount": 0}


def test_managers_are_added_and_removed_with_a_bulk_result(pluvo: Any) -> None:
    pluvo.group("team")
    ann = pluvo.user("ann")
    fields = "{response {succeededIds failedIds}}"
    for name, count in (("addManagersToGroup", 1), ("addManagersToGroup", 1), ("removeManagersFromGroup", 0)):
        answer = pluvo.mutate(name, fields, groupRef="team", userIds=[ann, UNKNOWN])
        assert answer["response"] == {"succeededIds": [ann], "failedIds": [UNKNOWN]}
        assert pluvo.query("group", "{managerCount managers {count}}", ref="team") == {
            "managerCount": count,
            "managers": {"count": count},
        }


@pytest.mark.parametrize("name", ["addUsersToGroup", "removeUsersFromGroup", "addManagersToGroup"])
def test_a_change_of_members_needs_a_group_and_users(pluvo: Any, name: str) -> None:
    pluvo.group("team")
    assert pluvo.refused(name, "{__typename}", groupRef="team") == "ValidationError"
    assert pluvo.refused(name, "{__typename}", userRefs=["ann"]) == "ValidationError"
    assert pluvo.refused(name, "{__typename}", groupRef="other", userRefs=["ann"]) == "NotFound"


@pytest.mark.parametrize(("enforced", "failed"), [(True, ["bob"]), (False, [])])
def test_a_group_takes_no_more_than_its_limit_where_that_is_enforced(
    serve_pluvo: Any, enforced: bool, failed: list[str]
) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(group_size_enforced=enforced)))
    client.group("team", maxUsers=1)
    client.user("ann")
    client.user("bob")
    answer = client.mutate("addUsersToGroup", "{failedRefs}", groupRef="team", userRefs=["ann", "bob"])
    assert answer == {"failedRefs": failed}


def test_memberships_may_lag_behind(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(membership_lag_requests=2)))
    client.group("team")
    client.user("ann")
    answer = client.mutate("addUsersToGroup", "{addedRefs}", groupRef="team", userRefs=["ann"])
    assert answer == {"addedRefs": ["ann"]}
    counts = [client.query("group", "{userCount}", ref="team")["userCount"] for _ in range(3)]
    assert counts == [0, 0, 1]


def test_a_lagging_change_of_a_group_that_is_gone_does_nothing(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(membership_lag_requests=1)))
    group = client.group("team")
    client.user("ann")
    client.mutate("addUsersToGroup", "{addedRefs}", groupRef="team", userRefs=["ann"])
    client.mutate("deleteGroup", "{ok}", id=group)
    for _ in range(2):
        assert client.query("user", "{participantGroups {id}}", ref="ann") == {"participantGroups": []}
