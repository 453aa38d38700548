"""The config keys of version 2, the same in the source and in the destination."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import field_validator, model_validator

from lms_shared.config.groups import ADVANCED
from lms_shared.config.model import ConfigModel, Group, key
from lms_shared.skilljar_v2.api import V2Credentials

VERSION_2 = Group("version_2", "Version 2 of the API")


class VersionTwoKeys(ConfigModel):
    """Keys of a config that may name a client of version 2. Without one, version 2 is never called."""

    v2_client_id: str | None = key(
        "Client ID of version 2",
        "A client of version 2 of the API, made in the Skilljar dashboard. With it, enrollments and completions go by "
        "the hundred. Leave client ID and secret empty to use version 1 alone.",
        default=None,
        group=VERSION_2,
        order=0,
    )
    v2_client_secret: str | None = key(
        "Client secret of version 2",
        "Shown once, when the client is made. A key of version 1 does not work here.",
        default=None,
        secret=True,
        group=VERSION_2,
        order=1,
    )
    v2_shares_quota: bool = key(
        "Version 2 shares the quota",
        "Count calls of version 2 in the calls per minute and per hour. Skilljar does not say whether it does.",
        default=True,
        group=ADVANCED,
        order=30,
    )
    v2_base_url: str = key(
        "API address of version 2",
        "Address of version 2 of the API, with /v2. Change it for tests only.",
        default="https://api.skilljar.com/v2",
        pattern=r"^\s*https?://\S+\s*$",
        pattern_descriptor="a URL that starts with http:// or https://",
        group=ADVANCED,
        order=91,
    )

    @field_validator("v2_base_url")
    @classmethod
    def _v2_address(cls, value: str) -> str:
        if not urlsplit(value).hostname:
            raise ValueError("v2_base_url must be an http(s) URL with a host name")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _whole_client(self) -> Self:
        given = {"v2_client_id": self.v2_client_id, "v2_client_secret": self.v2_client_secret}
        missing = [name for name, value in given.items() if not value]
        if len(missing) == 1:
            raise ValueError(
                f"{missing[0]} is missing: a client of version 2 is v2_client_id and v2_client_secret together. Enter "
                f"{missing[0]}, or remove the other one"
            )
        api_key = getattr(self, "api_key", None)
        misplaced = next((name for name, value in given.items() if value and value == api_key), None)
        if misplaced is not None:
            raise ValueError(
                f"{misplaced} holds the key of version 1, which does not work for version 2. Enter a client of version "
                "2 there, or remove both keys"
            )
        return self

    @property
    def v2_credentials(self) -> V2Credentials | None:
        """The client of version 2, if there is one."""
        if not self.v2_client_id or not self.v2_client_secret:
            return None
        return V2Credentials(self.v2_client_id, self.v2_client_secret, self.v2_base_url)
