"""The Python parts, each by itself."""

from __future__ import annotations

import threading
from array import array
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from airbyte_cdk.sources.message import InMemoryMessageRepository
from airbyte_cdk.sources.streams.call_rate import APIBudget, CallRateLimitHit
from airbyte_cdk.sources.types import StreamSlice
from hypothesis import given, settings
from hypothesis import strategies as st

from source_skilljar.drive import DriveRule, digest_of
from source_skilljar.fingerprints import MAX_ROWS, Fingerprints, miss_probability
from source_skilljar.forecast import Forecast
from source_skilljar.listing import Listing, dig
from source_skilljar.page import Page
from source_skilljar.page_store import PageStore
from source_skilljar.read_ahead import read_ahead
from source_skilljar.record_shape import RecordShape
from source_skilljar.settings import resolve_settings
from source_skilljar.timestamps import format_timestamp, parse_timestamp
from source_skilljar.waiting import Waiting

DIGESTS = st.integers(min_value=0, max_value=2**64 - 1)


@given(st.lists(DIGESTS, max_size=300))
@settings(deadline=None, derandomize=True)
def test_a_summary_never_denies_a_row_that_was_there(digests: list[int]) -> None:
    summary = Fingerprints.of(array("Q", digests))
    assert summary is not None
    again = Fingerprints.from_state(summary.to_state())
    assert again == summary
    assert all(digest in summary for digest in digests)


@pytest.mark.parametrize("rows", [60, 5_000, 50_000, 100_000])
def test_a_summary_overlooks_about_as_many_changes_as_it_says(rows: int) -> None:
    summary = Fingerprints.of(array("Q", (digest_of(number, ["old"]) for number in range(rows))))
    assert summary is not None
    tried = 4_000
    overlooked = sum(digest_of(number, ["new"]) in summary for number in range(tried)) / tried
    assert overlooked == pytest.approx(miss_probability(rows), abs=0.02)
    assert miss_probability(50_000) < 0.03
    assert miss_probability(20_000) < 0.005


def test_a_summary_of_any_number_of_rows_fits_in_64_kilobytes() -> None:
    for rows in (0, 1, 50_000, MAX_ROWS):
        summary = Fingerprints.of(array("Q", bytes(8 * rows)))
        assert summary is not None
        assert len(str(summary.to_state()["bits"])) < 64 * 1024
    assert Fingerprints.of(array("Q", bytes(8 * (MAX_ROWS + 1)))) is None


