"""The source: asks the API what the key can see, plans the streams, and has the CDK's concurrent engine read them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    Status,
)
from airbyte_cdk.sources import Source
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.deadline import CHECK_SECONDS, DeadlinePassed, within
from lms_shared.source.failures import failures_said_once
from source_pluralsight.settings import Settings, read_settings

if TYPE_CHECKING:
    from source_pluralsight.session import Session

LOGGER = logging.getLogger("airbyte.source_pluralsight")
DOCUMENTATION = "https://docs.airbyte.com/integrations/sources/pluralsight"


class SourcePluralsight(Source):
    """Reads a Pluralsight plan.

    What asks the API is imported when a command needs it, so that `spec` answers at once.
    """

    check_config_against_spec = False
    """`read_settings` checks it, and names the key that is wrong."""

    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
    ) -> None:
        """Each command is given what it needs; the arguments are those that Airbyte's tools make a source with."""

    @property
    def name(self) -> str:
        return "source_pluralsight"

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """The form."""
        return ConnectorSpecification(
            connectionSpecification=Settings.form(), documentationUrl=DOCUMENTATION, supportsIncremental=True
        )

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Whether the key can read at least one stream; the message of a failure says what to change."""
        try:
            settings = read_settings(config)
            within(CHECK_SECONDS, lambda: _session(settings, for_check=True).require_readable())
        except AirbyteTracedException as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=error.message)
        except DeadlinePassed:
            message = (
                f"The server at endpoint did not answer within {CHECK_SECONDS:.0f} s. Check endpoint, the network and "
                "any proxy in between."
            )
            return AirbyteConnectionStatus(status=Status.FAILED, message=message)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """The streams that the key can read; what it cannot is left out, with a warning."""
        session = _session(read_settings(config))
        session.log_notes(None)
        return AirbyteCatalog(streams=session.offered())

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Reads the configured streams; one that the API does not have any more fails, and the others complete."""
        from source_pluralsight.reading import read_streams  # noqa: PLC0415 - see the class

        settings = read_settings(config)
        if catalog.streams:
            yield from failures_said_once(read_streams(_session(settings), catalog, state or []))


def _session(settings: Settings, *, for_check: bool = False) -> Session:
    from source_pluralsight.session import Session  # noqa: PLC0415 - see the class

    return Session(settings, for_check=for_check)
