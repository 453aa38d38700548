"""Users, groups and members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest

from lms_shared.dev.sandbox.pluvo import DuplicateAnswer, LookupMiss
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import ADA, GRACE, a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.syncs import Run

Open = Callable[..., PluvoOrganization]


def test_first_and_last_name_are_joined(organization: PluvoOrganization) -> None:
    organization.write("users", a_user(first_name="Ada", last_name="Lovelace"))
    assert organization.only("users")["name"] == "Ada Lovelace"


@pytest.mark.parametrize(("tag", "language"), [("nl", "NL"), ("en-GB", "EN"), ("DE", "DE"), ("nl_BE", "NL")])
def test_a_language_tag_becomes_the_language_of_pluvo(organization: PluvoOrganization, tag: str, language: str) -> None:
    organization.write("users", a_user(name="Ada", language=tag))
    assert organization.only("users")["language"] == language
    assert organization.write("users", a_user(name="Ada", language=tag)).total("unchanged") == 1


def test_a_language_that_pluvo_does_not_know_is_left_out(organization: PluvoOrganization) -> None:
    run = organization.write("users", a_user(name="Ada", language="fr"))
    assert (run.total("created"), run.summaries[0]["left_out"]) == (1, {"language": 1})
    reject = organization.rejected("users", a_user(name="Ada", language="fr"), strict=True)
    assert (reject["code"], "language" in reject["reason"]) == ("INPUT.VALUE", True)


@pytest.mark.parametrize("missing", ["email", "name"])
def test_a_new_user_needs_an_address_and_a_name(organization: PluvoOrganization, missing: str) -> None:
    record = {"email": ADA, "name": "Ada", "external_reference": "u-1"}
    del record[missing]
    reject = organization.rejected("users", record)
    assert (reject["code"], missing in reject["reason"]) == ("INPUT.MISSING", True)


def test_a_user_made_in_the_interface_is_adopted_by_address_and_gets_the_ref(organization: PluvoOrganization) -> None:
    organization.add_user("Ada.Lovelace@Example.com", "A. Lovelace")
    assert organization.write("users", a_user(name="Ada Lovelace", external_reference="u-1")).total("updated") == 1
    user = organization.only("users")
    assert (user["ref"], user["name"]) == ("u-1", "Ada Lovelace")
    assert organization.write("users", a_user(name="Ada Lovelace", external_reference="u-1")).total("unchanged") == 1


def test_a_reference_that_is_a_random_uuid_is_found_again(organization: PluvoOrganization) -> None:
    reference = str(uuid4())
    organization.write("users", a_user(name="Ada", external_reference=reference))
    writes = organization.writes
    assert organization.write("users", a_user(name="Ada", external_reference=reference)).total("unchanged") == 1
    assert organization.writes == writes


def test_a_user_with_the_reference_of_another_system_is_a_conflict(organization: PluvoOrganization) -> None:
    organization.add_user(ADA, ref="HR-1")
    reject = organization.rejected("users", a_user(name="Ada", external_reference="u-1"))
    assert reject["code"] == "REMOTE.CONFLICT"
    assert reject["candidates"]
    assert organization.only("users")["ref"] == "HR-1"


def test_a_random_uuid_counts_as_made_by_pluvo_and_what_replaces_it_is_never_taken_over(
    organization: PluvoOrganization,
) -> None:
    made_up = str(uuid4())
    organization.write("users", a_user(name="Ada", external_reference=made_up))
    assert organization.write("users", a_user(name="Ada", external_reference="HR-1")).total("updated") == 1
    reject = organization.rejected("users", a_user(name="Ada", external_reference=made_up))
    assert reject["code"] == "REMOTE.CONFLICT"
    assert organization.only("users")["ref"] == "HR-1"


def test_two_records_with_one_address_and_two_random_references_do_not_take_turns(
    organization: PluvoOrganization,
) -> None:
    records = [a_user(name="Ada", external_reference=str(uuid4())) for _ in range(2)]
    run = organization.try_to_write("users", *records)
    assert (run.total("created"), run.total("rejected")) == (1, 1)
    writes = organization.writes
    organization.try_to_write("users", *records)
    assert organization.writes == writes


def test_an_address_that_changes_is_changed_at_the_user_with_the_reference(organization: PluvoOrganization) -> None:
    organization.write("users", a_user(name="Ada", external_reference="u-1"))
    organization.write("users", a_user("ada@new.example.com", name="Ada", external_reference="u-1"))
    assert organization.only("users")["email"] == "ada@new.example.com"


@pytest.mark.usefixtures("patient")
def test_who_is_inactive_is_archived_and_restored(organization: PluvoOrganization) -> None:
    people = [a_user(ADA, name="Ada"), a_user(GRACE, name="Grace")]
    organization.write("users", *people)
    writes = organization.writes
    run = organization.write("users", *({**one, "active": False} for one in people))
    assert run.total("deactivated") == 2
    assert organization.writes - writes == 1
    assert {user["archived"] for user in organization.held("users")} == {True}
    organization.write("users", *({**one, "active": True} for one in people))
    assert {user["archived"] for user in organization.held("users")} == {False}


def test_only_the_fields_of_the_record_are_written(organization: PluvoOrganization) -> None:
    organization.add_user(ADA, "A. Lovelace", language="DE", roles=["PARTICIPANT", "TRAINER"])
    organization.write("users", a_user(name="Ada Lovelace"))
    user = organization.only("users")
    assert (user["name"], user["language"], user["roles"]) == ("Ada Lovelace", "DE", ["PARTICIPANT", "TRAINER"])


def test_a_policy_of_a_part_of_the_name_is_one_of_the_name(organization: PluvoOrganization) -> None:
    organization.add_user(ADA, "A. Lovelace")
    never = [{"object": "users", "field": "first_name", "policy": "never"}]
    organization.write("users", a_user(first_name="Ada", last_name="Lovelace"), field_policies=never)
    assert organization.only("users")["name"] == "A. Lovelace"


@pytest.mark.parametrize("notify", [True, False])
def test_an_invitation_is_sent_only_where_notifications_are_on(organization: PluvoOrganization, notify: bool) -> None:
    organization.write("users", a_user(name="Ada"), send_notifications=notify)
    assert organization.mails == (["invite"] if notify else [])


@pytest.mark.parametrize("codes", [True, False])
@pytest.mark.parametrize("miss", list(LookupMiss))
def test_whatever_a_look_up_answers_that_finds_nothing_the_user_is_made(
    open_organization: Open, miss: LookupMiss, codes: bool
) -> None:
    organization = open_organization(lookup_miss=miss, error_codes=codes)
    assert organization.write("users", a_user(name="Ada", external_reference="u-1")).total("created") == 1


@pytest.mark.parametrize("way", list(DuplicateAnswer))
def test_an_address_that_somebody_took_since_it_was_looked_up_is_adopted(
    open_organization: Open, way: DuplicateAnswer
) -> None:
    organization = open_organization(duplicates=way)
    taken = []

    def take(_: object) -> None:
        if not taken:
            taken.append(organization.sandbox)
            org = organization.sandbox.organization
            made = {**org.new_identity(None), "name": "A. L.", "created_at": org.now(), "email": ADA}
            from lms_shared.dev.sandbox.pluvo.records import User  # noqa: PLC0415

            org.users.put(User(**made))

    organization.server.on_write = take
    organization.write("users", a_user(name="Ada", external_reference="u-1"))
    user = organization.only("users")
    assert (user["ref"], user["name"]) == ("u-1", "Ada")


def test_custom_fields_that_a_mapping_names_are_written_and_compared(organization: PluvoOrganization) -> None:
    for name, kind in (("Site", "SELECT"), ("Hours", "NUMBER"), ("Hired on", "DATE"), ("Council", "BOOLEAN")):
        category = {"ref": name.lower(), "name": name, "categoryType": kind, "forModelTypes": ["USER"]}
        options = [{"stringValue": "Gent"}, {"stringValue": "Utrecht"}] if kind == "SELECT" else []
        organization.write("extra_categories", {**category, "choiceOptions": options})
    fields = [
        {"target": "email", "source": "email"},
        {"target": "name", "source": "name"},
        {"target": "extra:site", "source": "site"},
        {"target": "extra:Hours", "source": "hours"},
        {"target": "extra:hired on", "source": "hired"},
        {"target": "extra:council", "source": "council"},
    ]
    record = {"email": ADA, "name": "Ada", "site": "Gent", "hours": 32.0, "hired": "2020-01-05", "council": True}
    organization.write("users", record, fields=fields)
    assert organization.only("users")["extra_categories"] == [
        ("Council", True),
        ("Hired on", "2020-01-05T00:00:00Z"),
        ("Hours", "32"),
        ("Site", "Gent"),
    ]
    writes = organization.writes
    assert organization.write("users", record, fields=fields).total("unchanged") == 1
    assert organization.writes == writes
    organization.write("users", {**record, "site": "Utrecht"}, fields=fields)
    assert ("Site", "Utrecht") in organization.only("users")["extra_categories"]
    run = organization.write("users", {**record, "hired": "soon", "site": "Utrecht"}, fields=fields)
    assert (run.total("unchanged"), run.summaries[0]["left_out"]) == (1, {"extra:hired on": 1})


@pytest.mark.sweep(kept=8)
@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        *(("BOOLEAN", one, True) for one in (True, "true", "True", " YES ", 1, 1.0, "1")),
        *(("BOOLEAN", one, False) for one in (False, "false", "No", 0, "0")),
        *(("NUMBER", one, "3.5") for one in (3.5, "3.5", "3.50")),
        *(("NUMBER", one, "0") for one in (0, "0", "-0.0")),
        *(("DATE", one, "2020-05-01T00:00:00Z") for one in ("2020-05-01", "2020-05-01T02:00:00+02:00")),
        *(("MULTISELECT", one, ["Gent", "Utrecht"]) for one in (["Utrecht", "Gent"], ["Gent", "Utrecht", "Gent"])),
        ("TEXT", "True", "True"),
    ],
)
def test_however_a_value_of_a_custom_field_is_spelled_the_second_sync_writes_nothing(
    organization: PluvoOrganization, kind: str, value: Any, held: Any
) -> None:
    options = [{"stringValue": "Gent"}, {"stringValue": "Utrecht"}] if kind == "MULTISELECT" else []
    category = {"name": "Any", "categoryType": kind, "forModelTypes": ["USER"], "choiceOptions": options}
    organization.write("extra_categories", category)
    fields = [{"target": one, "source": one} for one in ("email", "name")] + [{"target": "extra:Any", "source": "v"}]
    record = {"email": ADA, "name": "Ada", "v": value}
    organization.write("users", record, fields=fields)
    shown = organization.only("users")["extra_categories"]
    assert shown == [("Any", one) for one in (held if isinstance(held, list) else [held])]
    writes = organization.writes
    assert organization.write("users", record, fields=fields).total("unchanged") == 1
    assert organization.writes == writes


@pytest.mark.parametrize(("kind", "value"), [("BOOLEAN", "perhaps"), ("DATE", "soon"), ("TEXT", ["one", "two"])])
def test_a_value_that_does_not_fit_its_custom_field_is_left_out_in_a_dry_run_too(
    organization: PluvoOrganization, kind: str, value: Any
) -> None:
    organization.write("extra_categories", {"name": "Any", "categoryType": kind, "forModelTypes": ["USER"]})
    fields = [{"target": one, "source": one} for one in ("email", "name")] + [{"target": "extra:Any", "source": "v"}]
    record = {"email": ADA, "name": "Ada", "v": value}
    run = organization.write("users", record, fields=fields, dry_run=True)
    assert (run.total("created"), run.summaries[0]["left_out"]) == (1, {"extra:Any": 1})
    assert organization.rejected("users", record, fields=fields, strict=True)["code"] == "INPUT.VALUE"


def test_a_group_is_found_by_ref_and_by_name(organization: PluvoOrganization) -> None:
    organization.write("groups", a_group("Engineers", external_reference="g-1"))
    organization.write("groups", a_group("Developers", external_reference="g-1"))
    assert organization.only("groups")["name"] == "Developers"
    assert organization.write("groups", a_group("Developers")).total("unchanged") == 1


def test_a_name_that_only_contains_the_one_of_the_record_is_another_group(organization: PluvoOrganization) -> None:
    organization.write("groups", a_group("Engineers of Gent"))
    assert organization.write("groups", a_group("Engineers")).total("created") == 1


def test_several_groups_of_one_name_are_a_reject_with_the_candidates(organization: PluvoOrganization) -> None:
    for reference in ("g-1", "g-2"):
        organization.admin(
            "mutation($group: CreateGroupInput!) { createGroup(group: $group) { group { id } } }",
            group={"name": "Engineers", "ref": reference},
        )
    reject = organization.rejected("groups", a_group("Engineers"))
    assert (reject["code"], len(reject["candidates"])) == ("REMOTE.AMBIGUOUS", 2)


@pytest.mark.usefixtures("patient")
def test_groups_are_deleted_together_and_their_users_stay(organization: PluvoOrganization) -> None:
    organization.write("users", a_user(name="Ada"))
    organization.write("groups", a_group("Engineers"), a_group("Managers"))
    organization.write("group_members", a_member())
    writes = organization.writes
    organization.write("groups", a_group("Engineers"), a_group("Managers"), mode="hard_delete")
    assert organization.held("groups") == []
    assert len(organization.held("users")) == 1
    assert organization.writes - writes == 1


@pytest.mark.parametrize("content_object", ["training", "offer"])
@pytest.mark.parametrize(
    ("link", "record"),
    [("group_members", a_member()), ("assignments", an_assignment()), ("completions", a_completion())],
)
def test_a_link_is_deleted_once_and_what_it_links_stays(
    organization: PluvoOrganization, link: str, record: dict[str, Any], content_object: str
) -> None:
    def write(name: str, *records: Mapping[str, Any], **how: Any) -> Run:
        return organization.write(name, *records, content_object=content_object, **how)

    write("users", a_user(name="Ada"))
    write("groups", a_group())
    write("content", a_course())
    assert write(link, record).total("created") == 1
    before = {kind: len(organization.held(kind)) for kind in ("users", "groups", "trainings", "offers")}
    assert write(link, record, mode="hard_delete").total("deactivated") == 1
    writes = organization.writes
    assert write(link, record, mode="hard_delete").total("unchanged") == 1
    assert organization.writes == writes
    assert {kind: len(organization.held(kind)) for kind in before} == before
    assert write(link, record).total("created") == 1


def test_a_group_cannot_be_deactivated_and_the_refusal_says_why(organization: PluvoOrganization) -> None:
    run = organization.try_to_write("groups", a_group(), sync_mode="soft_delete")
    assert "groups of Pluvo cannot be deactivated" in str(run.error)


@pytest.mark.parametrize("lag", [0, 40])
def test_members_are_added_and_removed_once_however_late_that_shows(open_organization: Open, lag: int) -> None:
    organization = open_organization(membership_lag_requests=lag)
    organization.write("users", a_user(name="Ada"), a_user(GRACE, name="Grace"))
    organization.write("groups", a_group())
    assert organization.write("group_members", a_member(), a_member(GRACE)).total("created") == 2
    for _ in range(lag + 2):
        organization.admin("{ groups { id } }")
    assert len(organization.only("groups")["members"]) == 2
    assert organization.write("group_members", a_member(), a_member(GRACE)).total("unchanged") == 2
    assert organization.write("group_members", a_member(active=False)).total("deactivated") == 1
    for _ in range(lag + 2):
        organization.admin("{ groups { id } }")
    assert organization.only("groups")["members"] == [GRACE]
