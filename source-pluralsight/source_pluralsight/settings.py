"""The config keys of this connector: each is declared once, with its place in the form, its default and its meaning."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import ConfigDict, field_validator

from lms_shared.clientversion import client_version
from lms_shared.config.groups import ADVANCED, CONNECTION
from lms_shared.config.model import ConfigModel, Group, key
from lms_shared.config.problems import read_config
from lms_shared.config.tidy import known_keys
from lms_shared.config.unknown import unknown_keys_problem
from lms_shared.privacy import hide_secret
from source_pluralsight.cursors.instants import Instant, instant_of

LOGGER = logging.getLogger("airbyte.source_pluralsight")

PUBLIC_ENDPOINT = "https://paas-api.pluralsight.com/graphql"
READ = Group("read", "What is read")

CourseState = Literal["Published", "Retired", "Removed"]


class Settings(ConfigModel):
    """A config of this source."""

    model_config = ConfigDict(title="Pluralsight Skills")
    form_groups = (CONNECTION, READ, ADVANCED)

    api_key: str = key(
        "API key",
        "GraphQL API key of your Pluralsight plan. A plan admin makes keys on the Manage Keys page; write permission "
        "is not needed. The key's release stage and your plan decide which streams there are.",
        secret=True,
        group=CONNECTION,
        order=0,
    )
    partner_name: str = key(
        "Partner name",
        "Your company or product. Pluralsight asks integrations to name themselves: every request carries the header "
        'clientversion, for example "Acme skills_data connector". Blanks inside a part become underscores.',
        examples=["Acme", "Acme Learning"],
        group=CONNECTION,
        order=1,
    )
    connector_type: str = key(
        "Connector type",
        "Second part of the clientversion header. Two connections that do different things should have different "
        "values.",
        default="skills_data",
        examples=["skills_data", "content_catalog", "skillIQ_assessment"],
        group=CONNECTION,
        order=2,
    )
    start_date: Instant | None = key(
        "Start date",
        "The oldest change (updatedOn, UTC) of course progress to read. Leave it empty to read all of it; the first "
        "sync of a large plan is then long.",
        default=None,
        examples=["2025-01-01T00:00:00Z"],
        pattern=r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z\s*$",
        pattern_descriptor="YYYY-MM-DDTHH:mm:ssZ",
        text_format="date-time",
        always_show=True,
        group=READ,
        order=0,
    )
    show_off_plan_content: bool = key(
        "Include content outside the plan",
        "Whether the course catalog and the Skill IQ catalog hold what your plan may not use. Learners may have "
        "progress in such courses all the same: switch it on if course progress goes into an LMS.",
        default=False,
        always_show=True,
        group=READ,
        order=1,
    )
    course_states: tuple[CourseState, ...] = key(
        "Course states",
        "States of courses to read into the course catalog. Leave it empty to read all, which old progress needs.",
        default=(),
        group=READ,
        order=2,
    )
    content_types: tuple[str, ...] = key(
        "Content types",
        "Content types to read into the content catalog, for example PATH. Leave it empty to read all.",
        default=(),
        group=READ,
        order=3,
    )
    lookback_window_days: int = key(
        "Look-back window in days",
        "Incremental reads of course progress start this many days before the last change seen, so that rows which "
        "Pluralsight's daily load brings late are not missed.",
        default=1,
        minimum=0,
        maximum=30,
        group=READ,
        order=4,
    )
    page_size: int = key(
        "Page size",
        "Rows per request. Pluralsight recommends 1000, which also keeps a client below the rate limit.",
        default=1000,
        minimum=1,
        maximum=10_000,
        group=ADVANCED,
        order=0,
    )
    num_workers: int = key(
        "Concurrent requests",
        "How many requests are made at the same time.",
        default=4,
        minimum=1,
        maximum=20,
        group=ADVANCED,
        order=1,
    )
    endpoint: str = key(
        "API address",
        "Address of the API. Change it for tests only.",
        default=PUBLIC_ENDPOINT,
        pattern=r"^\s*https?://\S+\s*$",
        pattern_descriptor="a URL that starts with http:// or https://",
        group=ADVANCED,
        order=2,
    )

    @field_validator("api_key")
    @classmethod
    def _sendable(cls, value: str) -> str:
        """Its form is not published, so nothing is asked of it but that it can be sent."""
        if not value.isprintable() or not value.isascii() or " " in value:
            raise ValueError("api_key holds characters that no key can have; copy the key again")
        hide_secret(value)
        return value

    @field_validator("start_date")
    @classmethod
    def _an_instant(cls, value: str | None) -> Instant | None:
        instant = None if value is None else instant_of(value)
        if value is not None and instant is None:
            raise ValueError("start_date is not a valid date-time; write it like 2025-01-01T00:00:00Z")
        return instant

    @field_validator("content_types", "course_states")
    @classmethod
    def _each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value))

    @property
    def look_back(self) -> timedelta:
        """The overlap of incremental reads."""
        return timedelta(days=self.lookback_window_days)

    @property
    def client_version(self) -> str:
        """The header by which Pluralsight tells partners apart. Raises a config_error where it cannot be sent."""
        return client_version(self.partner_name, self.connector_type)


def read_settings(config: Mapping[str, Any]) -> Settings:
    """The config as the connector uses it.

    Unknown keys are warned of and not refused: they harm nothing in a source. Raises AirbyteTracedException
    (config_error) that names the key which is wrong.
    """
    form = Settings.form()
    known = known_keys(form)
    unknown = unknown_keys_problem(form, config)
    if unknown is not None:
        LOGGER.warning("%s It has no effect.", unknown)
    settings = read_config(Settings, form, {name: value for name, value in config.items() if name in known})
    if isinstance(config.get("connector_type"), str) and not config["connector_type"].strip():
        # The default in its place would name another connection (Pluralsight, building integrations).
        client_version(settings.partner_name, "")
    _ = settings.client_version
    return settings
