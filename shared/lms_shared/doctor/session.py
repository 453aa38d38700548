"""HTTP for a doctor: reading only, at most 60 calls and 5 minutes in all, whatever the probes ask for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from lms_shared.deadline import DeadlinePassed, within
from lms_shared.http.bounded import BoundedAdapter

MAX_CALLS = 60
MAX_SECONDS = 300.0
TIMEOUT_SECONDS = 30.0
"""The longest wait for an answer."""
LONGEST_PAUSE = 20.0
"""Seconds that an API may ask to be left alone before a look is given up."""
TIRED = frozenset({429, 500, 502, 503, 504})
"""Status codes that say nothing about the question that was asked. Such a call is made once more."""
ATTEMPTS = 2

_COMMENT = re.compile(r"#[^\n]*")
_WRITES = re.compile(r"\b(?:mutation|subscription)\b")


class NoAnswer(Exception):
    """The API gave no answer that can be read. The text has no personal data and no address."""


class BudgetSpent(NoAnswer):
    """The calls or the minutes are used up."""


class WriteRefused(Exception):
    """A probe tried a request that could change something: a bug of the probe."""


class AccessRefused(Exception):
    """The account cannot be read at all. The text says what to change in the config."""


@dataclass(frozen=True)
class Answer:
    """An answer of the API, a refusal included."""

    status: int
    body: Any
    """The parsed JSON, or None if the answer is not JSON."""
    headers: Mapping[str, str]
    """Header fields by lower-case name."""
    is_json: bool
    seconds: float


class ReadingSession:
    """Makes the calls of one examination.

    Args:
        auth: signs each request.
        headers: sent with each request.
        posts: paths, such as `/oauth/token/`, where a POST changes nothing although it is not a GraphQL query.
        max_calls: calls in all, retries and redirects included.
        max_seconds: seconds from now until no further call is made.
    """

    def __init__(
        self,
        auth: AuthBase | tuple[str, str] | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        posts: frozenset[str] = frozenset(),
        max_calls: int = MAX_CALLS,
        max_seconds: float = MAX_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.calls = 0
        self._posts = posts
        self._max_calls = max_calls
        self._clock = clock
        self._sleep = sleep
        self._started = clock()
        self._end = self._started + max_seconds
        self._session = requests.Session()
        self._session.auth = auth
        self._session.headers.update({"Accept": "application/json", **headers})
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Counting(self))

    @property
    def seconds(self) -> float:
        """Seconds since the examination began."""
        return self._clock() - self._started

    def bear(self, token: str) -> None:
        """Sends this bearer token with all further requests, for an API where a token comes from a call."""
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(
        self, url: str, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Reads an address.

        Raises:
            NoAnswer: the API did not answer in time, twice; or the calls or minutes are used up.
        """
        return self._request("GET", url, params=params, headers=headers)

    def graphql(
        self,
        url: str,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Asks a GraphQL query.

        Raises:
            WriteRefused: the document holds a mutation.
            NoAnswer: as for `get`.
        """
        body: dict[str, Any] = {"query": query}
        if variables is not None:
            body["variables"] = dict(variables)
        if _WRITES.search(_COMMENT.sub("", query)):
            raise WriteRefused("A doctor asks GraphQL queries only.")
        return self._request("POST", url, json=body, headers=headers)

    def post(self, url: str, form: Mapping[str, str]) -> Answer:
        """Posts a form to one of the paths where that changes nothing, which is how a token is fetched.

        Raises:
            WriteRefused: the path was not declared in `posts`.
            NoAnswer: as for `get`.
        """
        if urlsplit(url).path not in self._posts:
            raise WriteRefused("A doctor posts only where that changes nothing.")
        return self._request("POST", url, data=form)

    def spend(self) -> float:
        """Counts a call that is about to be made; gives the seconds it may take.

        Raises:
            BudgetSpent: the calls or the minutes are used up.
        """
        if self.calls >= self._max_calls:
            raise BudgetSpent(f"The {self._max_calls} calls of the examination are used up.")
        seconds = self._seconds_left()
        self.calls += 1
        return seconds

    def _seconds_left(self) -> float:
        """Seconds that a call may take. Raises BudgetSpent once they are used up."""
        left = self._end - self._clock()
        if left <= 0:
            raise BudgetSpent("The time of the examination is used up.")
        return min(TIMEOUT_SECONDS, left)

    def _request(self, method: str, url: str, **options: Any) -> Answer:
        trouble = ""
        for attempt in range(1, ATTEMPTS + 1):
            before = self._clock()
            try:
                # No timeout of a socket ends an answer of which a byte comes now and then.
                response = within(self._seconds_left(), partial(self._session.request, method, url, **options))
            except DeadlinePassed:
                trouble = "No answer came in time, or not to its end."
                continue
            except requests.RequestException as error:
                trouble = _kind(error)
                continue
            if response.status_code not in TIRED or attempt == ATTEMPTS:
                return _answer(response, self._clock() - before)
            self._pause(response)
        raise NoAnswer(trouble)

    def _pause(self, response: requests.Response) -> None:
        asked = response.headers.get("Retry-After", "").strip()
        pause = float(asked) if asked.isdecimal() else 1.0
        if pause > min(LONGEST_PAUSE, self._end - self._clock()):
            raise NoAnswer(f"The API answered {response.status_code} and asked for a pause of {pause:.0f} s.")
        self._sleep(pause)


class _Counting(BoundedAdapter):
    """Counts what goes over the wire, redirects included, and bounds how long it may take."""

    def __init__(self, session: ReadingSession) -> None:
        super().__init__(connections=1)
        self._owner = session

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        options["timeout"] = self._owner.spend()
        return super().send(request, *args, **options)


def _answer(response: requests.Response, seconds: float) -> Answer:
    try:
        body, is_json = response.json(), True
    except ValueError:
        body, is_json = None, False
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, body, headers, is_json, seconds)


def _kind(error: requests.RequestException) -> str:
    """What went wrong, without the address that is part of the error's own text."""
    kinds = (
        (requests.exceptions.SSLError, "The TLS certificate was not accepted."),
        (requests.exceptions.ProxyError, "The proxy did not let the call through."),
        (requests.exceptions.Timeout, "No answer came in time."),
        (requests.exceptions.ConnectionError, "The connection could not be made, or it broke."),
        (requests.exceptions.TooManyRedirects, "The API redirects in a circle."),
    )
    return next((text for kind, text in kinds if isinstance(error, kind)), "The answer could not be read.")
