"""The table of answers: what each means for a call that may be repeated, and for one that may not."""

from __future__ import annotations

import pytest
import requests
from requests import exceptions
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError

from lms_shared.http.outcome import RULES, Handling, Rule, judge


def response(status: int, body: bytes = b"{}", **headers: str) -> requests.Response:
    made = requests.Response()
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    made.status_code = status
    made._content = body
    return made


def never_connected() -> Exception:
    pool = HTTPConnectionPool("localhost")
    cause = NewConnectionError(pool, "refused")  # type: ignore[arg-type]  # only its name matters here
    return exceptions.ConnectionError(MaxRetryError(pool, "/", cause))


A, R, U = Handling.ANSWER, Handling.RETRY, Handling.UNKNOWN
TABLE: list[tuple[str, requests.Response | Exception, Handling, Handling]] = [
    ("success", response(200), A, A),
    ("created", response(201), A, A),
    ("no content", response(204, b""), A, A),
    ("bad request", response(400), A, A),
    ("not found", response(404, b"<html>"), A, A),
    ("conflict", response(409), A, A),
    ("invalid", response(422), A, A),
    ("key refused", response(401), Handling.BAD_KEY, Handling.BAD_KEY),
    ("not allowed", response(403), Handling.FORBIDDEN, Handling.FORBIDDEN),
    ("quota used up", response(429), R, R),
    ("request timeout", response(408), R, U),
    ("server error", response(500), R, U),
    ("bad gateway", response(502, b"<html>"), R, U),
    ("unavailable", response(503), R, U),
    ("unavailable for now", response(503, Retry_After="5"), R, U),
    ("unavailable for no time", response(503, Retry_After="0"), R, U),
    ("moved", response(301), Handling.WRONG_ADDRESS, Handling.WRONG_ADDRESS),
    ("moved for now", response(302), Handling.WRONG_ADDRESS, Handling.WRONG_ADDRESS),
    ("a page instead of JSON", response(200, b"<html>"), R, U),
    ("cut body", response(201, b'{"id": "1'), R, U),
    ("never connected", never_connected(), R, R),
    ("connect timeout", exceptions.ConnectTimeout(), R, R),
    ("read timeout", exceptions.ReadTimeout(), R, U),
    ("connection lost", exceptions.ConnectionError("reset by peer"), R, U),
    ("chunks cut off", exceptions.ChunkedEncodingError(), R, U),
    ("no such scheme", exceptions.InvalidSchema(), Handling.WRONG_ADDRESS, Handling.WRONG_ADDRESS),
    ("no address", exceptions.InvalidURL(), Handling.WRONG_ADDRESS, Handling.WRONG_ADDRESS),
    ("no scheme", exceptions.MissingSchema(), Handling.WRONG_ADDRESS, Handling.WRONG_ADDRESS),
]


@pytest.mark.parametrize(
    ("answer", "repeatable", "once_only"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_an_answer_has_one_meaning(
    answer: requests.Response | Exception, repeatable: Handling, once_only: Handling
) -> None:
    got = answer if isinstance(answer, requests.Response) else None
    error = answer if isinstance(answer, Exception) else None
    assert judge(got, error, repeatable=True)[1] is repeatable
    assert judge(got, error, repeatable=False)[1] is once_only


def test_every_row_of_the_table_is_covered() -> None:
    fitting = {
        judge(
            one if isinstance(one, requests.Response) else None,
            one if isinstance(one, Exception) else None,
            repeatable=True,
        )[0].name
        for _, one, _, _ in TABLE
    }
    assert fitting == {rule.name for rule in RULES}


def test_a_call_that_may_not_be_repeated_is_only_repeated_where_it_was_never_carried_out() -> None:
    assert {rule.name for rule in RULES if rule.once_only is Handling.RETRY} == {
        "connection never made",
        "429 quota used up",
    }


def test_what_the_api_has_no_room_for_is_no_failure() -> None:
    for_now = {name for name, one, _, _ in TABLE if isinstance(one, requests.Response) and judge_one(one).for_now}
    assert for_now == {"quota used up", "unavailable for now"}


def judge_one(answer: requests.Response) -> Rule:
    return judge(answer, None, repeatable=True)[0]
