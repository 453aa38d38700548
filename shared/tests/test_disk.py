"""What lies on disk is the same as in memory, whatever texts its keys hold."""

from __future__ import annotations

import pytest

from lms_shared.disk import SpillingDict

ODD = ["", "half \ud83d", "\0", "é", "a\0b", "x" * 10_000]


@pytest.mark.parametrize("in_memory", [0, 1, 100])
def test_a_value_is_found_changed_and_dropped_wherever_it_lies(in_memory: int) -> None:
    held: SpillingDict[tuple[str, int]] = SpillingDict(in_memory)
    for number, text in enumerate(ODD):
        held.put(("field", text), (text, number))
    assert [held.get(("field", text)) for text in ODD] == [(text, number) for number, text in enumerate(ODD)]
    held.put(("field", ""), ("changed", 7))
    held.drop(("field", "é"))
    assert held.get(("field", "")) == ("changed", 7)
    assert ("field", "é") not in held
    assert held.get(("other", "")) is None


def test_a_value_that_was_read_from_disk_is_not_older_than_one_that_was_put_later() -> None:
    held: SpillingDict[int] = SpillingDict(1)
    for number in range(4):
        held.put(("key", str(number)), number)
    assert held.get(("key", "0")) == 0
    held.put(("key", "0"), 9)
    assert held.get(("key", "0")) == 9
    held.put(("key", "5"), 5)
    held.put(("key", "6"), 6)
    assert [held.get(("key", one)) for one in ("0", "1", "5")] == [9, 1, 5]


def test_an_empty_value_takes_the_place_of_one_on_disk() -> None:
    held: SpillingDict[tuple[int, ...]] = SpillingDict(1)
    for number in range(4):
        held.put(("key", str(number)), (number,))
    held.put(("key", "0"), ())
    assert held.get(("key", "0")) == ()
    assert ("key", "0") in held
