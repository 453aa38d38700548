"""Waits that a person can see: said in the log, and shown as a stream status of reason RATE_LIMITED."""

from __future__ import annotations

import logging
import time

import requests
from airbyte_cdk.models import (
    AirbyteStreamStatus,
    AirbyteStreamStatusReason,
    AirbyteStreamStatusReasonType,
    StreamDescriptor,
)
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.call_rate import APIBudget, CallRateLimitHit
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message

LOGGER = logging.getLogger("airbyte.source_skilljar")

SAID_FROM_SECONDS = 5.0
"""Shorter waits are too many to be of interest."""
_RATE_LIMITED = [AirbyteStreamStatusReason(type=AirbyteStreamStatusReasonType.RATE_LIMITED)]


class Waiting:
    """Waits of all threads of a sync."""

    def __init__(self, messages: MessageRepository) -> None:
        self._messages = messages

    def for_quota(self, budget: APIBudget, request: requests.PreparedRequest, stream: str) -> None:
        """Return when the quota of this connection has room for the request."""
        while True:
            try:
                budget.acquire_call(request, block=False)
            except CallRateLimitHit as full:
                seconds = max(full.time_to_wait.total_seconds(), 0.0)
                self._show(stream, seconds, f"The quota of this connection ({full.rate}) is used up")
                time.sleep(seconds)
            else:
                return

    def for_retry(self, seconds: float, stream: str, reason: str, limited: bool) -> None:
        """Wait before a call is tried again. `limited`: Skilljar asked for it."""
        if limited:
            self._show(stream, seconds, reason)
        else:
            LOGGER.log(_level(seconds), "%s: %s; trying again in %.1f s.", stream, reason, seconds)
        time.sleep(seconds)

    def _show(self, stream: str, seconds: float, reason: str) -> None:
        LOGGER.log(_level(seconds), "%s: %s; waiting %.1f s.", stream, reason, seconds)
        descriptor = StreamDescriptor(name=stream)
        self._messages.emit_message(as_airbyte_message(descriptor, AirbyteStreamStatus.RUNNING, _RATE_LIMITED))


def _level(seconds: float) -> int:
    return logging.INFO if seconds >= SAID_FROM_SECONDS else logging.DEBUG
