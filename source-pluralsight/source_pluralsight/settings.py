"""The configuration as the streams use it: defaults filled in, header values made and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets

from lms_shared.clientversion import HEADER_NAME, client_version
from source_pluralsight.timestamps import in_utc

PUBLIC_ENDPOINT = "https://paas-api.pluralsight.com/graphql"

DEFAULTS: Mapping[str, Any] = {
    "connector_type": "skills_data",
    "lookback_window_days": 1,
    "page_size": 1000,
    "show_off_plan_content": False,
    "content_types": [],
    "num_workers": 4,
    "endpoint": PUBLIC_ENDPOINT,
}


def resolve_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with its defaults and, under `clientversion`, the header that goes with every request.

    Raises AirbyteTracedException (config_error) when the key or the header could not be sent.
    """
    given = {key: value for key, value in config.items() if value is not None}
    settings = {**DEFAULTS, **given}
    settings["api_key"] = _api_key(str(settings.get("api_key", "")))
    settings["endpoint"] = str(settings["endpoint"]).strip()
    settings["content_types"] = list(dict.fromkeys(settings["content_types"]))
    if "start_date" in settings:
        settings["start_date"] = _start_date(str(settings["start_date"]))
    settings[HEADER_NAME] = client_version(str(settings.get("partner_name", "")), str(settings["connector_type"]))
    return settings


def _api_key(value: str) -> str:
    """The key without the blanks that come with copying. Its form is not published, so nothing else is asked of it."""
    key = value.strip()
    if not key:
        raise _config_error("api_key is empty. Enter a Pluralsight GraphQL API key.")
    if not key.isprintable() or not key.isascii() or " " in key:
        raise _config_error("api_key holds characters that no key can have. Copy the key again.")
    add_to_secrets(key)
    return key


def _start_date(value: str) -> str:
    moment = in_utc(value)
    if moment is None:
        raise _config_error("start_date is no date and time. Write it like 2025-01-01T00:00:00Z.")
    return moment


def _config_error(message: str) -> AirbyteTracedException:
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.config_error)
