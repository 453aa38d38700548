"""Filters of the lists of version 2: each reads its value and gives a test of rows (reference: skilljar-v2, 2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.timestamps import parse_timestamp
from lms_shared.dev.sandbox.skilljar.v2.documents import unfit

Test = Callable[[Store, Row], bool]
Filter = Callable[[str], Test]
"""Reads the value of a filter. Raises V2Error for a value that the schema does not know."""


def _moment(text: str) -> datetime:
    """A moment with an offset; one without is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise unfit(f"{text!r} is not a date-time.") from error
    if moment.tzinfo is None:
        raise unfit(f"{text!r} has no offset.")
    return moment.astimezone(UTC)


def window(value: Callable[[Store, Row], str | None], *, until: bool = False) -> Filter:
    def read(text: str) -> Test:
        bound = _moment(text)

        def test(store: Store, row: Row) -> bool:
            held = value(store, row)
            if held is None:
                return False
            return parse_timestamp(held) <= bound if until else parse_timestamp(held) >= bound

        return test

    return read


def equals(value: Callable[[Store, Row], object], *, fold: bool = False) -> Filter:
    def read(text: str) -> Test:
        wanted = text.casefold() if fold else text
        return lambda store, row: (str(value(store, row)).casefold() if fold else value(store, row)) == wanted

    return read


def one_of(value: Callable[[Store, Row], str | None], choices: frozenset[str] | None = None) -> Filter:
    def read(text: str) -> Test:
        wanted = set(text.split(","))
        if choices is not None and not wanted <= choices:
            raise unfit(f"{text!r} holds an unknown value.")
        return lambda store, row: value(store, row) in wanted

    return read


def flag(value: Callable[[Store, Row], bool]) -> Filter:
    def read(text: str) -> Test:
        if text not in ("true", "false"):
            raise unfit(f"{text!r} is neither true nor false.")
        return lambda store, row: value(store, row) is (text == "true")

    return read


def column(name: str) -> Callable[[Store, Row], str | None]:
    return lambda _, row: row.get(name)
