"""Connects the table of errors with the CDK's HTTP client."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.declarative.types import Config
from airbyte_cdk.sources.streams.http.error_handlers import (
    BackoffStrategy,
    ErrorHandler,
    ErrorResolution,
    ResponseAction,
)
from airbyte_cdk.sources.streams.http.error_handlers.response_models import SUCCESS_RESOLUTION
from airbyte_cdk.utils import AirbyteTracedException

from source_pluralsight.envelope import parsed_body
from source_pluralsight.errors import Answer, Retry, Verdict, judge, judge_exception

FEW_RETRIES = 3
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0
LONGEST_TROUBLE_SECONDS = 30 * 60

_ACTIONS = {
    Retry.FEW: ResponseAction.RETRY,
    Retry.MANY: ResponseAction.RETRY,
    Retry.RATE_LIMITED: ResponseAction.RATE_LIMITED,
}


class PluralsightError(AirbyteTracedException):
    """A request that failed for good, with the verdict on it."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(message=verdict.message, internal_message=verdict.message, failure_type=verdict.failure_type)
        self.verdict = verdict


def verdict_on(response: requests.Response) -> Verdict | None:
    """The verdict on an answer, None when it is good."""
    return judge(Answer(response.status_code, parsed_body(response)))


class RetryDelay(BackoffStrategy):
    """Seconds to wait: what Retry-After says, else doubling from half a second. The CDK adds one second."""

    def backoff_time(
        self, response_or_exception: requests.Response | requests.RequestException | None, attempt_count: int
    ) -> float:
        if isinstance(response_or_exception, requests.Response):
            asked = _retry_after(response_or_exception.headers.get("Retry-After"))
            if asked is not None:
                return asked
        return float(min(FIRST_WAIT_SECONDS * 2 ** (attempt_count - 1), LONGEST_WAIT_SECONDS))


def _retry_after(header: str | None) -> float | None:
    """Seconds of a Retry-After header, given as a number or as a date."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.1), LONGEST_TROUBLE_SECONDS)


@dataclass
class GraphQLErrorHandler(ErrorHandler):
    """Retries what the table says may pass.

    What fails for good is handed back like a good answer, and the requester raises: the CDK's own FAIL logs the
    bodies of request and answer, in which there may be personal data. `shows_rate_limit` has the CDK print the stream
    status RUNNING, rate limited.
    """

    config: Config
    parameters: InitVar[Mapping[str, Any]]
    max_retries: int | None = 8
    shows_rate_limit: bool = True
    max_time: int | None = LONGEST_TROUBLE_SECONDS
    backoff_strategies: list[BackoffStrategy] = field(default_factory=lambda: [RetryDelay()])
    _few: threading.local = field(default_factory=threading.local, init=False, repr=False)

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        """Nothing is taken from the parameters; the CDK passes them to every component."""

    def interpret_response(self, response_or_exception: requests.Response | Exception | None) -> ErrorResolution:
        if not isinstance(response_or_exception, requests.Response):
            broken = judge_exception(response_or_exception or requests.ConnectionError())
            action = _ACTIONS.get(broken.retry, ResponseAction.FAIL)
            return ErrorResolution(action, broken.failure_type, broken.message)
        verdict = verdict_on(response_or_exception)
        if verdict is None or not self._may_retry(verdict):
            return SUCCESS_RESOLUTION
        action = _ACTIONS[verdict.retry] if self.shows_rate_limit else ResponseAction.RETRY
        return ErrorResolution(action, FailureType.transient_error, verdict.message)

    def _may_retry(self, verdict: Verdict) -> bool:
        if verdict.retry is not Retry.FEW:
            return verdict.retry is not Retry.NEVER
        self._few.retries = getattr(self._few, "retries", 0) + 1
        return bool(self._few.retries <= FEW_RETRIES)

    def start_request(self) -> None:
        """Count anew. A request and its repeats stay in one thread."""
        self._few.retries = 0
