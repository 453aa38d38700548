"""A whole destination on the LMS in memory, for tests of the base and of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ConfigDict

from lms_shared.adapter.adapter import Adapter
from lms_shared.config.groups import CONNECTION
from lms_shared.config.model import key
from lms_shared.destination.base import ActivationDestination
from lms_shared.destination.settings import DestinationConfig
from lms_shared.dev.testing.memory_adapter import MemoryAdapter
from lms_shared.dev.testing.memory_lms import MemoryLms
from lms_shared.dev.testing.syncs import Run, Stream, sync


class MemoryConfig(DestinationConfig):
    """The shared keys, and a key that must never be seen."""

    model_config = ConfigDict(title="Memory")

    api_key: str = key("API key", "A key that must never be seen.", secret=True, group=CONNECTION)


class MemoryDestination(ActivationDestination):
    """Writes into an LMS in memory, which outlives the destination."""

    model = MemoryConfig
    least_config = {"api_key": "k"}  # noqa: RUF012 - never changed
    documentation_url = "https://example.com/docs/memory"

    def __init__(self, lms: MemoryLms | None = None, *, user_references: bool = True) -> None:
        super().__init__()
        self.lms = lms or MemoryLms()
        self._user_references = user_references

    def connect(self, config: MemoryConfig) -> Adapter:
        return MemoryAdapter(
            self.lms,
            config.namespace,
            notify=config.send_notifications,
            user_references=self._user_references,
        )


def sync_into(
    lms: MemoryLms,
    streams: Sequence[Stream],
    sent: Iterable[Mapping[str, Any] | bytes] | None = None,
    *,
    user_references: bool = True,
    **config: Any,
) -> Run:
    """A sync by a new process; `config` holds keys beside that of the connection."""
    destination = MemoryDestination(lms, user_references=user_references)
    return sync(destination, {"api_key": "k", **config}, streams, sent)