@pytest.mark.parametrize(
    "value", [None, "text", {}, {"bits": 3, "hashes": 2}, {"bits": "\x00", "hashes": 2}, {"bits": "", "hashes": 2}]
)
def test_a_summary_that_is_none_is_not_taken_for_one(value: Any) -> None:
    assert Fingerprints.from_state(value) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2015-01-29T00:22:00.590250Z", datetime(2015, 1, 29, 0, 22, 0, 590250, UTC)),
        ("2017-11-28T08:00:00Z", datetime(2017, 11, 28, 8, tzinfo=UTC)),
        ("2017-11-28T10:00:00+02:00", datetime(2017, 11, 28, 8, tzinfo=UTC)),
        ("2017-11-28T08:00:00", datetime(2017, 11, 28, 8, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_all_forms_of_a_time_are_read(text: Any, expected: datetime | None) -> None:
    assert parse_timestamp(text) == expected
    assert expected is None or parse_timestamp(format_timestamp(expected)) == expected


def test_a_user_who_was_never_active_counts_from_the_day_of_signing_up() -> None:
    rule = DriveRule(["latest_activity", "signed_up_at"], ["registration_count"])
    drive = rule.read("u1", {"latest_activity": None, "signed_up_at": "2026-01-01T00:00:00Z", "registration_count": 1})
    assert (drive.stamp, drive.moment) == (None, datetime(2026, 1, 1, tzinfo=UTC))
    assert drive.digest != rule.read("u1", {"registration_count": 2}).digest
    assert drive.digest != rule.read("u2", {"registration_count": 1}).digest


def test_a_path_quotes_its_ids_and_a_query_its_values() -> None:
    listing = Listing.of({"path": "domains/{domain}/users", "query": {"course_id": "{course}"}, "page_size": 5})
    url = listing.first_url("https://x/v1", {"domain": "a/b ü", "course": "c&d"}, {"starts_at__gte": "2026"})
    assert url == "https://x/v1/domains/a%2Fb%20%C3%BC/users?course_id=c%26d&starts_at__gte=2026&page_size=5"


def test_an_unknown_key_in_the_table_of_streams_is_an_error() -> None:
    with pytest.raises(TypeError):
        Listing.of({"path": "labels", "pagesize": 3})


def test_a_nested_value_is_found_and_a_missing_one_is_none() -> None:
    row = {"user": {"id": "u"}, "purchase": None}
    assert (dig(row, "user.id"), dig(row, "purchase.purchase_id"), dig(row, "user.id.x")) == ("u", None, None)


def test_a_record_gets_ids_and_copies_and_loses_secrets_at_any_depth() -> None:
    shape = RecordShape({"path": "x", "copies": {"user_id": "user.id"}, "secrets": ["token"], "item_key": "own_id"})
    record = {
        "user": {"id": "u", "login_token": "s"},
        "token": "s",
        "list": [{"download_url": "s", "kept": 1}],
        "basic_auth_password": "s",
    }
    shape.transform(record, stream_slice=StreamSlice(partition={"domain_name": "d", "own_id": "o"}, cursor_slice={}))
    assert record == {"user": {"id": "u"}, "list": [{"kept": 1}], "domain_name": "d", "user_id": "u"}


def test_a_page_that_many_want_at_once_is_fetched_by_one(waits: list[float]) -> None:
    store = PageStore()
    fetched: list[str] = []
    all_here = threading.Barrier(8)

    def fetch() -> Page:
        fetched.append("once")
        return Page.of(200, b'{"results": []}', "u")

    def want(_: int) -> Any:
        all_here.wait()
        return store.get("u", fetch).payload

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(want, range(8))) == [{"results": []}] * 8
    assert fetched == ["once"]


def test_a_page_that_could_not_be_fetched_is_tried_again_by_the_next_reader() -> None:
    store = PageStore()

    def fail() -> Page:
        raise ValueError("trouble")

    with pytest.raises(ValueError, match="trouble"):
        store.get("u", fail)
    assert store.get("u", lambda: Page.of(200, b"[1]", "u")).payload == [1]
    assert store.get("u", fail).payload == [1]


def test_work_ahead_comes_in_order_and_its_error_in_its_turn() -> None:
    def task(number: int) -> int:
        if number == 7:
            raise ValueError("seven")
        return number

    results = read_ahead((lambda number=number: task(number) for number in range(20)), 3)  # type: ignore[misc] # mypy does not infer it
    assert [next(results) for _ in range(7)] == list(range(7))
    with pytest.raises(ValueError, match="seven"):
        next(results)


class FullOnce(APIBudget):
    """A quota that is used up at the first asking."""

    def __init__(self) -> None:
        super().__init__([])
        self.is_full = True

    def acquire_call(self, request: Any, block: bool = True, timeout: float | None = None) -> None:
        if self.is_full:
            self.is_full = False
            raise CallRateLimitHit("full", request, 1, "5000 per hour", timedelta(seconds=900))


def test_waiting_for_the_quota_is_said_and_shown(waits: list[float], caplog: pytest.LogCaptureFixture) -> None:
    messages = InMemoryMessageRepository()
    caplog.set_level("INFO")
    Waiting(messages).for_quota(FullOnce(), requests.PreparedRequest(), "users")
    assert waits == [900.0]
    assert "5000 per hour" in caplog.text
    (message,) = messages.consume_queue()
    assert message.trace is not None
    assert message.trace.stream_status is not None
    assert [reason.type.value for reason in message.trace.stream_status.reasons or []] == ["RATE_LIMITED"]


@pytest.mark.parametrize(
    ("calls", "seconds"), [(0, 0), (600, 0), (1_200, 60), (5_000, 440), (42_669, 27_121.68), (10_000, 3_600)]
)
def test_the_time_of_a_sync_follows_from_both_windows(calls: int, seconds: float) -> None:
    config = resolve_settings({"api_key": "k"})
    assert Forecast(calls, False).seconds(config) == pytest.approx(seconds)


def test_domains_may_be_pasted_as_addresses() -> None:
    given_names = ["https://Learn.example.com/", " b.example.com/ ", ""]
    assert resolve_settings({"api_key": "k", "domains": given_names}).domains == {"learn.example.com", "b.example.com"}
