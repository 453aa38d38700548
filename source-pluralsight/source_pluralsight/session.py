"""One command's session with the API: what introspection shows, and the plans made of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from airbyte_cdk.models import AirbyteStream, SyncMode

from source_pluralsight.api.client import CHECK_PERSISTENCE, SYNC_PERSISTENCE, PluralsightClient
from source_pluralsight.api.introspection import Introspection, introspect
from source_pluralsight.cursors.instants import Instant, written
from source_pluralsight.dialect import Learned
from source_pluralsight.partitions.stream_reader import Run
from source_pluralsight.planning.plan import Plans, StreamPlan, plan_streams
from source_pluralsight.planning.probe import first_readable, probe_all, refused
from source_pluralsight.planning.table import known_streams
from source_pluralsight.settings import Settings

LOGGER = logging.getLogger("airbyte.source_pluralsight")

CHECKED_FIRST = ("plan_admins", "users", "course_catalog")
"""Streams by which `check` tells whether a key is good; `planAdmins` is documented for both plan tiers."""


class Session:
    """Asks for the schema when it is made. Raises PluralsightError where the service is in trouble."""

    def __init__(self, settings: Settings, *, for_check: bool = False) -> None:
        client = PluralsightClient(settings, CHECK_PERSISTENCE if for_check else SYNC_PERSISTENCE)
        self.run = Run(client, settings, Learned())
        self._introspection: Introspection = introspect(client)
        self._planned: Plans = plan_streams(known_streams(), settings, self._introspection.schema)

    @property
    def plans(self) -> Mapping[str, StreamPlan]:
        """The plans by stream."""
        return {plan.name: plan for plan in self._planned.streams}

    @property
    def clock(self) -> Instant:
        """The API's clock when the command began."""
        return written(self.run.client.clock)

    @property
    def is_blind(self) -> bool:
        """Whether introspection was refused."""
        return self._introspection.schema is None

    def require_readable(self) -> None:
        """Raises AirbyteTracedException where no stream can be read, or the configuration asks for what is unknown."""
        first_readable(self.run, self._in_order(CHECKED_FIRST))
        if self._planned.problems:
            raise refused(f"{'; '.join(self._planned.problems)}. Correct the configuration.")

    def offered(self) -> list[AirbyteStream]:
        """The streams whose first page can be read, as a catalog shows them."""
        return [_shown(plan) for plan in self._readable()]

    def log_notes(self, names: set[str] | None) -> None:
        """Says what is left out. `names` are the streams that matter, None for all."""
        if self.is_blind:
            LOGGER.warning(
                "Introspection is refused (%s). Only the streams that the connector knows by itself are offered.",
                self._introspection.refusal,
            )
        for stream, note in self._planned.notes:
            if names is None or stream in names:
                LOGGER.warning("%s", note)
        if names is None:
            for name, reason in self._planned.left_out.items():
                _warn_left_out(name, reason)

    def reason_against(self, name: str) -> str:
        """Why a stream is not there."""
        if name in self._planned.left_out:
            return self._planned.left_out[name]
        if self.is_blind:
            return f"introspection is refused ({self._introspection.refusal})"
        return "the API has no such query for this key"

    def _in_order(self, first: tuple[str, ...]) -> list[StreamPlan]:
        return sorted(
            self._planned.streams, key=lambda plan: first.index(plan.name) if plan.name in first else len(first)
        )

    def _readable(self) -> list[StreamPlan]:
        probes = probe_all(self.run, self._planned.streams)
        refusals = {probed.plan.name: probed.refusal for probed in probes if probed.refusal is not None}
        if probes and len(refusals) == len(probes):
            raise refused(next(iter(refusals.values())))
        readable = []
        for probed in probes:
            plan = probed.plan
            reason = refusals.get(plan.name) or (refusals.get(plan.parent.stream) if plan.parent else None)
            if reason is None:
                readable.append(plan)
            else:
                _warn_left_out(plan.name, f"{reason}{f' Hint: {plan.hint}.' if plan.hint else ''}")
        return readable


def _shown(plan: StreamPlan) -> AirbyteStream:
    is_incremental = plan.cursor_field is not None and plan.parent is None
    return AirbyteStream(
        name=plan.name,
        json_schema=plan.schema,
        supported_sync_modes=[SyncMode.full_refresh, *([SyncMode.incremental] if is_incremental else [])],
        source_defined_cursor=True if is_incremental else None,
        default_cursor_field=[plan.cursor_field] if is_incremental and plan.cursor_field else None,
        source_defined_primary_key=[[part] for part in plan.primary_key] or None,
        is_resumable=is_incremental,
    )


def _warn_left_out(name: str, reason: str) -> None:
    LOGGER.warning("Stream %s is left out: %s", name, reason)
