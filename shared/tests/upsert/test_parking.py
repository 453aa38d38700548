"""Parked records come back once, in their order, and leave nothing behind."""

from __future__ import annotations

import pytest

from lms_shared.upsert.parking import Awaited, Parking
from lms_shared.upsert.spool import Spool

ADA: Awaited = ("users", "email", "ada@example.com")
ADA_BY_REFERENCE: Awaited = ("users", "external_reference", "u-1")
COURSE: Awaited = ("content", "external_reference", "c-1")


@pytest.fixture
def parking() -> Parking:
    return Parking(Spool())


def test_a_record_comes_back_when_one_of_the_keys_that_it_waits_for_arrives(parking: Parking) -> None:
    parking.park("first", (ADA, ADA_BY_REFERENCE))
    parking.park("second", (COURSE,))
    assert parking.arrived(ADA_BY_REFERENCE) == ["first"]
    assert parking.arrived(ADA) == []
    assert len(parking) == 1


def test_all_that_wait_for_a_key_come_back_in_their_order(parking: Parking) -> None:
    for number in range(5):
        parking.park(number, (ADA,))
    assert parking.arrived(ADA) == [0, 1, 2, 3, 4]
    assert len(parking) == 0


def test_what_waits_for_nothing_that_is_still_to_come_is_taken_out(parking: Parking) -> None:
    parking.park("a learner", (ADA, ADA_BY_REFERENCE))
    parking.park("a course", (COURSE,))
    parking.park("either", (COURSE, ADA))
    assert list(parking.in_vain({"content"})) == ["a learner"]
    assert parking.arrived(ADA) == ["either"]
    assert list(parking.in_vain(set())) == ["a course"]
    assert len(parking) == 0


def test_what_is_left_is_drained_in_the_order_in_which_it_was_parked(parking: Parking) -> None:
    for number in range(5):
        parking.park(number, (COURSE if number % 2 else ADA,))
    parking.arrived(COURSE)
    assert list(parking.drain()) == [0, 2, 4]
    assert list(parking.drain()) == []


def test_a_record_can_be_parked_again(parking: Parking) -> None:
    parking.park("record", (ADA,))
    (record,) = parking.arrived(ADA)
    parking.park(record, (COURSE,))
    assert parking.arrived(ADA) == []
    assert parking.arrived(COURSE) == ["record"]


def test_the_spool_gives_back_what_was_put_whatever_was_taken_in_between() -> None:
    spool = Spool()
    first, second = spool.put({"half": "\ud800"}), spool.put([2**70])
    assert spool.take(second) == [2**70]
    third = spool.put("third")
    assert spool.take(first) == {"half": "\ud800"}
    spool.drop(third)
    assert spool.take(spool.put("after all were gone")) == "after all were gone"
    spool.close()
