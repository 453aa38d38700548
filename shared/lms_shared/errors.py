"""The three kinds of failure that end a command, as Airbyte tells them apart (`failure_type` of an error trace)."""

from __future__ import annotations

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException


def config_error(message: str) -> AirbyteTracedException:
    """What the user can mend: a setting, a key, a permission. `message` says what to change."""
    return _failure(message, FailureType.config_error)


def transient_error(message: str) -> AirbyteTracedException:
    """Trouble on the way that lasts longer than the connector waits; the next sync goes on from the last state."""
    return _failure(message, FailureType.transient_error)


def system_error(
    message: str, *, internal: str | None = None, cause: BaseException | None = None
) -> AirbyteTracedException:
    """A bug of the connector. `internal` is told to maintainers only and quotes no data."""
    return _failure(message, FailureType.system_error, internal=internal, cause=cause)


def unexpected(error: BaseException) -> AirbyteTracedException:
    """A bug, as a trace that names it without quoting data."""
    return system_error(
        "Something unexpected happened; this is a bug of the connector.", internal=type(error).__name__, cause=error
    )


def _failure(
    message: str, kind: FailureType, *, internal: str | None = None, cause: BaseException | None = None
) -> AirbyteTracedException:
    return AirbyteTracedException(
        message=message,
        internal_message=internal or message,
        failure_type=kind,
        exception=cause if isinstance(cause, Exception) else None,
    )
