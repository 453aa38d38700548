"""Brings a state that was written by hand, or by something else, into the one notation that is sent to the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from typing import Any

from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.declarative.migrations.state_migration import StateMigration
from airbyte_cdk.sources.declarative.types import Config
from airbyte_cdk.utils import AirbyteTracedException

from source_pluralsight.timestamps import in_utc

CURSOR_FIELD = "updatedOn"


@dataclass
class UtcState(StateMigration):
    """Converts the cursor value to UTC. The CDK would keep the hours of another time zone and call them UTC."""

    config: Config
    parameters: InitVar[Mapping[str, Any]]

    def should_migrate(self, stream_state: Mapping[str, Any]) -> bool:
        value = stream_state.get(CURSOR_FIELD)
        return value is not None and in_utc(str(value)) != value

    def migrate(self, stream_state: Mapping[str, Any]) -> Mapping[str, Any]:
        value = in_utc(str(stream_state[CURSOR_FIELD]))
        if value is None:
            message = f"The state of course_progress holds no date and time in {CURSOR_FIELD}. Reset the stream."
            raise AirbyteTracedException(
                message=message, internal_message=message, failure_type=FailureType.config_error
            )
        return {**stream_state, CURSOR_FIELD: value}
