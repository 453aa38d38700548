"""What all streams of one command share: settings, calls, pages, and what was learnt about the API on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.call_rate import APIBudget
from airbyte_cdk.utils import AirbyteTracedException

from source_skilljar.availability import Availability
from source_skilljar.failures import Failures
from source_skilljar.list_sizes import ListSizes
from source_skilljar.page import Page
from source_skilljar.page_store import PageStore
from source_skilljar.settings import Settings, config_error
from source_skilljar.transport import Rules, Transport
from source_skilljar.waiting import Waiting

SYNC_KEY = "__sync"
"""The key under which declarative components find the Sync; their config is all that the CDK hands them."""
KEY_REFUSED = (
    "Skilljar refuses this API key everywhere. Enter an active key of the organisation "
    "(dashboard, organization settings, API credentials)."
)
WRONG_ADDRESS = "No Skilljar API answers at base_url. Correct it, or remove it to use the public address."


class Sync:
    """One command of the connector. Safe for threads."""

    def __init__(self, settings: Settings, messages: MessageRepository, max_retries: int | None = None) -> None:
        self.settings = settings
        self.transport = Transport(settings, Waiting(messages), max_retries)
        self._began = datetime.now(UTC)
        self.pages = PageStore()
        self.failures = Failures()
        self.shared_streams: frozenset[str] = frozenset()
        """Streams whose pages more than one reader needs."""
        self.availability = Availability(self._check_key)
        self._rules: Rules | None = None
        self._budget: APIBudget | None = None
        self.sizes: ListSizes | None = None
        """Where first pages are noted, while somebody wants to know."""

    @staticmethod
    def of(config: Mapping[str, Any]) -> Sync:
        """The Sync that the components of a source share."""
        return cast(Sync, config[SYNC_KEY])

    @property
    def began(self) -> datetime:
        """When this command began, by Skilljar's clock: no page is older."""
        return self._began + self.transport.skew

    def one_budget(self, declared: APIBudget) -> APIBudget:
        """The quota of the whole command: the first that is declared, though the CDK makes one per list of streams."""
        if self._budget is None:
            self._budget = declared
        return self._budget

    def fetch(self, url: str, stream: str, rules: Rules) -> Page:
        """A page, from the store when it is one that several streams need. Raises as Transport.get does."""
        self._rules = rules
        if stream in self.shared_streams:
            return self.pages.get(url, lambda: self.transport.get(url, stream, rules))
        return self.transport.get(url, stream, rules)

    def _check_key(self) -> None:
        """Raises config_error when even the list of domains, which every organisation has, is refused."""
        assert self._rules is not None  # set by the call that was refused
        url = f"{self.settings.base_url}/domains"
        page = self.pages.get(f"{url}#key", lambda: self.transport.get(url, "domains", cast(Rules, self._rules)))
        if page.status_code in (401, 403):
            raise config_error(KEY_REFUSED)
        if not page.ok:
            raise config_error(WRONG_ADDRESS)


def system_error(message: str) -> AirbyteTracedException:
    """An answer that the connector does not understand."""
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.system_error)
