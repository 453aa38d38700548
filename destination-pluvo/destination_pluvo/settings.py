"""The config keys of this connector beside the shared ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from pydantic import ConfigDict

from lms_shared.config.groups import ADVANCED, CONNECTION, WRITTEN
from lms_shared.config.model import key
from lms_shared.destination.settings import DestinationConfig
from lms_shared.errors import config_error
from lms_shared.presets import PRESETS
from lms_shared.upsert.routing.settings import StreamMapping
from lms_shared.upsert.routing.targets import known_name

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


class Settings(DestinationConfig):
    """A config of this destination."""

    model_config = ConfigDict(title="Pluvo")

    organization: str | None = key(
        "Organization",
        "First part of the academy's address: acme for acme.pluvo.com.",
        default=None,
        examples=["acme"],
        group=CONNECTION,
        unless="base_url",
    )
    client_id: str = key(
        "Client ID",
        "ID of the API client, which Pluvo hands out on request.",
        secret=False,
        group=CONNECTION,
    )
    client_secret: str = key(
        "Client secret",
        "Secret of the API client.",
        secret=True,
        group=CONNECTION,
    )
    content_object: ContentObject = key(
        "Content becomes",
        "training: a learning journey that learners are added to. offer: an entry of the catalog with one event that "
        "learners are enrolled in.",
        default=ContentObject.TRAINING,
        group=WRITTEN,
        order=10,
    )
    certificate_id: str | None = key(
        "Certificate template",
        "ID of the certificate template that is issued with each completion that is not failed. Pluvo may e-mail the "
        "certificate to the learner, and the API has no switch against that.",
        default=None,
        group=WRITTEN,
        order=11,
    )
    requests_per_minute: int = key(
        "Calls per minute",
        "This connector's share of what the client may do.",
        default=600,
        minimum=1,
        group=ADVANCED,
        order=10,
    )
    operations_per_document: int = key(
        "Records per call",
        "Records that are looked up, by up to two keys each, or written in one call. The connector lowers it where "
        "Pluvo refuses so many.",
        default=50,
        minimum=1,
        maximum=100,
        group=ADVANCED,
        order=12,
    )
    # Introduction page: a limit per client without numbers, and heavy use is restricted. So: few calls at once.
    num_workers: int = key(
        "Calls at the same time",
        "How many calls to the LMS are made at the same time.",
        default=2,
        minimum=1,
        maximum=20,
        group=ADVANCED,
    )
    base_url: str | None = key(
        "API address",
        "Scheme and host of the academy, where it does not follow from the organization; it is taken in its place.",
        default=None,
        examples=["https://acme.pluvo.com"],
        pattern="^\\s*https?://.+$",
        pattern_descriptor="a URL that starts with http:// or https://",
        group=ADVANCED,
        order=90,
    )

    @property
    def address(self) -> str:
        """Scheme and host of the API. Raises AirbyteTracedException (config_error) where the config names none."""
        if self.base_url:
            return self.base_url.rstrip("/")
        if not self.organization:
            raise config_error("Enter the organization: the first part of its address, as in acme.pluvo.com.")
        name = _HOST.match(self.organization)
        if name is None:
            raise config_error(
                f"'{self.organization}' is not an organization name. Enter the first part of its address, as in "
                "acme.pluvo.com."
            )
        return f"https://{name.group(1).lower()}.{_DOMAIN}"

    @property
    def extra_fields(self) -> tuple[str, ...]:
        """Names of the custom fields that mappings write to, without the prefix."""
        targets = (one.target for mapping in self.stream_mappings for one in mapping.fields)
        names = (target.removeprefix(EXTRA_FIELD).strip() for target in targets if target.startswith(EXTRA_FIELD))
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def mapped_objects(self) -> frozenset[str]:
        """Objects that mappings write to; empty without mappings."""
        return frozenset(name for mapping in self.stream_mappings for name in _objects(mapping))

    @property
    def callers(self) -> int:
        """Items to be worked on at the same time, so that documents get full."""
        return min(MOST_CALLERS, self.num_workers * self.operations_per_document)


def _objects(mapping: StreamMapping) -> Iterator[str]:
    preset = PRESETS.get(mapping.preset, {})
    if mapping.object:
        yield mapping.object
    elif preset:
        yield from (target.object_name for target in preset.get(known_name(mapping.stream, preset) or "", ()))
    else:
        yield mapping.stream
