"""Key, address, domain and form: what check says, and what a sync says where check was not asked."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests_mock
from airbyte_cdk.models import AirbyteConnectionStatus, FailureType, Status
from airbyte_cdk.utils import AirbyteTracedException

from destination_skilljar.api import SkilljarApi
from destination_skilljar.destination import DestinationSkilljar
from destination_skilljar.domain import DomainClient
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.skilljar import READ_ONLY_KEY
from lms_shared.dev.testing.records import ADA, a_course, a_group, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Run, Stream
from lms_shared.http.client import Limits

OBJECTS = ["assignments", "completions", "content", "group_members", "groups", "users"]


def check(academy: Academy, **config: Any) -> AirbyteConnectionStatus:
    return DestinationSkilljar().check(logging.getLogger("airbyte"), academy.config(**config))


def failed(academy: Academy, **config: Any) -> str:
    """The sentence of a check that fails."""
    status = check(academy, **config)
    assert status.status is Status.FAILED
    return str(status.message)


def config_error(run: Run) -> str:
    """The sentence of a sync that fails because of its config."""
    assert isinstance(run.error, AirbyteTracedException), run.error
    assert run.error.failure_type is FailureType.config_error
    return str(run.error.message)


def without_api(academy: Academy) -> str:
    """An address of the right host that is not the API."""
    return academy.server.url


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/v1"


class TestCheck:
    def test_a_right_config_succeeds_and_writes_nothing(self, academy: Academy) -> None:
        counted = academy.counting()
        assert check(academy).status is Status.SUCCEEDED
        assert check(academy, user_reference_signup_field="Employee ID").status is Status.SUCCEEDED
        assert counted.writes == 0

    def test_an_address_with_a_slash_at_its_end_and_a_domain_in_capitals_are_right(self, academy: Academy) -> None:
        config = {"base_url": f"{academy.server.url}/v1/", "domain_name": " Academy.Example.com "}
        assert check(academy, **config).status is Status.SUCCEEDED

    @pytest.mark.parametrize("key", ["", " \n"])
    def test_a_blank_key_is_as_good_as_missing(self, academy: Academy, key: str) -> None:
        assert "'api_key' is a required property" in failed(academy, api_key=key)

    def test_a_key_and_a_domain_that_were_pasted_with_blanks_and_line_ends_work(self, academy: Academy) -> None:
        right = academy.config()
        pasted = {"api_key": f" {right['api_key']}\r\n", "domain_name": f"{right['domain_name']}\n"}
        assert check(academy, **pasted).status is Status.SUCCEEDED

    def test_a_wrong_key_is_named(self, academy: Academy) -> None:
        message = failed(academy, api_key="sk-live-wrong")
        assert "credentials" in message
        assert "sk-live-wrong" not in message

    def test_an_unknown_domain_is_named_with_the_domains_that_there_are(self, academy: Academy) -> None:
        message = failed(academy, domain_name="nowhere.example.com")
        assert "domain_name" in message
        assert "academy.example.com, partners.example.com" in message

    def test_an_address_without_v1_is_named(self, academy: Academy) -> None:
        assert "base_url" in failed(academy, base_url=without_api(academy))

    def test_a_host_that_does_not_answer_is_named(self, academy: Academy) -> None:
        assert "127.0.0.1" in failed(academy, base_url=closed_port())

    def test_a_web_page_in_place_of_json_fails(self, academy: Academy) -> None:
        academy.server.faults = FaultPlan([FaultRule(FaultKind.HTML)])
        assert "address" in failed(academy)

    def test_a_used_up_quota_is_said_at_once(self, academy: Academy) -> None:
        rule = FaultRule(FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER, retry_after=3600)
        academy.server.faults = FaultPlan([rule])
        assert "refuses calls for now (429 quota used up): it asks to wait 3600 s" in failed(academy)

    def test_an_unknown_signup_field_is_named_with_the_labels_that_there_are(self, academy: Academy) -> None:
        message = failed(academy, user_reference_signup_field="Staff number")
        assert "user_reference_signup_field" in message
        assert "Department, Employee ID" in message

    def test_a_read_only_key_passes_the_check_which_may_not_write(self, academy: Academy) -> None:
        counted = academy.counting()
        assert check(academy, api_key=READ_ONLY_KEY).status is Status.SUCCEEDED
        assert counted.writes == 0


class TestWrite:
    def test_a_wrong_key_fails_the_sync(self, academy: Academy) -> None:
        assert "credentials" in config_error(academy.try_to_write("users", a_user(), api_key="sk-live-wrong"))

    def test_a_read_only_key_fails_the_sync_at_its_first_write(self, academy: Academy) -> None:
        assert "read and write" in config_error(academy.try_to_write("users", a_user(), api_key=READ_ONLY_KEY))

    @pytest.mark.parametrize(
        ("name", "record"), [("users", a_user()), ("content", a_course()), ("assignments", an_assignment())]
    )
    def test_a_wrong_domain_or_address_fails_the_sync_before_its_first_write(
        self, academy: Academy, name: str, record: dict[str, Any]
    ) -> None:
        academy.add_member(ADA)
        academy.add_course("Reading Python", "ext:airbyte:c-1", published=False)
        counted = academy.counting()
        run = academy.try_to_write(name, record, domain_name="nowhere.example.com")
        assert "domain_name" in config_error(run)
        assert "base_url" in config_error(academy.try_to_write(name, record, base_url=without_api(academy)))
        assert counted.writes == 0

    @pytest.mark.parametrize(
        ("name", "record"),
        [
            ("content", a_course()),
            ("groups", a_group()),
            ("labels", {"name": "New"}),
            ("domain_users", {"user": {"email": ADA}}),
            ("published_courses", {"course": {"id": "any"}}),
        ],
    )
    def test_where_nothing_is_there_yet_a_wrong_domain_fails_the_sync_before_its_first_write_too(
        self, academy: Academy, name: str, record: dict[str, Any]
    ) -> None:
        counted = academy.counting()
        run = academy.try_to_write(name, record, domain_name="nowhere.example.com")
        assert "'nowhere.example.com'. Correct domain_name; the domains are: academy.example.com" in config_error(run)
        assert run.rejects == []
        assert counted.writes == 0

    def test_the_domain_is_read_once_where_no_read_of_its_rows_has_shown_it(self, academy: Academy) -> None:
        counted = academy.counting()
        academy.write("groups", *(a_group(f"Group {number}") for number in range(20)), num_workers=6)
        assert counted.of("GET /v1/domains/{domain_name}") == 1

    def test_where_rows_of_the_domain_are_read_no_call_is_made_for_the_domain(self, academy: Academy) -> None:
        counted = academy.counting()
        academy.write("users", a_user())
        academy.sync([Stream("users", [a_user()]), Stream("groups", [a_group()])])
        assert counted.of("GET /v1/domains/{domain_name}") == 0

    def test_where_no_single_domain_is_served_the_list_of_domains_is_believed(
        self, requests_mock: requests_mock.Mocker
    ) -> None:
        base = "https://api.example.com/v1"
        requests_mock.get(f"{base}/domains/academy.example.com", status_code=404)
        requests_mock.get(f"{base}/domains", json={"count": 1, "results": [{"name": "academy.example.com"}]})
        requests_mock.post(f"{base}/groups", json={"id": "g1"})
        client = DomainClient("Skilljar", base, None, Limits(), domain="academy.example.com")
        assert SkilljarApi(client).post("groups", {"name": "New"}) == {"id": "g1"}

    def test_an_unknown_signup_field_fails_the_sync_before_its_first_write(self, academy: Academy) -> None:
        counted = academy.counting()
        run = academy.try_to_write(
            "users", a_user(external_reference="e-1"), user_reference_signup_field="Staff number"
        )
        assert "user_reference_signup_field" in config_error(run)
        assert counted.writes == 0

    @pytest.mark.parametrize("kind", [FaultKind.HTML, FaultKind.SERVER_ERROR, FaultKind.DROP_BEFORE])
    def test_trouble_that_lasts_is_a_transient_error_without_a_state_that_is_not_safe(
        self, academy: Academy, kind: FaultKind
    ) -> None:
        academy.server.faults = FaultPlan([FaultRule(kind)])
        run = academy.try_to_write("users", a_user())
        assert isinstance(run.error, AirbyteTracedException)
        assert run.error.failure_type is FailureType.transient_error
        assert run.states == []

    def test_trouble_that_passes_is_not_seen_in_the_end(self, academy: Academy) -> None:
        rules = [FaultRule(kind, times=2) for kind in (FaultKind.HTML, FaultKind.HTML_503, FaultKind.CUT_BODY)]
        academy.server.faults = FaultPlan(rules)
        academy.write("users", a_user())
        academy.write("content", a_course())
        assert len(academy.rows("courses")) == 1


class TestCommandLine:
    """The installed command, as Airbyte runs it."""

    def run(self, *arguments: str, sent: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("destination-skilljar")), *arguments]
        return subprocess.run(command, input=sent, capture_output=True, text=True, check=False)

    def messages(self, done: subprocess.CompletedProcess[str], kind: str) -> list[dict[str, Any]]:
        return [one for one in map(json.loads, done.stdout.splitlines()) if one["type"] == kind]

    def test_discover_answers_every_object_with_its_modes_and_keys(self, academy: Academy, tmp_path: Path) -> None:
        config = tmp_path / "config.json"
        config.write_text(json.dumps(academy.config()))
        done = self.run("discover", "--config", str(config))
        assert done.returncode == 0
        (message,) = self.messages(done, "DESTINATION_CATALOG")
        operations = message["destination_catalog"]["operations"]
        assert {one["object_name"] for one in operations} >= {*OBJECTS, "courses", "webhooks"}
        content = {one["sync_mode"]: one for one in operations if one["object_name"] == "content"}
        assert sorted(content) == ["append", "append_dedup", "soft_delete", "update"]
        assert content["append_dedup"]["matching_keys"] == [["external_reference"], ["id"]]
        assert content["append_dedup"]["json_schema"]["required"] == ["external_reference", "title"]
        limits = content["append_dedup"]["json_schema"]["properties"]["external_reference"]
        assert limits["maxLength"] == 255 - len("ext:airbyte:")

    def test_a_missing_key_is_refused_by_the_form(self, academy: Academy, tmp_path: Path) -> None:
        config = academy.config()
        del config["api_key"]
        path = tmp_path / "config.json"
        path.write_text(json.dumps(config))
        done = self.run("check", "--config", str(path))
        statuses = [one["connectionStatus"] for one in self.messages(done, "CONNECTION_STATUS")]
        errors = [one["trace"]["error"]["message"] for one in self.messages(done, "TRACE")]
        assert "api_key" in json.dumps(statuses + errors)
        assert not any(one["status"] == "SUCCEEDED" for one in statuses)
