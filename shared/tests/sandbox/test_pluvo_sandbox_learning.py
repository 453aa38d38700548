"""Trainings, participants, offers, events, enrollments, portfolio and certificates of the pretend Pluvo."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.sandbox.pluvo import (
    DEMO_CERTIFICATE_ID,
    DatesOnUpdate,
    OfferRef,
    PluvoOptions,
    PluvoSandbox,
    Unenrollment,
    UnknownEnrollees,
)

UNKNOWN = "00000000-0000-4000-8000-000000000000"
DATE = {"startDate": "2026-05-01T09:00:00Z", "endDate": "2026-05-01T12:00:00Z"}
LATER = {"startDate": "2026-06-01T09:00:00Z", "endDate": "2026-06-01T12:00:00Z"}
REMOVAL = "{removedRefs alreadyRemovedRefs refsLinkedViaObject failedRefs}"


def enroll(client: Any, *refs: str, event: str = "monday", **arguments: Any) -> list[tuple[str, str]]:
    rows = client.mutate(
        "createOfferEventEnrollments", "{user {ref} status}", offerEventRef=event, userRefs=list(refs), **arguments
    )
    return [(row["user"]["ref"], row["status"]) for row in rows]


def item(client: Any, **fields: Any) -> Any:
    values = {"title": "Knots", "startDate": "2026-03-01T10:30:00Z", **fields}
    selection = "{portfolioItem {id title description startDate endDate files user {ref}}}"
    return client.mutate("createPortfolioItem", selection, input=values)["portfolioItem"]


def test_a_training_is_an_unpublished_shell_until_told_otherwise(pluvo: Any) -> None:
    pluvo.training("knots", startDate="2026-03-01T00:00:00Z", introduction="<p>Ropes</p>")
    fields = "title ref isActive archived startDate endDate introduction subtitle modules {id} portfolioItem {id}"
    assert pluvo.query("training", f"{{{fields}}}", ref="knots") == {
        "title": "Knots",
        "ref": "knots",
        "isActive": False,
        "archived": False,
        "startDate": "2026-03-01",
        "endDate": None,
        "introduction": "<p>Ropes</p>",
        "subtitle": None,
        "modules": [],
        "portfolioItem": None,
    }


def test_a_training_is_changed_and_archived_by_its_update(pluvo: Any) -> None:
    pluvo.training("knots", isActive=True, startDate="2026-03-01")
    changes = {"ref": "ropes", "archived": True, "startDate": None}
    answer = pluvo.mutate(
        "updateTraining", "{training {title ref isActive archived startDate}}", ref="knots", training=changes
    )
    expected = {"title": "Knots", "ref": "ropes", "isActive": True, "archived": True, "startDate": None}
    assert answer["training"] == expected
    assert pluvo.refused("updateTraining", "{training {id}}", ref="knots", training={}) == "NotFound"
    pluvo.training("taken")
    assert (
        pluvo.refused("updateTraining", "{training {id}}", ref="ropes", training={"ref": "taken"}) == "ValidationError"
    )


def test_trainings_are_searched_by_a_part_of_the_title(pluvo: Any) -> None:
    pluvo.training("Knots", isActive=True)
    pluvo.training("Advanced knots")
    pluvo.training("Old knots")
    pluvo.mutate("updateTraining", "{training {id}}", ref="Old knots", training={"archived": True})

    def listed(**filters: Any) -> list[str]:
        page = pluvo.query("paginatedTrainings", "{edges {node {title ref isActive archived}}}", **filters)
        return [edge["node"]["title"] for edge in page["edges"]]

    assert listed(q="KNOTS") == ["Advanced Knots", "Knots"]
    assert listed(archived=True) == ["Old Knots"]
    assert listed(active=True) == ["Knots"]
    assert listed(q="splices") == []
    assert [row["title"] for row in pluvo.query("trainings", "{title}", query="adv")] == ["Advanced Knots"]


def test_participants_are_added_once_and_invited_unless_turned_off(pluvo: Any) -> None:
    pluvo.training("knots")
    ann = pluvo.user("ann")
    pluvo.user("bob")
    fields = "{addedRefs alreadyAddedRefs failedRefs}"
    pluvo.mutate("addUsersToTraining", fields, trainingRef="knots", userIds=[ann])
    answer = pluvo.mutate(
        "addUsersToTraining", fields, trainingRef="knots", userRefs=["ann", "bob", "nobody"], sendInvites=False
    )
    assert answer == {"addedRefs": ["bob"], "alreadyAddedRefs": ["ann"], "failedRefs": ["nobody"]}
    assert pluvo.mails() == [("training invite", "ann@example.com")]
    training = pluvo.query("training", "{participants {count edges {node {ref}}} users {ref}}", ref="knots")
    assert [edge["node"]["ref"] for edge in training["participants"]["edges"]] == ["ann", "bob"]
    assert training["users"] == [{"ref": "ann"}, {"ref": "bob"}]


def test_users_are_added_as_trainers_and_never_as_mentors(pluvo: Any, enum_value: Any) -> None:
    pluvo.training("knots")
    ann = pluvo.user("ann")
    added = {"trainingRef": "knots", "userIds": [ann]}
    pluvo.mutate("addUsersToTraining", "{addedIds}", role=enum_value("TRAINER"), **added)
    counts = pluvo.query("training", "{participants {count} trainers {count}}", ref="knots")
    assert counts == {"participants": {"count": 0}, "trainers": {"count": 1}}
    refused = pluvo.refused("addUsersToTraining", "{addedIds}", role=enum_value("MENTOR"), **added)
    assert refused == "ValidationError"
    trained = pluvo.query("paginatedTrainings", "{count}", userId=ann, trainingUserRoles=[enum_value("TRAINER")])
    taken = pluvo.query("paginatedTrainings", "{count}", userId=ann, trainingUserRoles=[enum_value("PARTICIPANT")])
    assert (trained["count"], taken["count"]) == (1, 0)


def test_users_who_are_linked_through_a_group_or_an_offer_are_not_removed(pluvo: Any) -> None:
    training = pluvo.training("knots")
    group = pluvo.group("team")
    pluvo.sandbox.link_group("team", "knots")
    pluvo.event("monday", accessTrainings=[training])
    for ref in ("direct", "enrolled", "none"):
        pluvo.user(ref)
    pluvo.user("member", addParticipantGroups=[group])
    enroll(pluvo, "enrolled", sendMail=False)
    pluvo.mutate("addUsersToTraining", "{addedRefs}", trainingRef="knots", userRefs=["direct"], sendInvites=False)
    assert pluvo.query("training", "{participants {count}}", ref="knots") == {"participants": {"count": 3}}
    refs = ["direct", "member", "enrolled", "none", "nobody"]
    assert pluvo.mutate("removeUsersFromTraining", REMOVAL, trainingRef="knots", userRefs=refs) == {
        "removedRefs": ["direct"],
        "alreadyRemovedRefs": ["none"],
        "refsLinkedViaObject": ["member", "enrolled"],
        "failedRefs": ["nobody"],
    }
    assert pluvo.query("group", "{trainings {title}}", ref="team") == {"trainings": [{"title": "Knots"}]}


@pytest.mark.parametrize(("mode", "found"), [(OfferRef.ACCEPTED, True), (OfferRef.IGNORED, False)])
def test_the_ref_of_a_new_offer_is_kept_or_ignored(serve_pluvo: Any, mode: OfferRef, found: bool) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(offer_ref=mode)))
    client.mutate("createOffer", "{offer {id}}", offer={"title": "A", "ref": "a"})
    assert (client.query("offer", "{id}", ref="a") is not None) is found


def test_the_ref_of_a_new_offer_may_be_refused_by_the_schema(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(offer_ref=OfferRef.REFUSED)))
    assert client.post('mutation {createOffer(offer: {title: "A", ref: "a"}) {offer {id}}}').status_code == 400
    offer = client.mutate("createOffer", "{offer {id}}", offer={"title": "A"})["offer"]["id"]
    adopted = client.mutate("updateOffer", "{offer {ref title}}", id=offer, offer={"ref": "a"})
    assert adopted["offer"] == {"ref": "a", "title": "A"}


def test_offers_have_an_archive_and_no_deletion(pluvo: Any) -> None:
    offer = pluvo.mutate("createOffer", "{offer {id}}", offer={"title": "A", "ref": "a"})["offer"]["id"]
    fields = "{response {succeededIds failedIds}}"
    answer = pluvo.mutate("archiveOffers", fields, archive=True, ids=[offer, UNKNOWN])
    assert answer["response"] == {"succeededIds": [offer], "failedIds": [UNKNOWN]}
    assert pluvo.query("offers", "{id}") == []
    assert pluvo.query("offer", "{archivedAt}", ref="a")["archivedAt"] is not None
    pluvo.mutate("archiveOffers", fields, archive=False, ids=[offer])
    assert pluvo.query("offers", "{id}") == [{"id": offer}]
    assert pluvo.post(f'mutation {{deleteOffer(id: "{offer}") {{ok}}}}').status_code == 400


@pytest.mark.parametrize(
    ("options", "listed", "found"),
    [
        (PluvoOptions(), ["b"], "a"),
        (PluvoOptions(offers_list_archived=True), ["a", "b"], "a"),
        (PluvoOptions(offers_list_inactive=False), [], "a"),
        (PluvoOptions(archived_offers_found=False), ["b"], None),
    ],
)
def test_what_the_list_of_offers_leaves_out_is_switched(
    serve_pluvo: Any, options: PluvoOptions, listed: list[str], found: str | None
) -> None:
    client = serve_pluvo(PluvoSandbox.empty(options))
    archived = client.mutate("createOffer", "{offer {id}}", offer={"title": "A", "ref": "a"})["offer"]["id"]
    client.mutate("createOffer", "{offer {id}}", offer={"title": "B", "ref": "b", "isActive": False})
    client.mutate("archiveOffers", "{__typename}", archive=True, ids=[archived])
    assert [offer["ref"] for offer in client.query("offers", "{ref}")] == listed
    assert client.query("offer", "{ref}", ref="a") == (None if found is None else {"ref": found})


def test_an_event_hangs_on_its_offer_and_is_found_by_ref(pluvo: Any) -> None:
    training = pluvo.training("knots")
    pluvo.event("monday", dates=[DATE], maxSubscriptions=3, price="12.50", accessTrainings=[training])
    fields = "ref title type dates {startDate endDate} maxSubscriptions enrolledCount spotsAvailable price waitingList"
    event = pluvo.query("offerEvent", f"{{{fields} cancelled publish accessTrainings {{ref}}}}", ref="monday")
    assert event == {
        "ref": "monday",
        "title": "Monday",
        "type": "MEETING",
        "dates": [DATE],
        "maxSubscriptions": 3,
        "enrolledCount": 0,
        "spotsAvailable": 3,
        "price": "12.50",
        "waitingList": False,
        "cancelled": False,
        "publish": False,
        "accessTrainings": [{"ref": "knots"}],
    }
    assert pluvo.query("offer", "{offerEvents {ref}}", ref="course") == {"offerEvents": [{"ref": "monday"}]}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"accessTrainings": [UNKNOWN]}, "NotFound"),
        ({"accessCourses": [UNKNOWN]}, "NotFound"),
        ({"trainers": [UNKNOWN]}, "NotFound"),
        ({"certificateId": UNKNOWN}, "NotFound"),
        ({"dates": [{"startDate": "2026-02-02", "endDate": "2026-02-01"}]}, "ValidationError"),
        ({"dates": [{"id": UNKNOWN, **DATE}]}, "NotFound"),
        ({"ref": "monday"}, "ValidationError"),
    ],
)
def test_an_event_with_a_bad_reference_is_not_made(pluvo: Any, enum_value: Any, fields: Any, code: str) -> None:
    pluvo.event("monday")
    event = {"type": enum_value("MEETING"), **fields}
    assert pluvo.refused("createOfferEvent", "{__typename}", offerRef="course", offerEvent=event) == code
    assert len(pluvo.sandbox.state()["offer_events"]) == 1


@pytest.mark.parametrize(("mode", "dates"), [(DatesOnUpdate.REPLACE, [LATER]), (DatesOnUpdate.ADD, [DATE, LATER])])
def test_dates_of_an_update_replace_the_others_or_come_on_top(
    serve_pluvo: Any, mode: DatesOnUpdate, dates: Any
) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(dates_on_update=mode)))
    client.event("monday", dates=[DATE])
    fields = "{offerEvent {title dates {startDate endDate}}}"
    answer = client.mutate("updateOfferEvent", fields, ref="monday", offerEvent={"dates": [LATER]})
    assert answer["offerEvent"] == {"title": "Monday", "dates": dates}


def test_those_who_are_enrolled_hear_of_a_changed_event_unless_turned_off(pluvo: Any) -> None:
    pluvo.event("monday")
    pluvo.user("ann")
    enroll(pluvo, "ann", sendMail=False)
    pluvo.mutate("updateOfferEvent", "{__typename}", ref="monday", sendNotification=False, offerEvent={"title": "A"})
    assert pluvo.mails() == []
    pluvo.mutate("updateOfferEvent", "{__typename}", ref="monday", offerEvent={"title": "B"})
    assert pluvo.mails() == [("event changed", "ann@example.com")]


def test_a_deleted_event_takes_its_enrollments_along(pluvo: Any) -> None:
    training = pluvo.training("knots")
    event = pluvo.event("monday", accessTrainings=[training])
    pluvo.user("ann")
    enroll(pluvo, "ann", sendMail=False)
    assert pluvo.mutate("deleteOfferEvent", "{ok}", id=event) == {"ok": True}
    assert pluvo.query("enrollments", "{id}") == []
    assert pluvo.query("training", "{participants {count}}", ref="knots") == {"participants": {"count": 0}}


def test_enrolling_again_changes_nothing_and_returns_the_same(pluvo: Any) -> None:
    event = pluvo.event("monday")
    ann = pluvo.user("ann")
    assert enroll(pluvo, "ann") == [("ann", "ENROLLED")]
    before = pluvo.query("enrollment", "{id enrolledAt userId offerEventId}", userId=ann, offerEventId=event)
    assert enroll(pluvo, "ann") == [("ann", "ENROLLED")]
    assert pluvo.query("enrollments", "{id enrolledAt userId offerEventId}", userId=ann) == [before]
    assert pluvo.mails() == [("enrollment", "ann@example.com")]


def test_enrollments_that_were_there_may_be_left_out_of_the_answer(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(existing_enrollments_returned=False)))
    client.event("monday")
    client.user("ann")
    client.user("bob")
    enroll(client, "ann")
    assert enroll(client, "ann", "bob") == [("bob", "ENROLLED")]


@pytest.mark.parametrize(
    ("default", "argument", "mails"),
    [(True, {}, 1), (False, {}, 0), (True, {"sendMail": False}, 0), (False, {"sendMail": True}, 1)],
)
def test_enrollments_send_mail_as_told_or_else_by_the_switch(
    serve_pluvo: Any, default: bool, argument: dict[str, Any], mails: int
) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(send_mail_default=default)))
    client.event("monday")
    client.user("ann")
    enroll(client, "ann", **argument)
    assert len(client.mails()) == mails


def test_users_who_do_not_exist_are_skipped_or_fail_the_whole_enrollment(serve_pluvo: Any) -> None:
    lenient = serve_pluvo(PluvoSandbox.empty())
    strict = serve_pluvo(PluvoSandbox.empty(PluvoOptions(unknown_enrollees=UnknownEnrollees.ERROR)))
    for client in (lenient, strict):
        client.event("monday")
        client.user("ann")
    assert enroll(lenient, "ann", "nobody") == [("ann", "ENROLLED")]
    arguments = {"offerEventRef": "monday", "userRefs": ["ann", "nobody"]}
    assert strict.refused("createOfferEventEnrollments", "{id}", **arguments) == "NotFound"
    assert strict.query("enrollments", "{id}") == []


def test_a_full_event_refuses_all_of_them_or_puts_them_on_its_waiting_list(pluvo: Any) -> None:
    pluvo.event("small", maxSubscriptions=1)
    pluvo.event("patient", maxSubscriptions=1, waitingList=True)
    pluvo.user("ann")
    pluvo.user("bob")
    arguments = {"offerEventRef": "small", "userRefs": ["ann", "bob"]}
    assert pluvo.refused("createOfferEventEnrollments", "{id}", **arguments) == "ValidationError"
    assert pluvo.query("enrollments", "{id}") == []
    assert enroll(pluvo, "ann", "bob", event="patient") == [("ann", "ENROLLED"), ("bob", "WAITLISTED")]
    counts = pluvo.query("offerEvent", "{enrolledCount spotsAvailable}", ref="patient")
    assert counts == {"enrolledCount": 1, "spotsAvailable": 0}


def test_a_cancelled_event_takes_nobody(pluvo: Any) -> None:
    pluvo.event("monday", cancelled=True)
    pluvo.user("ann")
    arguments = {"offerEventRef": "monday", "userRefs": ["ann"]}
    assert pluvo.refused("createOfferEventEnrollments", "{id}", **arguments) == "ValidationError"


def test_the_older_form_enrolls_one_user_with_a_status_and_only_once(pluvo: Any, enum_value: Any) -> None:
    event, ann = pluvo.event("monday"), pluvo.user("ann")
    given = {"userId": ann, "offerEventId": event, "status": enum_value("WAITLISTED")}
    answer = pluvo.mutate("enrollUserInOfferEvent", "{enrollment {status}}", enrollment=given)
    assert answer == {"enrollment": {"status": "WAITLISTED"}}
    assert pluvo.refused("enrollUserInOfferEvent", "{__typename}", enrollment=given) == "ValidationError"


@pytest.mark.parametrize(
    ("mode", "left"), [(Unenrollment.CANCELLED, [{"status": "CANCELLED"}]), (Unenrollment.REMOVED, [])]
)
def test_unenrolling_cancels_or_removes_and_enrolling_anew_brings_back(
    serve_pluvo: Any, mode: Unenrollment, left: Any
) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(unenrollment=mode)))
    event, ann = client.event("monday"), client.user("ann")
    enroll(client, "ann", sendMail=False)
    pair = {"userId": ann, "offerEventId": event}
    assert client.mutate("unenrollUserFromOfferEvent", "{success}", **pair) == {"success": True}
    assert client.query("enrollments", "{status}") == left
    assert enroll(client, "ann", sendMail=False) == [("ann", "ENROLLED")]
    assert len(client.query("enrollments", "{id}")) == 1
    client.user("bob")
    stranger = {"userId": client.query("user", "{id}", ref="bob")["id"], "offerEventId": event}
    assert client.refused("unenrollUserFromOfferEvent", "{success}", **stranger) == "NotFound"


def test_portfolio_items_belong_to_a_user_and_are_never_merged(pluvo: Any) -> None:
    ann = pluvo.user("ann")
    first = item(pluvo, userId=ann, description="one")
    assert first == {
        "id": first["id"],
        "title": "Knots",
        "description": "one",
        "startDate": "2026-03-01T10:30:00Z",
        "endDate": None,
        "files": [],
        "user": {"ref": "ann"},
    }
    second = item(pluvo, userId=ann, description="one")
    assert [row["id"] for row in pluvo.query("portfolioItems", "{id}", userId=ann)] == [first["id"], second["id"]]
    assert pluvo.query("portfolioItem", "{title}", id=second["id"]) == {"title": "Knots"}
    bad = {"userId": UNKNOWN, "title": "A", "startDate": "2026-03-01"}
    assert pluvo.refused("createPortfolioItem", "{__typename}", input=bad) == "NotFound"


def test_portfolio_items_are_changed_in_part_and_deleted_for_good(pluvo: Any) -> None:
    made = item(pluvo, userId=pluvo.user("ann"), endDate="2027-03-01", description="old")
    changes = {"description": "new", "endDate": None}
    fields = "{portfolioItem {title description startDate endDate}}"
    assert pluvo.mutate("updatePortfolioItem", fields, id=made["id"], input=changes)["portfolioItem"] == {
        "title": "Knots",
        "description": "new",
        "startDate": "2026-03-01T10:30:00Z",
        "endDate": None,
    }
    assert pluvo.mutate("deletePortfolioItem", "{success}", id=made["id"]) == {"success": True}
    assert pluvo.query("portfolioItems", "{id}") == []
    assert pluvo.refused("deletePortfolioItem", "{success}", id=made["id"]) == "NotFound"


def test_portfolio_items_may_keep_the_day_alone(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(portfolio_dates_lose_time=True)))
    assert item(client, userId=client.user("ann"))["startDate"] == "2026-03-01T00:00:00Z"


def test_files_from_elsewhere_are_refused_unless_switched_on(serve_pluvo: Any) -> None:
    files = ["https://example.com/a.pdf"]
    client = serve_pluvo(PluvoSandbox.empty())
    bad = {"userId": client.user("ann"), "title": "A", "startDate": "2026-03-01", "files": files}
    assert client.refused("createPortfolioItem", "{__typename}", input=bad) == "ValidationError"
    open_to_all = serve_pluvo(PluvoSandbox.empty(PluvoOptions(foreign_files=True)))
    assert item(open_to_all, userId=open_to_all.user("ann"), files=files)["files"] == files


def test_a_certificate_comes_with_a_portfolio_item_and_a_mail_each_time(pluvo: Any) -> None:
    ann, training = pluvo.user("ann"), pluvo.training("knots")
    arguments = {
        "id": DEMO_CERTIFICATE_ID,
        "userIds": [ann, UNKNOWN],
        "trainingId": training,
        "title": "Knots, done",
        "issueDate": "2026-03-01",
    }
    for _ in range(2):
        answer = pluvo.mutate("generateCertificate", "{bulkGenerate {succeededIds failedIds}}", **arguments)
        assert answer["bulkGenerate"] == {"succeededIds": [ann], "failedIds": [UNKNOWN]}
    items = pluvo.query("portfolioItems", "{title startDate}", userId=ann)
    assert items == [{"title": "Knots, done", "startDate": "2026-03-01T00:00:00Z"}] * 2
    assert pluvo.mails() == [("certificate", "ann@example.com")] * 2
    issued = pluvo.sandbox.canonical()["issued_certificates"]
    assert [(row["user"], row["training"]) for row in issued] == [("ann@example.com", "knots")] * 2
    assert pluvo.refused("generateCertificate", "{__typename}", id=UNKNOWN, userIds=[ann]) == "NotFound"


def test_certificates_may_go_unmailed(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(certificates_mailed=False)))
    client.mutate("generateCertificate", "{__typename}", id=DEMO_CERTIFICATE_ID, userIds=[client.user("ann")])
    assert client.mails() == []


@pytest.mark.parametrize("full", [1.0, 100.0])
def test_the_report_tells_progress_that_no_call_can_write(serve_pluvo: Any, enum_value: Any, full: float) -> None:
    client = serve_pluvo(PluvoSandbox(users=10, trainings=4, options=PluvoOptions(progress_full=full)))
    fields = "{count edges {node {user {id email} title progress score completionDate timeSpent {days seconds}}}}"
    rows = client.query("portfolioReport", fields)
    assert rows["count"] == 30
    done = [edge["node"] for edge in rows["edges"] if edge["node"]["completionDate"]]
    assert done
    assert {row["progress"] for row in done} == {full}
    group = client.query("groups", "{id users {edges {node {id}}}}")[0]
    members = {edge["node"]["id"] for edge in group["users"]["edges"]}
    theirs = client.query("portfolioReport", fields, userGroupIds=[group["id"]])
    assert {edge["node"]["user"]["id"] for edge in theirs["edges"]} == members
    assert client.query("portfolioReport", "{count}", relatedObjectTypes=[enum_value("COURSE")]) == {"count": 0}
    listed = client.query("paginatedTrainings", "{edges {node {userData {progress}}}}", userId=done[0]["user"]["id"])
    assert full in {edge["node"]["userData"]["progress"] for edge in listed["edges"]}


def test_equal_contents_are_told_equally_whatever_the_order_ids_and_times(serve_pluvo: Any) -> None:
    clients = [serve_pluvo(PluvoSandbox.empty(seed=seed)) for seed in (1, 2)]
    for client, refs in zip(clients, (["ann", "bob"], ["bob", "ann"]), strict=True):
        for ref in refs:
            client.user(ref)
        training = client.training("knots")
        client.event("monday", accessTrainings=[training], dates=[DATE])
        enroll(client, *refs, sendMail=False)
        client.mutate("addUsersToTraining", "{addedIds}", trainingRef="knots", userRefs=refs, sendInvites=False)
        for ref in refs:
            item(client, userId=client.query("user", "{id}", ref=ref)["id"], description=f"ext:{ref}")
    first, second = (client.sandbox.canonical() for client in clients)
    assert first == second
    assert [user["ref"] for user in first["users"]] == ["ann", "bob"]
    clients[0].mutate("updateUser", "{user {id}}", ref="ann", user={"archived": True})
    assert clients[0].sandbox.canonical() != second
