"""A JSON client for LMS APIs: quota over all threads, retries by table, both timeouts, nothing personal in logs.

The quota is the CDK's own API budget, and the retry loop is tenacity; where the API has no room for calls, `pause` says
who waits for how long. The CDK's HttpClient is not used for writes: it repeats every method blindly, adds a second to
each wait, and logs bodies of failed requests.
"""

from __future__ import annotations

import itertools
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.streams.call_rate import (
    APIBudget,
    LimiterSession,
    Rate,
)
from airbyte_cdk.utils import AirbyteTracedException
from requests.auth import AuthBase
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
    wait_random,
)

from lms_shared.http.bounded import LARGEST_ANSWER, LARGEST_FOR_CHECK, BoundedAdapter
from lms_shared.http.credentials import RenewableAuth
from lms_shared.http.metrics import RequestCounter, SuccessLog, operation_of
from lms_shared.http.outcome import (
    UNREADABLE,
    Handling,
    Rule,
    UnknownOutcome,
    UnreadableAnswer,
    judge,
    lasting,
    no_room,
    refusal,
    told,
)
from lms_shared.http.rate_limit import CHECK, SAID_FROM, SYNC, CallTimes, RateLimitGate, RetryBudgetSpent, retry_after

logger = logging.getLogger("airbyte")

REPEATABLE_METHODS = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
TIMEOUTS = (10.0, 60.0)
"""Seconds to connect and to wait for bytes."""
SOON, TIMEOUTS_SOON = 8.0, (5.0, 6.0)
"""The same for a client that answers soon, and the seconds after which it does not try again."""
MAX_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = 0.2, 60.0
"""Seconds between two attempts, doubled each time, with jitter."""
QUOTA_WAITS = 5
"""How much longer the first wait is where the quota is used up: 1, 2, 4 … 60 s (Skilljar API, rate limits)."""


@dataclass(frozen=True)
class Limits:
    """The connector's share of the API's quota."""

    per_minute: int | None = None
    per_hour: int | None = None

    def budget(self) -> APIBudget:
        rates = [
            Rate(limit, timedelta(**{unit: 1}))
            for limit, unit in ((self.per_minute, "minutes"), (self.per_hour, "hours"))
            if limit
        ]
        # Not the CDK's HttpAPIBudget: it takes a 429 for the whole window being used up, and would wait for an hour
        # where Retry-After asks for a second.
        return APIBudget(policies=[CallTimes(rates=rates, matchers=[])] if rates else [])


@dataclass(frozen=True)
class _Call:
    """A request, and how it may be made."""

    method: str
    url: str
    content: Mapping[str, Any]
    operation: str
    repeatable: bool
    judged: frozenset[int]
    """Statuses of refusals that are the caller's to judge."""
    readable: Callable[[requests.Response], object] | None
    failures: list[int] = field(default_factory=list)
    """When it failed, by the success log."""


