"""What is not documented of the API, one way and the other: one end state, and nothing to write the second time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lms_shared.dev.sandbox.pluvo import (
    AuthRefusal,
    BulkTwins,
    DuplicateAnswer,
    EnrollmentSelectors,
    InstantStyle,
    LookupMiss,
    OfferRef,
    PageOverrun,
    SlashlessAnswer,
    Unenrollment,
    UnknownEnrollees,
)
from lms_shared.dev.testing.catalogue import catalogue
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization

Open = Callable[..., PluvoOrganization]
OBJECTS = frozenset({"users", "groups", "group_members", "content", "assignments", "completions"})

SWITCHES: list[dict[str, Any]] = [
    *({"auth_refusal": one} for one in AuthRefusal),
    *({"slashless": one} for one in SlashlessAnswer),
    *({"lookup_miss": one, "error_codes": codes} for one in LookupMiss for codes in (True, False)),
    *({"duplicates": one} for one in DuplicateAnswer),
    *({"bulk_twins": one} for one in BulkTwins),
    *({"offer_ref": one} for one in OfferRef),
    *({"unenrollment": one} for one in Unenrollment),
    *({"enrollment_selectors": one} for one in EnrollmentSelectors),
    *({"unknown_enrollees": one} for one in UnknownEnrollees),
    *({"page_overrun": one} for one in PageOverrun),
    *({"instant_style": one} for one in InstantStyle),
    *({"dropped_fields": frozenset({one})} for one in ("UpdateTrainingInput.ref", "UpdateOfferInput.ref")),
    *({"max_mutations_per_document": one, "max_queries_per_document": one} for one in (1, 2)),
    {"validation_error_status": 200},
    {"introspection": False},
    {"portfolio_scopes": "trainings"},
    {"lists_show_archived": True},
    *({"trainings_of_users_shown": False, "error_codes": codes} for codes in (True, False)),
    {"dropped_fields": frozenset({"paginatedTrainings.trainingUserRoles"})},
    {"trim_names": False},
    {"null_clears": False},
    {"refs_ignore_case": True},
    {"selector_copied_on_create": True},
    {"emails_lowered": True},
    {"max_page_size": 50, "default_page_size": 1},
    {"offers_list_archived": True},
    {"offers_list_inactive": False},
    {"existing_enrollments_returned": False},
    {"send_mail_default": False},
    {"foreign_files": True},
    {"unlisted_values_stay": False},
]


OF_OFFERS = frozenset(
    {
        "offer_ref",
        "unenrollment",
        "enrollment_selectors",
        "unknown_enrollees",
        "offers_list_archived",
        "offers_list_inactive",
        "existing_enrollments_returned",
        "send_mail_default",
        "lookup_miss",
        "bulk_twins",
    }
)
"""Switches that matter where content becomes offers."""
CASES = [
    *((switches, "training") for switches in SWITCHES),
    *((switches, "offer") for switches in SWITCHES if OF_OFFERS & switches.keys()),
]


def comparable(organization: PluvoOrganization) -> dict[str, Any]:
    """What the organization holds; whether an offer keeps its ref is up to the API, as its event has the same."""
    held = organization.sandbox.canonical()
    offers = [{**offer, "ref": offer["events"][0]["ref"]} for offer in held["offers"]]
    return {**held, "offers": sorted(offers, key=lambda offer: str(offer["ref"]))}


def name(part: Any) -> str:
    return part if isinstance(part, str) else ", ".join(f"{key}={value}" for key, value in part.items())


@pytest.fixture(scope="module")
def ordinary() -> dict[str, Any]:
    """What an organization that behaves as expected holds in the end, by what content becomes."""
    return {}


@pytest.mark.sweep(kept=8)
@pytest.mark.parametrize(("switches", "content_object"), CASES, ids=name)
def test_however_the_api_behaves_the_end_state_is_the_same_and_the_second_sync_writes_nothing(
    open_organization: Open, ordinary: dict[str, Any], switches: dict[str, Any], content_object: str
) -> None:
    streams = catalogue(OBJECTS)
    if content_object not in ordinary:
        as_expected = open_organization()
        as_expected.sync(streams, content_object=content_object)
        ordinary[content_object] = comparable(as_expected)
    organization = open_organization(**switches)
    first = organization.sync(streams, content_object=content_object)
    assert first.error is None
    assert first.total("rejected") == 0, first.rejects
    assert comparable(organization) == ordinary[content_object]
    writes = organization.writes
    again = organization.sync(streams, content_object=content_object)
    assert again.total("unchanged") == sum(len(one.records) for one in streams)
    assert organization.writes == writes
    assert organization.mails == []
