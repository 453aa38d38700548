"""A pretend Skilljar and a pretend Pluvo behind real HTTP, and clients that speak to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from lms_shared.dev.sandbox.pluvo import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import DEMO_KEY, SkilljarSandbox

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


class EnumValue(str):
    """A text that is written without quotes in a GraphQL document."""


class PluvoClient:
    """GraphQL over HTTP against one served sandbox, and short cuts to the objects that most tests need."""

    def __init__(self, sandbox: PluvoSandbox, server: SandboxServer) -> None:
        self.sandbox = sandbox
        self.server = server
        self.session = requests.Session()
        self.authorize()

    def authorize(self, client_id: str = DEMO_CLIENT_ID, scope: str | None = None) -> None:
        """Use a new token from now on."""
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": DEMO_CLIENT_SECRET}
        answer = self.request_token(form | ({"scope": scope} if scope else {}))
        assert answer.status_code == 200, answer.text
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def request_token(self, form: Mapping[str, str]) -> requests.Response:
        return requests.post(f"{self.server.url}/oauth/token/", data=form)

    def post(
        self, query: str, variables: Mapping[str, Any] | None = None, path: str = "/graphql/"
    ) -> requests.Response:
        body = {"query": query} | ({"variables": variables} if variables else {})
        return self.session.post(self.server.url + path, json=body, allow_redirects=False)

    def data(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        answer = self.post(query, variables)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def query(self, name: str, selection: str = "", **arguments: Any) -> Any:
        return self.data(document("query", name, selection, arguments))[name]

    def mutate(self, name: str, selection: str = "", **arguments: Any) -> Any:
        return self.data(document("mutation", name, selection, arguments))[name]

    def refused(self, name: str, selection: str = "", operation: str = "mutation", **arguments: Any) -> str:
        """The code of the error in which an operation ends, with status 200 and no data of its own."""
        answer = self.post(document(operation, name, selection, arguments))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert [error["path"][0] for error in body["errors"]] == [name]
        assert (body["data"] or {name: None})[name] is None
        code: str = body["errors"][0]["extensions"]["code"]
        return code

    def user(self, ref: str = "ann", **fields: Any) -> str:
        values = {"email": f"{ref}@example.com", "name": ref.title(), "ref": ref, **fields}
        user_id: str = self.mutate("createUser", "{user {id}}", sendInvite=False, user=values)["user"]["id"]
        return user_id

    def group(self, ref: str = "team", **fields: Any) -> str:
        values = {"name": ref.title(), "ref": ref, **fields}
        group_id: str = self.mutate("createGroup", "{group {id}}", group=values)["group"]["id"]
        return group_id

    def training(self, ref: str = "knots", **fields: Any) -> str:
        values = {"title": ref.title(), "ref": ref, **fields}
        training_id: str = self.mutate("createTraining", "{training {id}}", training=values)["training"]["id"]
        return training_id

    def event(self, ref: str = "monday", offer_ref: str = "course", **fields: Any) -> str:
        """An event, with its offer where that is missing."""
        if self.query("offer", "{id}", ref=offer_ref) is None:
            self.mutate("createOffer", "{offer {id}}", offer={"title": offer_ref.title(), "ref": offer_ref})
        values = {"title": ref.title(), "ref": ref, "type": EnumValue("MEETING"), **fields}
        answer = self.mutate("createOfferEvent", "{offerEvent {id}}", offerRef=offer_ref, offerEvent=values)
        event_id: str = answer["offerEvent"]["id"]
        return event_id

    def mails(self) -> list[tuple[str, str]]:
        return [(mail["kind"], mail["to"]) for mail in self.sandbox.state()["mails"]]


def document(operation: str, name: str, selection: str, arguments: Mapping[str, Any]) -> str:
    """A GraphQL document with one field and literal arguments."""
    given = ", ".join(f"{key}: {_literal(value)}" for key, value in arguments.items())
    return f"{operation} {{ {name}{f'({given})' if given else ''} {selection} }}"


def _literal(value: Any) -> str:
    match value:
        case EnumValue():
            return value
        case dict():
            return "{" + ", ".join(f"{key}: {_literal(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_literal, value)) + "]"
        case _:
            return json.dumps(value)


ServePluvo = Callable[[PluvoSandbox], PluvoClient]


@pytest.fixture
def serve_pluvo() -> Iterator[ServePluvo]:
    """Serves sandboxes until the test is over."""
    with ExitStack() as stack:

        def start(sandbox: PluvoSandbox) -> PluvoClient:
            client = PluvoClient(sandbox, stack.enter_context(SandboxServer(sandbox)))
            stack.callback(client.session.close)
            return client

        yield start


@pytest.fixture
def pluvo(serve_pluvo: ServePluvo) -> PluvoClient:
    """A client of an organization without users and trainings."""
    return serve_pluvo(PluvoSandbox.empty())


@pytest.fixture
def enum_value() -> Callable[[str], str]:
    """Marks a text as an enum value for the client's documents."""
    return EnumValue
