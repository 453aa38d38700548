"""The native objects: made once, changed in place, removed where the API can."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from airbyte_cdk.models import Status
from airbyte_cdk.utils import AirbyteTracedException

from destination_pluvo import native
from destination_pluvo.destination import DestinationPluvo
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluvo import DEMO_CERTIFICATE_ID, DatesOnUpdate, OfferRef, Unenrollment
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.tamper_walk import INCOMPLETE, UNREADABLE, list_calls
from lms_shared.model.declarations import Mode, ObjectDeclaration

LOGGER = logging.getLogger("airbyte")
Row = dict[str, Any]
Open = Callable[..., PluvoOrganization]

DECLARED = native.declarations()
ADA = "ada.lovelace@example.com"
SESSION = {"startDate": "2026-05-01T09:00:00Z", "endDate": "2026-05-01T12:00:00Z"}
LATER = {"startDate": "2026-06-01T09:00:00Z", "endDate": "2026-06-01T12:00:00Z"}


@dataclass(frozen=True)
class Case:
    """A record of an object, what is there before it, and a change of it."""

    declaration: ObjectDeclaration
    record: Row
    change: Row
    before: tuple[tuple[str, Row], ...] = ()
    config: Row = field(default_factory=dict)
    user_id: str | None = None
    """Field that takes the id of the user who is there."""


USER = ("users", {"email": ADA, "name": "Ada Lovelace", "external_reference": "u-1"})
GROUP = ("groups", {"name": "Engineers", "external_reference": "g-1"})
TRAINING = ("trainings", {"ref": "t-1", "title": "Reading Python"})
OFFER = ("offers", {"ref": "o-1", "title": "Python"})
EVENT = ("offer_events", {"ref": "e-1", "offerRef": "o-1", "type": "MEETING"})
CATEGORY = (
    "extra_categories",
    {"ref": "x-1", "name": "Site", "categoryType": "TEXT", "forModelTypes": ["USER"], "color": "#00AAFF"},
)

PARTICIPANT = {"trainingRef": "t-1", "userRef": "u-1"}

CASES = [
    Case(
        DECLARED["trainings"],
        {**TRAINING[1], "introduction": "<p>Hello</p>", "startDate": "2026-05-01T09:00:00Z", "isActive": True},
        {"title": "Reading Python 3", "archived": True},
    ),
    Case(DECLARED["offers"], {**OFFER[1], "description": "All of it", "isActive": True}, {"title": "Python 3"}),
    Case(
        DECLARED["offer_events"],
        {**EVENT[1], "dates": [LATER, SESSION], "price": "9.50", "maxSubscriptions": 8, "publish": True},
        {"price": 12, "waitingList": True},
        (OFFER,),
    ),
    Case(
        DECLARED["extra_categories"],
        {**CATEGORY[1], "choiceOptions": [{"stringValue": "B"}, {"stringValue": "A"}]},
        {"name": "Location"},
    ),
    Case(
        DECLARED["extra_category_values"],
        {"contentType": "USER", "modelRef": "u-1", "categoryRef": "x-1", "stringValue": "Gent"},
        {"stringValue": "Utrecht"},
        (USER, CATEGORY),
    ),
    Case(
        DECLARED["portfolio_items"],
        {"title": "First aid", "startDate": "2026-03-01T08:00:00Z", "description": "Course"},
        {"description": "Course and exam", "endDate": "2028-03-01T08:00:00Z"},
        (USER,),
        user_id="userId",
    ),
    Case(
        DECLARED["certificates"],
        {"certificateId": DEMO_CERTIFICATE_ID, "title": "Python", "issueDate": "2026-03-01T08:00:00Z"},
        {},
        (USER,),
        user_id="userId",
    ),
    Case(DECLARED["group_managers"], {"groupRef": "g-1", "userRef": "u-1"}, {"active": False}, (USER, GROUP)),
    Case(
        DECLARED["training_participants"], {"trainingRef": "t-1", "userRef": "u-1"}, {"active": False}, (USER, TRAINING)
    ),
    Case(DECLARED["training_trainers"], {"trainingRef": "t-1", "userRef": "u-1"}, {"active": False}, (USER, TRAINING)),
    Case(
        DECLARED["enrollments"],
        {"offerEventRef": "e-1", "userRef": "u-1", "status": "ENROLLED"},
        {"status": "CANCELLED"},
        (USER, OFFER, EVENT),
    ),
]


def prepared(organization: PluvoOrganization, case: Case) -> Row:
    """The record of a case, once everything is there that it needs."""
    for name, record in case.before:
        organization.write(name, record)
    if case.user_id is None:
        return case.record
    return {**case.record, case.user_id: organization.rows("users")[0]["id"]}


def declarations(organization: PluvoOrganization, **config: Any) -> list[ObjectDeclaration]:
    sinks = DestinationPluvo().adapter(organization.config(**config)).sinks
    return [sink.declaration for sink in sinks.values()]


def name(case: Case) -> str:
    return case.declaration.name


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_record_is_written_once_and_changed_in_place(organization: PluvoOrganization, case: Case) -> None:
    record, target = prepared(organization, case), name(case)
    assert organization.write(target, record, **case.config).total("created") == 1
    held, writes = organization.sandbox.canonical(), organization.writes
    assert organization.write(target, record, **case.config).total("unchanged") == 1
    assert (organization.sandbox.canonical(), organization.writes) == (held, writes)
    if case.change:
        changed = organization.write(target, {**record, **case.change}, **case.config)
        assert changed.total("updated") + changed.total("deactivated") == 1
        writes = organization.writes
        assert organization.write(target, {**record, **case.change}, **case.config).total("unchanged") == 1
        assert organization.writes == writes


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_spoiled_answer_of_any_list_call_changes_nothing_of_what_is_there(
    organization: PluvoOrganization, case: Case, every_case: bool
) -> None:
    record, target = prepared(organization, case), name(case)
    kinds = (*UNREADABLE, *INCOMPLETE)
    organization.write(target, record, **case.config)
    server, held = organization.server, organization.sandbox.canonical()
    server.requests.reset()
    server.note_lists = True
    assert organization.write(target, record, **case.config).total("unchanged") == 1
    server.note_lists = False
    for call in list_calls(server):
        for kind in kinds if every_case else kinds[len(target) % len(kinds) :][:1]:
            server.faults = FaultPlan([call.rule(kind, times=1)])
            run = organization.try_to_write(target, record, **case.config)
            struck = server.faults.to_json()["rules"][0]["hits"]
            server.faults = FaultPlan()
            assert struck, f"{kind} at {call}: never asked"
            failed = isinstance(run.error, AirbyteTracedException)
            assert failed or run.total("unchanged") == 1, f"{kind} at {call}: {run.error!r}"
            assert (organization.sandbox.canonical(), organization.writes) == (held, 0), f"{kind} at {call}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_what_must_not_be_missing_is_a_reject(organization: PluvoOrganization, case: Case) -> None:
    record = prepared(organization, case)
    writes = organization.writes
    for alternatives in case.declaration.required:
        rest = {key: value for key, value in record.items() if key not in alternatives}
        assert organization.rejected(name(case), rest, **case.config)["code"] == "INPUT.MISSING"
    assert organization.writes == writes


@pytest.mark.parametrize("case", [case for case in CASES if Mode.SOFT_DELETE in case.declaration.modes], ids=name)
def test_deactivating_is_done_once(organization: PluvoOrganization, case: Case) -> None:
    record = prepared(organization, case)
    organization.write(name(case), record)
    assert organization.write(name(case), record, sync_mode="soft_delete").total("deactivated") == 1
    writes = organization.writes
    assert organization.write(name(case), record, sync_mode="soft_delete").total("unchanged") == 1
    assert organization.writes == writes


@pytest.mark.parametrize("case", [case for case in CASES if Mode.HARD_DELETE in case.declaration.modes], ids=name)
def test_deleting_is_done_once(organization: PluvoOrganization, case: Case) -> None:
    record = prepared(organization, case)
    organization.write(name(case), record)
    assert organization.write(name(case), record, mode="hard_delete").total("deactivated") == 1
    writes = organization.writes
    assert organization.write(name(case), record, mode="hard_delete").total("unchanged") == 1
    assert organization.writes == writes


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_mode_that_an_object_cannot_do_is_refused_before_the_first_write(
    organization: PluvoOrganization, case: Case
) -> None:
    for mode in set(Mode) - case.declaration.modes:
        run = organization.try_to_write(name(case), case.record, mode=mode.value, **case.config)
        assert f"cannot be written in mode '{mode.value}'" in str(run.error)
    assert organization.writes == 0


@pytest.mark.parametrize("content_object", ["training", "offer"])
def test_no_mode_is_refused_without_a_reason(organization: PluvoOrganization, content_object: str) -> None:
    for declaration in declarations(organization, content_object=content_object):
        assert declaration.refusals.keys() == set(Mode) - declaration.modes, declaration.name
        assert all(declaration.refusals.values())


@pytest.mark.parametrize("unenrollment", list(Unenrollment))
def test_an_enrollment_that_is_deleted_is_not_deleted_again(
    open_organization: Open, unenrollment: Unenrollment
) -> None:
    organization = open_organization(unenrollment=unenrollment)
    for target, record in (USER, OFFER, EVENT):
        organization.write(target, record)
    link = {"offerEventRef": "e-1", "userRef": "u-1"}
    organization.write("enrollments", link)
    assert organization.write("enrollments", link, mode="hard_delete").total("deactivated") == 1
    writes = organization.writes
    assert organization.write("enrollments", link, mode="hard_delete").total("unchanged") == 1
    assert organization.writes == writes
    assert organization.write("enrollments", link).total("rejected") == 0
    (event,) = organization.only("offers")["events"]
    assert [row["status"] for row in event["enrollments"]] == ["ENROLLED"]


@pytest.mark.parametrize("way", [OfferRef.ACCEPTED, OfferRef.REFUSED, OfferRef.IGNORED])
def test_an_offer_has_its_ref_whatever_the_creation_does_with_it(open_organization: Open, way: OfferRef) -> None:
    organization = open_organization(offer_ref=way)
    organization.write("offers", OFFER[1])
    assert organization.only("offers")["ref"] == "o-1"
    assert organization.write("offers", OFFER[1]).total("unchanged") == 1


@pytest.mark.parametrize("skip", range(2, 5))
@pytest.mark.parametrize("way", [OfferRef.ACCEPTED, OfferRef.REFUSED, OfferRef.IGNORED])
def test_no_lost_answer_doubles_an_offer(open_organization: Open, way: OfferRef, skip: int) -> None:
    organization = open_organization(offer_ref=way)
    organization.server.faults = FaultPlan([FaultRule(FaultKind.DROP_AFTER, path="/graphql/", times=1, skip=skip)])
    organization.write("offers", OFFER[1])
    assert organization.only("offers")["ref"] == "o-1"


@pytest.mark.parametrize("way", [OfferRef.NEVER_TAKEN, OfferRef.NEVER_KEPT])
def test_an_offer_that_cannot_have_its_ref_is_a_reject_and_not_made_again(
    open_organization: Open, way: OfferRef
) -> None:
    organization = open_organization(offer_ref=way)
    for _ in range(3):
        assert organization.rejected("offers", OFFER[1])["code"] == "REMOTE.NOT_KEPT"
    assert len(organization.held("offers")) == 1
    by_id = {"id": organization.rows("offers")[0]["id"], "title": "Python 3"}
    assert organization.write("offers", by_id).total("updated") == 1


def test_an_offer_of_the_same_title_that_others_made_is_not_taken(organization: PluvoOrganization) -> None:
    query = "mutation($offer: CreateOfferInput!) { createOffer(offer: $offer) { offer { id } } }"
    organization.admin(query, offer={"title": "Python", "description": "By hand"})
    assert organization.write("offers", {**OFFER[1], "description": "Of the source"}).total("created") == 1
    assert len(organization.held("offers")) == 2


@pytest.mark.parametrize("way", list(DatesOnUpdate))
def test_a_session_that_is_added_to_an_event_is_there_once(open_organization: Open, way: DatesOnUpdate) -> None:
    organization = open_organization(dates_on_update=way)
    organization.write("offers", OFFER[1])
    organization.write("offer_events", {**EVENT[1], "dates": [SESSION]})
    organization.write("offer_events", {**EVENT[1], "dates": [SESSION, LATER]})
    (event,) = organization.only("offers")["events"]
    assert len(event["dates"]) == 2


def test_a_session_that_pluvo_does_not_let_go_of_is_a_reject(open_organization: Open) -> None:
    organization = open_organization(dates_on_update=DatesOnUpdate.ADD)
    organization.write("offers", OFFER[1])
    organization.write("offer_events", {**EVENT[1], "dates": [SESSION, LATER]})
    assert organization.rejected("offer_events", {**EVENT[1], "dates": [SESSION]})["code"] == "REMOTE.NOT_KEPT"


def test_an_event_is_found_where_pluvo_cannot_be_asked_for_its_ref(open_organization: Open) -> None:
    organization = open_organization(dropped_fields=frozenset({"offerEvent.ref"}))
    organization.write("offers", OFFER[1])
    organization.write("offer_events", EVENT[1])
    assert organization.write("offer_events", EVENT[1]).total("unchanged") == 1


@pytest.mark.parametrize("lacking", [{"ExtraCategory.ref"}, {"ExtraCategory.ref", "ExtraCategoryInput.ref"}])
def test_extra_categories_are_written_once_where_pluvo_does_not_show_their_ref_or_takes_none(
    open_organization: Open, lacking: set[str]
) -> None:
    organization = open_organization(dropped_fields=frozenset(lacking))
    assert DestinationPluvo().check(LOGGER, organization.config()).status is Status.SUCCEEDED
    organization.write(*USER)
    assert organization.write(*CATEGORY).total("created") == 1
    (category,) = organization.rows("extra_categories")
    value = {"contentType": "USER", "modelRef": "u-1", "categoryId": category["id"], "stringValue": "Gent"}
    organization.write("extra_category_values", value)
    custom = {"fields": [{"target": "email", "source": "email"}, {"target": "extra:Site", "source": "site"}]}
    organization.write("users", {"email": ADA, "site": "Utrecht"}, **custom)
    assert organization.only("users")["extra_categories"] == [("Site", "Utrecht")]
    writes = organization.writes
    assert organization.write(*CATEGORY).total("unchanged") == 1
    assert organization.write("users", {"email": ADA, "site": "Utrecht"}, **custom).total("unchanged") == 1
    assert organization.writes == writes
    renamed = {**CATEGORY[1], "id": category["id"], "name": "Location"}
    assert organization.write("extra_categories", renamed).total("updated") == 1
    assert [row["title"] for row in organization.rows("extra_categories")] == ["Location"]


@pytest.mark.parametrize("stay", [True, False])
def test_writing_a_value_leaves_the_others_of_its_object(open_organization: Open, stay: bool) -> None:
    organization = open_organization(unlisted_values_stay=stay)
    organization.write(*USER)
    for ref, title in (("x-1", "Site"), ("x-2", "Floor")):
        organization.write("extra_categories", {**CATEGORY[1], "ref": ref, "name": title})
    value = {"contentType": "USER", "modelRef": "u-1"}
    records = [{**value, "categoryRef": ref, "stringValue": ref} for ref in ("x-1", "x-2")]
    organization.write("extra_category_values", *records)
    assert organization.only("users")["extra_categories"] == [("Floor", "x-2"), ("Site", "x-1")]
    assert organization.write("extra_category_values", *records).total("unchanged") == 2


@pytest.mark.parametrize("lost", [True, False])
def test_an_item_is_the_same_whether_pluvo_keeps_the_time_of_the_day_or_not(
    open_organization: Open, lost: bool
) -> None:
    organization = open_organization(portfolio_dates_lose_time=lost)
    item = {"userId": organization.add_user(ADA), "title": "First aid", "startDate": "2026-03-01T08:00:00Z"}
    organization.write("portfolio_items", item)
    assert organization.write("portfolio_items", item).total("unchanged") == 1


def test_a_user_who_takes_part_through_a_group_cannot_be_removed_from_the_training(
    organization: PluvoOrganization,
) -> None:
    organization.write(*USER)
    organization.write(*GROUP)
    organization.write(*TRAINING)
    organization.write("group_members", {"group_external_reference": "g-1", "user_external_reference": "u-1"})
    organization.sandbox.link_group("g-1", "t-1")
    link = {"trainingRef": "t-1", "userRef": "u-1"}
    assert organization.write("training_participants", link).total("unchanged") == 1
    reject = organization.rejected("training_participants", {**link, "active": False})
    assert reject["code"] == "REMOTE.FAILED"
    assert "linked through a group or an offer" in reject["reason"]


def test_users_and_groups_take_the_fields_of_the_api_besides(organization: PluvoOrganization) -> None:
    user = {**USER[1], "roles": ["PARTICIPANT", "MANAGER"], "afasEmployeeId": "4711"}
    group = {**GROUP[1], "maxUsers": 30, "enableChat": True}
    organization.write("users", user)
    organization.write("groups", group)
    assert organization.rows("users")[0]["afas_employee_id"] == "4711"
    assert organization.only("users")["roles"] == ["MANAGER", "PARTICIPANT"]
    assert organization.only("groups")["max_users"] == 30
    for target, record in (("users", user), ("groups", group)):
        assert organization.write(target, record).total("unchanged") == 1


def test_an_enrollment_can_be_made_with_a_status_and_taken_up_again(organization: PluvoOrganization) -> None:
    for target, record in (USER, OFFER, EVENT):
        organization.write(target, record)
    link = {"offerEventRef": "e-1", "userRef": "u-1"}
    organization.write("enrollments", {**link, "status": "DECLINED"})
    assert organization.write("enrollments", {**link, "status": "DECLINED"}).total("unchanged") == 1
    organization.write("enrollments", {**link, "status": "ENROLLED"})
    (event,) = organization.only("offers")["events"]
    assert [row["status"] for row in event["enrollments"]] == ["ENROLLED"]
    assert organization.rejected("enrollments", {**link, "status": "WAITLISTED"})["code"] == "REMOTE.FIXED"
    assert organization.mails == []


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("group_managers", {"groupRef": "g-1", "userEmail": "ada@example.com"}),
        ("training_participants", {"trainingRef": "t-1", "userEmail": "ada@example.com"}),
        ("training_trainers", {"trainingRef": "t-1", "userEmail": "ada@example.com"}),
        ("enrollments", {"offerEventRef": "e-1", "userEmail": "ada@example.com"}),
        ("collection_items", {"collectionRef": "t-1", "contentRef": "t-2"}),
    ],
)
def test_a_link_whose_record_does_not_say_clearly_whether_it_is_wanted_is_not_made(
    organization: PluvoOrganization, name: str, record: Row
) -> None:
    assert organization.rejected(name, {**record, "active": "no longer"})["code"] == "INPUT.TYPE"
    if name == "enrollments":
        assert organization.rejected(name, {**record, "status": "maybe"})["code"] == "INPUT.VALUE"
    assert organization.writes == 0
