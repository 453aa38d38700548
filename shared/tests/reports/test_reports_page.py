"""The report page: what it tells, of what kind of sync, and that it can be opened anywhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar

import pytest
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.testing.memory_adapter import MemoryAdapter
from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.memory_lms import Killed, failing, killed_at
from lms_shared.dev.testing.records import a_course, a_user, an_assignment
from lms_shared.dev.testing.syncs import Run, Stream, record, state, sync
from lms_shared.http.client import Limits
from lms_shared.reports.page import SyncFacts, render
from lms_shared.reports.summary import MOST_EXAMPLES, MOST_OBJECTS, MOST_REASONS, ReportSummary
from lms_shared.upsert.account.rejects import reject_line
from lms_shared.upsert.account.store import Identity, ReportedObject
from lms_shared.upsert.plan.estimate import time_at_quota
from lms_shared.upsert.plan.plan import Action

EVIL = "<script>alert('x')</script>&\"'\x00\ud800"


class Text(HTMLParser):
    """The words of a page, and what it would load."""

    VOID: ClassVar = {"meta", "br", "input"}

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href") or name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


class Office:
    """A connection that keeps its reports in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.destination = MemoryDestination()
        self.lms = self.destination.lms

    def sync(self, *streams: Stream, sent: Any = None, **config: Any) -> Run:
        storage = {"storage_type": "LOCAL", "path": str(self.folder)}
        return sync(self.destination, {"api_key": "k", "object_storage_config": storage, **config}, streams, sent)

    @property
    def page(self) -> str:
        return (self.folder / "report.html").read_text("utf-8")

    @property
    def text(self) -> str:
        return Text(self.page).text


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_dry_run_tells_field_by_field_what_would_change_and_that_nothing_was_written(office: Office) -> None:
    office.lms.add("users", email="ada@example.com", first_name="Ada", last_name="Byron")
    office.sync(
        Stream("users", [a_user("ada@example.com", last_name="Lovelace"), a_user("new@example.com")]), dry_run=True
    )
    assert "Dry run: what Memory LMS would get" in office.text
    assert "Nothing was written" in office.text
    assert "email: ada@example.com" in office.text
    assert "last_name Byron Lovelace" in office.text
    assert "1 would be created" in office.text
    assert office.lms.writes == 0


def test_a_real_run_writes_the_same_report_in_the_past_tense(office: Office) -> None:
    office.lms.add("users", email="ada@example.com", last_name="Byron")
    office.sync(Stream("users", [a_user("ada@example.com", last_name="Lovelace")]))
    assert "What Memory LMS got" in office.text
    assert "last_name Byron Lovelace" in office.text
    assert "would" not in office.text


def test_what_is_deactivated_and_deleted_is_named(office: Office) -> None:
    for email in ("off@example.com", "on@example.com"):
        office.lms.add("users", email=email)
    office.lms.add("groups", name="Old group")
    mapping = [{"stream": "groups", "mode": "hard_delete"}]
    users, groups = (
        Stream("users", [a_user("off@example.com")], "soft_delete"),
        Stream("groups", [{"name": "Old group"}]),
    )
    office.sync(users, groups, stream_mappings=mapping)
    assert "1 deactivated email: off@example.com" in office.text
    assert "1 deleted name: Old group" in office.text
    assert "on@example.com" not in office.text


def test_rejects_are_told_by_reason_with_remedy_and_candidates(office: Office) -> None:
    for _ in range(2):
        office.lms.add("content", title="Twice")
    office.sync(Stream("content", [a_course("c-1", "Twice")]), Stream("users", [a_user("one"), a_user("two")]))
    assert "email is not an e-mail address 2 records · INPUT.FORMAT" in office.text
    assert "Send an e-mail address in email." in office.text
    assert "email: one" in office.text
    assert "id: content-1 · title: Twice id: content-2 · title: Twice" in office.text
    assert "Remove or rename all but one of the candidates" in office.text


def test_the_page_needs_no_other_file_and_is_well_formed(office: Office) -> None:
    office.sync(Stream("users", [a_user(first_name=EVIL), a_user("broken")]), Stream("content", [a_course()]))
    page = Text(office.page)
    assert page.open == []
    assert page.loaded == ["report-users.csv", "report-content.csv"]
    assert not {"link", "img", "iframe"} & set(page.tags)
    assert page.tags.count("script") == 1
    assert "url(" not in office.page
    assert "@import" not in office.page


