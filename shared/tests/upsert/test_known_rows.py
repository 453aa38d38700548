"""What is known of a collection: a row counts once, and takes little memory however many there are."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

from lms_shared.adapter.known_rows import KnownRows
from lms_shared.adapter.remote import Key, spellings
from lms_shared.model.fields import Kind

Row = tuple[str, str]
ROWS = 5_000
MOST_BYTES = 500
"""Of a row with two keys: its texts, and their places in a table."""


def keys_of(row: Row) -> Iterator[Key]:
    yield Key("id", row[0])
    yield from spellings("email", Kind.EMAIL, row[1])


def known(in_memory: int = 20_000) -> KnownRows[Row]:
    return KnownRows(lambda row: row[0], keys_of, in_memory)


def test_a_listed_row_takes_little_memory() -> None:
    rows = known()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        rows.take_all((f"user-{number}", f"learner{number}@example.com") for number in range(ROWS))
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert rows.of(Key("email", "learner7@example.com")) == [("user-7", "learner7@example.com")]
    assert held / ROWS < MOST_BYTES, held / ROWS


def test_a_row_that_comes_twice_in_a_list_counts_once_and_two_rows_of_a_key_twice() -> None:
    rows = known()
    rows.take_all([("1", "a@x.nl"), ("2", "A@x.nl"), ("1", "a@x.nl")])
    assert rows.of(Key("email", "a@x.nl")) == [("1", "a@x.nl"), ("2", "A@x.nl")]
    assert rows.of(Key("email", "A@x.nl")) == [("2", "A@x.nl")]
    rows.note(("2", "b@x.nl"), instead_of=("2", "A@x.nl"))
    assert rows.of(Key("email", "a@x.nl")) == [("1", "a@x.nl")]
    assert rows.of(Key("email", "b@x.nl")) == [("2", "b@x.nl")]
    assert rows.of(Key("id", "1")) == [("1", "a@x.nl")]
    assert rows.of(Key("id", "3")) == []


def test_what_memory_has_no_room_for_is_found_on_disk_and_changed_there() -> None:
    rows = known(in_memory=2)
    for number in ("1", "2", "3", "4"):
        rows.learn(Key("id", number), [(number, f"{number}@x.nl")])
    rows.learn(Key("id", "5"), [])
    rows.note(("1", "new@x.nl"), instead_of=("1", "1@x.nl"))
    rows.forget(Key("id", "2"))
    found = [rows.of(Key("id", number)) for number in ("1", "2", "3", "5", "6")]
    assert found == [[("1", "new@x.nl")], None, [("3", "3@x.nl")], [], None]


def test_listed_rows_on_disk_are_those_of_all_their_keys() -> None:
    rows = known(in_memory=3)
    rows.take_all([(str(number), f"{number % 4}@x.nl") for number in range(8)])
    assert rows.of(Key("email", "1@x.nl")) == [("1", "1@x.nl"), ("5", "1@x.nl")]
    rows.drop(("5", "1@x.nl"))
    assert [rows.of(Key("email", "1@x.nl")), rows.of(Key("id", "5"))] == [[("1", "1@x.nl")], []]
