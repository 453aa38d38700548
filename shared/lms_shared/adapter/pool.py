"""The threads of a sync, which an interruption does not wait for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def threads(workers: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """A pool of threads that are through when it ends, but for an interruption: then what they are at is cut off."""
    pool = ThreadPoolExecutor(workers, name)
    try:
        yield pool
    except BaseException as error:
        pool.shutdown(wait=isinstance(error, Exception), cancel_futures=True)
        raise
    pool.shutdown()
