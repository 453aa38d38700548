"""How a call can end that is neither an answer nor a refusal."""

from __future__ import annotations

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException


class UnknownOutcome(Exception):
    """A call that must not be repeated blindly got no answer: it may have been carried out or not."""

    def __init__(self, reason: str, *, code: str = "", operation: str = "", refusal: Exception | None = None) -> None:
        """`code` and `operation` are those of `CallFailed`; `refusal` is what the call was refused with, where it may
        have been carried out all the same."""
        super().__init__(reason)
        self.code = code
        self.operation = operation
        self.refusal = refusal


class UnreadableAnswer(Exception):
    """A success whose body is not what the call answers with. Says what it is instead, without quoting it."""


class CallFailed(AirbyteTracedException):
    """A call that fails each time it is made. Whether that is about the record or about the whole API shows by other
    calls of the same operation: see `SuccessLog`. Unhandled, it ends the sync."""

    def __init__(
        self, message: str, kind: FailureType, *, code: str, operation: str, mark: int, internal: str | None = None
    ) -> None:
        """`code` is the HTTP status, or a word for what has none; `mark` is that of the success log as it failed."""
        super().__init__(message=message, internal_message=internal or message, failure_type=kind)
        self.code = code
        self.operation = operation
        self.mark = mark
