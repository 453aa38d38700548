"""The Python parts, each by itself."""

from __future__ import annotations

import threading
from array import array
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_shared.http.list_answer import ListShape
from source_skilljar.config import resolve_settings
from source_skilljar.cursors.fingerprints import MAX_BYTES, MAX_ROWS, Fingerprints, miss_probability
from source_skilljar.cursors.prefetch import prefetch
from source_skilljar.cursors.rotation import due_moment
from source_skilljar.cursors.timestamps import format_timestamp, parse_timestamp
from source_skilljar.declarations import Parent, StampDeclaration, StreamDeclaration, read_table
from source_skilljar.forecast import Forecast
from source_skilljar.http.response_cache import ResponseCache
from source_skilljar.partitions.parent_stamp import digest_of, digest_of_row, stamp_of
from source_skilljar.records.shape import RecordShape, dig

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
    summary = Fingerprints.of(array("Q", (digest_of((number,), ["old"]) for number in range(rows))))
    assert summary is not None
    tried = 4_000
    overlooked = sum(digest_of((number,), ["new"]) in summary for number in range(tried)) / tried
    assert overlooked == pytest.approx(miss_probability(rows), abs=0.02)
    assert miss_probability(150_000) < 0.005
    assert miss_probability(300_000) < 0.05


def test_a_summary_of_any_number_of_rows_is_bounded() -> None:
    for rows in (0, 1, 5_000, 200_000):
        summary = Fingerprints.of(array("Q", bytes(8 * rows)))
        assert summary is not None
        assert len(str(summary.to_state()["bits"])) <= MAX_BYTES * 1.25 + 1
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
        ("2017-11-28T08:00:00.1", datetime(2017, 11, 28, 8, 0, 0, 100_000, UTC)),
        ("2017-11-28T08:00:00.12Z", datetime(2017, 11, 28, 8, 0, 0, 120_000, UTC)),
        ("2017-11-28T08:00:00.12345+00:00", datetime(2017, 11, 28, 8, 0, 0, 123_450, UTC)),
        ("2017-11-28T08:00:00.1234567", datetime(2017, 11, 28, 8, 0, 0, 123_456, UTC)),
        ("2017-11-28T10:00:00.123456789+02:00", datetime(2017, 11, 28, 8, 0, 0, 123_456, UTC)),
        ("soon", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_all_forms_of_a_time_are_read(text: Any, expected: datetime | None) -> None:
    assert parse_timestamp(text) == expected
    assert expected is None or parse_timestamp(format_timestamp(expected)) == expected


@given(
    st.integers(min_value=0, max_value=10**9),
    st.integers(min_value=1, max_value=90),
    st.integers(min_value=0, max_value=9),
)
@settings(deadline=None, derandomize=True)
def test_the_turn_of_a_parent_comes_once_in_each_period(key: int, days: int, hours: int) -> None:
    period, now = timedelta(days=days), datetime(2026, 11, 27, hours, tzinfo=UTC)
    turn = due_moment((key,), now, period)
    assert now - period < turn <= now
    assert due_moment((key,), turn, period) == turn
    assert due_moment((key,), turn + period, period) == turn + period
    assert due_moment((key,), turn + period - timedelta(microseconds=1), period) == turn


def test_turns_are_spread_evenly_over_the_period() -> None:
    period, now = timedelta(days=7), datetime(2026, 11, 27, tzinfo=UTC)
    days = [(now - due_moment((f"u{number}",), now, period)).days for number in range(7_000)]
    assert all(800 < days.count(day) < 1_200 for day in range(7))


def test_without_a_period_it_is_always_a_parents_turn() -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    assert due_moment(("u1",), now, timedelta()) == now


def test_a_user_who_was_never_active_counts_from_the_day_of_signing_up() -> None:
    declared = StampDeclaration(("latest_activity", "signed_up_at"), ("registration_count",))
    row = {"latest_activity": None, "signed_up_at": "2026-01-01T00:00:00Z", "registration_count": 1}
    stamp = stamp_of(declared, ("u1",), row)
    assert (stamp.text, stamp.moment) == (None, datetime(2026, 1, 1, tzinfo=UTC))
    assert stamp.digest != stamp_of(declared, ("u1",), {"registration_count": 2}).digest
    assert stamp.digest != stamp_of(declared, ("u2",), {"registration_count": 1}).digest


def test_a_row_has_one_digest_in_whatever_order_its_fields_come() -> None:
    assert digest_of_row({"a": 1, "b": {"c": None, "d": [2]}}) == digest_of_row({"b": {"d": [2], "c": None}, "a": 1})
    assert digest_of_row({"a": 1}) != digest_of_row({"a": "1"})


def test_a_path_quotes_its_ids_and_a_query_its_values() -> None:
    declared = StreamDeclaration("s", "domains/{domain}/users", query={"course_id": "{course}"})
    url = declared.first_url("https://x/v1", {"domain": "a/b ü", "course": "c&d"}, {"starts_at__gte": "2026"})
    assert url == "https://x/v1/domains/a%2Fb%20%C3%BC/users?course_id=c%26d&starts_at__gte=2026&page_size=1000"


def test_the_parent_of_a_stream_is_read_off_its_path() -> None:
    streams = read_table(
        """
        domains: {path: domains, item: name}
        pages: {path: "domains/{domain_name}/pages"}
        tags: {path: "domains/{domain_name}/pages/{page_id}/tags"}
        lessons: {path: lessons, query: {page: "{page_id}"}, parent: pages, shape: either}
        blocks: {path: "blocks/{block_id}", parent: {pages: block.id, tags: other.id}, one: id}
        """
    )
    assert streams["pages"].parents == (Parent("domains", "name"),)
    assert streams["tags"].parents == (Parent("pages", "id"),)
    assert streams["lessons"].parents == (Parent("pages", "id"),)
    assert streams["blocks"].parents == (Parent("pages", "block.id"), Parent("tags", "other.id"))
    assert (streams["blocks"].own_id, streams["lessons"].placeholder) == ("block_id", "page_id")
    assert streams["lessons"].shape is ListShape.EITHER


def test_an_unknown_key_in_the_table_of_streams_is_an_error() -> None:
    with pytest.raises(TypeError):
        read_table("labels: {path: labels, pagesize: 3}")
    with pytest.raises(TypeError):
        read_table("labels: {path: labels, cursor: {feild: id}}")


def test_a_nested_value_is_found_and_a_missing_one_is_none() -> None:
    row = {"user": {"id": "u"}, "purchase": None}
    assert (dig(row, "user.id"), dig(row, "purchase.purchase_id"), dig(row, "user.id.x")) == ("u", None, None)


def test_a_record_gets_ids_and_copies_and_loses_secrets_at_any_depth() -> None:
    declared = StreamDeclaration(
        "s", "d/{domain_name}/x/{own_id}", one="user", copies={"user_id": "user.id"}, secrets=("token",)
    )
    row = {
        "user": {"id": "u", "login_token": "s"},
        "token": "s",
        "list": [{"download_url": "s", "kept": 1}],
        "basic_auth_password": "s",
    }
    (record,) = RecordShape(declared, frozenset()).records([row], {"domain_name": "d", "own_id": "o"})
    assert record == {"user": {"id": "u"}, "list": [{"kept": 1}], "domain_name": "d", "user_id": "u"}


def test_an_answer_that_many_want_at_once_is_fetched_by_one(waits: list[float]) -> None:
    cache = ResponseCache()
    fetched: list[str] = []
    all_here = threading.Barrier(8)

    def fetch() -> tuple[int, bytes]:
        fetched.append("once")
        return 200, b'{"results": []}'

    def want(_: int) -> Any:
        all_here.wait()
        return cache.get("u", 1, fetch)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(want, range(8))) == [(200, b'{"results": []}')] * 8
    assert fetched == ["once"]


