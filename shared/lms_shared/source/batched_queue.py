"""The queue between the threads that read a source and the one that prints, with records handed over by the hundred.

The CDK puts each record on the queue by itself, and a lock taken twice for each of a million rows costs more than their
parsing. Everything that is not a record is handed over at once, after the records that the same thread put before it:
so a state still comes after its records, and the end of a partition after all that was in it.
"""

from __future__ import annotations

import threading
from collections import deque
from queue import Queue
from typing import Any

from airbyte_cdk.sources.types import Record

BATCH = 250
"""Records that are handed over together."""


class BatchedQueue(Queue[Any]):
    """Read by one thread, filled by many. `maxsize` counts batches, so that whoever prints slowly slows the readers."""

    def __init__(self, maxsize: int = 40) -> None:
        super().__init__(maxsize)
        self._filling = threading.local()
        self._taken: deque[Any] = deque()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Hands over an item, a record perhaps later, with others."""
        batch: list[Any] = self._filling.__dict__.setdefault("batch", [])
        batch.append(item)
        if len(batch) >= BATCH or not isinstance(item, Record):
            self._filling.batch = []
            super().put(batch, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next item."""
        if not self._taken:
            self._taken.extend(super().get(block, timeout))
        return self._taken.popleft()

    def empty(self) -> bool:
        """Whether nothing was handed over that was not taken yet."""
        return not self._taken and super().empty()
