"""The config keys of this connector beside the shared ones, and the form."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lms_shared.destination.form import shared_properties
from lms_shared.errors import config_error
from lms_shared.presets import PRESETS
from lms_shared.upsert.routing.settings import DEFAULT_NAMESPACE

logger = logging.getLogger("airbyte")

DEFAULT_PER_MINUTE = 600
DEFAULT_WORKERS = 2
"""Introduction page: a limit per client without numbers, and heavy use is restricted. So: few calls at once."""
DEFAULT_OPERATIONS = 25
MOST_CALLERS = 250
"""Items that are worked on at the same time at most, each in a thread."""
EXTRA_FIELD = "extra:"
"""Begins the name of a mapping's target that is a custom field: an extra category's ref, title or id follows."""
EXTRA_OBJECTS = ("users", "groups", "content")
_DOMAIN = "pluvo.com"
_HOST = re.compile(r"^(?:https?://)?([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.pluvo\.com)?/*$")


class ContentObject(Enum):
    """What content becomes in Pluvo."""

    TRAINING = "training"
    OFFER = "offer"


@dataclass(frozen=True)
class Settings:
    """The Pluvo part of a config."""

    base_url: str
    client_id: str
    client_secret: str
    content_object: ContentObject
    certificate_id: str | None
    requests_per_minute: int
    operations_per_document: int
    extra_fields: tuple[str, ...]
    """Names of the custom fields that mappings write to, without the prefix."""
    mapped_objects: frozenset[str]
    """Objects that mappings write to; empty where there are no mappings."""
    namespace: str
    send_notifications: bool
    num_workers: int

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> Settings:
        """Reads a config that passed the spec's validation.

        Raises AirbyteTracedException (config_error) where keys do not go together.
        """
        settings = cls(
            base_url=_base_url(config),
            client_id=str(config["client_id"]).strip(),
            client_secret=str(config["client_secret"]).strip(),
            content_object=ContentObject(config.get("content_object") or ContentObject.TRAINING.value),
            certificate_id=str(config.get("certificate_id") or "").strip() or None,
            requests_per_minute=config.get("requests_per_minute") or DEFAULT_PER_MINUTE,
            operations_per_document=config.get("operations_per_document") or DEFAULT_OPERATIONS,
            extra_fields=_extra_fields(config),
            mapped_objects=frozenset(_mapped_objects(config)),
            namespace=config.get("namespace") or DEFAULT_NAMESPACE,
            send_notifications=bool(config.get("send_notifications", False)),
            num_workers=config.get("num_workers") or DEFAULT_WORKERS,
        )
        if settings.certificate_id and not settings.send_notifications:
            # Help pages: participants are told of a certificate by mail. No argument turns that off, and whether the
            # API does it too is not said. Who names a template asks for certificates, so it is a warning.
            logger.warning(
                "Pluvo may mail each certificate to its learner, whatever send_notifications says. "
                "Remove certificate_id to be sure that no mail is sent."
            )
        return settings

    @property
    def callers(self) -> int:
        """Items to be worked on at the same time, so that documents get full."""
        return min(MOST_CALLERS, self.num_workers * self.operations_per_document)


def _base_url(config: Mapping[str, Any]) -> str:
    given = str(config.get("base_url") or "").strip().rstrip("/")
    if given:
        return given
    organization = str(config.get("organization") or "").strip()
    if not organization:
        raise config_error("Enter the organization: the first part of its address, as in acme.pluvo.com.")
    name = _HOST.match(organization)
    if name is None:
        raise config_error(
            f"'{organization}' is no organization. Enter the first part of its address, as in acme.pluvo.com."
        )
    return f"https://{name.group(1).lower()}.{_DOMAIN}"


def _extra_fields(config: Mapping[str, Any]) -> tuple[str, ...]:
    targets = (
        str(entry.get("target") or "")
        for mapping in config.get("stream_mappings") or ()
        for entry in mapping.get("fields") or ()
    )
    names = (target.removeprefix(EXTRA_FIELD).strip() for target in targets if target.startswith(EXTRA_FIELD))
    return tuple(dict.fromkeys(name for name in names if name))


def _mapped_objects(config: Mapping[str, Any]) -> Iterator[str]:
    for mapping in config.get("stream_mappings") or ():
        stream, preset = mapping.get("stream"), PRESETS.get(mapping.get("preset") or "none", {})
        if mapping.get("object"):
            yield str(mapping["object"])
        elif preset:
            yield from (target.object_name for target in preset.get(stream, ()))
        else:
            yield str(stream)


def connection_specification() -> dict[str, Any]:
    """The form, as JSON schema."""
    own = {
        "organization": {
            "type": "string",
            "title": "Organization",
            "description": "First part of the academy's address: acme for acme.pluvo.com.",
            "examples": ["acme"],
            "order": 0,
        },
        "client_id": {
            "type": "string",
            "title": "Client id",
            "description": "Id of the API client, handed out by Pluvo on request.",
            "airbyte_secret": False,
            "order": 1,
        },
        "client_secret": {
            "type": "string",
            "title": "Client secret",
            "description": "Secret of the API client.",
            "airbyte_secret": True,
            "order": 2,
        },
        "content_object": {
            "type": "string",
            "title": "Content becomes",
            "description": "training: a learning journey that learners are added to. offer: an entry of the catalogue "
            "with one event that learners are enrolled in.",
            "enum": [one.value for one in ContentObject],
            "default": ContentObject.TRAINING.value,
            "order": 3,
        },
        "certificate_id": {
            "type": "string",
            "title": "Certificate",
            "description": "Id of the certificate template that is issued with each completion which is not failed. "
            "Pluvo may mail it to the learner, and the API has no switch against that.",
            "order": 4,
        },
        "requests_per_minute": {
            "type": "integer",
            "title": "Calls per minute",
            "description": "This connector's share of what the client may do.",
            "default": DEFAULT_PER_MINUTE,
            "minimum": 1,
            "order": 5,
        },
        "operations_per_document": {
            "type": "integer",
            "title": "Operations per call",
            "description": "Look-ups or writes that are put into one call. Made smaller by the connector itself where "
            "Pluvo refuses so many.",
            "default": DEFAULT_OPERATIONS,
            "minimum": 1,
            "maximum": 100,
            "order": 6,
        },
        "base_url": {
            "type": "string",
            "title": "Base address",
            "description": "Scheme and host of the academy, where it is not made of the organization.",
            "examples": ["https://acme.pluvo.com"],
            "pattern": "^\\s*https?://.+$",
            "pattern_descriptor": "an address that begins with http:// or https://",
            "order": 7,
        },
    }
    shared = shared_properties(len(own))
    shared["num_workers"] = {**shared["num_workers"], "default": DEFAULT_WORKERS}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Pluvo",
        "type": "object",
        "required": ["client_id", "client_secret"],
        "additionalProperties": True,
        "properties": {**own, **shared},
    }
