"""The config keys of this connector beside the shared ones."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict

from lms_shared.config.groups import ADVANCED, CONNECTION, GROUPS, WRITTEN
from lms_shared.config.model import Group, key
from lms_shared.destination.settings import DestinationConfig
from lms_shared.model.declarations import Mode
from lms_shared.skilljar_v2.settings import VERSION_2, VersionTwoKeys


class Settings(DestinationConfig, VersionTwoKeys):
    """A config of this destination."""

    model_config = ConfigDict(title="Skilljar")
    form_groups: ClassVar[tuple[Group, ...]] = (CONNECTION, VERSION_2, *(one for one in GROUPS if one != CONNECTION))

    api_key: str = key(
        "API key",
        "A key with write permission. In Skilljar: Organization settings, then API Credentials.",
        secret=True,
        group=CONNECTION,
    )
    domain_name: str = key(
        "Domain",
        "Host name of the training site to write to.",
        examples=["academy.example.com"],
        pattern="^\\s*[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?\\s*$",
        pattern_descriptor="a host name such as academy.example.com, without https:// and path",
        group=CONNECTION,
    )
    user_reference_signup_field: str | None = key(
        "Signup field for the external reference",
        "Label of a text signup field of the domain that holds a learner's external reference. Without it Skilljar has "
        "no place for one, and learners are found by e-mail address alone.",
        default=None,
        examples=["Employee number"],
        group=WRITTEN,
        order=10,
    )
    # Skilljar API, rate limits: 600 calls a minute and 5,000 an hour, shared by all keys of an organization.
    requests_per_minute: int = key(
        "Calls per minute",
        "This connector's share of the organization's quota of 600 calls a minute.",
        default=600,
        minimum=1,
        group=ADVANCED,
        order=10,
    )
    requests_per_hour: int = key(
        "Calls per hour",
        "This connector's share of the organization's quota of 5,000 calls an hour.",
        default=5000,
        minimum=1,
        group=ADVANCED,
        order=11,
    )
    base_url: str = key(
        "API address",
        "Address of the API, with /v1. Change it for tests only.",
        default="https://api.skilljar.com/v1",
        pattern="^\\s*https?://.+$",
        pattern_descriptor="a URL that starts with http:// or https://",
        group=ADVANCED,
        order=90,
    )

    @property
    def domain(self) -> str:
        """The host name, as Skilljar writes it."""
        return self.domain_name.lower()

    @property
    def only_creates(self) -> bool:
        """Whether records of some stream change nothing that is there already."""
        return any(one.mode is Mode.CREATE_ONLY for one in self.stream_mappings)
