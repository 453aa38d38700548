"""Waits that a person can see: said in the log, and shown as a stream status of reason RATE_LIMITED."""

from __future__ import annotations

import logging

from airbyte_cdk.models import (
    AirbyteStreamStatus,
    AirbyteStreamStatusReason,
    AirbyteStreamStatusReasonType,
    StreamDescriptor,
)
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message

from lms_shared.activity import ACTIVITY

LOGGER = logging.getLogger("airbyte.source_skilljar")

SAID_FROM_SECONDS = 5.0
"""Shorter waits are too many to be of interest."""
_RATE_LIMITED = [AirbyteStreamStatusReason(type=AirbyteStreamStatusReasonType.RATE_LIMITED)]


class RateLimitStatus:
    """Shows the waits of all threads of a command."""

    def __init__(self, messages: MessageRepository) -> None:
        self._messages = messages

    def limited(self, stream: str, seconds: float, reason: str) -> None:
        """Calls wait for a quota: this connection's share, or Skilljar's own."""
        self._log(stream, seconds, reason, "waiting")
        self._messages.emit_message(
            as_airbyte_message(StreamDescriptor(name=stream), AirbyteStreamStatus.RUNNING, _RATE_LIMITED)
        )

    def retried(self, stream: str, seconds: float, reason: str) -> None:
        """A call waits before it is tried again."""
        self._log(stream, seconds, reason, "trying again in")
        ACTIVITY.waits(reason, seconds)

    def _log(self, stream: str, seconds: float, reason: str, verb: str) -> None:
        level = logging.INFO if seconds >= SAID_FROM_SECONDS else logging.DEBUG
        LOGGER.log(level, "%s: %s; %s %.1f s.", stream, reason, verb, seconds)
