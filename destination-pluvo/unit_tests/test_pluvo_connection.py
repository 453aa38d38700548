"""Address, token, scopes, schema and quota: what is wrong is said, and what passes is not seen in the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_cdk.models import FailureType, Status
from airbyte_cdk.utils import AirbyteTracedException

from destination_pluvo.destination import DestinationPluvo
from destination_pluvo.settings import Settings
from lms_shared.dev.sandbox.faults import REFUSING, FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluvo import (
    ALL_SCOPES,
    DEMO_CLIENT_ID,
    DEMO_CLIENT_SECRET,
    READER_CLIENT_ID,
    ApiClient,
    AuthRefusal,
    SlashlessAnswer,
)
from lms_shared.dev.testing.catalogue import catalogue
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_user

Open = Callable[..., PluvoOrganization]
OBJECTS = frozenset({"users", "groups", "group_members", "content", "assignments", "completions"})
LOGGER = logging.getLogger("airbyte")


def check(organization: PluvoOrganization, /, **config: Any) -> tuple[Status, str]:
    answer = DestinationPluvo().check(LOGGER, organization.config(**config))
    return answer.status, answer.message or ""


@pytest.mark.parametrize("content_object", ["training", "offer"])
def test_a_working_config_passes_the_check_and_nothing_is_written(
    organization: PluvoOrganization, content_object: str
) -> None:
    assert check(organization, content_object=content_object) == (Status.SUCCEEDED, "")
    assert organization.writes == 0


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"client_secret": "wrong"}, "refuses the credentials"),
        ({"client_id": "unknown"}, "refuses the credentials"),
        ({"client_id": DEMO_CLIENT_SECRET, "client_secret": DEMO_CLIENT_ID}, "client_id and client_secret are swapped"),
        ({"client_id": READER_CLIENT_ID}, "may only read"),
        ({"certificate_id": "c0ffee00-0000-4000-8000-00000000dead", "send_notifications": True}, "Completion"),
        (
            {"stream_mappings": [{"stream": "users", "fields": [{"source": "x", "target": "extra:Shoe size"}]}]},
            "no extra category 'Shoe size'",
        ),
        ({"base_url": "", "organization": ""}, "Enter the organization"),
        ({"base_url": "", "organization": "https://elsewhere.example.com"}, "is not an organization name"),
    ],
)
def test_what_is_wrong_with_a_config_is_said(
    organization: PluvoOrganization, config: dict[str, Any], said: str
) -> None:
    status, message = check(organization, **config)
    assert status is Status.FAILED
    assert said in message
    assert DEMO_CLIENT_SECRET not in message


def test_another_address_is_said_to_be_none_of_pluvo(organization: PluvoOrganization) -> None:
    status, message = check(organization, base_url=f"{organization.server.url}/v1")
    assert status is Status.FAILED
    assert "There is no Pluvo at" in message


def test_a_host_that_does_not_answer_is_said(organization: PluvoOrganization) -> None:
    status, message = check(organization, base_url="http://127.0.0.1:9")
    assert status is Status.FAILED
    assert "had trouble" in message


@pytest.mark.parametrize("given", ["acme", "acme.pluvo.com", "https://acme.pluvo.com/", " ACME "])
def test_the_address_is_made_of_the_organization(given: str) -> None:
    settings = Settings.parse({"organization": given, "client_id": "a", "client_secret": "b"})
    assert settings.address == "https://acme.pluvo.com"


@pytest.mark.parametrize("slashless", list(SlashlessAnswer))
def test_the_final_slashes_are_never_left_out(open_organization: Open, slashless: SlashlessAnswer) -> None:
    organization = open_organization(slashless=slashless)
    assert check(organization, base_url=f"{organization.server.url}/")[0] is Status.SUCCEEDED


def test_what_the_schema_of_pluvo_lacks_is_named(open_organization: Open) -> None:
    organization = open_organization(dropped_fields=frozenset({"UpdateTrainingInput.archived", "Query.portfolioItems"}))
    status, message = check(organization)
    assert status is Status.FAILED
    assert "portfolioItems" in message


def test_what_only_other_objects_need_is_a_warning(open_organization: Open, caplog: pytest.LogCaptureFixture) -> None:
    organization = open_organization(dropped_fields=frozenset({"Query.offerEvent"}))
    with caplog.at_level(logging.WARNING, "airbyte"):
        assert check(organization)[0] is Status.SUCCEEDED
    assert any("offerEvent" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("status", [200, 400, 403, 404, 500])
def test_a_client_that_may_not_ask_for_the_schema_passes_the_check(open_organization: Open, status: int) -> None:
    organization = open_organization(introspection=False, validation_error_status=status)
    assert check(organization) == (Status.SUCCEEDED, "")
    assert check(organization, client_secret="wrong")[0] is Status.FAILED


def test_a_look_up_that_pluvo_refuses_fails_the_check_where_it_shows_no_schema(open_organization: Open) -> None:
    organization = open_organization(introspection=False, dropped_fields=frozenset({"Query.paginatedGroups"}))
    status, message = check(organization)
    assert status is Status.FAILED
    assert "paginatedGroups" in message


@pytest.mark.sweep(kept=5)
@pytest.mark.parametrize(
    ("missing", "config", "said"),
    [
        ({"users.write"}, {}, "users.write (for users)"),
        ({"users.read"}, {}, "users.read (for users)"),
        ({"trainings.write"}, {}, "trainings.write (for content)"),
        ({"events.write"}, {"content_object": "offer"}, "events.write (for content)"),
        ({"events.read", "events.write"}, {"content_object": "offer"}, "events.read"),
        ({"users.read"}, {"stream_mappings": [{"stream": "who", "object": "group_members"}]}, "(for group_members)"),
        (
            {"extra_categories.write"},
            {"stream_mappings": [{"stream": "users", "fields": [{"source": "x", "target": "extra:Site"}]}]},
            "extra_categories.write (for custom fields)",
        ),
        ({"events.write"}, {}, None),
        ({"trainings.write"}, {"content_object": "offer"}, None),
        ({"users.write", "trainings.read"}, {"stream_mappings": [{"stream": "teams", "object": "groups"}]}, None),
        ({"groups.read", "groups.write"}, {"stream_mappings": [{"stream": "users"}]}, None),
        (
            {"groups.read", "users.read", "users.write"},
            {"stream_mappings": [{"stream": "course_catalog", "preset": "pluralsight"}]},
            None,
        ),
        ({"extra_categories.write"}, {}, None),
    ],
)
def test_the_check_names_the_scopes_that_the_objects_of_the_config_lack(
    open_organization: Open, missing: set[str], config: dict[str, Any], said: str | None
) -> None:
    organization = open_organization(clients=(ApiClient("some", "secret", ALL_SCOPES - missing),))
    status, message = check(organization, client_id="some", client_secret="secret", **config)
    assert status is (Status.SUCCEEDED if said is None else Status.FAILED)
    assert (said or "") in message


@pytest.mark.parametrize("target", ["dep", "extra.dep", "extra:dep"])
def test_a_target_that_there_is_not_fails_the_check(organization: PluvoOrganization, target: str) -> None:
    mapping = {"stream": "users", "fields": [{"source": "x", "target": target}]}
    status, message = check(organization, stream_mappings=[mapping])
    assert status is Status.FAILED
    assert "dep" in message


def test_a_client_with_some_scopes_writes_what_they_allow(open_organization: Open) -> None:
    scopes = ALL_SCOPES - {"events.read", "events.write"}
    organization = open_organization(clients=(ApiClient("some", "secret", scopes),))
    config = {"client_id": "some", "client_secret": "secret"}
    assert check(organization, **config)[0] is Status.SUCCEEDED
    run = organization.sync(catalogue(OBJECTS), **config)
    assert run.error is None
    assert run.total("rejected") == 0


def test_a_missing_scope_ends_the_sync_with_what_to_ask_for(open_organization: Open) -> None:
    organization = open_organization(clients=(ApiClient("some", "secret", ALL_SCOPES - {"users.write"}),))
    run = organization.try_to_write("users", a_user(name="Ada"), client_id="some", client_secret="secret")
    assert "users.write" in str(run.error)


@pytest.mark.parametrize("refusal", list(AuthRefusal))
def test_a_token_that_ends_during_a_sync_is_renewed(open_organization: Open, refusal: AuthRefusal) -> None:
    seconds = iter(range(1_000_000))
    organization = open_organization(
        auth_refusal=refusal, token_life_seconds=20, clock=lambda: 1_780_000_000.0 + next(seconds)
    )
    run = organization.sync(catalogue(OBJECTS), batch_size=1)
    assert run.error is None
    assert run.total("rejected") == 0
    assert organization.server.requests.count("POST /oauth/token/") > 1


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("refusal", list(AuthRefusal))
def test_a_token_that_is_refused_for_good_is_renewed_once_for_each_document(
    open_organization: Open, refusal: AuthRefusal
) -> None:
    """And no document is made again in parts."""
    moments = iter(range(0, 1_000_000, 100))
    organization = open_organization(auth_refusal=refusal, token_life_seconds=50, clock=lambda: float(next(moments)))
    people = (a_user(f"learner{number}@example.com", name="A Learner") for number in range(30))
    run = organization.try_to_write("users", *people)
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    # One document or a few, as the callers come, each made once more; those on their way together share a new token.
    tokens = organization.server.requests.count("POST /oauth/token/")
    assert tokens <= 6
    assert organization.server.requests.total - tokens <= 2 * 5


def test_a_token_is_asked_for_once(organization: PluvoOrganization) -> None:
    organization.sync(catalogue(OBJECTS))
    assert organization.server.requests.count("POST /oauth/token/") == 1


@pytest.mark.sweep(kept=4)
@pytest.mark.parametrize("kind", sorted(set(FaultKind) - {FaultKind.SLOW, FaultKind.PAGE_REPEATS} - REFUSING))
def test_trouble_that_passes_is_not_seen_in_the_end(open_organization: Open, kind: FaultKind) -> None:
    ordinary = open_organization()
    ordinary.sync(catalogue(OBJECTS))
    organization = open_organization()
    rule = FaultRule(kind, probability=0.3, retry_after=0)
    organization.server.faults = FaultPlan([rule], max_in_a_row=2)
    run = organization.sync(catalogue(OBJECTS))
    assert run.error is None
    assert organization.sandbox.canonical() == ordinary.sandbox.canonical()


def test_the_token_and_the_secret_are_in_no_log(organization: PluvoOrganization) -> None:
    run = organization.sync(catalogue(OBJECTS))
    text = "\n".join(run.log)
    assert DEMO_CLIENT_SECRET not in text
    assert "Bearer" not in text
