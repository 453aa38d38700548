"""The memory that reports take does not grow with what a sync settles."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

from lms_shared.dev.testing.storage import parse_storage
from lms_shared.http.client import Limits
from lms_shared.reports.opening import open_store
from lms_shared.reports.page import SyncFacts, render
from lms_shared.reports.storage import LocalStorage, Storage
from lms_shared.reports.summary import ReportSummary
from lms_shared.upsert.account.rejects import reject_line
from lms_shared.upsert.account.store import FileKind, Identity, ReportedObject
from lms_shared.upsert.plan.plan import Action

FILLER = "x" * 300
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


class Bucket(Protocol):
    def storage(self) -> dict[str, Any]: ...


def keep(storage: Storage | None, decisions: int) -> int:
    """Keeps a reject and a plan line for each decision; the most bytes that were held at once."""
    gc.collect()
    tracemalloc.start()
    try:
        store, summary = open_store(storage), ReportSummary()
        for number in range(decisions):
            key, changes = {"email": f"{number}@example.com"}, [{"field": "name", "old": FILLER, "new": str(number)}]
            message = {"type": "RECORD", "record": {"stream": "users", "data": {"name": FILLER, **key}}}
            line = reject_line("users", "users", "REMOTE.400", f"reason {number}", "Mend it.", [], message)
            store.append(FileKind.REJECTS, "users", line)
            summary.reject(line, key)
            store.append(FileKind.PLAN, "users", {"key": key, "changes": changes})
            told = ReportedObject("users", "users", Action.UPDATE, key, "matched by email", changes, Identity("1"))
            summary.note(told)
            if number % 500 == 499:
                store.flush()
        store.put_page(render(SyncFacts("LMS", "n", False, Limits(), BEGAN, (), summary, 0)))
        store.close(finished=True)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage | None:
    if request.param == "folder":
        return LocalStorage(storage_type="LOCAL", path=str(tmp_path))
    bucket: Bucket = request.getfixturevalue("bucket")
    return parse_storage(bucket.storage())


@pytest.mark.sweep
def test_four_times_the_decisions_do_not_take_more_memory(storage: Storage | None) -> None:
    keep(storage, 500)  # what is imported and compiled once is no part of it
    small, large = (keep(storage, decisions) for decisions in (3_000, 12_000))
    assert large - small < 1_000_000, (small, large)
