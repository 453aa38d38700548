"""Sends the calls of all streams: one session, one quota, at most `num_workers` at a time, retries without a repeat of
what cannot change. What an answer means stands in answers.py; this carries it out.

The CDK's HttpClient is not used: it adds a second to each wait, logs whole bodies with personal data when a call fails,
and says nothing while it waits for its own quota.
"""

from __future__ import annotations

import random
import threading
import time
from datetime import timedelta

import requests
from airbyte_cdk.sources.streams.call_rate import APIBudget, CallRateLimitHit, Rate
from requests.auth import HTTPBasicAuth

from lms_shared.activity import ACTIVITY
from lms_shared.errors import config_error, system_error, transient_error
from lms_shared.http.bounded import LARGEST_ANSWER, LARGEST_FOR_CHECK, BoundedAdapter
from lms_shared.http.outcome import connection_trouble
from lms_shared.http.rate_limit import CHECK, SYNC, CallTimes, RateLimitGate, RetryBudgetSpent, retry_after
from lms_shared.http.server_clock import ServerClock
from source_skilljar.config import Settings
from source_skilljar.declarations import StreamDeclaration
from source_skilljar.http.answers import BAD_KEY, MOVED, REFUSED, Answer, Meaning, answer_of
from source_skilljar.http.rate_limit_status import RateLimitStatus

LATER = "Sync again later."
NETWORK = "If it goes on, check base_url, the network and any proxy in between."
TIMEOUTS = (10.0, 120.0)
"""Seconds to connect, and to wait for bytes."""
MAX_ATTEMPTS, CHECK_ATTEMPTS = 9, 3
"""How often a call is tried in a sync, and while a person waits for a check."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 60.0
"""Seconds between two attempts that the connector chooses by itself; doubled each time."""


class Transport:
    """Calls the API. Safe for threads."""

    def __init__(
        self, settings: Settings, shown: RateLimitStatus, clock: ServerClock, *, for_check: bool = False
    ) -> None:
        self._shown = shown
        self._clock = clock
        self._attempts = CHECK_ATTEMPTS if for_check else MAX_ATTEMPTS
        self._gate = RateLimitGate(CHECK if for_check else SYNC)
        rates = [
            Rate(settings.requests_per_minute, timedelta(minutes=1)),
            Rate(settings.requests_per_hour, timedelta(hours=1)),
        ]
        self.budget = APIBudget(policies=[CallTimes(rates=rates, matchers=[])])
        self._slots = threading.BoundedSemaphore(settings.num_workers)
        self._session = requests.Session()
        # Skilljar reference, 1.1, authentication: the key is the user name, the password is empty.
        self._session.auth = HTTPBasicAuth(settings.api_key, "")
        self._session.headers["Accept"] = "application/json"
        adapter = BoundedAdapter(settings.num_workers, LARGEST_FOR_CHECK if for_check else LARGEST_ANSWER)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def get(self, url: str, declared: StreamDeclaration) -> Answer:
        """A page of one of the stream's lists, or an answer that says the list is not served.

        Raises AirbyteTracedException: config_error for a refused key or a wrong address, system_error for a call that
        the API refuses, transient_error for trouble that outlasts the retries.
        """
        request = self._session.prepare_request(requests.Request("GET", url))
        failures = refusals = 0
        while True:
            outcome = self._attempt(request, declared, refusals)
            meaning = outcome.meaning if isinstance(outcome, Answer) else Meaning.RETRIED
            if meaning is Meaning.FOR_NOW:
                refusals += 1
                continue
            if meaning is not Meaning.RETRIED:
                break
            failures += 1
            if failures >= self._attempts:
                raise transient_error(
                    f"Skilljar had trouble in {failures} attempts: {_told(outcome)}. {_hint(outcome)}"
                )
            pause = _pause(failures)
            self._shown.retried(declared.name, pause, _told(outcome))
            time.sleep(pause)
        assert isinstance(outcome, Answer)  # no answer is retried
        if meaning is Meaning.BAD_KEY:
            raise config_error(BAD_KEY)
        if meaning is Meaning.MOVED:
            raise config_error(f"{MOVED} ({outcome.problem})")
        if meaning is Meaning.REFUSED:
            raise system_error(f"{REFUSED} ({outcome.problem})")
        return outcome

    def _attempt(
        self, request: requests.PreparedRequest, declared: StreamDeclaration, refusals: int
    ) -> Answer | requests.RequestException:
        with self._slots, self._gate.turn() as begun:
            self._take_from_quota(request, declared.name)
            response = self._send(request)
        if isinstance(response, requests.RequestException):
            return response
        answer = answer_of(response, declared)
        if answer.meaning is Meaning.FOR_NOW:
            self._refused(begun, response, declared.name, refusals)
        else:
            self._gate.passed(begun)
        return answer

    def _take_from_quota(self, request: requests.PreparedRequest, stream: str) -> None:
        while True:
            try:
                self.budget.acquire_call(request, block=False)
            except CallRateLimitHit as full:
                seconds = max(full.time_to_wait.total_seconds(), 0.0)
                ACTIVITY.waits(f"the quota of this connection ({full.rate})", seconds)
                self._shown.limited(stream, seconds, f"The quota of this connection ({full.rate}) is used up")
                time.sleep(seconds)
            else:
                return

    def _send(self, request: requests.PreparedRequest) -> requests.Response | requests.RequestException:
        ACTIVITY.called()
        try:
            settings = self._session.merge_environment_settings(str(request.url), {}, None, None, None)
            response = self._session.send(request, timeout=TIMEOUTS, allow_redirects=False, **settings)
        except requests.RequestException as error:
            return error
        self._clock.note(response)
        return response

    def _refused(self, begun: float, response: requests.Response, stream: str, refusals: int) -> None:
        """Makes calls wait after one was refused for now. Raises transient_error where that would be for too long."""
        asked, own = retry_after(response), _pause(refusals + 3)
        try:
            seconds = self._gate.refused(begun, asked, own)
        except RetryBudgetSpent as over:
            told = f"it asks to wait {asked:.0f} s" if asked else f"no call got through for {over.seconds:.0f} s"
            raise transient_error(
                f"Skilljar refuses calls for now (HTTP {response.status_code}): {told}. Sync again later, when other "
                "programs use less of the organization's quota."
            ) from None
        self._shown.limited(stream, seconds, f"HTTP {response.status_code}")
        if asked is None:
            time.sleep(seconds)


def _pause(failures: int) -> float:
    """Seconds before the next attempt, growing, with jitter."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 30))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret


def _told(outcome: Answer | requests.RequestException) -> str:
    """The trouble without addresses or bodies, which may hold personal data."""
    if isinstance(outcome, Answer):
        return outcome.problem
    return connection_trouble(outcome) or f"the connection was lost ({type(outcome).__name__})"


def _hint(outcome: Answer | requests.RequestException) -> str:
    """What a user can do about trouble that lasts."""
    refused = isinstance(outcome, Answer) and outcome.status >= 300
    return LATER if refused else f"{LATER} {NETWORK}"
