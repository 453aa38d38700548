"""Values of the unified model: normal forms, equality, times and durations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airbyte_cdk.utils.datetime_helpers import ab_datetime_parse
from hypothesis import given
from hypothesis import strategies as st

from lms_shared.model.fields import Field, Kind
from lms_shared.model.normal_forms import equal, key_part, normalise
from lms_shared.model.scalars import duration_seconds, format_instant, iso_duration, parse_instant

_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.REFERENCE: st.text() | st.integers(),
    Kind.TEXT: st.text(),
    Kind.HTML: st.text(),
    Kind.EMAIL: st.emails(),
    Kind.URL: st.text(),
    Kind.INSTANT: st.datetimes().map(lambda one: one.isoformat()) | st.text(),
    Kind.DURATION: st.integers(0, 10**7).map(iso_duration) | st.text(),
    Kind.BOOLEAN: st.booleans(),
    Kind.INTEGER: st.integers(),
    Kind.NUMBER: st.floats(allow_nan=False) | st.integers(-(10**15), 10**15),
    Kind.TEXT_LIST: st.lists(st.text() | st.none()),
    Kind.OBJECT: st.dictionaries(st.text(), st.integers()),
    Kind.OBJECT_LIST: st.lists(st.dictionaries(st.text(), st.integers())),
}
_KINDS_WITH_VALUES = st.sampled_from(list(_VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), _VALUES[kind]))
_PAIRS = st.sampled_from(list(_VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), _VALUES[kind], _VALUES[kind]))


@given(_KINDS_WITH_VALUES)
def test_the_normal_form_of_a_normal_form_is_itself(case: tuple[Kind, Any]) -> None:
    kind, value = case
    normal = normalise(kind, value)
    assert normalise(kind, normal) == normal


@given(_KINDS_WITH_VALUES)
def test_a_value_equals_itself_and_its_normal_form(case: tuple[Kind, Any]) -> None:
    kind, value = case
    assert equal(kind, value, value)
    assert equal(kind, value, normalise(kind, value))


@given(_PAIRS)
def test_equality_does_not_depend_on_the_side(case: tuple[Kind, Any, Any]) -> None:
    kind, one, other = case
    assert equal(kind, one, other) == equal(kind, other, one)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.EMAIL, "Ada@Example.com ", "ada@example.com"),
        (Kind.REFERENCE, 7, "7"),
        (Kind.REFERENCE, 7.0, "7"),
        (Kind.TEXT, "Jane\u200b Doe", "Jane Doe"),
        (Kind.EMAIL, "\ufeffada@example.com", "ada@example.com"),
        (Kind.REFERENCE, "E\u200b7", "E7"),
        (Kind.LANGUAGE, "en_us", "en-US"),
        (Kind.LANGUAGE, "Dutch", "NL"),
        (Kind.HTML, "<P>Threads &amp; locks<BR/></P>", "<p>Threads &#38; locks<br></p>"),
        (Kind.HTML, "<a href='x'>y</a>", '<a rel="noopener" href="x">y</a>'),
        (Kind.HTML, "Cafe\u0301", "Caf\u00e9"),
        (Kind.TEXT, "", None),
        (Kind.HTML, " <p>x</p>", "<p>x</p>"),
        (Kind.INSTANT, "2026-01-01T00:00:00Z", "2026-01-01"),
        (Kind.INSTANT, "2026-01-01T02:00:00.999+02:00", "2026-01-01T00:00:00.1Z"),
        (Kind.DURATION, "PT90M", "PT1H30M"),
        (Kind.NUMBER, 80, 80.0),
        (Kind.TEXT_LIST, ["b", "a", "b"], ["a", "b"]),
        (Kind.TEXT_LIST, [], None),
        (Kind.OBJECT, {}, None),
    ],
)
def test_values_that_mean_the_same_are_equal(kind: Kind, one: Any, other: Any) -> None:
    assert equal(kind, one, other)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.TEXT, "Ada", "ada"),
        (Kind.BOOLEAN, False, None),
        (Kind.INTEGER, 0, None),
        (Kind.INSTANT, "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
        (Kind.TEXT_LIST, ["a"], ["a", "b"]),
        (Kind.OBJECT, {"percentage": 80}, {"percentage": 81}),
    ],
)
def test_values_that_mean_something_else_are_not_equal(kind: Kind, one: Any, other: Any) -> None:
    assert not equal(kind, one, other)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(-14, 14))
def test_an_instant_survives_the_way_through_text(naive: datetime, hours: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    offset = f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    local = (naive + timedelta(hours=hours)).isoformat(timespec="microseconds")
    assert parse_instant(format_instant(moment)) == moment
    assert parse_instant(f"{local}{offset}") == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-04", datetime(2026, 5, 4, tzinfo=UTC)),
        (" 2026-05-04T10:11 ", datetime(2026, 5, 4, 10, 11, tzinfo=UTC)),
        ("2026-05-04 10:11:12", datetime(2026, 5, 4, 10, 11, 12, tzinfo=UTC)),
        ("2026-05-04T10:11:12.5Z", datetime(2026, 5, 4, 10, 11, 12, 500_000, tzinfo=UTC)),
        ("2026-05-04T10:11:12+0230", datetime(2026, 5, 4, 7, 41, 12, tzinfo=UTC)),
        ("2026-05-04 10:11:12 UTC", datetime(2026, 5, 4, 10, 11, 12, tzinfo=UTC)),
    ],
)
def test_times_of_the_usual_shapes_are_read(text: str, moment: datetime) -> None:
    assert parse_instant(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "1700000000",
        1700000000,
        None,
        True,
        "2026-02-30",
        "2026-05-04T25:00",
        "2026-01-01/2026-02-01",
        "2026-01-01T00:00:00+99:99",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:00:00-10:00",
    ],
)
def test_what_is_no_time_is_never_guessed_at(value: object) -> None:
    assert parse_instant(value) is None


@given(st.integers(0, 10**9))
def test_a_duration_survives_the_way_through_text(seconds: int) -> None:
    assert duration_seconds(iso_duration(seconds)) == seconds


@given(st.text(alphabet="PTWYMDHS0123456789.-/ a"))
def test_no_text_breaks_the_reading_of_durations(text: str) -> None:
    seconds = duration_seconds(f"P{text}")
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT2H15M24S", 8124),
        ("PT0S", 0),
        ("P1D", 86_400),
        ("P1W", 604_800),
        ("PT1.5H", 5400),
        ("P", None),
        ("PT", None),
        ("1:30", None),
        ("", None),
        ("PT-5M", None),
        ("P99999999999Y", None),
        ("2026-01-01", None),
    ],
)
def test_durations_are_read_as_iso_8601(text: str, seconds: float | None) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_what_is_no_length_has_no_duration(seconds: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        iso_duration(seconds)


@pytest.mark.parametrize(
    ("kind", "value", "forbidden"),
    [
        (Kind.TEXT, "a\nb\tc", False),
        (Kind.TEXT, "a\x00b", True),
        (Kind.EMAIL, "a@b.c\n", False),
        (Kind.EMAIL, "a\nb@c.d", True),
        (Kind.HTML, "a\ud800", True),
        (Kind.TEXT_LIST, ["fine", "a\x07"], True),
        (Kind.OBJECT, {"a": {"b\x00": 1}}, True),
        (Kind.OBJECT_LIST, [{"a": ["\udfff"]}], True),
        (Kind.OBJECT, {"a": 1}, False),
    ],
)
def test_control_characters_are_seen_at_any_depth(kind: Kind, value: object, forbidden: bool) -> None:
    assert Field("any", kind, "").forbidden_characters(value) is forbidden


@pytest.mark.parametrize(
    ("kind", "value", "part"),
    [
        (Kind.INSTANT, "2026-01-01T09:00:00.999999+01:00", "2026-01-01T08:00:00Z"),
        (Kind.INSTANT, "2026-01-01T08:00:00Z", "2026-01-01T08:00:00Z"),
        (Kind.INSTANT, None, None),
        (Kind.TEXT, "2026-01-01T08:00:00.5Z", "2026-01-01T08:00:00.5Z"),
        (Kind.EMAIL, " Ada@Example.com", "ada@example.com"),
    ],
)
def test_times_are_part_of_a_key_to_the_second_as_they_are_compared(kind: Kind, value: Any, part: Any) -> None:
    assert key_part(kind, value) == part


def test_a_time_is_written_alike_whatever_class_it_comes_in() -> None:
    # Of the CDK's class, Python 3.13 gives `replace` a time with a zone back.
    text = "2026-03-01T08:00:00.25Z"
    parsed = parse_instant(text)
    assert type(parsed) is datetime
    assert format_instant(parsed) == format_instant(ab_datetime_parse(text)) == "2026-03-01T08:00:00.250000Z"
