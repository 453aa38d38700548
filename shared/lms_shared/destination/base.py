"""The destination base: the CDK's `Destination`, with what a reverse ETL destination needs on top.

Adds `discover`, returns states exactly as they came (with `destinationStats`) and flushes them at once, tolerates
lines that are not Airbyte messages, and turns every failure into a trace that says what to change.
"""

from __future__ import annotations

import argparse
import io
import logging
import sys
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, ClassVar, cast

import orjson
from airbyte_cdk.destinations import Destination
from airbyte_cdk.exception_handler import init_uncaught_exception_handler
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.models import (
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteMessageSerializer,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    DestinationSyncMode,
    Status,
    Type,
)
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.activity import ACTIVITY, progress_logged
from lms_shared.adapter.adapter import Adapter
from lms_shared.config.problems import hidden, hide_secrets, read_config
from lms_shared.deadline import CHECK_SECONDS, DeadlinePassed, within
from lms_shared.destination.command_line import FAILED, fail, interrupted, own_reader, parse, print_line, read_catalog
from lms_shared.destination.discovery import operations
from lms_shared.destination.encoding import encode, state_message, with_raw_state
from lms_shared.destination.ending import facts_of, keep_reports
from lms_shared.destination.settings import DestinationConfig, destination_form
from lms_shared.errors import config_error, unexpected
from lms_shared.garbage import collect_seldom
from lms_shared.presets import PROVIDERS
from lms_shared.privacy import MaskEmails
from lms_shared.reports.opening import open_store, prove_storage
from lms_shared.reports.summary import Observers, ReportSummary
from lms_shared.reports.table import Table
from lms_shared.signals import Stopped, stopped_by_signals
from lms_shared.upsert.account.checkpoints import CheckpointTracker
from lms_shared.upsert.account.record_outcomes import RecordOutcomes
from lms_shared.upsert.account.store import FileKind
from lms_shared.upsert.engine import SyncEngine
from lms_shared.upsert.routing.routing import check_mappings, route_streams
from lms_shared.upsert.routing.targets import Offered
from lms_shared.wire.feed import feed
from lms_shared.wire.messages import Input
from lms_shared.wire.parsing import parse_lines, parse_message

logger = logging.getLogger("airbyte")

SETTLING = frozenset(
    method.__code__
    for method in (
        RecordOutcomes.open,
        RecordOutcomes.reject,
        RecordOutcomes.settle,
        RecordOutcomes.drop,
        CheckpointTracker.hold,
    )
)
"""What a signal does not interrupt in the middle: a record is booked whole or not at all."""


SYNC_MODES = (
    DestinationSyncMode.append,
    DestinationSyncMode.append_dedup,
    DestinationSyncMode.update,
    DestinationSyncMode.soft_delete,
)
"""Overwriting is not among them: it would delete learning records."""


