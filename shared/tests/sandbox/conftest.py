"""A pretend Skilljar behind real HTTP, and a client that speaks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from lms_shared.sandbox.server import SandboxServer
from lms_shared.sandbox.skilljar import DEMO_KEY, SkilljarSandbox

ACADEMY = "/domains/academy.example.com"
PARTNERS = "/domains/partners.example.com"


class SkilljarClient:
    """Requests against one served sandbox, and short cuts to the objects that most tests need."""

    def __init__(self, sandbox: SkilljarSandbox, url: str) -> None:
        self.sandbox = sandbox
        self.base = f"{url}/v1"
        self.session = requests.Session()
        self.session.auth = (DEMO_KEY, "")

    def request(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        url = path if path.startswith("http") else self.base + path
        return self.session.request(method, url, json=body, params=query)

    def get(self, path: str, **query: str) -> Any:
        answer = self.request("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, path: str, **query: str) -> list[Any]:
        rows: list[Any] = self.get(path, **query)["results"]
        return rows

    def post(self, path: str, body: Any) -> Any:
        answer = self.request("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def patch(self, path: str, body: Any) -> Any:
        answer = self.request("PATCH", path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def delete(self, path: str) -> None:
        answer = self.request("DELETE", path)
        assert (answer.status_code, answer.text) == (204, "")

    def refused(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        answer = self.request(method, path, body, **query)
        assert answer.status_code == 400, answer.text
        return answer.json()

    def user(self, email: str = "ann@example.com", domain: str = ACADEMY, **names: str) -> str:
        user_id: str = self.post(f"{domain}/users", {"user": {"email": email, **names}})["user"]["id"]
        return user_id

    def course(self, title: str = "Knots", **fields: Any) -> str:
        body = {"title": title, "short_description": "About it", "enforce_sequential_navigation": False, **fields}
        course_id: str = self.post("/courses", body)["id"]
        return course_id

    def publication(self, course_id: str, domain: str = ACADEMY, **fields: Any) -> str:
        body = {"course": {"id": course_id}, **fields}
        publication_id: str = self.post(f"{domain}/published-courses", body)["id"]
        return publication_id

    def enrollment(self, publication_id: str, user_id: str, domain: str = ACADEMY, **fields: Any) -> Any:
        body = {"user": {"id": user_id}, **fields}
        return self.post(f"{domain}/published-courses/{publication_id}/enrollments", body)


Serve = Callable[[SkilljarSandbox], SkilljarClient]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves sandboxes until the test is over."""
    with ExitStack() as stack:

        def start(sandbox: SkilljarSandbox) -> SkilljarClient:
            server = stack.enter_context(SandboxServer(sandbox))
            client = SkilljarClient(sandbox, server.url)
            stack.callback(client.session.close)
            return client

        yield start


@pytest.fixture
def api(serve: Serve) -> SkilljarClient:
    """A client of an organization without courses and users."""
    return serve(SkilljarSandbox.empty())
