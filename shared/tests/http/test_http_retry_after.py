"""What an answer asks to wait: a number, a date, or nothing that can be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from lms_shared.http.rate_limit import retry_after


def asked(text: str, **headers: str) -> float | None:
    response = requests.Response()
    response.headers.update({"Retry-After": text, **headers})
    return retry_after(response)


@pytest.mark.parametrize(("text", "seconds"), [("7", 7), (" 7 ", 7), ("1.5", 1.5), ("3600", 3600)])
def test_a_number_is_seconds(text: str, seconds: float) -> None:
    assert asked(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-3",
        "soon",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "Mon, 99 Foo 2026 00:00:00 GMT",
        "Wed, 21 Oct 99999999",
        ",",
    ],
)
def test_what_cannot_be_waited_for_is_no_wait(text: str) -> None:
    assert asked(text) is None


def test_an_answer_without_the_header_and_no_answer_ask_for_nothing() -> None:
    assert retry_after(requests.Response()) is None
    assert retry_after(None) is None


def test_a_date_is_counted_from_the_date_of_the_answer() -> None:
    told = {"Date": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert asked("Wed, 21 Oct 2015 07:28:40 GMT", **told) == 40
    assert asked("Wed, 21 Oct 2015 09:28:40 +0200", **told) == 40
    assert asked("Wednesday, 21-Oct-15 07:28:40 GMT", **told) == 40
    assert asked("Wed Oct 21 07:28:40 2015", **told) == 40
    assert asked("Wed, 21 Oct 2015 07:28:00 GMT", **told) is None


def test_a_date_of_an_answer_without_date_is_counted_from_now() -> None:
    seconds = asked(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))
    assert seconds is not None
    assert 3590 < seconds <= 3600
    assert asked("Wed, 21 Oct 2015 07:28:00 GMT") is None