def test_an_answer_that_could_not_be_fetched_is_tried_again_by_the_next_reader() -> None:
    cache = ResponseCache()

    def fail() -> tuple[int, bytes]:
        raise ValueError("trouble")

    with pytest.raises(ValueError, match="trouble"):
        cache.get("u", 1, fail)
    assert cache.get("u", 1, lambda: (200, b"[1]")) == (200, b"[1]")
    assert cache.get("u", 1, fail) == (200, b"[1]")


def test_a_later_edition_of_an_answer_is_fetched_once_for_all_who_want_it() -> None:
    cache = ResponseCache()
    cache.get("u", 1, lambda: (200, b"[1]"))
    assert cache.get("u", 2, lambda: (200, b"[2]")) == (200, b"[2]")
    assert [cache.get("u", edition, lambda: (500, b"")) for edition in (1, 2)] == [(200, b"[2]")] * 2


def test_work_ahead_comes_in_order_and_its_error_in_its_turn() -> None:
    def task(number: int) -> int:
        if number == 7:
            raise ValueError("seven")
        return number

    results = prefetch((lambda number=number: task(number) for number in range(20)), 3)  # type: ignore[misc] # mypy does not infer it
    assert [next(results) for _ in range(7)] == list(range(7))
    with pytest.raises(ValueError, match="seven"):
        next(results)


@pytest.mark.parametrize(
    ("calls", "seconds"), [(0, 0), (600, 0), (1_200, 60), (5_000, 440), (42_669, 27_121.68), (10_000, 3_600)]
)
def test_the_time_of_a_sync_follows_from_both_windows(calls: int, seconds: float) -> None:
    config = resolve_settings({"api_key": "k"})
    assert Forecast(calls, False).seconds(config) == pytest.approx(seconds)


def test_domains_may_be_pasted_as_addresses() -> None:
    given_names = ["https://Learn.example.com/", " b.example.com/ ", ""]
    assert resolve_settings({"api_key": "k", "domains": given_names}).domain_names == {
        "learn.example.com",
        "b.example.com",
    }
