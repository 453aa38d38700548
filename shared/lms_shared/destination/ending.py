"""Ends the reports of a sync, however it ended."""

from __future__ import annotations

import logging

from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.adapter.adapter import Adapter
from lms_shared.errors import unexpected
from lms_shared.reports.page import SyncFacts, render
from lms_shared.reports.summary import ReportSummary
from lms_shared.upsert.account.counters import SyncResult
from lms_shared.upsert.account.store import ReportStore
from lms_shared.upsert.routing.settings import SyncConfig

logger = logging.getLogger("airbyte")


def facts_of(adapter: Adapter, settings: SyncConfig, result: SyncResult, summary: ReportSummary) -> SyncFacts:
    """What the report page tells of a sync."""
    return SyncFacts(
        lms=adapter.lms,
        namespace=settings.namespace,
        dry_run=settings.dry_run,
        limits=adapter.limits,
        began=result.began,
        summaries=result.summaries,
        summary=summary,
        calls_to_write=result.calls_to_write,
        site=adapter.site,
        retries=settings.retry_rejected and not settings.dry_run,
    )


def keep_reports(store: ReportStore, facts: SyncFacts, failure: BaseException | None) -> None:
    """Ends the reports of a sync. After a failure that one is told, not that its report could not be kept."""
    try:
        if store.keeps:
            store.put_page(render(facts, _told(failure)))
        store.close(finished=failure is None)
    except AirbyteTracedException as trouble:
        if failure is None:
            raise
        logger.warning("The report of the sync could not be kept. %s", trouble.message)


def _told(failure: BaseException | None) -> str | None:
    match failure:
        case None:
            return None
        case AirbyteTracedException():
            return failure.message
        case Exception():
            return unexpected(failure).message
        case _:
            return "The sync was interrupted."
