"""Messages as lines of JSON: states go out exactly as they came, and what the CDK has no type for goes out too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer, AirbyteStateMessage, Type
from serpyco_rs import SchemaValidationError

from lms_shared.wire.messages import state_line

_RAW_STATE = "raw_state"


def encode(message: AirbyteMessage) -> bytes:
    """A message as one line of JSON."""
    raw_state = getattr(message.state, _RAW_STATE, None) if message.state else None
    if raw_state is not None:
        return state_line(raw_state)
    if message.type is Type.DESTINATION_CATALOG:
        catalog = getattr(message, "destination_catalog", {})
        return orjson.dumps({"type": "DESTINATION_CATALOG", "destination_catalog": catalog})
    return orjson.dumps(AirbyteMessageSerializer.dump(message))


def state_message(state: dict[str, Any]) -> AirbyteMessage:
    """A message that goes out as the raw `state` object says."""
    try:
        loaded = AirbyteMessageSerializer.load({"type": "STATE", "state": state}).state
    except SchemaValidationError:  # a state of a shape that the CDK does not know comes back all the same
        loaded = None
    return with_raw_state(loaded or AirbyteStateMessage(), state)


def with_raw_state(message: AirbyteStateMessage, state: Mapping[str, Any]) -> AirbyteMessage:
    """A message that goes out as the raw `state` object says, whatever the CDK makes of it."""
    # The CDK's state type drops `id`, unknown keys and rejectedRecordCount; the raw object is what goes out.
    setattr(message, _RAW_STATE, state)
    return AirbyteMessage(type=Type.STATE, state=message)
