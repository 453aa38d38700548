"""The failures of a read, each said once.

The CDK ends a read in which streams failed with one more trace, always a config_error, whatever made them fail; and a
stream that is read in parts fails once for each part. Airbyte decides by these traces whether it tries again.
"""

from __future__ import annotations

from collections.abc import Iterator

from airbyte_cdk.models import AirbyteErrorTraceMessage, AirbyteMessage, FailureType
from airbyte_cdk.utils import AirbyteTracedException

_BY_WEIGHT = (FailureType.transient_error, FailureType.system_error, FailureType.config_error)


def failures_said_once(messages: Iterator[AirbyteMessage]) -> Iterator[AirbyteMessage]:
    """The messages of a read with one error trace for each stream that fails, at the end.

    The last of them is raised in place of the CDK's closing error, so that whoever runs the read prints it and fails:
    a config_error if there is one, else a system_error, else a transient_error.
    """
    failed: dict[str, AirbyteMessage] = {}
    try:
        for message in messages:
            error = message.trace.error if message.trace is not None else None
            if error is None or error.stream_descriptor is None:
                yield message
            else:
                failed.setdefault(error.stream_descriptor.name, message)
    except AirbyteTracedException as closing:
        if not failed:
            raise
        *others, heaviest = sorted(failed.values(), key=lambda message: _BY_WEIGHT.index(_kind(_error(message))))
        yield from others
        error = _error(heaviest)
        raise AirbyteTracedException(
            message=error.message,
            internal_message=error.internal_message,
            failure_type=_kind(error),
            stream_descriptor=error.stream_descriptor,
        ) from closing


def _error(message: AirbyteMessage) -> AirbyteErrorTraceMessage:
    error = message.trace.error if message.trace is not None else None
    assert error is not None  # only such messages are kept
    return error


def _kind(error: AirbyteErrorTraceMessage) -> FailureType:
    return error.failure_type or FailureType.system_error
