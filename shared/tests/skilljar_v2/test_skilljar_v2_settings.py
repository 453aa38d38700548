"""The config keys of version 2, and the quota that both versions share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests_mock
from airbyte_cdk.sources.streams.call_rate import APIBudget, Rate
from airbyte_cdk.utils import AirbyteTracedException
from pydantic import ConfigDict

from lms_shared.config.groups import CONNECTION
from lms_shared.config.model import key
from lms_shared.config.problems import read_config
from lms_shared.http.client import JsonClient, Limits
from lms_shared.http.rate_limit import CallTimes
from lms_shared.skilljar_v2.api import SkilljarV2, V2Credentials
from lms_shared.skilljar_v2.settings import VersionTwoKeys

BASE = "https://skilljar.test/v2"


class Example(VersionTwoKeys):
    model_config = ConfigDict(title="Example")

    api_key: str = key("API key", "A key of version 1.", secret=True, group=CONNECTION)


def settings(**keys: Any) -> Example:
    return read_config(Example, Example.form(), {"api_key": "sk-live-1", **keys})


def test_a_client_is_optional_and_whole() -> None:
    assert settings().v2_credentials is None
    assert settings(v2_client_id=" ", v2_client_secret="").v2_credentials is None
    given = settings(v2_client_id="c", v2_client_secret="s", v2_base_url="https://x.test/v2/").v2_credentials
    assert given == V2Credentials("c", "s", "https://x.test/v2")
    assert Example.form()["required"] == ["api_key"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"v2_client_id": "c"}, "v2_client_secret is missing"),
        ({"v2_client_secret": "s"}, "v2_client_id is missing"),
        ({"v2_client_id": "c", "v2_client_secret": "sk-live-1"}, "v2_client_secret holds the key of version 1"),
        ({"v2_client_id": "sk-live-1", "v2_client_secret": "s"}, "v2_client_id holds the key of version 1"),
        ({"v2_base_url": "https://"}, "v2_base_url"),
    ],
)
def test_what_is_wrong_with_a_client_is_named_without_its_secret(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(AirbyteTracedException) as refused:
        settings(**keys)
    assert said in str(refused.value.message)
    assert "sk-live-1" not in str(refused.value.message)


def test_calls_of_both_versions_count_in_a_quota_that_they_share(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("airbyte_cdk.sources.streams.call_rate.time.sleep", slept.append)
    budget = APIBudget(
        policies=[CallTimes(rates=[Rate(3, timedelta(hours=1))], matchers=[])], maximum_attempts_to_acquire=2
    )
    first = JsonClient("Skilljar", "https://skilljar.test/v1", None, Limits(), budget=budget)
    second = SkilljarV2(V2Credentials("c", "s", BASE), Limits(), budget=first.budget)
    with requests_mock.Mocker() as mock:
        mock.get("https://skilljar.test/v1/domains", json=[])
        mock.post(f"{BASE}/auth/token", json={"access_token": "a.e30.c", "expires_in": 900})
        mock.get(f"{BASE}/enrollments/", json={"data": [], "has_more": False, "next_cursor": None})
        first.call("GET", "domains")
        assert list(second.rows("enrollments/")) == []
        assert slept == []
        with pytest.raises(Exception, match="limit"):
            first.call("GET", "domains")
    assert slept