class _TryAgain(Exception):
    def __init__(self, reason: str, code: str, error: Exception | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.error = error


class JsonClient:
    """Calls one API. Safe for threads."""

    def __init__(
        self,
        name: str,
        base_url: str,
        auth: AuthBase | None,
        limits: Limits,
        headers: Mapping[str, str] | None = None,
        connections: int = 20,
        max_attempts: int = MAX_ATTEMPTS,
        budget: APIBudget | None = None,
        beside: JsonClient | None = None,
    ) -> None:
        """`max_attempts` limits how often a call fails. With fewer than usual the client is one that answers soon, and
        does not wait for long either where the quota is used up. `budget` is a quota that others use as well, in place
        of one by `limits`. `beside` is a client of the same LMS: requests and successes of both count together."""
        self.name = name
        self.base_url = base_url.rstrip("/")
        self.counter: RequestCounter = RequestCounter() if beside is None else beside.counter
        self.successes: SuccessLog = SuccessLog() if beside is None else beside.successes
        self._max_attempts = max_attempts
        self._soon = max_attempts < MAX_ATTEMPTS
        self._pause = RateLimitGate(CHECK if self._soon else SYNC)
        self._auth = auth
        self.budget = limits.budget() if budget is None else budget
        self._session = LimiterSession(api_budget=self.budget)
        self._session.auth = auth
        self._session.headers.update({"Accept": "application/json", **(headers or {})})
        adapter = BoundedAdapter(connections, LARGEST_FOR_CHECK if self._soon else LARGEST_ANSWER)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        optional: bool = False,
        judged: frozenset[int] = frozenset(),
        readable: Callable[[requests.Response], object] | None = None,
        operation: str | None = None,
        attempts: int | None = None,
    ) -> requests.Response:
        """Sends a request and gives any answer that is the caller's to judge (2xx and refusals of this call).

        `path` is relative to the base address, or absolute on the same host. The body is `json`, or `form`,
        url-encoded. `repeatable` says whether the call may be repeated blindly; by default all but POST may. `optional`
        calls are those of a feature that there need not be: a 403 is the caller's to judge; `judged` names further
        statuses of refusals that are. `readable` is given each 2xx answer and raises UnreadableAnswer for one that is
        not what the call answers with: it counts as no answer. `operation` is the kind of call in `successes`, by
        default method and path without ids. `attempts` says how often the call may fail, if less often than usual.

        Raises UnknownOutcome where a call that is not repeatable got no answer; AirbyteTracedException for a refused
        key or a wrong address (config_error); CallFailed where the call is not allowed (config_error) or its trouble
        lasts (transient_error).
        """
        call = _Call(
            method,
            self._url(path),
            {"params": params, "json": json, "data": form},
            operation or operation_of(method, urlsplit(path).path),
            method in REPEATABLE_METHODS if repeatable is None else repeatable,
            judged | {403} if optional else judged,
            readable,
        )
        most = min(attempts or self._max_attempts, self._max_attempts)
        retrying = Retrying(
            retry=retry_if_exception_type(_TryAgain),
            stop=stop_after_attempt(most) | stop_after_delay(SOON) if self._soon else stop_after_attempt(most),
            wait=wait_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT) + wait_random(0, FIRST_WAIT),
            before_sleep=self._note,
            reraise=True,
        )
        try:
            return retrying(self._attempt, call)
        except _TryAgain as last:
            made = retrying.statistics.get("attempt_number", most)
            # What went well since it failed for the first time shows that the API is up.
            since = call.failures[0]
            raise lasting(self._place, last.reason, made, last.code, call.operation, since, last.error) from last.error

    @property
    def _place(self) -> str:
        return f"{self.name} at {urlsplit(self.base_url).netloc}"

    def _url(self, path: str) -> str:
        if "://" not in path:
            return f"{self.base_url}/{path.lstrip('/')}"
        wanted, given = urlsplit(self.base_url), urlsplit(path)
        if (wanted.hostname, wanted.port) != (given.hostname, given.port):
            message = f"{self.name} sent a link to another host. Check the base address."
            raise AirbyteTracedException(
                message=message,
                internal_message=f"{message} Wanted {wanted.netloc}, got {given.netloc}.",
                failure_type=FailureType.config_error,
            )
        # A proxy in front of an API makes it say http in its links; the key never goes out in clear because of that.
        return given._replace(scheme=wanted.scheme, netloc=wanted.netloc).geturl()

    def _attempt(self, call: _Call) -> requests.Response:
        """A call, made again for as long as the API has no room for it."""
        for refusals in itertools.count():
            with self._pause.turn() as begun:
                response, error = self._send(call)
            rule, handling = judge(response, error, repeatable=call.repeatable)
            if rule.for_now:
                self._hold(rule, begun, retry_after(response), refusals)
            elif response is not None:
                self._pause.passed(begun)
            if handling is not Handling.RETRY or not rule.for_now:
                break
        if handling is Handling.ANSWER and call.readable is not None and response is not None and response.ok:
            try:
                call.readable(response)
            except UnreadableAnswer as strange:
                rule, error = UNREADABLE, strange
                handling = rule.repeatable if call.repeatable else rule.once_only
        refused = handling in (Handling.BAD_KEY, Handling.FORBIDDEN)
        if response is not None and (handling is Handling.ANSWER or (refused and response.status_code in call.judged)):
            if response.ok:
                self.successes.note(call.operation)
            return response
        reason = f"{rule.name}: {error}" if isinstance(error, UnreadableAnswer) else told(rule.name, response, error)
        code = "ERROR" if response is None or response.ok else str(response.status_code)
        call.failures.append(self.successes.mark())
        if handling is Handling.RETRY:
            raise _TryAgain(reason, code, error)
        if handling is Handling.UNKNOWN:
            raise UnknownOutcome(f"{call.method}: {reason}", code=code, operation=call.operation) from error
        raise refusal(self.name, rule, handling, call.method, call.operation, call.failures[0])

    def _send(self, call: _Call) -> tuple[requests.Response | None, Exception | None]:
        try:
            response = self._request(call)
            if isinstance(self._auth, RenewableAuth) and self._auth.refused(response):
                self._auth.renew(response)
                response = self._request(call)
        except requests.RequestException as problem:
            return None, problem
        return response, None

    def _request(self, call: _Call) -> requests.Response:
        self.counter.sent()
        timeouts = TIMEOUTS_SOON if self._soon else TIMEOUTS
        return self._session.request(call.method, call.url, timeout=timeouts, allow_redirects=False, **call.content)

    def _hold(self, rule: Rule, begun: float, asked: float | None, refusals: int) -> None:
        """Makes calls wait after one was refused for now, not for the first time perhaps."""
        first = FIRST_WAIT * QUOTA_WAITS
        own = min(LONGEST_WAIT, first * 2 ** min(refusals, 30)) + random.uniform(0, first)  # noqa: S311 - no secret
        try:
            seconds = self._pause.refused(begun, asked, own)
        except RetryBudgetSpent as over:
            raise no_room(self._place, rule, asked, over.seconds) from None
        if seconds >= SAID_FROM:
            logger.info(
                "%s: %s; %s %.1f s, until %s UTC.",
                self.name,
                rule.name,
                "it asks all calls to wait" if asked else "a call waits",
                seconds,
                f"{datetime.now(UTC) + timedelta(seconds=seconds):%H:%M:%S}",
            )
        if asked is None:
            sleep(seconds)

    def _note(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        seconds = state.next_action.sleep if state.next_action else 0.0
        level = logging.INFO if seconds >= SAID_FROM else logging.DEBUG
        logger.log(
            level,
            "%s: %s; trying again in %.1f s (attempt %d).",
            self.name,
            error,
            seconds,
            state.attempt_number,
        )