def test_whatever_a_record_holds_is_shown_as_text(office: Office) -> None:
    office.lms.add("users", email="ada@example.com", first_name=f"{EVIL}old")
    shown = EVIL.replace("\x00", "").replace("\ud800", "")
    records = [a_user("ada@example.com", first_name=shown), a_user(EVIL), a_user("b@example.com", first_name=EVIL)]
    office.sync(Stream("users", records))
    page = Text(office.page)
    assert page.tags.count("script") == 1
    assert "<script>alert('x')</script>&\"'" in page.text
    assert "\x00" not in office.page


@pytest.mark.parametrize("calls", [1, 7])
def test_the_calls_needed_and_their_time_at_the_quota_are_estimated(
    office: Office, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    monkeypatch.setattr(MemoryAdapter, "limits", Limits(per_minute=10, per_hour=100_000))
    records = [a_user(f"{number}@example.com") for number in range(25 * calls)]
    office.sync(Stream("users", records), dry_run=True)
    reads, writes = 25 * calls, 25 * calls
    assert f"Made: {reads} calls, all of them reading. Writing would take about {writes} more" in office.text
    assert f"last about {round((reads + writes) / 10)} min" in office.text


@pytest.mark.parametrize(
    ("limits", "calls", "expected"),
    [
        (Limits(), 1_000_000, None),
        (Limits(600, 5000), 0, timedelta(0)),
        (Limits(600, 5000), 300, timedelta(seconds=30)),
        (Limits(600, 5000), 5000, timedelta(minutes=8)),
        (Limits(600, 5000), 5001, timedelta(hours=1)),
        (Limits(600, 5000), 12_000, timedelta(hours=2, minutes=3)),
        (Limits(600, None), 12_000, timedelta(minutes=20)),
        (Limits(None, 100), 250, timedelta(hours=2)),
    ],
)
def test_the_time_at_the_quota_keeps_to_both_limits(limits: Limits, calls: int, expected: timedelta | None) -> None:
    told = time_at_quota(calls, limits)
    assert (told is None) == (expected is None)
    assert told is None or expected is None or abs(told - expected) < timedelta(seconds=30)


def test_however_much_there_is_the_page_stays_small_and_says_how_much_more(office: Office) -> None:
    users = [a_user(f"{number}@example.com") for number in range(MOST_OBJECTS + 70)]
    bad = [a_user(f"bad-{number}") for number in range(MOST_EXAMPLES + 11)]
    office.sync(Stream("users", [*users, *bad]))
    assert "and 70 more. The whole list is in report-users.csv and plan-users.jsonl" in office.text
    assert "and 11 more, all of them in rejects-users.jsonl" in office.text
    assert len(office.page) < 100_000


def test_a_line_that_cannot_be_read_is_shown_by_its_text() -> None:
    summary = ReportSummary()
    kept = {"type": "RECORD", "record": {"stream": "users", "data": None}, "unreadable": '{"email": "ada'}
    summary.reject(reject_line("users", "users", "INPUT.JSON", "no JSON", "Mend it.", [], kept), {})
    facts = SyncFacts("Some LMS", "airbyte", False, Limits(), datetime.now(UTC), (), summary, 0)
    assert '{"email": "ada' in Text(render(facts)).text


def test_reasons_beyond_those_that_are_listed_are_counted() -> None:
    summary = ReportSummary()
    for number in range(MOST_REASONS + 5):
        for _ in range(2):
            summary.reject(reject_line("users", "users", "REMOTE.400", f"no {number}", "Mend it.", [], {}), {})
    facts = SyncFacts("Some LMS", "airbyte", False, Limits(), datetime.now(UTC), (), summary, 0)
    text = Text(render(facts)).text
    assert f"{2 * (MOST_REASONS + 5)} records rejected" in text
    assert "Further reasons: 10 records" in text


def test_a_sync_that_failed_leaves_a_page_that_says_so_and_why(office: Office) -> None:
    message = "The LMS is down. Try again later."
    office.lms.trouble = failing(lambda: AirbyteTracedException(message=message), at_write=3)
    run = office.sync(Stream("users", [a_user(f"{number}@example.com") for number in range(5)]), num_workers=1)
    assert run.error is not None
    assert "interrupted" in office.text
    assert "The sync did not come to its end" in office.text
    assert message in office.text
    assert "email: 0@example.com" in office.text


@pytest.mark.parametrize(
    "limit", [{"max_rejected": 2}, {"max_rejected_share": 0.2}], ids=["max_rejected", "max_rejected_share"]
)
def test_when_a_threshold_stops_the_sync_its_reports_hold_all_that_was_settled(
    office: Office, limit: dict[str, Any]
) -> None:
    records = [a_user(f"{'bad' if number % 2 else 'good@example.com'}{number}") for number in range(10)]
    run = office.sync(Stream("users", records), **limit)
    (name,) = limit
    assert isinstance(run.error, AirbyteTracedException)
    assert name in str(run.error.message)
    assert name in office.text
    rejected = run.total("rejected")
    assert rejected == len(run.rejects) > 2
    assert f"{rejected} records rejected" in office.text
    plan = (office.folder / "plan-users.jsonl").read_bytes().splitlines()
    settled = run.total("created") + rejected
    assert len(plan) == settled
    assert f"email is not an e-mail address {rejected} records" in office.text


def test_rejects_of_an_interrupted_sync_are_in_the_page_of_the_next(office: Office) -> None:
    office.lms.trouble = killed_at(1, "before")
    sent = [record("users", a_user("early")), state("users", {"sent": 1}), record("users", a_user("b@example.com"))]
    assert isinstance(office.sync(Stream("users"), sent=sent, batch_size=1).error, Killed)
    office.lms.trouble = lambda _: None
    assert office.sync(Stream("users", [a_user("late")])).error is None
    assert "Its 1 rejected record also count" in office.text
    assert "2 records rejected" in office.text
    assert '"email":"early"' in office.text
    assert "email: late" in office.text


def test_the_page_of_a_sync_that_ended_well_is_put_away_with_its_files(office: Office) -> None:
    office.sync(Stream("users", [a_user("first")]))
    office.sync(Stream("users", [a_user("second")]))
    (earlier,) = (office.folder / "earlier").iterdir()
    assert sorted(path.name for path in earlier.iterdir()) == [
        "plan-users.jsonl",
        "rejects-users.jsonl",
        "report-users.csv",
        "report.html",
    ]
    assert "first" in (earlier / "report.html").read_text("utf-8")
    assert "first" not in office.text


def test_a_plan_line_can_be_understood_by_the_key_of_its_record(office: Office) -> None:
    office.sync(
        Stream("users", [a_user("ada@example.com")]), Stream("assignments", [an_assignment("ada@example.com", "c-9")])
    )
    users, assignments = (
        (office.folder / f"plan-{name}.jsonl").read_text("utf-8") for name in ("users", "assignments")
    )
    assert '"key":{"email":"ada@example.com"}' in users
    assert '"key":{"user_email":"ada@example.com","learning_object_external_reference":"c-9"}' in assignments


def test_each_object_is_named_with_its_id_and_linked_where_its_address_is_known(office: Office) -> None:
    office.sync(Stream("users", [a_user("ada@example.com")]))
    (row,) = office.lms.rows("users")
    assert f"id in Memory LMS: {row.id}" in office.text
    facts = SyncFacts("LMS", "n", False, Limits(), datetime.now(UTC), (), ReportSummary(), 0)
    for address, linked in (("https://academy.example.com/c", True), ("javascript:alert(1)", False), (None, False)):
        summary = ReportSummary()
        identity = Identity("7", "c-1", address)
        summary.note(ReportedObject("s", "content", Action.CREATE, {"title": "T"}, "no match", (), identity))
        page = render(replace(facts, summary=summary))
        assert (f'href="{address}"' in page) is linked


def test_the_page_names_the_academy_and_the_owner_mark(office: Office) -> None:
    facts = SyncFacts("LMS", "acme", False, Limits(), datetime.now(UTC), (), ReportSummary(), 0, site="a.example.com")
    text = Text(render(facts)).text
    assert "a.example.com" in text
    assert "owner mark acme" in text


def test_tables_have_captions_and_say_what_their_headings_head(office: Office) -> None:
    office.lms.add("users", email="ada@example.com", last_name="Byron")
    office.sync(Stream("users", [a_user("ada@example.com", last_name="Lovelace"), a_user("broken")]))
    assert office.page.count("<table") == office.page.count("<caption") == 3
    assert len(re.findall(r"<th[ >]", office.page)) == office.page.count("<th scope=")
    cells = re.findall(r"<td[^>]*>", office.page)
    assert cells
    assert all("data-label=" in one for one in cells)


def test_what_a_filter_can_find_is_there_without_scripts(office: Office) -> None:
    office.sync(Stream("users", [a_user("ada@example.com"), a_user("broken")]))
    assert office.page.count("data-find>") == 2
    assert '<p class="filter" id="filter" hidden>' in office.page
    assert "hidden" not in office.page.partition("<h2>")[2].partition("<script>")[0]


def test_rejects_that_were_tried_again_are_counted_by_themselves(office: Office) -> None:
    bad = Stream("users", [a_user("broken")], source_mode="incremental")
    office.sync(bad)
    assert "Tried again" not in office.text
    assert "tried again by the next sync" in office.text
    office.sync(Stream("users", source_mode="incremental"))
    assert "Tried again" in office.text