class ActivationDestination(Destination):
    """A destination that writes into the objects of an LMS. A subclass says which config and adapter it has."""

    VALID_CMDS = {"spec", "check", "write", "discover"}  # noqa: RUF012 - the CDK's own attribute

    model: ClassVar[type[DestinationConfig]]
    """The config."""
    least_config: ClassVar[Mapping[str, Any]]
    """A config of required keys alone, by which the objects are known before there is a real one."""
    documentation_url: ClassVar[str]
    vendor: ClassVar[str] = ""
    """The LMS as a source of data, if the presets know it as one."""

    @abstractmethod
    def connect(self, config: Any) -> Adapter:
        """The adapter of the LMS for a config of the model; makes no call."""

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        return ConnectorSpecification(
            documentationUrl=self.documentation_url,
            connectionSpecification=self.form(),
            supportsIncremental=True,
            supported_destination_sync_modes=list(SYNC_MODES),
        )

    @classmethod
    @cache
    def form(cls) -> dict[str, Any]:
        """The form, as a JSON schema."""
        sinks = cls().connect(cls.model.model_validate(cls.least_config)).sinks
        form = destination_form(cls.model, [name for name, sink in sinks.items() if sink.declaration.modes])
        asked = [name for name, one in form["properties"].items() if name in form["required"] or "unless" in one]
        return {**form, "required": asked}

    def settings(self, config: Mapping[str, Any]) -> DestinationConfig:
        """The config, read. Raises AirbyteTracedException (config_error) for one that does not fit the form."""
        # A name of an object is looked at where the message can name its stream.
        return read_config(self.model, destination_form(self.model), config)

    def adapter(self, config: Mapping[str, Any]) -> Adapter:
        """The adapter for a config that is not read yet. Raises AirbyteTracedException (config_error)."""
        return self.connect(self.settings(config))

    def _offered(self, adapter: Adapter) -> Offered:
        objects = {name: sink.declaration for name, sink in adapter.sinks.items()}
        return Offered(objects, PROVIDERS, self.vendor)

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Proves that the config works; a failure is a sentence that says what to change."""
        try:
            settings = self.settings(config)
            adapter = self.connect(settings)
            check_mappings(settings.mappings, self._offered(adapter))
            within(CHECK_SECONDS, lambda: _prove(adapter, settings))
        except DeadlinePassed:
            message = (
                f"{adapter.lms} does not answer, or not to the end, within {CHECK_SECONDS:.0f} s. Check the address, "
                "and whether a firewall or proxy stands in between; then test again."
            )
            return AirbyteConnectionStatus(status=Status.FAILED, message=message)
        except AirbyteTracedException as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=hidden(error.message or ""))
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def discover(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The destination catalog of Airbyte's data activation."""
        declarations = [sink.declaration for sink in self.adapter(config).sinks.values()]
        return {"operations": operations(declarations)}

    def write(
        self,
        config: Mapping[str, Any],
        configured_catalog: ConfiguredAirbyteCatalog,
        input_messages: Iterable[AirbyteMessage],
    ) -> Iterable[AirbyteMessage]:
        """Writes decoded messages; yields a state message for each that came in, once it is safe."""
        decoded = (AirbyteMessageSerializer.dump(message) for message in input_messages)
        inputs = (parsed for raw in decoded if (parsed := parse_message(raw)) is not None)
        for state in self.sync(config, configured_catalog, inputs):
            yield state_message(state)

    def sync(
        self, config: Mapping[str, Any], catalog: ConfiguredAirbyteCatalog, inputs: Iterable[Input]
    ) -> Iterator[dict[str, Any]]:
        """Writes parsed input; yields the raw `state` objects once they are safe.

        Raises AirbyteTracedException after the states that are safe are out.
        """
        settings = self.settings(config)
        adapter = self.connect(settings)
        offered = self._offered(adapter)
        routes = route_streams(catalog, settings.mappings, offered)
        store = open_store(settings.storage, _sync_id(catalog))
        summary = ReportSummary(secretive=frozenset(one.name for one in offered.objects.values() if one.has_secrets))
        summary.recall(store.kept(FileKind.REJECTS))
        engine = SyncEngine(adapter, routes, settings, store, Observers((summary, Table(store))))
        failure: BaseException | None = None
        try:
            # The last lines are the summaries of the streams, which have their numbers of requests.
            ACTIVITY.estimates(engine.seconds_left)
            with progress_logged(engine.progress, at_end=False):
                yield from engine.run(feed(inputs))
        except BaseException as error:
            failure = error
            raise
        finally:
            keep_reports(store, facts_of(adapter, settings, engine.result(), summary), failure)

    def parse_args(self, args: list[str]) -> argparse.Namespace:
        """The command, and the paths of its files."""
        return parse(args)

    @staticmethod
    def read_config(config_path: str) -> dict[str, Any]:
        """The config of a file. Raises AirbyteTracedException (config_error) for one that cannot be read."""
        try:
            with open(config_path, "rb") as file:
                config = orjson.loads(file.read())
        except OSError as error:
            raise config_error(f"The config file cannot be read: {error.strerror}.") from error
        except orjson.JSONDecodeError:
            # Not chained: the error carries the text, secrets and all, and nothing is masked before it is read.
            raise config_error("The config file is not valid JSON.") from None
        if not isinstance(config, dict):
            raise config_error("The config file does not hold a JSON object.")
        return config

    def run_cmd(self, parsed_args: argparse.Namespace) -> Iterable[AirbyteMessage]:
        if parsed_args.command == "spec":
            yield from super().run_cmd(parsed_args)
            return
        config = self.read_config(parsed_args.config)
        hide_secrets(self.form(), config)
        if parsed_args.command == "check":
            yield AirbyteMessage(type=Type.CONNECTION_STATUS, connectionStatus=self.check(logger, config))
        elif parsed_args.command == "write":
            yield from self._run_write(config, parsed_args.catalog, cast(io.TextIOWrapper, sys.stdin))
        else:
            message = AirbyteMessage(type=Type.DESTINATION_CATALOG)
            # The CDK's message type has no field for it; `encode` writes it out.
            message.destination_catalog = self.discover(config)  # type: ignore[attr-defined]
            yield message

    def _run_write(
        self, config: Mapping[str, Any], configured_catalog_path: str, input_stream: io.TextIOWrapper
    ) -> Iterable[AirbyteMessage]:
        catalog = read_catalog(configured_catalog_path)
        collect_seldom()
        for state in self.sync(config, catalog, parse_lines(own_reader(input_stream))):
            yield with_raw_state(AirbyteStateMessage(), state)

    def run(self, args: list[str]) -> None:
        """Runs a command; exits with 1 after a failure, whose trace is on stdout."""
        init_uncaught_exception_handler(logger)
        for handler in logging.getLogger().handlers:
            handler.addFilter(MaskEmails())
        with PRINT_BUFFER:
            try:
                with stopped_by_signals(FAILED, SETTLING):
                    for message in self.run_cmd(self.parse_args(args)):
                        print_line(encode(message))
            except AirbyteTracedException as error:
                fail(error)
            except Stopped:
                fail(interrupted())
            except Exception as error:
                logger.exception("A bug of the connector.")
                fail(unexpected(error))


def _sync_id(catalog: ConfiguredAirbyteCatalog) -> str:
    """Airbyte's number of the sync; empty where the catalog has none."""
    return next((str(one.sync_id) for one in catalog.streams if one.sync_id is not None), "")


def _prove(adapter: Adapter, settings: DestinationConfig) -> None:
    adapter.check()
    prove_storage(settings.storage)
