"""The config keys of the connector: form, defaults and parsing from one declaration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import ConfigDict, field_validator

from lms_shared.config.groups import ADVANCED, CONNECTION
from lms_shared.config.model import Group, key
from lms_shared.config.problems import read_config
from lms_shared.skilljar_v2.settings import VERSION_2, VersionTwoKeys
from source_skilljar import dialect
from source_skilljar.cursors.timestamps import parse_timestamp

READ = Group("read", "What is read")


class Settings(VersionTwoKeys):
    """A config of this source."""

    model_config = ConfigDict(title="Skilljar")
    form_groups: ClassVar[tuple[Group, ...]] = (CONNECTION, READ, VERSION_2, ADVANCED)

    api_key: str = key(
        "API key",
        "A key of your Skilljar organization; one that may only read is enough. In Skilljar: Organization settings, "
        "then API Credentials. It reads all domains of the organization.",
        secret=True,
        group=CONNECTION,
    )
    domains: tuple[str, ...] = key(
        "Domains",
        "Host names of the training sites to read. Leave it empty to read all. What belongs to no site, such as "
        "courses and users, is read in any case.",
        default=(),
        examples=["academy.example.com"],
        group=READ,
        order=0,
        always_show=True,
    )
    start_date: str | None = key(
        "Start date",
        "The oldest change (UTC) that incremental streams read. Rows without a time are read in any case. Leave it "
        "empty to read everything. Streams without a cursor are not affected.",
        default=None,
        examples=["2025-01-01T00:00:00Z"],
        pattern=r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z\s*$",
        pattern_descriptor="YYYY-MM-DDTHH:mm:ssZ",
        text_format="date-time",
        group=READ,
        order=1,
    )
    max_staleness_days: int = key(
        "Longest staleness in days",
        "Some lists carry no sign of a change: content items, invites, and what hangs on a published course. "
        "Incremental syncs read them in turns, each again after this many days at the latest. 0 reads all of them in "
        "each sync, which costs a call for each lesson, member and published course.",
        default=7,
        minimum=0,
        maximum=90,
        group=READ,
        order=2,
    )
    lookback_days: int = key(
        "Look-back in days",
        "How far incremental syncs of `enrollments` and `certificates` look back behind the last one, for what is "
        "written late or dated in the past.",
        default=3,
        minimum=0,
        maximum=30,
        group=VERSION_2,
        order=2,
    )
    num_workers: int = key(
        "Concurrent calls",
        "How many calls run at the same time.",
        default=dialect.PARALLEL_CALLS.assumed,
        minimum=1,
        maximum=20,
        group=ADVANCED,
        order=0,
    )
    requests_per_minute: int = key(
        "Calls per minute",
        "This connection's share of the organization's quota of 600 calls a minute.",
        default=dialect.CALLS_PER_MINUTE.assumed,
        minimum=1,
        group=ADVANCED,
        order=1,
    )
    requests_per_hour: int = key(
        "Calls per hour",
        "This connection's share of the organization's quota of 5,000 calls an hour.",
        default=dialect.CALLS_PER_HOUR.assumed,
        minimum=1,
        group=ADVANCED,
        order=2,
    )
    base_url: str = key(
        "API address",
        "Address of the API, with /v1. Change it for tests only.",
        default="https://api.skilljar.com/v1",
        pattern=r"^\s*https?://\S+\s*$",
        pattern_descriptor="a URL that starts with http:// or https://",
        group=ADVANCED,
        order=90,
    )

    @field_validator("api_key")
    @classmethod
    def _fit_for_a_header(cls, value: str) -> str:
        if not value.isascii() or not value.isprintable() or " " in value or ":" in value:
            raise ValueError("api_key holds characters that no key can have. Copy the key again")
        return value

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not urlsplit(value).hostname:
            raise ValueError("base_url must be an http(s) URL with a host name")
        return value.rstrip("/")

    @field_validator("start_date")
    @classmethod
    def _a_moment(cls, value: str | None) -> str | None:
        if value is not None and parse_timestamp(value) is None:
            raise ValueError("start_date is not a valid date-time")
        return value

    @property
    def start(self) -> datetime | None:
        """The start date as a moment."""
        return parse_timestamp(self.start_date)

    @property
    def domain_names(self) -> frozenset[str]:
        """Host names of the domains to read, in lower case; empty for all."""
        return frozenset(name for entry in self.domains if (name := _host(entry)))


@cache
def form() -> dict[str, Any]:
    """The form that Airbyte shows."""
    return Settings.form()


def resolve_settings(config: Mapping[str, Any]) -> Settings:
    """Check the configuration. Raises AirbyteTracedException (config_error) that says what to change."""
    return read_config(Settings, form(), config)


def _host(entry: str) -> str:
    """Skilljar reference, 1.2, domain_name: the host name in lower case. A pasted address is cut down to its host."""
    text = entry.strip().lower()
    return (urlsplit(text).hostname or "") if "://" in text else text.rstrip("/")
