"""What a connection's config says of the engine: mappings, policies, modes, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.model.fields import FieldPolicy

DEFAULT_NAMESPACE = "airbyte"
DEFAULT_BATCH_SIZE = 500
DEFAULT_WORKERS = 6


@dataclass(frozen=True)
class StreamMapping:
    """One entry of `stream_mappings`."""

    stream: str
    object: str | None
    preset: str
    mode: str | None
    fields: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Mappings:
    """How records become objects: where each stream goes, and who wins in each field."""

    streams: tuple[StreamMapping, ...] = ()
    policies: Mapping[str, Mapping[str, FieldPolicy]] = field(default_factory=dict)
    """Field policies by object and field."""


@dataclass(frozen=True)
class MirrorBrake:
    """How many objects mode `mirror` may deactivate in one sync; past either limit it deactivates none."""

    max_deactivated: int = 50
    max_deactivated_share: float = 0.1


@dataclass(frozen=True)
class SyncConfig:
    """The shared part of a destination's config."""

    namespace: str
    mappings: Mappings
    dry_run: bool
    mirror: MirrorBrake
    max_rejected: int | None
    max_rejected_share: float | None
    send_notifications: bool
    num_workers: int
    batch_size: int

    @property
    def policies(self) -> Mapping[str, Mapping[str, FieldPolicy]]:
        """Field policies by object and field."""
        return self.mappings.policies

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> SyncConfig:
        """Reads a config that passed the spec's validation."""
        policies: dict[str, dict[str, FieldPolicy]] = {}
        for one in config.get("field_policies") or []:
            policies.setdefault(one["object"], {})[one["field"]] = FieldPolicy(one["policy"])
        mirror = config.get("mirror") or {}
        return cls(
            namespace=config.get("namespace") or DEFAULT_NAMESPACE,
            mappings=Mappings(tuple(_mapping(one) for one in config.get("stream_mappings") or []), policies),
            dry_run=bool(config.get("dry_run", False)),
            mirror=MirrorBrake(**{key: value for key, value in mirror.items() if key in MirrorBrake.__annotations__}),
            max_rejected=config.get("max_rejected"),
            max_rejected_share=config.get("max_rejected_share"),
            send_notifications=bool(config.get("send_notifications", False)),
            num_workers=config.get("num_workers") or DEFAULT_WORKERS,
            batch_size=config.get("batch_size") or DEFAULT_BATCH_SIZE,
        )


def _mapping(entry: Mapping[str, Any]) -> StreamMapping:
    return StreamMapping(
        stream=entry["stream"],
        object=entry.get("object") or None,
        preset=entry.get("preset") or "none",
        mode=entry.get("mode") or None,
        fields=tuple(entry.get("fields") or ()),
    )
