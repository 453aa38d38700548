"""The pretend Pluralsight as an LMS of the sandbox: HTTP in front of the API, and its contents for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from typing import Any

from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lms_shared.dev.sandbox.graphql_api.messages import GraphQLAnswer, read_request
from lms_shared.dev.sandbox.lms import RequestClass, Table
from lms_shared.dev.sandbox.page import ROWS_SHOWN
from lms_shared.dev.sandbox.pluralsight.access import find_key
from lms_shared.dev.sandbox.pluralsight.data import PluralsightData
from lms_shared.dev.sandbox.pluralsight.execution import Api
from lms_shared.dev.sandbox.pluralsight.options import PluralsightOptions
from lms_shared.dev.sandbox.pluralsight.tampering import Tamperer, Tampering

Row = dict[str, Any]

PATH = "/graphql"
_UNREADABLE = "(unreadable)"


class PluralsightSandbox:
    """A pretend Pluralsight plan. `users`, `courses` and `progress` are numbers of rows; see `data` for changes.

    Raises ValueError when there are more progress rows than pairs of user and course.
    """

    name = "pluralsight"

    def __init__(
        self,
        *,
        seed: int = 1,
        users: int = 60,
        courses: int = 40,
        progress: int = 300,
        options: PluralsightOptions | None = None,
    ) -> None:
        self.options = options or PluralsightOptions()
        self.data = PluralsightData(seed, users, courses, progress)
        self.client_versions: Counter[str | None] = Counter()
        """How often each value of the `clientversion` header came, None where it was missing."""
        self._api = Api(self.data, self.options)
        self._tamperer = Tamperer(self.options.tampering)
        self.app = Starlette(routes=[Route(PATH, self._graphql, methods=["POST"])])

    def classify(self, method: str, path: str, body: bytes) -> RequestClass:
        """Requests are told apart by their root fields, as in `POST /graphql courseProgress`."""
        if path != PATH or method != "POST":
            return RequestClass(f"{method} {path}", is_write=False)
        request = read_request(body)
        prepared = None if request is None else self._api.read(request.query)
        if prepared is None or prepared.document is None:
            return RequestClass(f"POST {PATH} {_UNREADABLE}", is_write=False)
        return RequestClass(f"POST {PATH} {'+'.join(prepared.root_fields)}", prepared.is_mutation)

    def state(self) -> dict[str, Any]:
        """Users, courses and progress rows, and what clients called themselves."""
        data = self.data
        return {
            "users": [_plain(user) for user in data.users],
            "courses": [_plain(course) for course in data.courses],
            "course_progress": [_plain(row) for row in data.progress.rows(data.progress.ascending())],
            "client_versions": {str(version): count for version, count in self.client_versions.items()},
        }

    def summary(self) -> Sequence[Table]:
        """Courses, learners and the latest progress."""
        data = self.data
        latest = data.progress.rows(data.progress.ascending()[: -ROWS_SHOWN - 1 : -1])
        return [
            _table("Courses", data.courses, {"Title": "title", "Level": "level", "Authors": "authors", "Id": "id"}),
            _table(
                "Learners",
                data.users,
                {"E-mail": "email", "First name": "firstName", "Last name": "lastName", "Active": "isOnAccount"},
            ),
            Table(
                "Progress, latest first",
                ("Updated", "Learner", "Course", "Percent", "Completed"),
                [
                    (
                        row["updatedOn"],
                        row["user"]["email"],
                        row["course"]["title"],
                        row["percentComplete"],
                        row["completedOn"],
                    )
                    for row in latest
                ],
                len(data.progress),
            ),
        ]

    def tamper(self, *orders: Tampering) -> Tamperer:
        """Spoils answers from now on, counted from now; no orders end it. Gives what counts the spoilt ones."""
        self._tamperer = Tamperer(orders)
        return self._tamperer

    async def _graphql(self, request: Request) -> Response:
        key = find_key(request.headers.get("authorization"), self.options)
        version = request.headers.get("clientversion")
        self.client_versions[version] += 1
        if key is None:
            return GraphQLAnswer(401, {"error": "AuthenticationError: Invalid API Key"}).to_response()
        if version is None and self.options.client_version_required:
            return GraphQLAnswer.refusal(400, GraphQLError("The clientversion header is missing")).to_response()
        graphql_request = read_request(await request.body())
        if graphql_request is None:
            return GraphQLAnswer(
                400, {"errors": [{"message": "The body must be a JSON object with a query"}]}
            ).to_response()
        answer = self._api.answer(graphql_request, key)
        response = self._tamperer.spoil(self._api.read(graphql_request.query).root_fields, answer.body)
        response = response or answer.to_response()
        if self.options.clock is not None:
            response.headers["Date"] = format_datetime(self.options.clock, usegmt=True)
        return response


def _table(title: str, rows: Sequence[Row], columns: Mapping[str, str]) -> Table:
    shown = [[row[field] for field in columns.values()] for row in rows[:ROWS_SHOWN]]
    return Table(title, list(columns), shown, len(rows))


def _plain(row: Row) -> Row:
    """A row without the rows that it is joined with."""
    return {key: value for key, value in row.items() if not callable(value) and key not in {"user", "course", "team"}}
