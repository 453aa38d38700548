"""The source: asks the API what the key can see, plans the streams, and has the declarative engine read them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    FailureType,
    Status,
)
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource
from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.utils import AirbyteTracedException

from source_pluralsight import api_warnings
from source_pluralsight.introspection import Introspection, introspect
from source_pluralsight.manifest_builder import Manifest, make_requester, stub, with_streams
from source_pluralsight.probe import first_readable, negotiate_all, probe_all, refused
from source_pluralsight.requester import GraphQLRequester
from source_pluralsight.settings import resolve_settings
from source_pluralsight.stream_plan import Plans, StreamPlan, plan_streams
from source_pluralsight.stream_table import static_streams

LOGGER = logging.getLogger("airbyte.source_pluralsight")

CHECK_RETRIES = 3
"""A person waits for a check, so it gives up sooner than a sync."""
CHECKED_FIRST = ("plan_admins", "users", "course_catalog")
"""Streams by which `check` tells whether a key is good; `planAdmins` is documented for both plan tiers."""


class SourcePluralsight(YamlDeclarativeSource):
    """Reads a Pluralsight plan.

    The manifest is completed with the streams that the key's schema shows before the CDK builds it, so this class is
    the frame (spec, commands) and the completed manifest is run by a `ConcurrentDeclarativeSource`.
    """

    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
    ) -> None:
        super().__init__("manifest.yaml", catalog=catalog, config=config, state=state, config_path=config_path)

    @cached_property
    def _manifest(self) -> Manifest:
        return self._read_and_parse_yaml_file(self._path_to_yaml)

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Whether the key can read at least one stream; the message of a failure says what to change."""
        api_warnings.start_run()
        try:
            run = _Run(self._manifest, resolve_settings(config), CHECK_RETRIES)
            first_readable(run.requester("check"), run.in_order(CHECKED_FIRST), run.is_blind)
            run.require_no_problems()
        except AirbyteTracedException as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=error.message)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """The streams that the key can read; what it cannot is left out, with a warning."""
        return self._offered(config).discover(logger, config)

    def streams(self, config: Mapping[str, Any]) -> list[AbstractStream]:
        """The streams of `discover`."""
        return self._offered(config).streams(config)

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Read the configured streams; one that the API does not have any more fails, and the others complete."""
        api_warnings.start_run()
        run = _Run(self._manifest, resolve_settings(config))
        names = {configured.stream.name for configured in catalog.streams}
        run.log_notes(names)
        plans = run.negotiated(names)
        offered = {plan.name for plan in plans}
        stubs = [
            stub(configured, run.reason_against(configured.stream.name))
            for configured in catalog.streams
            if configured.stream.name not in offered
        ]
        manifest = with_streams(self._manifest, plans, names, stubs)
        source = ConcurrentDeclarativeSource(catalog, run.settings, state, source_config=manifest)
        yield from _with_true_failure(source.read(logger, run.settings, catalog, state))

    def _offered(self, config: Mapping[str, Any]) -> ConcurrentDeclarativeSource:
        api_warnings.start_run()
        run = _Run(self._manifest, resolve_settings(config))
        run.log_notes(None)
        manifest = with_streams(self._manifest, run.readable())
        return ConcurrentDeclarativeSource(None, run.settings, None, source_config=manifest)


class _Run:
    """One command: settings, what introspection showed, and the plans made of it."""

    def __init__(self, manifest: Manifest, settings: Mapping[str, Any], max_retries: int | None = None) -> None:
        self._manifest = manifest
        self.settings = settings
        self._max_retries = max_retries
        self._introspection: Introspection = introspect(self.requester("introspection"))
        self._plans: Plans = plan_streams(static_streams(manifest), settings, self._introspection.schema)

    @property
    def is_blind(self) -> bool:
        """Whether introspection was refused."""
        return self._introspection.schema is None

    def requester(self, name: str) -> GraphQLRequester:
        """A requester of its own."""
        return make_requester(self._manifest, self.settings, name, self._max_retries)

    def in_order(self, first: tuple[str, ...]) -> list[StreamPlan]:
        """All plans, those named in `first` at the front."""
        return sorted(
            self._plans.streams, key=lambda plan: first.index(plan.name) if plan.name in first else len(first)
        )

    def log_notes(self, names: set[str] | None) -> None:
        """Say what is left out. `names` are the streams that matter, None for all."""
        if self.is_blind:
            LOGGER.warning(
                "Introspection is refused (%s). Only the streams that the connector knows by itself are offered.",
                self._introspection.refusal,
            )
        for stream, note in self._plans.notes:
            if names is None or stream in names:
                LOGGER.warning("%s", note)
        if names is None:
            for name, reason in self._plans.left_out.items():
                _warn_left_out(name, reason)

    def require_no_problems(self) -> None:
        """Raise when the configuration asks for something that the API does not know."""
        if self._plans.problems:
            raise refused(f"{'; '.join(self._plans.problems)}. Correct the configuration.")

    def reason_against(self, name: str) -> str:
        """Why a stream is not there."""
        if name in self._plans.left_out:
            return self._plans.left_out[name]
        if self.is_blind:
            return f"introspection is refused ({self._introspection.refusal})"
        return "the API has no such list for this key"

    def readable(self) -> list[StreamPlan]:
        """The plans whose first page can be read."""
        probes = probe_all(self.requester("probe"), self._plans.streams, self.is_blind, self.settings["num_workers"])
        refusals = {probed.plan.name: probed.refusal for probed in probes if probed.refusal is not None}
        if probes and len(refusals) == len(probes):
            raise refused(next(iter(refusals.values())))
        readable = []
        for probed in probes:
            plan = probed.plan
            reason = refusals.get(plan.name) or (refusals.get(plan.parent.stream) if plan.parent else None)
            if reason is not None:
                _warn_left_out(plan.name, f"{reason}{f' Hint: {plan.hint}.' if plan.hint else ''}")
                continue
            for name in probed.dropped:
                LOGGER.warning("The API has no field %s.%s for this key; it is left out.", plan.name, name)
            readable.append(plan)
        return readable

    def negotiated(self, names: set[str]) -> list[StreamPlan]:
        """The plans to read: as they are, or, where introspection is refused, adjusted to what the API takes."""
        if not self.is_blind:
            return list(self._plans.streams)
        wanted = [plan for plan in self._plans.streams if plan.name in names]
        return negotiate_all(self.requester("probe"), wanted, self.settings["num_workers"])


def _with_true_failure(messages: Iterator[AirbyteMessage]) -> Iterator[AirbyteMessage]:
    """The messages of a read, whose end says config_error only if a stream failed for that.

    The CDK ends a read in which streams failed with config_error whatever made them fail.
    """
    failures: set[FailureType] = set()
    try:
        for message in messages:
            if message.trace is not None and message.trace.error is not None and message.trace.error.failure_type:
                failures.add(message.trace.error.failure_type)
            yield message
    except AirbyteTracedException as error:
        by_weight = (FailureType.config_error, FailureType.system_error, FailureType.transient_error)
        error.failure_type = next((kind for kind in by_weight if kind in failures), error.failure_type)
        raise


def _warn_left_out(name: str, reason: str) -> None:
    LOGGER.warning("Stream %s is left out: %s", name, reason)
