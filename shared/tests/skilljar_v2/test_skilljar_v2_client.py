"""The client of Skilljar's version 2: tokens, lists and batches, against the sandbox, and odd answers by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests_mock
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import (
    DEMO_KEY,
    DEMO_V2_CLIENT_ID,
    DEMO_V2_CLIENT_SECRET,
    SkilljarOptions,
    SkilljarSandbox,
)
from lms_shared.dev.sandbox.skilljar.v2.tokens import V2Client
from lms_shared.http.client import Limits
from lms_shared.http.list_answer import NotAList
from lms_shared.http.outcome import UnreadableAnswer
from lms_shared.skilljar_v2.api import BatchRefused, SkilljarV2, V2Credentials
from lms_shared.skilljar_v2.documents import flat, read_batch, read_page, reason_of
from lms_shared.skilljar_v2.token import scopes_of

BASE = "https://skilljar.test/v2"


@pytest.fixture
def serve() -> Iterator[Callable[..., SandboxServer]]:
    servers: list[SandboxServer] = []

    def start(**options: Any) -> SandboxServer:
        server = SandboxServer(SkilljarSandbox(options=SkilljarOptions(**options)))
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


def api(
    server: SandboxServer, client_id: str = DEMO_V2_CLIENT_ID, secret: str = DEMO_V2_CLIENT_SECRET, path: str = "/v2"
) -> SkilljarV2:
    return SkilljarV2(V2Credentials(client_id, secret, server.url + path), Limits(), max_attempts=2)


def test_all_pages_of_a_list_are_read_and_rows_are_flat(serve: Callable[..., SandboxServer]) -> None:
    rows = list(api(serve()).rows("enrollments/"))
    assert len({row["id"] for row in rows}) == len(rows) > 100
    assert {"student_id", "published_course_id", "certificate_id", "enrolled_at", "progress_status"} <= set(rows[0])


def test_a_token_that_ends_while_a_list_is_read_is_renewed(serve: Callable[..., SandboxServer]) -> None:
    server = serve()
    v2 = api(server)
    rows = v2.rows("enrollments/", {"page[size]": "10"})
    next(rows)
    sandbox = server.lms
    assert isinstance(sandbox, SkilljarSandbox)
    sandbox.version_two.tokens.expire()
    assert len(list(rows)) > 10


def test_the_scopes_of_the_client_are_known_before_a_call(serve: Callable[..., SandboxServer]) -> None:
    narrow = V2Client("s3cret", frozenset({"enrollments:read"}))
    assert api(serve(v2_clients={"narrow": narrow}), "narrow", "s3cret").scopes() == {"enrollments:read"}


@pytest.mark.parametrize(
    ("client_id", "secret", "path", "says"),
    [
        (DEMO_V2_CLIENT_ID, "rotated", "/v2", "v2_client_secret"),
        (DEMO_KEY, "", "/v2", "key of version 1"),
        (DEMO_V2_CLIENT_ID, DEMO_V2_CLIENT_SECRET, "/v3", "v2_base_url"),
    ],
    ids=["dead secret", "a key of version 1 in its place", "wrong address"],
)
def test_a_client_that_is_refused_is_a_config_error_that_says_what_to_change(
    serve: Callable[..., SandboxServer], client_id: str, secret: str, path: str, says: str
) -> None:
    with pytest.raises(AirbyteTracedException) as refused:
        api(serve(), client_id, secret, path).scopes()
    assert refused.value.failure_type is FailureType.config_error
    assert says in (refused.value.message or "")


def test_each_row_of_a_batch_has_its_own_outcome(serve: Callable[..., SandboxServer]) -> None:
    v2 = api(serve())
    row = next(one for one in v2.rows("enrollments/") if not one["completed_at"])
    done = {"completed_at": "2026-05-04T10:00:00Z"}
    outcome = v2.batch(
        "PATCH",
        "enrollments/completion",
        [{"type": "enrollments", "id": one, "attributes": done} for one in (row["id"], "gone")],
        send_notifications=False,
    )
    assert [(one.id, one.code) for one in outcome] == [(row["id"], ""), ("gone", "not_found")]
    assert outcome[0].result is not None
    assert outcome[0].result["completed_at"] == "2026-05-04T10:00:00Z"


def test_a_batch_that_is_refused_whole_says_why(serve: Callable[..., SandboxServer]) -> None:
    with pytest.raises(BatchRefused, match="data/0/attributes/email") as refused:
        api(serve()).batch(
            "POST",
            "enrollments/",
            [{"type": "enrollments", "attributes": {"email": "no address"}}],
            published_course_id="any",
        )
    assert refused.value.status == 422


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"data": None, "has_more": False},
        {"data": {}, "has_more": False},
        {"data": [{"attributes": {}}], "has_more": False},
        {"data": []},
        {"data": [], "has_more": True, "next_cursor": None},
    ],
)
def test_what_is_no_page_of_a_list_is_never_an_empty_one(body: Any) -> None:
    with pytest.raises(NotAList):
        read_page(body)


@pytest.mark.parametrize(
    "body",
    [
        None,
        {"data": []},
        {"data": [{"status": "succeeded"}]},
        {"data": [{"status": "done", "id": "1"}]},
        {"data": [{"status": "failed", "id": "1"}]},
    ],
)
def test_a_batch_without_one_outcome_for_each_row_is_an_unreadable_answer(body: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        read_batch(body, sent=1)


def test_an_empty_relationship_is_null_in_the_flat_row() -> None:
    row = {"id": "e", "attributes": {"score": 1}, "relationships": {"published-course": {"data": None}}}
    assert flat(row) == {"id": "e", "score": 1, "published_course_id": None}


def test_a_reason_names_the_place_of_each_error() -> None:
    body = {"errors": [{"detail": "too long", "source": {"pointer": "/data/0"}}, {"title": "odd"}]}
    assert reason_of(body) == "/data/0: too long; odd"


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.!!!.c", "e30.e30.e30"])
def test_a_token_that_tells_nothing_allows_nothing_that_is_known(token: str) -> None:
    assert scopes_of(token) == frozenset()


def test_a_cursor_that_comes_again_ends_the_reading_as_trouble() -> None:
    page = {"data": [{"id": "1", "attributes": {}}], "has_more": True, "next_cursor": "same"}
    with requests_mock.Mocker() as mock:
        mock.post(f"{BASE}/auth/token", json={"access_token": "a.e30.c", "expires_in": 900})
        mock.get(f"{BASE}/enrollments/", json=page)
        with pytest.raises(AirbyteTracedException) as broken:
            list(SkilljarV2(V2Credentials("c", "s", BASE), Limits(), max_attempts=1).rows("enrollments/"))
    assert broken.value.failure_type is FailureType.transient_error
