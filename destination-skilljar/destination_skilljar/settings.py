"""The config keys of this connector beside the shared ones, and the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lms_shared.destination.form import shared_properties
from lms_shared.model.declarations import Mode
from lms_shared.upsert.routing.settings import DEFAULT_NAMESPACE

DEFAULT_BASE_URL = "https://api.skilljar.com/v1"
DEFAULT_PER_MINUTE, DEFAULT_PER_HOUR = 600, 5000
"""Skilljar API, rate limits: 600 calls a minute and 5,000 an hour, shared by all keys of an organisation."""


@dataclass(frozen=True)
class Settings:
    """The Skilljar part of a config."""

    api_key: str
    domain: str
    base_url: str
    requests_per_minute: int
    requests_per_hour: int
    user_reference_signup_field: str | None
    namespace: str
    send_notifications: bool
    num_workers: int
    only_creates: bool
    """Whether records of some stream change nothing that is there already."""

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> Settings:
        """Reads a config that passed the spec's validation."""
        return cls(
            api_key=config["api_key"],
            domain=str(config["domain_name"]).strip().lower(),
            base_url=str(config.get("base_url") or DEFAULT_BASE_URL).strip(),
            requests_per_minute=config.get("requests_per_minute") or DEFAULT_PER_MINUTE,
            requests_per_hour=config.get("requests_per_hour") or DEFAULT_PER_HOUR,
            user_reference_signup_field=config.get("user_reference_signup_field") or None,
            namespace=config.get("namespace") or DEFAULT_NAMESPACE,
            send_notifications=bool(config.get("send_notifications", False)),
            num_workers=config.get("num_workers") or 6,
            only_creates=any(one.get("mode") == Mode.CREATE_ONLY.value for one in config.get("stream_mappings") or []),
        )


def connection_specification() -> dict[str, Any]:
    """The form, as JSON schema."""
    own = {
        "api_key": {
            "type": "string",
            "title": "API key",
            "description": "A key with write permission, from Organization settings > API Credentials in Skilljar.",
            "airbyte_secret": True,
            "order": 0,
        },
        "domain_name": {
            "type": "string",
            "title": "Domain",
            "description": "Host name of the training site to write to.",
            "examples": ["academy.example.com"],
            "pattern": "^\\s*[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?\\s*$",
            "pattern_descriptor": "a host name, without https:// and path",
            "order": 1,
        },
        "user_reference_signup_field": {
            "type": "string",
            "title": "Signup field for the external reference",
            "description": "Label of a text signup field of the domain that holds a learner's external reference. "
            "Without it Skilljar has no place for one, and learners are matched by e-mail address alone.",
            "examples": ["Employee number"],
            "order": 2,
        },
        "requests_per_minute": {
            "type": "integer",
            "title": "Calls per minute",
            "description": "This connector's share of the organisation's quota of 600 calls a minute.",
            "default": DEFAULT_PER_MINUTE,
            "minimum": 1,
            "order": 3,
        },
        "requests_per_hour": {
            "type": "integer",
            "title": "Calls per hour",
            "description": "This connector's share of the organisation's quota of 5,000 calls an hour.",
            "default": DEFAULT_PER_HOUR,
            "minimum": 1,
            "order": 4,
        },
        "base_url": {
            "type": "string",
            "title": "Base address",
            "description": "Address of the API, with /v1; only to be changed for tests.",
            "default": DEFAULT_BASE_URL,
            "pattern": "^\\s*https?://.+$",
            "pattern_descriptor": "an address that begins with http:// or https://",
            "order": 5,
        },
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Skilljar",
        "type": "object",
        "required": ["api_key", "domain_name"],
        "additionalProperties": True,
        "properties": {**own, **shared_properties(len(own))},
    }
