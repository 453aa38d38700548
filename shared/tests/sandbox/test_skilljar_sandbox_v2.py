"""Version 2 of the pretend Skilljar: tokens and scopes, lists with cursors and windows, batches."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import (
    DEMO_KEY,
    DEMO_V2_CLIENT_ID,
    DEMO_V2_CLIENT_SECRET,
    SkilljarOptions,
    SkilljarSandbox,
)
from lms_shared.dev.sandbox.skilljar.v2.tokens import V2Client


class V2:
    """A client of a served sandbox."""

    def __init__(self, sandbox: SkilljarSandbox, url: str) -> None:
        self.sandbox = sandbox
        self.url = url
        self.token = self.fetch_token()["access_token"] if DEMO_V2_CLIENT_ID in sandbox.store.options.v2_clients else ""

    def fetch_token(self, client_id: str = DEMO_V2_CLIENT_ID, secret: str = DEMO_V2_CLIENT_SECRET) -> Any:
        body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        return requests.post(f"{self.url}/v2/auth/token", json=body, timeout=10).json()

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(method, f"{self.url}/v2/{path}", headers=headers, json=body, params=query, timeout=10)

    def rows(self, path: str, **query: str) -> list[Any]:
        """All rows of a list, page after page."""
        rows: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.ask("GET", path, **{"page[size]": "100", **query, **cursor}).json()
            rows += page["data"]
            if not page["has_more"]:
                return rows
            cursor = {"page[cursor]": page["next_cursor"]}

    def v1(self, path: str) -> Any:
        return requests.get(f"{self.url}/v1/{path}", auth=(DEMO_KEY, ""), timeout=10).json()


@pytest.fixture
def serve() -> Iterator[Callable[..., V2]]:
    servers: list[SandboxServer] = []

    def start(**options: Any) -> V2:
        sandbox = SkilljarSandbox(options=SkilljarOptions(**options))
        server = SandboxServer(sandbox)
        server.start()
        servers.append(server)
        return V2(sandbox, server.url)

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def v2(serve: Callable[..., V2]) -> V2:
    return serve()


def batch(*attributes: dict[str, Any], ids: tuple[str, ...] = (), **envelope: Any) -> dict[str, Any]:
    rows = [{"type": "enrollments", "attributes": one} for one in attributes]
    for row, row_id in zip(rows, ids, strict=False):
        row["id"] = row_id
    return {**envelope, "data": rows}


def test_a_token_tells_its_scopes_in_a_list_and_dies_in_time(serve: Callable[..., V2]) -> None:
    now = [datetime.now(UTC).timestamp()]
    v2 = serve(clock=lambda: now[0], v2_token_seconds=900)
    payload = v2.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert "enrollments:read" in claims["scopes"]
    assert v2.ask("GET", "enrollments/").status_code == 200
    now[0] += 901
    refused = v2.ask("GET", "enrollments/")
    assert (refused.status_code, refused.json()["errors"][0]["status"]) == (401, "401")


def test_a_wrong_secret_a_key_of_version_1_and_a_bad_grant_are_told_apart(v2: V2) -> None:
    assert v2.fetch_token(secret="wrong")["error"] == "invalid_client"
    body = {"grant_type": "password", "client_id": DEMO_V2_CLIENT_ID, "client_secret": DEMO_V2_CLIENT_SECRET}
    assert requests.post(f"{v2.url}/v2/auth/token", data=body, timeout=10).json()["error"] == "invalid_request"
    assert requests.get(f"{v2.url}/v2/enrollments/", auth=(DEMO_KEY, ""), timeout=10).status_code == 401
    token = {"Authorization": f"Bearer {v2.token}"}
    assert requests.get(f"{v2.url}/v1/domains", headers=token, timeout=10).status_code == 401


def test_a_missing_scope_is_403(serve: Callable[..., V2]) -> None:
    client = V2Client("s3cret", frozenset({"enrollments:read"}))
    v2 = serve(v2_clients={"narrow": client})
    v2.token = v2.fetch_token("narrow", "s3cret")["access_token"]
    assert v2.ask("GET", "enrollments/").status_code == 200
    assert v2.ask("GET", "certificates/").status_code == 403
    assert v2.ask("POST", "enrollments/", batch({"email": "a@example.com"})).status_code == 403


def test_enrollments_are_those_of_version_1(v2: V2) -> None:
    mine = {
        (row["relationships"]["student"]["data"]["id"], row["relationships"]["published-course"]["data"]["id"])
        for row in v2.rows("enrollments/")
    }
    theirs = {
        (member["user"]["id"], one["published_course_id"])
        for domain in v2.v1("domains?page_size=100")["results"]
        for member in _all_v1(v2, f"domains/{domain['name']}/users")
        for one in v2.v1(f"users/{member['user']['id']}/published-courses")
        if one.get("published_course_id")
    }
    assert mine == theirs
    assert mine


def _all_v1(v2: V2, path: str) -> list[Any]:
    rows, page = [], 1
    while True:
        answer = v2.v1(f"{path}?page_size=100&page={page}")
        rows += answer["results"]
        if not answer["next"]:
            return rows
        page += 1


@pytest.mark.parametrize("vendor", [True, False])
def test_lists_page_by_a_cursor_in_either_media_type(serve: Callable[..., V2], vendor: bool) -> None:
    v2 = serve(v2_vendor_media_type=vendor)
    first = v2.ask("GET", "enrollments/", **{"page[size]": "2"})
    assert first.headers["Content-Type"] == ("application/vnd.api+json" if vendor else "application/json")
    body = first.json()
    assert (len(body["data"]), body["has_more"], "has_more" in body["meta"]) == (2, True, False)
    second = v2.ask("GET", "enrollments/", **{"page[size]": "2", "page[cursor]": body["next_cursor"]}).json()
    assert {one["id"] for one in body["data"]}.isdisjoint(one["id"] for one in second["data"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page[size]": "101"}, 422),
        ({"page[cursor]": "nonsense"}, 422),
        ({"filter[enrolled_gte]": "2026-01-01T00:00:00"}, 422),
        ({"filter[progress_status]": "done"}, 422),
        ({"include": "everything"}, 400),
    ],
)
def test_what_does_not_fit_the_schema_is_refused(v2: V2, query: dict[str, str], status: int) -> None:
    assert v2.ask("GET", "enrollments/", **query).status_code == status


def test_windows_and_states_filter_and_what_is_included_comes_along(v2: V2) -> None:
    rows = v2.rows("enrollments/")
    middle = sorted(row["attributes"]["enrolled_at"] for row in rows)[len(rows) // 2]
    late = v2.rows("enrollments/", **{"filter[enrolled_gte]": middle})
    assert {row["id"] for row in late} == {row["id"] for row in rows if row["attributes"]["enrolled_at"] >= middle}
    completed = v2.rows("enrollments/", **{"filter[completed_gte]": "1970-01-01T00:00:00Z"})
    assert {row["id"] for row in completed} == {row["id"] for row in rows if row["attributes"]["completed_at"]}
    states = v2.rows("enrollments/", **{"filter[progress_status]": "completed"})
    assert {row["id"] for row in states} == {row["id"] for row in completed}
    included = v2.ask("GET", "enrollments/", include="student,certificate").json()["included"]
    assert {one["type"] for one in included} >= {"students"}
    assert v2.rows("enrollments/", **{"filter[student.id]": "nobody"}) == []


def test_lessons_are_found_by_their_change(v2: V2) -> None:
    since = {"filter[updated_since]": (datetime.now(UTC) - timedelta(days=1)).isoformat()}
    assert v2.rows("lessons/", **since) == []
    lesson = v2.rows("lessons/")[0]["id"]
    answer = requests.patch(f"{v2.url}/v1/lessons/{lesson}", auth=(DEMO_KEY, ""), json={"title": "Renamed"}, timeout=10)
    assert answer.status_code == 200
    assert [row["id"] for row in v2.rows("lessons/", **since)] == [lesson]


def test_a_batch_of_enrollments_fails_row_by_row(v2: V2) -> None:
    publication = v2.rows("published-courses/")[0]
    taken = {
        row["relationships"]["student"]["data"]["id"]
        for row in v2.rows("enrollments/", **{"filter[active]": "true"})
        if row["relationships"]["published-course"]["data"]["id"] == publication["id"]
    }
    domain_name = v2.sandbox.store["published_courses"].rows[publication["id"]]["domain_name"]
    members = [one["user_id"] for one in v2.sandbox.store["domain_users"].where("domain_name", domain_name)]
    users = v2.sandbox.store["users"].rows
    new = next(users[one]["email"] for one in members if one not in taken)
    held = next(users[one]["email"] for one in members if one in taken)
    body = batch(
        {"email": new}, {"email": new}, {"email": held}, {"email": "nobody@example.com"},
        published_course_id=publication["id"],
    )  # fmt: skip
    answer = v2.ask("POST", "enrollments/", body)
    assert answer.status_code == 207
    outcome = answer.json()
    assert outcome["summary"] == {"total": 4, "succeeded": 1, "failed": 3}
    assert [row.get("error", {}).get("code") for row in outcome["data"]] == [
        None,
        "duplicate_in_batch",
        "already_enrolled",
        "not_found",
    ]
    assert v2.sandbox.state()["mails"] == []


@pytest.mark.parametrize("rows", [0, 101])
def test_an_empty_and_an_oversized_batch_are_refused_whole(v2: V2, rows: int) -> None:
    body = batch(*({"email": f"p{number}@example.com"} for number in range(rows)), published_course_id="x")
    assert v2.ask("POST", "enrollments/", body).status_code == 400


def test_one_row_that_does_not_fit_refuses_the_whole_batch(v2: V2) -> None:
    publication = v2.rows("published-courses/")[0]["id"]
    before = len(v2.rows("enrollments/"))
    body = batch({"email": "no address"}, published_course_id=publication)
    assert v2.ask("POST", "enrollments/", body).status_code == 422
    assert v2.ask("POST", "enrollments/", batch({"email": "a@b.c", "due_at": None})).status_code == 422
    assert len(v2.rows("enrollments/")) == before


def test_completions_are_written_and_taken_back_with_a_mail_only_where_it_is_asked_for(v2: V2) -> None:
    row = next(one for one in v2.rows("enrollments/") if not one["attributes"]["completed_at"])
    done = {"completed_at": "2026-05-04T10:00:00Z", "success_status": "passed"}
    assert v2.ask("PATCH", "enrollments/completion", batch(done, ids=(row["id"],))).status_code == 422
    quiet = batch(done, ids=(row["id"],), send_notifications=False)
    result = v2.ask("PATCH", "enrollments/completion", quiet).json()["data"][0]["result"]["attributes"]
    assert (result["completed_at"], result["success_status"]) == ("2026-05-04T10:00:00Z", "passed")
    assert v2.sandbox.state()["mails"] == []
    loud = batch(done, ids=(row["id"],), send_notifications=True)
    assert v2.ask("PATCH", "enrollments/completion", loud).status_code == 200
    assert len(v2.sandbox.state()["mails"]) == 1
    back = batch({"completed_at": None}, ids=(row["id"],), send_notifications=False)
    assert (
        v2.ask("PATCH", "enrollments/completion", back).json()["data"][0]["result"]["attributes"]["completed_at"]
        is None
    )


def test_due_dates_are_set_on_an_enrollment_that_is_there(v2: V2) -> None:
    row = v2.rows("enrollments/")[0]
    body = batch({"due_at": "2027-01-31T00:00:00Z"}, {"due_at": None}, ids=(row["id"], "gone"))
    answer = v2.ask("PATCH", "enrollments/", body)
    assert answer.status_code == 207
    assert answer.json()["data"][0]["result"]["attributes"]["due_at"] == "2027-01-31T00:00:00Z"
    assert answer.json()["data"][1]["error"]["code"] == "not_found"
    assert v2.ask("PATCH", "enrollments/", batch({"active": None}, ids=(row["id"],))).status_code == 422
