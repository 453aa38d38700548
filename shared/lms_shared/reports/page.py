"""The report page: one HTML file that a learning administrator reads, for a dry run and a real one alike.

It needs nothing but itself: no other file, no network. Its one script is the filter box; without scripts everything is
shown. Everything from records is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from lms_shared.http.client import Limits
from lms_shared.reports.store import file_name
from lms_shared.reports.summary import RejectReason, ReportSummary
from lms_shared.upsert.account.counters import StreamSummary
from lms_shared.upsert.account.reject_codes import find_code
from lms_shared.upsert.account.store import FileKind
from lms_shared.upsert.plan.estimate import time_at_quota
from lms_shared.upsert.plan.plan import Action

_TEMPLATE = "report.html.jinja"
_COUNTS = {
    "Created": Action.CREATE,
    "Changed": Action.UPDATE,
    "Deactivated": Action.DEACTIVATE,
    "Deleted": Action.DELETE,
    "Unchanged": Action.UNCHANGED,
    "Rejected": Action.REJECT,
}


@dataclass(frozen=True)
class SyncFacts:
    """What is told of a sync."""

    lms: str
    namespace: str
    dry_run: bool
    limits: Limits
    began: datetime
    summaries: tuple[StreamSummary, ...]
    summary: ReportSummary
    calls_to_write: int
    """About how many calls the planned writes take."""
    site: str = ""
    """Which academy of the LMS it is about."""
    retries: bool = False
    """Whether the next sync tries rejects of incremental streams again."""

    @property
    def retried(self) -> int:
        """Rejects of earlier syncs that this one tried again."""
        return sum(one.retried for one in self.summaries)

    def total(self, *actions: Action) -> int:
        return sum(one.count(*actions) for one in self.summaries)

    @property
    def calls_made(self) -> int:
        return sum(one.requests for one in self.summaries)

    @property
    def calls_in_all(self) -> int:
        """Calls of the whole sync: a dry run has only made those that read."""
        return self.calls_made + (self.calls_to_write if self.dry_run else 0)


def render(facts: SyncFacts, problem: str | None = None, now: datetime | None = None) -> str:
    """The page. `problem` says why the sync did not come to its end, None that it did."""
    return _template().render(
        facts=facts,
        problem=problem,
        ended=now or datetime.now(UTC),
        time_at_quota=time_at_quota(facts.calls_in_all, facts.limits),
        reasons=sorted(facts.summary.reasons.values(), key=lambda one: -one.records),
        Action=Action,
        counts=_COUNTS,
        table_file=lambda stream: file_name(FileKind.TABLE, stream),
        plan_file=lambda stream: file_name(FileKind.PLAN, stream),
        rejects_file=lambda stream: file_name(FileKind.REJECTS, stream),
    )


@cache
def _template() -> Template:
    """The page's template, compiled once in a process."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FileSystemLoader(Path(__file__).parent),
    )
    environment.filters.update(
        number=_number,
        counted=_counted,
        duration=_duration,
        moment=_moment,
        meaning=_meaning,
        web_address=_web_address,
    )
    return environment.get_template(_TEMPLATE)


def _number(value: int) -> str:
    return f"{value:,}"


def _counted(value: int, noun: str) -> str:
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%d %B %Y, %H:%M:%S} UTC"


def _web_address(value: str | None) -> str:
    """An address that a page may link to, or nothing: what an LMS answers could be a script."""
    return value if value and urlsplit(value).scheme in ("http", "https") else ""


def _meaning(reason: RejectReason) -> str:
    found = find_code(reason.code)
    return found.meaning if found else ""


def _duration(value: timedelta) -> str:
    """`about 2 h 24 min`, as fine as it matters."""
    seconds = round(value.total_seconds())
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"about {minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"about {hours} h {minutes} min" if minutes else f"about {hours} h"
    days, hours = divmod(hours, 24)
    return f"about {days} days {hours} h"
