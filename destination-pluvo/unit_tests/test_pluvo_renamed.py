"""What is made from the title of content follows it, and quotes it only once it is settled."""

from __future__ import annotations

import pytest

from lms_shared.dev.sandbox.pluvo import DEMO_CERTIFICATE_ID
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_completion, a_course, a_user
from lms_shared.dev.testing.syncs import Stream, messages

NEW = "Reading Python, 2nd edition"


@pytest.mark.parametrize("content_object", ["training", "offer"])
def test_portfolio_items_and_events_follow_a_new_title(organization: PluvoOrganization, content_object: str) -> None:
    how = {"content_object": content_object}
    people, done = Stream("users", [a_user(name="Ada")]), Stream("completions", [a_completion()])
    for title in ("Reading Python", NEW):
        run = organization.sync([people, Stream("content", [a_course(title=title)]), done], None, **how)
        assert (run.error, run.rejects) == (None, [])
    assert organization.only("portfolio_items")["title"] == NEW
    assert [row["title"] for row in organization.rows("offer_events")] == [NEW] * (content_object == "offer")
    writes = organization.writes
    assert organization.sync([people, Stream("content", [a_course(title=NEW)]), done], None, **how).error is None
    assert organization.writes == writes


def test_an_event_that_an_admin_has_named_keeps_its_name(organization: PluvoOrganization) -> None:
    organization.write("content", a_course(), content_object="offer")
    (event,) = organization.rows("offer_events")
    query = "mutation($id: UUID!, $event: UpdateOfferEventInput!) { updateOfferEvent(id: $id, offerEvent: $event, "
    query += "sendNotification: false) { offerEvent { id } } }"
    organization.admin(query, id=event["id"], event={"title": "Mine"})
    organization.write("content", a_course(title=NEW), content_object="offer")
    assert [row["title"] for row in organization.rows("offer_events")] == ["Mine"]


def test_certificates_are_issued_under_the_titles_of_the_end_where_two_are_swapped(
    organization: PluvoOrganization,
) -> None:
    titles = ("First", "Second")
    people = Stream("users", [a_user(name="Ada")])
    content = [Stream("content", [a_course(f"c-{one}", titles[one]) for one in (0, 1)])]
    organization.sync([people, *content])
    swapped = Stream("content", [a_course(f"c-{one}", titles[1 - one]) for one in (0, 1)])
    done = Stream("completions", [a_completion(course="c-0")])
    # The completion comes before what it quotes is settled.
    sent = messages([done, swapped], state_every=1)
    run = organization.sync([done, swapped], sent, batch_size=1, certificate_id=DEMO_CERTIFICATE_ID)
    assert (run.error, run.rejects) == (None, [])
    assert len(organization.held("issued_certificates")) == 1
    assert {row["title"] for row in organization.held("portfolio_items")} == {"Second"}
