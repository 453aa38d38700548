"""The CDK's entrypoint, with less work for each record: there may be a million.

The CDK has a serializer take each message apart, and counts each record under a key that it makes anew. A record is
written out here as soon as it comes, from its parts; every other message goes the CDK's way behind it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import AirbyteMessage, AirbyteRecordMessage, ConnectorSpecification
from airbyte_cdk.sources import Source
from airbyte_cdk.sources.connector_state_manager import HashableStreamDescriptor
from airbyte_cdk.utils.airbyte_secrets_utils import get_secrets

from lms_shared.privacy import hide_secrets


class Entrypoint(AirbyteEntrypoint):
    """Gives all messages of a command as lines, but for records, which it prints."""

    def __init__(self, source: Source, print_record: Callable[[str], None]) -> None:
        """`print_record` takes the line of a record, with its end."""
        super().__init__(source)
        self._print_record = print_record
        self._not_counted: Counter[tuple[str, str | None]] = Counter()

    @staticmethod
    def set_up_secret_filter(config: Mapping[str, Any], connection_specification: Mapping[str, Any]) -> None:
        """Hides secrets in what is logged; one of a letter or two as a whole value only, where the CDK would mask each
        such letter."""
        hide_secrets(str(one) for one in get_secrets(connection_specification, config) if one)

    def read(
        self, source_spec: ConnectorSpecification, config: Any, catalog: Any, state: list[Any]
    ) -> Iterable[AirbyteMessage]:
        """The messages of a read but its records, each behind the records that came before it."""
        for message in super().read(source_spec, config, catalog, state):
            if message.record is None:
                yield message
            else:
                self._print_record(_line(message, message.record))

    def handle_record_counts(  # type: ignore[override]  # the CDK calls its static method on the instance
        self, message: AirbyteMessage, stream_message_count: defaultdict[HashableStreamDescriptor, float]
    ) -> AirbyteMessage:
        """Counts records, and gives a state their number."""
        if message.record is not None:
            self._not_counted[message.record.stream, message.record.namespace] += 1
            return message
        for (name, namespace), count in self._not_counted.items():
            stream_message_count[HashableStreamDescriptor(name=name, namespace=namespace)] += count
        self._not_counted.clear()
        return super().handle_record_counts(message, stream_message_count)


def _line(message: AirbyteMessage, record: AirbyteRecordMessage) -> str:
    plain = record.namespace is None and record.meta is None and record.file_reference is None
    if plain:
        body = {"stream": record.stream, "data": record.data, "emitted_at": record.emitted_at}
        try:
            return orjson.dumps({"type": "RECORD", "record": body}, option=orjson.OPT_APPEND_NEWLINE).decode()
        except TypeError:
            pass  # such as an integer of more than 64 bits, for which the CDK has another encoder
    return AirbyteEntrypoint.airbyte_message_to_string(message) + "\n"
