"""Posts queries: one session, at most `num_workers` requests at a time, retries by the table of answer rules.

The CDK's HttpClient is not used: it adds a second to each wait, logs whole bodies with personal data when a call fails,
and prints a stream status before the stream has started. Waits that the API asks for are those of the shared gate.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import sleep
from typing import Any, TypeVar

import requests
from airbyte_cdk.models import FailureType

from lms_shared.activity import ACTIVITY
from lms_shared.clientversion import HEADER_NAME
from lms_shared.http.bounded import LARGEST_ANSWER, LARGEST_FOR_CHECK, BoundedAdapter
from lms_shared.http.outcome import UnreadableAnswer
from lms_shared.http.rate_limit import CHECK, SYNC, RateLimitGate, RetryBudgetSpent, retry_after
from source_pluralsight.api.answer import Answer
from source_pluralsight.api.answer_rules import is_about_first, judge, unreadable
from source_pluralsight.api.connection_rules import judge_exception
from source_pluralsight.api.errors import ErrorResolution, PluralsightError, Retry, Trouble
from source_pluralsight.api.notices import Notices
from source_pluralsight.settings import Settings

LOGGER = logging.getLogger("airbyte.source_pluralsight")

T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
"""Seconds between two attempts, doubled each time, with jitter."""
SAID_FROM = 5.0
"""Waits from this many seconds on are said in the log."""


@dataclass(frozen=True)
class Persistence:
    """How often a request is sent again, and how long the client waits for bytes."""

    few: int
    many: int
    timeouts: tuple[float, float]
    """Seconds to connect, and between two bytes of an answer."""
    largest: int
    """Bytes of an answer."""


SYNC_PERSISTENCE = Persistence(few=3, many=8, timeouts=(10.0, 120.0), largest=LARGEST_ANSWER)
CHECK_PERSISTENCE = Persistence(few=1, many=2, timeouts=(5.0, 15.0), largest=LARGEST_FOR_CHECK)
"""A person waits for a check, so it gives up sooner than a sync."""


@dataclass(frozen=True)
class _Attempt:
    """One request: its answer, the resolution on it, and for how long this call waits where not all calls do."""

    answer: Answer | None
    resolution: ErrorResolution | None
    wait: float | None = None


class PluralsightClient:
    """Calls the API with one key. Safe for threads."""

    def __init__(self, settings: Settings, persistence: Persistence = SYNC_PERSISTENCE) -> None:
        self.notices = Notices()
        self._endpoint = settings.endpoint
        self._persistence = persistence
        self._gate = RateLimitGate(CHECK if persistence is CHECK_PERSISTENCE else SYNC)
        self._slots = threading.BoundedSemaphore(settings.num_workers)
        self._clock: datetime | None = None
        self._session = requests.Session()
        self._session.headers.update(
            {
                "Accept": "application/json",
                "Authorization": f"Bearer {settings.api_key}",
                HEADER_NAME: settings.client_version,
            }
        )
        # A netrc of the machine must not replace the key.
        self._session.auth = _keep_header
        adapter = BoundedAdapter(settings.num_workers, persistence.largest)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    @property
    def clock(self) -> datetime:
        """The API's clock when the command began: the first `Date` that it sent, else this machine's."""
        return self._clock or datetime.now(UTC)

    def ask(self, body: Mapping[str, Any], read: Callable[[Answer], T]) -> T:
        """Posts a query and gives what `read` makes of the answer.

        `read` raises UnreadableAnswer for an answer that is not what was asked for, which is then asked again. An
        answer with data and errors is given to it once the errors do not go away by asking again.

        Raises PluralsightError with the resolution on what failed for good.
        """
        attempts = dict.fromkeys(Retry, 0)
        while True:
            attempt = self._attempt(body, attempts[Retry.RATE_LIMITED])
            resolution = attempt.resolution
            if attempt.answer is not None and (resolution is None or _may_be_partial(attempt.answer, resolution)):
                try:
                    value = read(attempt.answer)
                except UnreadableAnswer as strange:
                    resolution = resolution or unreadable(str(strange))
                else:
                    if resolution is None or not self._may_retry(resolution, attempts):
                        return value
            assert resolution is not None  # a request that got no answer has one
            if not self._may_retry(resolution, attempts):
                raise PluralsightError(resolution, attempt.answer.errors if attempt.answer is not None else ())
            attempts[resolution.retry] += 1
            self._wait(resolution, attempt.wait, attempts[resolution.retry])

    def _attempt(self, body: Mapping[str, Any], refusals: int) -> _Attempt:
        """One request, after as many others of this call were refused for now."""
        with self._slots, self._gate.turn() as begun:
            ACTIVITY.called()
            try:
                response = self._session.post(
                    self._endpoint, json=body, timeout=self._persistence.timeouts, allow_redirects=False
                )
                answer = Answer.of(response)
            except requests.RequestException as error:
                return _Attempt(None, judge_exception(error))
        self._note_clock(response)
        for text in answer.warning_texts():
            self.notices.warn(f"Pluralsight warns: {text}")
        resolution = judge(answer)
        if resolution is not None and is_about_first(answer) and answer.data is not None:
            self.notices.warn(f"Pluralsight warns: {answer.detail}")
            resolution = None
        asked = retry_after(response)
        if resolution is not None and (
            resolution.retry is Retry.RATE_LIMITED or (resolution.retry is Retry.MANY and asked is not None)
        ):
            wait = self._refused(resolution, begun, asked, refusals)
            return _Attempt(answer, replace(resolution, retry=Retry.RATE_LIMITED), wait)
        self._gate.passed(begun)
        return _Attempt(answer, resolution)

    def _refused(self, resolution: ErrorResolution, begun: float, asked: float | None, refusals: int) -> float | None:
        """Makes all calls wait for what the API asks; gives the wait of this call alone where it asks for nothing."""
        own = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(refusals, 20)) * random.uniform(1.0, 1.5)  # noqa: S311 - jitter
        try:
            seconds = self._gate.refused(begun, asked, own)
        except RetryBudgetSpent:
            told = f" It asks to wait {asked:,.0f} s, which is longer than a sync waits." if asked else ""
            raise PluralsightError(
                ErrorResolution(Trouble.SERVICE, Retry.NEVER, FailureType.transient_error, resolution.message + told)
            ) from None
        if seconds >= SAID_FROM:
            LOGGER.info("Pluralsight asks to wait; calls go on in %.0f s.", seconds)
        return own if asked is None else None

    def _may_retry(self, resolution: ErrorResolution, attempts: Mapping[Retry, int]) -> bool:
        if resolution.retry is Retry.RATE_LIMITED:
            return True  # until the gate's retry budget is spent
        most = {Retry.FEW: self._persistence.few, Retry.MANY: self._persistence.many}.get(resolution.retry, 0)
        return attempts[resolution.retry] < most

    def _wait(self, resolution: ErrorResolution, wait: float | None, attempt: int) -> None:
        if resolution.retry is Retry.RATE_LIMITED:
            if wait is not None:
                sleep(wait)
            return
        seconds = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        if seconds >= SAID_FROM:
            LOGGER.info("%s Trying again in %.0f s.", resolution.message, seconds)
        ACTIVITY.waits("another attempt at a call that failed", seconds)
        sleep(seconds)

    def _note_clock(self, response: requests.Response) -> None:
        if self._clock is None:
            try:
                self._clock = parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
            except (KeyError, TypeError, ValueError):
                self._clock = datetime.now(UTC)


def _may_be_partial(answer: Answer, resolution: ErrorResolution) -> bool:
    """Whether errors came beside data that may be used without what they are about."""
    return answer.is_success and answer.data is not None and resolution.trouble is not Trouble.KEY


def _keep_header(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
