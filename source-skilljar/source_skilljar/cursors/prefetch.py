"""Does work ahead of who needs its results, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def prefetch(tasks: Iterable[Callable[[], T]], workers: int) -> Iterator[T]:
    """The results of the tasks, in their order, while the next `workers` tasks are being done. The first error of a
    task is raised when its turn has come."""
    with ThreadPoolExecutor(workers, thread_name_prefix="ahead") as pool:
        under_way: deque[Future[T]] = deque()
        try:
            for task in tasks:
                under_way.append(pool.submit(task))
                if len(under_way) > workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
