"""Sends the calls of all streams: one session, one quota, at most `num_workers` at a time, retries without a repeat of
what cannot change. What an answer means is declared in the manifest (`error_handler`); this carries it out.

The CDK's HttpClient is not used: it adds a second to each wait, logs whole bodies with personal data when a call fails,
and says nothing while it waits for its own quota.
"""

from __future__ import annotations

import math
import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.declarative.requesters.error_handlers import DefaultErrorHandler
from airbyte_cdk.sources.declarative.requesters.error_handlers.backoff_strategies import (
    WaitTimeFromHeaderBackoffStrategy,
)
from airbyte_cdk.sources.streams.call_rate import APIBudget
from airbyte_cdk.sources.streams.http.error_handlers import ErrorResolution, ResponseAction
from airbyte_cdk.utils import AirbyteTracedException
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth

from source_skilljar.page import Page
from source_skilljar.settings import Settings
from source_skilljar.waiting import Waiting

TIMEOUTS = (10.0, 120.0)
"""Seconds to connect, and to wait for bytes."""
NO_SKEW = timedelta(seconds=2)
"""Less than this between two clocks is the rounding of `Date` and the way of the answer."""
MAX_PAUSE_SECONDS = 60.0
"""The longest pause that the connector chooses by itself."""
_RETRIED = frozenset({ResponseAction.RETRY, ResponseAction.RATE_LIMITED})


@dataclass(frozen=True)
class Rules:
    """How answers are judged and retried, from the manifest."""

    handler: DefaultErrorHandler
    budget: APIBudget

    @property
    def max_retries(self) -> int:
        """Times that a call is tried again."""
        return int(self.handler.max_retries or 0)

    def verdict(self, outcome: Page | requests.RequestException) -> ErrorResolution:
        """What the answer, or the lack of one, means."""
        if isinstance(outcome, Page) and outcome.ok and not outcome.is_readable:
            return ErrorResolution(
                ResponseAction.RETRY, FailureType.transient_error, "Skilljar answered something that is not JSON."
            )
        return self.handler.interpret_response(outcome)

    def pause(self, outcome: Page | requests.RequestException, attempt: int) -> float:
        """Seconds before the next attempt: what Retry-After asks and half a second more, else growing with jitter."""
        for strategy in self.handler.backoff_strategies or []:
            seconds = strategy.backoff_time(outcome, attempt)
            if not seconds or not math.isfinite(seconds):
                continue
            if isinstance(strategy, WaitTimeFromHeaderBackoffStrategy):
                return seconds + 0.5
            return min(seconds, MAX_PAUSE_SECONDS) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret
        return 0.0


class Transport:
    """Calls the API. Safe for threads."""

    def __init__(self, settings: Settings, waiting: Waiting, max_retries: int | None = None) -> None:
        self._waiting = waiting
        self._max_retries = max_retries
        self._skew: timedelta | None = None
        self._slots = threading.BoundedSemaphore(settings.num_workers)
        self._session = requests.Session()
        # Skilljar, authentication: the key is the user name, the password is empty.
        self._session.auth = HTTPBasicAuth(settings.api_key, "")
        self._session.headers["Accept"] = "application/json"
        adapter = HTTPAdapter(pool_connections=settings.num_workers, pool_maxsize=settings.num_workers)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    @property
    def skew(self) -> timedelta:
        """How far Skilljar's clock is ahead of this one, as far as a `Date` in whole seconds can tell; else nothing."""
        return self._skew or timedelta()

    def get(self, url: str, stream: str, rules: Rules) -> Page:
        """The answer to a call: a success, or one that the rules say to ignore.

        Raises AirbyteTracedException, with the rules' own text, for what they say to fail, and transient_error for
        trouble that outlasts the retries.
        """
        request = self._session.prepare_request(requests.Request("GET", url))
        retries = rules.max_retries if self._max_retries is None else min(rules.max_retries, self._max_retries)
        attempt = 0
        while True:
            attempt += 1
            outcome = self._send(request, stream, rules)
            verdict = rules.verdict(outcome)
            if verdict.response_action not in _RETRIED:
                break
            if attempt > retries:
                raise _lasting(outcome, verdict, attempt)
            limited = verdict.response_action is ResponseAction.RATE_LIMITED
            self._waiting.for_retry(rules.pause(outcome, attempt), stream, _describe(outcome), limited)
        if verdict.response_action is ResponseAction.FAIL or not isinstance(outcome, Page):
            raise _refused(outcome, verdict)
        return outcome

    def _send(self, request: requests.PreparedRequest, stream: str, rules: Rules) -> Page | requests.RequestException:
        with self._slots:
            self._waiting.for_quota(rules.budget, request, stream)
            try:
                settings = self._session.merge_environment_settings(str(request.url), {}, None, None, None)
                response = self._session.send(request, timeout=TIMEOUTS, allow_redirects=False, **settings)
                page = Page.of(response.status_code, response.content, str(request.url))
            except requests.RequestException as error:
                return error
        page.headers = response.headers
        if self._skew is None:
            self._skew = _skew(response.headers.get("Date"))
        return page


def _skew(date: str | None) -> timedelta | None:
    if date is None:
        return None
    try:
        ahead = parsedate_to_datetime(date) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None
    return ahead if abs(ahead) >= NO_SKEW else timedelta()


def _describe(outcome: Page | requests.RequestException) -> str:
    """The trouble without addresses or bodies, which may hold personal data."""
    if isinstance(outcome, requests.RequestException):
        return f"no answer ({type(outcome).__name__})"
    if outcome.ok:
        return f"HTTP {outcome.status_code} with a body that is not JSON"
    return f"HTTP {outcome.status_code}"


def _lasting(
    outcome: Page | requests.RequestException, verdict: ErrorResolution, attempts: int
) -> AirbyteTracedException:
    message = f"Skilljar had trouble in {attempts} attempts: {_describe(outcome)}. Sync again later."
    if isinstance(outcome, requests.ConnectionError):
        message += " If it goes on, check base_url, the network and any proxy in between."
    return AirbyteTracedException(
        message=message, internal_message=verdict.error_message or message, failure_type=FailureType.transient_error
    )


def _refused(outcome: Page | requests.RequestException, verdict: ErrorResolution) -> AirbyteTracedException:
    message = f"{verdict.error_message or 'Skilljar refused a call.'} ({_describe(outcome)})"
    return AirbyteTracedException(
        message=message,
        internal_message=message,
        failure_type=verdict.failure_type or FailureType.system_error,
    )
