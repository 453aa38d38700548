"""Deferred records come back once, in their order, and leave nothing behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lms_shared.adapter.remote import Awaited
from lms_shared.upsert.match.deferred import DeferredRecords, Spill

ADA: Awaited = ("users", "email", "ada@example.com")
ADA_BY_REFERENCE: Awaited = ("users", "external_reference", "u-1")
COURSE: Awaited = ("content", "external_reference", "c-1")


@pytest.fixture
def deferred() -> Iterator[DeferredRecords]:
    records = DeferredRecords()
    yield records
    records.close()


@pytest.fixture
def spill() -> Iterator[Spill]:
    spill = Spill()
    yield spill
    spill.close()


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


def test_a_record_that_came_out_is_not_found_by_the_other_keys_of_a_later_one(deferred: DeferredRecords) -> None:
    deferred.defer("first", (ADA, ADA_BY_REFERENCE))
    assert deferred.arrived(ADA) == ["first"]
    deferred.defer("second", (COURSE,))
    assert deferred.arrived(ADA_BY_REFERENCE) == []
    assert len(deferred) == 1


def test_what_is_deferred_while_the_rest_is_taken_out_stays(deferred: DeferredRecords) -> None:
    for number in range(3):
        deferred.defer(number, (ADA,))
    taken = []
    for one in deferred.drain():
        taken.append(one)
        deferred.defer(one + 10, (ADA,))
    assert taken == [0, 1, 2]
    assert deferred.arrived(ADA) == [10, 11, 12]


def test_a_key_is_found_whatever_characters_it_has(deferred: DeferredRecords) -> None:
    half: Awaited = ("users", "external_reference", "\ud800'\0")
    deferred.defer({"half": "\ud800", "long": 2**70}, (half, half))
    assert deferred.arrived(half) == [{"half": "\ud800", "long": 2**70}]
    assert len(deferred) == 0


def test_the_spill_gives_back_what_was_put_whatever_was_taken_in_between(spill: Spill) -> None:
    first, second = spill.put({"half": "\ud800"}), spill.put([2**70])
    assert spill.take(second) == [2**70]
    third = spill.put("third")
    assert spill.look(first) == spill.take(first) == {"half": "\ud800"}
    spill.drop(third)
    assert spill.take(spill.put("after all were gone")) == "after all were gone"


def test_an_object_is_taken_out_of_the_spill_once(spill: Spill) -> None:
    place = spill.put("once")
    spill.take(place)
    spill.put("another")
    with pytest.raises(KeyError):
        spill.take(place)


def open_databases() -> list[Path]:
    """The descriptors under which this process has temporary files of SQLite open."""
    links = [Path(one.path) for one in os.scandir("/proc/self/fd")]
    return [one for one in links if one.is_symlink() and "etilqs_" in os.readlink(one)]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed on Linux alone")
def test_what_is_put_aside_lies_in_a_file_without_a_name_whose_room_is_used_again(spill: Spill) -> None:
    others = open_databases()
    stays = spill.put("stays")
    for _ in range(5):
        for place in [spill.put("x" * 100_000) for _ in range(100)]:
            spill.drop(place)
    (file,) = set(open_databases()) - set(others)
    assert not Path(os.readlink(file)).exists()
    assert file.stat().st_size < 2 * 100 * 100_000
    assert spill.take(stays) == "stays"
    spill.close()
    assert open_databases() == others
