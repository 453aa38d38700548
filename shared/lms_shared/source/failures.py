"""The failures of a read, each said once.

The CDK ends a read in which streams failed with one more trace, always a config_error, whatever made them fail; and a
stream that is read in parts fails once for each part. Airbyte decides by these traces whether it tries again.
"""

from __future__ import annotations

from collections.abc import Iterator

from airbyte_cdk.models import AirbyteMessage, FailureType
from airbyte_cdk.utils import AirbyteTracedException

_BY_WEIGHT = (FailureType.config_error, FailureType.system_error, FailureType.transient_error)


class ReadFailed(AirbyteTracedException):
    """The end of a read in which streams failed, after traces of theirs said why."""


def failures_said_once(messages: Iterator[AirbyteMessage]) -> Iterator[AirbyteMessage]:
    """The messages of a read with one error trace for each stream that fails.

    Raises ReadFailed in place of the CDK's closing error; its failure type is that of the streams, config_error before
    system_error before transient_error.
    """
    said: dict[str, FailureType] = {}
    try:
        for message in messages:
            error = message.trace.error if message.trace is not None else None
            if error is None or error.stream_descriptor is None:
                yield message
                continue
            stream = error.stream_descriptor.name
            if stream not in said:
                said[stream] = error.failure_type or FailureType.system_error
                yield message
    except AirbyteTracedException as closing:
        if not said:
            raise
        kind = next(kind for kind in _BY_WEIGHT if kind in said.values())
        raise ReadFailed(
            message=closing.message, internal_message=closing.internal_message, failure_type=kind
        ) from closing
