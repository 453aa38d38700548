"""What a row becomes before it leaves: parents' ids and key copies added, secrets dropped, the rest as it came."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from airbyte_cdk.sources.declarative.transformations import RecordTransformation
from airbyte_cdk.sources.declarative.types import Config, StreamSlice, StreamState

from source_skilljar.drive import drive_of
from source_skilljar.listing import Listing, dig

SECRETS = frozenset(
    {
        "login_token",
        "invite_url",
        "target_url",
        "basic_auth_username",
        "basic_auth_password",
        "additional_headers",
        "download_url",
    }
)
"""Skilljar, secrets in answers: credentials of webhooks, single-use links, and links that work without a key."""


@dataclass
class RecordShape(RecordTransformation):
    """Shapes the rows of one stream."""

    listing: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._listing = Listing.of(self.listing)
        self._secrets = SECRETS | set(self._listing.secrets)

    def transform(
        self,
        record: dict[str, Any],
        config: Config | None = None,
        stream_state: StreamState | None = None,
        stream_slice: StreamSlice | None = None,
    ) -> None:
        without(record, self._secrets)
        if stream_slice is not None:
            for name, value in stream_slice.partition.items():
                if name != self._listing.item_key:
                    record[name] = value
            drive = drive_of(stream_slice)
            if drive is not None and drive.field is not None:
                record[drive.field] = drive.stamp
        for name, path in self._listing.copies.items():
            if record.get(name) is None:
                record[name] = dig(record, path)


def without(value: Any, names: Collection[str]) -> None:
    """Drop the fields of these names at any depth."""
    if isinstance(value, dict):
        for name in [name for name in value if name in names]:
            del value[name]
        for inner in value.values():
            if isinstance(inner, dict | list):
                without(inner, names)
    elif isinstance(value, list):
        for inner in value:
            without(inner, names)
