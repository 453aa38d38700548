"""Deferred records come back once, in their order, and leave nothing behind."""

from __future__ import annotations

import pytest

from lms_shared.adapter.keys import Awaited
from lms_shared.upsert.match.deferred import DeferredRecords
from lms_shared.upsert.match.spill_file import SpillFile

ADA: Awaited = ("users", "email", "ada@example.com")
ADA_BY_REFERENCE: Awaited = ("users", "external_reference", "u-1")
COURSE: Awaited = ("content", "external_reference", "c-1")


@pytest.fixture
def deferred() -> DeferredRecords:
    return DeferredRecords(SpillFile())


def test_a_record_comes_back_when_one_of_the_keys_that_it_waits_for_arrives(deferred: DeferredRecords) -> None:
    deferred.defer("first", (ADA, ADA_BY_REFERENCE))
    deferred.defer("second", (COURSE,))
    assert deferred.arrived(ADA_BY_REFERENCE) == ["first"]
    assert deferred.arrived(ADA) == []
    assert len(deferred) == 1


def test_all_that_wait_for_a_key_come_back_in_their_order(deferred: DeferredRecords) -> None:
    for number in range(5):
        deferred.defer(number, (ADA,))
    assert deferred.arrived(ADA) == [0, 1, 2, 3, 4]
    assert len(deferred) == 0


def test_what_waits_for_nothing_that_is_still_to_come_is_taken_out(deferred: DeferredRecords) -> None:
    deferred.defer("a learner", (ADA, ADA_BY_REFERENCE))
    deferred.defer("a course", (COURSE,))
    deferred.defer("either", (COURSE, ADA))
    assert list(deferred.in_vain({"content"})) == ["a learner"]
    assert deferred.arrived(ADA) == ["either"]
    assert list(deferred.in_vain(set())) == ["a course"]
    assert len(deferred) == 0


def test_what_is_left_is_drained_in_the_order_in_which_it_was_parked(deferred: DeferredRecords) -> None:
    for number in range(5):
        deferred.defer(number, (COURSE if number % 2 else ADA,))
    deferred.arrived(COURSE)
    assert list(deferred.drain()) == [0, 2, 4]
    assert list(deferred.drain()) == []


def test_a_record_can_be_parked_again(deferred: DeferredRecords) -> None:
    deferred.defer("record", (ADA,))
    (record,) = deferred.arrived(ADA)
    deferred.defer(record, (COURSE,))
    assert deferred.arrived(ADA) == []
    assert deferred.arrived(COURSE) == ["record"]


def test_what_waits_for_a_record_that_waits_itself_does_not_wait_in_vain(deferred: DeferredRecords) -> None:
    deferred.defer("a lesson", (COURSE,), "lessons")
    deferred.defer("a part of the lesson", (("lessons", "title", "One"),), "parts")
    assert deferred.to_come({"content"}) == {"content", "lessons", "parts"}
    assert list(deferred.in_vain(deferred.to_come({"content"}))) == []
    assert deferred.to_come({"users"}) == {"users"}
    assert deferred.arrived(COURSE) == ["a lesson"]
    assert deferred.to_come({"content"}) == {"content"}


def test_the_spill_file_gives_back_what_was_put_whatever_was_taken_in_between() -> None:
    spill = SpillFile()
    first, second = spill.put({"half": "\ud800"}), spill.put([2**70])
    assert spill.take(second) == [2**70]
    third = spill.put("third")
    assert spill.take(first) == {"half": "\ud800"}
    spill.drop(third)
    assert spill.take(spill.put("after all were gone")) == "after all were gone"
    spill.close()
