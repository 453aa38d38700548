"""Who is who: one address and several people, addresses that change hands, and several records of one person."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from lms_shared.dev.testing.memory_destination import sync_into
from lms_shared.dev.testing.memory_lms import Killed, MemoryLms, killed_at
from lms_shared.dev.testing.syncs import Run, Stream

Record = dict[str, Any]
SHARED = "j.smith@example.com"
BATCHES = [1, 2, 500]


def person(reference: str, email: str = SHARED, **fields: Any) -> Record:
    return {"external_reference": reference, "email": email, **fields}


def write(lms: MemoryLms, *records: Record, **how: Any) -> Run:
    run = sync_into(lms, [Stream("users", records)], **how)
    assert run.error is None, run.error
    return run


def held(lms: MemoryLms) -> dict[str | None, tuple[str, bool]]:
    """Address and activity of each person, by reference."""
    return {row.stamps.get("airbyte"): (row.fields["email"], row.fields["active"]) for row in lms.rows("users")}


def writes_nothing_again(lms: MemoryLms, *records: Record, **how: Any) -> bool:
    writes = lms.writes
    write(lms, *records, **how)
    return lms.writes == writes


# An address that changes hands


@pytest.mark.parametrize("batch_size", BATCHES)
@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("order", [0, 1])
def test_an_address_that_is_handed_over_ends_with_the_new_owner(order: int, workers: int, batch_size: int) -> None:
    lms = MemoryLms()
    write(lms, person("E1"))
    records = [person("E2"), person("E1", "john.s@example.com")]
    how = {"batch_size": batch_size, "num_workers": workers}
    run = write(lms, *(records if order else reversed(records)), **how)
    assert run.total("rejected") == 0
    assert held(lms) == {"E1": ("john.s@example.com", True), "E2": (SHARED, True)}
    assert writes_nothing_again(lms, *records, **how)


@pytest.mark.parametrize("batch_size", BATCHES)
@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_a_chain_of_addresses_ends_right_in_any_order(order: tuple[int, ...], batch_size: int) -> None:
    lms = MemoryLms()
    write(lms, *(person(f"E{number}", f"{number}@example.com") for number in range(3)))
    moved = [person(f"E{number}", f"{number + 1}@example.com") for number in range(3)]
    run = write(lms, *(moved[number] for number in order), batch_size=batch_size)
    assert run.total("updated") == 3
    assert held(lms) == {f"E{number}": (f"{number + 1}@example.com", True) for number in range(3)}


@pytest.mark.parametrize("batch_size", BATCHES)
@pytest.mark.parametrize("people", [2, 3])
def test_people_can_exchange_their_addresses(people: int, batch_size: int) -> None:
    lms = MemoryLms()
    write(lms, *(person(f"E{number}", f"{number}@example.com") for number in range(people)))
    swapped = [person(f"E{number}", f"{(number + 1) % people}@example.com") for number in range(people)]
    run = write(lms, *swapped, batch_size=batch_size)
    assert (run.total("updated"), run.total("rejected")) == (people, 0)
    assert held(lms) == {f"E{number}": (f"{(number + 1) % people}@example.com", True) for number in range(people)}
    assert writes_nothing_again(lms, *swapped)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_exchange_that_is_cut_off_is_ended_by_the_next_sync(number: int, moment: Any) -> None:
    lms = MemoryLms()
    write(lms, person("E1", "1@example.com"), person("E2", "2@example.com"))
    swapped = [person("E1", "2@example.com"), person("E2", "1@example.com")]
    lms.trouble = killed_at(lms.writes + number, moment)
    assert isinstance(sync_into(lms, [Stream("users", swapped)]).error, Killed)
    lms.trouble = lambda _: None
    write(lms, *swapped)
    assert held(lms) == {"E1": ("2@example.com", True), "E2": ("1@example.com", True)}


def test_an_exchange_of_people_without_references_is_two_rejects_that_say_so() -> None:
    lms = MemoryLms()
    first, second = (lms.add("users", email=f"{number}@example.com") for number in (1, 2))
    swapped = [{"id": first, "email": "2@example.com"}, {"id": second, "email": "1@example.com"}]
    assert write(lms, *swapped, user_references=False).total("updated") == 2
    taken = write(lms, person("E9", "1@example.com"), person("E8", "1@example.com"), user_references=False)
    assert taken.total("rejected") == 1


def test_a_new_address_that_another_person_keeps_is_a_conflict() -> None:
    lms = MemoryLms()
    write(lms, person("E1", "1@example.com"), person("E2", "2@example.com"))
    run = write(lms, person("E1", "2@example.com"))
    assert run.total("rejected") == 1
    assert held(lms) == {"E1": ("1@example.com", True), "E2": ("2@example.com", True)}


@pytest.mark.parametrize("swap", [True, False])
def test_a_dry_run_foresees_that_an_address_is_handed_over(swap: bool) -> None:
    lms = MemoryLms()
    write(lms, person("E1", "1@example.com"), person("E2", "2@example.com"))
    moved = [person("E1", "2@example.com"), person("E2", "1@example.com" if swap else "3@example.com")]
    run = write(lms, *moved, dry_run=True)
    assert (run.total("updated"), run.total("rejected")) == (2, 0)


# Several people under one address


@pytest.mark.parametrize("references", [True, False])
@pytest.mark.parametrize("batch_size", BATCHES)
@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_of_several_people_the_active_one_has_the_address_in_any_order(
    order: tuple[int, ...], batch_size: int, references: bool
) -> None:
    lms = MemoryLms()
    records = [person("old", active=False), person("new", active=True), person("older", active=False)]
    how = {"batch_size": batch_size, "user_references": references}
    run = write(lms, *(records[number] for number in order), **how)
    assert run.total("rejected") == 0
    assert [row.fields["active"] for row in lms.rows("users")] == [True]
    if references:
        assert held(lms) == {"new": (SHARED, True)}
    assert any("not active, under an address" in line for line in run.log)
    assert writes_nothing_again(lms, *(records[number] for number in order), **how)


@pytest.mark.parametrize("first", ["returning", "gone"])
@pytest.mark.parametrize("batch_size", BATCHES)
@pytest.mark.parametrize("archived", [True, False])
def test_a_returning_learner_takes_over_the_account_of_the_old_reference(
    archived: bool, batch_size: int, first: str
) -> None:
    lms = MemoryLms()
    write(lms, person("old", active=not archived))
    records = [person("new", active=True), person("old", active=False)]
    ordered = records if first == "returning" else records[::-1]
    run = write(lms, *ordered, batch_size=batch_size)
    assert run.total("rejected") == 0
    (row,) = lms.rows("users")
    assert (row.stamps["airbyte"], row.fields["active"]) == ("new", True)
    assert writes_nothing_again(lms, *ordered, batch_size=batch_size)


@pytest.mark.parametrize("references", [True, False])
@pytest.mark.parametrize("batch_size", BATCHES)
def test_of_two_active_people_the_first_stays_and_the_other_is_a_conflict(batch_size: int, references: bool) -> None:
    lms = MemoryLms()
    records = [person("E1", first_name="One"), person("E2", first_name="Two")]
    how = {"batch_size": batch_size, "user_references": references}
    run = write(lms, *records, **how)
    assert (run.total("created"), run.total("rejected")) == (1, 1)
    assert lms.rows("users")[0].fields["first_name"] == "One"
    assert writes_nothing_again(lms, *records, **how)


def test_of_two_active_people_the_one_that_the_lms_holds_stays() -> None:
    lms = MemoryLms()
    write(lms, person("E2"))
    assert write(lms, person("E1"), person("E2")).total("rejected") == 1
    assert held(lms) == {"E2": (SHARED, True)}


# Invisible characters


def test_a_reference_that_was_stamped_with_an_invisible_character_is_still_found() -> None:
    lms = MemoryLms()
    lms.add("users", email="ada@example.com", stamps={"airbyte": "E\u200b1"})
    lms.add("content", title="Course", stamps={"airbyte": "c\ufeff1"}, active=True)
    streams = [
        Stream("users", [person("E\u200b1", "\ufeffada@example.com", first_name="Sa\u200cra")]),
        Stream("content", [{"external_reference": "c\ufeff1", "title": "Cour\u200bse"}]),
        Stream(
            "assignments",
            [{"user_external_reference": "E\u200b1", "learning_object_external_reference": "c\ufeff1"}],
        ),
    ]
    run = sync_into(lms, streams)
    assert (run.error, run.total("rejected")) == (None, 0)
    assert [len(lms.rows(name)) for name in ("users", "content", "assignments")] == [1, 1, 1]
    assert lms.rows("users")[0].fields["first_name"] == "Sa\u200cra"
    assert sync_into(lms, streams).total("unchanged") == 3


# Duplicates


@pytest.mark.parametrize("batch_size", BATCHES)
@pytest.mark.parametrize(
    ("records", "policies", "wanted"),
    [
        (
            [{"first_name": "Ada", "last_name": "Byron"}, {"last_name": "Lovelace"}],
            [],
            {"first_name": "Ada", "last_name": "Lovelace"},
        ),
        ([{"first_name": "A"}, {"first_name": "B"}], ["fill_if_empty"], {"first_name": "A"}),
        ([{"first_name": "A"}, {"first_name": "B"}], ["source_wins"], {"first_name": "B"}),
        ([{"last_name": "A"}, {"first_name": "A"}, {"first_name": "B"}], ["fill_if_empty"], {"first_name": "A"}),
    ],
)
def test_several_records_of_one_key_end_as_if_written_one_after_the_other(
    records: list[Record], policies: list[str], wanted: Record, batch_size: int
) -> None:
    lms = MemoryLms()
    how = {"field_policies": [{"object": "users", "field": "first_name", "policy": one} for one in policies]}
    run = write(lms, *(person("E1", **fields) for fields in records), batch_size=batch_size, **how)
    assert run.total("rejected") == 0
    (row,) = lms.rows("users")
    assert wanted.items() <= row.fields.items()


@pytest.mark.parametrize("batch_size", BATCHES)
@pytest.mark.parametrize("mode", ["upsert", "create_only"])
def test_several_records_of_one_key_end_alike_in_each_mode(mode: str, batch_size: int) -> None:
    lms = MemoryLms()
    mapping = [{"stream": "content", "object": "content", "mode": mode}]
    records = [{"external_reference": "c", "title": "Old", "tags": ["a"]}, {"external_reference": "c", "title": "New"}]
    sync_into(lms, [Stream("content", records)], stream_mappings=mapping, batch_size=batch_size)
    (row,) = lms.rows("content")
    assert (row.fields["title"], row.fields["tags"]) == ("New" if mode == "upsert" else "Old", ["a"])


@pytest.mark.parametrize("batch_size", BATCHES)
def test_a_membership_that_is_given_and_taken_ends_taken(batch_size: int) -> None:
    lms = MemoryLms()
    member = {"group_name": "G", "user_email": SHARED}
    gone = {**member, "active": False}
    streams = [
        Stream("users", [person("E1")]),
        Stream("groups", [{"name": "G"}]),
        Stream("group_members", [member, gone, {**member, "active": True}, gone]),
    ]
    run = sync_into(lms, streams, batch_size=batch_size)
    assert (run.error, lms.rows("group_members")) == (None, [])


def test_a_record_that_the_lms_refuses_costs_no_other_of_its_key() -> None:
    lms = MemoryLms()
    lms.add("users", email="taken@example.com", stamps={"airbyte": "E9"})
    run = write(lms, person("E1", "e1@example.com"), person("E1", "taken@example.com"))
    assert (run.total("created"), run.total("rejected")) == (1, 1)
    assert held(lms)["E1"] == ("e1@example.com", True)


def test_a_key_that_comes_again_with_other_values_is_one_warning_with_the_count() -> None:
    records = [person(f"E{number % 2}", f"{number % 2}@example.com", first_name=f"N{number}") for number in range(6)]
    run = write(MemoryLms(), *records, batch_size=1)
    assert sum("4 record(s) of users say something else" in line for line in run.log) == 1
    assert not any("say something else" in line for line in write(MemoryLms(), *records[:2], *records[:2]).log)


def test_many_people_under_few_addresses_are_settled_with_few_calls() -> None:
    lms = MemoryLms()
    write(lms, *(person(f"E{number}", f"{number}@example.com") for number in range(100)))
    reads = lms.calls["read"]
    run = write(lms, *(person(f"F{number}", f"{number}@example.com") for number in range(100)))
    assert run.total("rejected") == 100
    assert lms.calls["read"] - reads < 500


def test_many_people_who_leave_are_deactivated_at_the_end_of_their_stream() -> None:
    lms = MemoryLms()
    write(lms, *(person(f"E{number}", f"{number}@example.com") for number in range(100)), user_references=False)
    gone = [person(f"E{number}", f"{number}@example.com", active=False) for number in range(100)]
    run = write(lms, *gone, user_references=False, batch_size=10)
    assert (run.total("deactivated"), run.total("rejected")) == (100, 0)
    assert writes_nothing_again(lms, *gone, user_references=False)
