"""Lists in pages: what is missing of one is never taken for what is not there."""

from __future__ import annotations

from typing import Any

import pytest
import requests_mock
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from destination_skilljar.api import SkilljarApi
from lms_shared.http.client import JsonClient, Limits

BASE = "https://api.example.com/v1"


def page(*ids: str, count: int, following: int | None = None) -> dict[str, Any]:
    """A page of courses."""
    link = None if following is None else f"{BASE}/courses?page={following}"
    return {"json": {"count": count, "next": link, "previous": None, "results": [{"id": one} for one in ids]}}


GONE = {"status_code": 404, "json": {"detail": "Invalid page."}}


@pytest.fixture
def api() -> SkilljarApi:
    return SkilljarApi(JsonClient("Skilljar", BASE, None, Limits()))


def serve(mock: requests_mock.Mocker, first: list[dict[str, Any]], second: dict[str, Any]) -> None:
    mock.get(f"{BASE}/courses", first)
    mock.get(f"{BASE}/courses?page=2", [second])


def test_pages_are_followed_to_the_end(api: SkilljarApi, requests_mock: requests_mock.Mocker) -> None:
    serve(requests_mock, [page("a", "b", count=3, following=2)], page("c", count=3))
    assert [row["id"] for row in api.rows("courses")] == ["a", "b", "c"]


def test_a_page_that_is_gone_with_its_rows_ends_the_list(api: SkilljarApi, requests_mock: requests_mock.Mocker) -> None:
    serve(requests_mock, [page("a", "b", count=3, following=2), page("a", "b", count=2)], GONE)
    assert [row["id"] for row in api.rows("courses")] == ["a", "b"]


def test_a_page_that_is_gone_without_its_rows_stops_the_sync(
    api: SkilljarApi, requests_mock: requests_mock.Mocker
) -> None:
    serve(requests_mock, [page("a", "b", count=3, following=2)], GONE)
    with pytest.raises(AirbyteTracedException) as stopped:
        api.rows("courses")
    assert stopped.value.failure_type is FailureType.transient_error
