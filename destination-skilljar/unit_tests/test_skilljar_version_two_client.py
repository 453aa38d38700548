"""The client of version 2: what check says of one that cannot do its work, and what a sync does then."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

import pytest
from airbyte_cdk.models import FailureType, Status
from airbyte_cdk.utils import AirbyteTracedException

from destination_skilljar.destination import DestinationSkilljar
from destination_skilljar.settings import Settings
from destination_skilljar.version_two import version_two
from lms_shared.dev.sandbox.skilljar import DEMO_KEY
from lms_shared.dev.sandbox.skilljar.v2.tokens import ALL_SCOPES, V2Client
from lms_shared.dev.testing.records import a_user
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.http.client import JsonClient, Limits

TOKEN = "POST /v2/auth/token"


def failed(academy: Academy, **config: Any) -> str:
    """The sentence of a check that fails."""
    status = DestinationSkilljar().check(logging.getLogger("airbyte"), academy.config(**config))
    assert status.status is Status.FAILED
    return str(status.message)


def test_a_client_that_may_do_all_passes_and_nothing_is_written(academy: Academy) -> None:
    counted = academy.counting()
    status = DestinationSkilljar().check(logging.getLogger("airbyte"), academy.config(**academy.client()))
    assert status.status is Status.SUCCEEDED, status.message
    assert counted.of(TOKEN) == 1
    assert counted.writes == 0


def test_a_config_without_a_client_never_calls_version_two(academy: Academy) -> None:
    counted = academy.counting()
    DestinationSkilljar().check(logging.getLogger("airbyte"), academy.config())
    academy.write("users", a_user())
    assert counted.of(TOKEN) == 0


@pytest.mark.parametrize("name", ["v2_client_id", "v2_client_secret"])
def test_half_a_client_is_no_client(academy: Academy, name: str) -> None:
    assert f"{name} is missing" in failed(academy, **academy.client(**{name: ""}))


def test_a_key_of_version_one_in_its_place_is_said_before_any_call(academy: Academy) -> None:
    counted = academy.counting()
    message = failed(academy, **academy.client(v2_client_secret=DEMO_KEY))
    assert "key of version 1" in message
    assert DEMO_KEY not in message
    assert counted.reads == counted.writes == 0


def test_a_dead_secret_fails_check_and_sync_and_version_one_does_not_step_in(academy: Academy) -> None:
    dead = academy.client(v2_client_secret="rotated")
    message = failed(academy, **dead)
    assert "v2_client_id and v2_client_secret" in message
    assert "rotated" not in message
    run = academy.try_to_write("users", a_user(), **dead)
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    assert academy.held("users") == []


@pytest.mark.parametrize("scope", ["enrollments:read", "enrollments:write"])
def test_a_missing_scope_is_named_with_what_is_left_out(open_academy: Callable[..., Academy], scope: str) -> None:
    academy = open_academy(v2_clients={"weak": V2Client("secret", ALL_SCOPES - {scope})})
    weak = academy.client(v2_client_id="weak", v2_client_secret="secret")
    message = failed(academy, **weak)
    assert scope in message
    assert "assignments and completions are left out" in message
    run = academy.try_to_write("users", a_user(), **weak)
    assert scope in str(run.error)
    assert academy.held("users") == []


def test_an_address_without_v2_is_named(academy: Academy) -> None:
    assert "v2_base_url" in failed(academy, **academy.client(v2_base_url=academy.server.url))


@pytest.mark.parametrize("shared", [True, False])
def test_calls_count_in_the_quota_unless_the_config_says_otherwise(academy: Academy, shared: bool) -> None:
    settings = cast(Settings, DestinationSkilljar().settings(academy.config(**academy.client(v2_shares_quota=shared))))
    version_one = JsonClient("Skilljar", settings.base_url, None, Limits(1, 1))
    v2 = version_two(settings, version_one)
    assert v2 is not None
    assert (v2.client.budget is version_one.budget) is shared
