"""The configuration as the streams use it: checked, with defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from source_skilljar.timestamps import parse_timestamp

PUBLIC_BASE_URL = "https://api.skilljar.com/v1"
NUM_WORKERS = 6
"""Calls at a time. Observed by another client: six ran without trouble."""
PER_MINUTE, PER_HOUR = 600, 5_000
"""Skilljar's quota of an organization, all its keys together."""


@dataclass(frozen=True)
class Settings:
    """What a user configured. `domains` are host names in lower case, empty for all."""

    api_key: str
    base_url: str
    domains: frozenset[str]
    start: datetime | None
    num_workers: int
    per_minute: int
    per_hour: int


def resolve_settings(config: Mapping[str, Any]) -> Settings:
    """Check the configuration. Raises AirbyteTracedException (config_error) that says what to change."""
    given = {key: value for key, value in config.items() if value is not None}
    return Settings(
        api_key=_api_key(str(given.get("api_key", ""))),
        base_url=_base_url(str(given.get("base_url", PUBLIC_BASE_URL))),
        domains=frozenset(name for entry in given.get("domains", []) if (name := _host(str(entry)))),
        start=_start(given.get("start_date")),
        num_workers=_whole(given, "num_workers", NUM_WORKERS),
        per_minute=_whole(given, "requests_per_minute", PER_MINUTE),
        per_hour=_whole(given, "requests_per_hour", PER_HOUR),
    )


def _api_key(value: str) -> str:
    key = value.strip()
    if not key:
        raise config_error("api_key is empty. Enter a Skilljar API key.")
    if not key.isascii() or not key.isprintable() or " " in key or ":" in key:
        raise config_error("api_key holds characters that no key can have. Copy the key again.")
    return key


def _base_url(value: str) -> str:
    url = value.strip().rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise config_error(f"base_url is no http or https address. Correct it, or remove it to use {PUBLIC_BASE_URL}.")
    return url


def _host(entry: str) -> str:
    """Skilljar, domain_name: the host name in lower case. A pasted address is cut down to its host."""
    text = entry.strip().lower()
    return (urlsplit(text).hostname or "") if "://" in text else text.rstrip("/")


def _start(value: Any) -> datetime | None:
    if value in (None, ""):
        return None
    moment = parse_timestamp(value)
    if moment is None:
        raise config_error("start_date is no date and time. Write it like 2025-01-01T00:00:00Z.")
    return moment


def _whole(given: Mapping[str, Any], key: str, default: int) -> int:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise config_error(f"{key} must be a whole number from 1 on.")
    return value


def config_error(message: str) -> AirbyteTracedException:
    """An error that the user mends in the configuration."""
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.config_error)
