"""Which object a record means: the published order, and nothing guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lms_shared.testing.memory_adapter import declarations
from lms_shared.upsert.lookup import Key
from lms_shared.upsert.match import match_entity
from lms_shared.upsert.remote import RecordRejected, Remote

OBJECTS = declarations()
Held = Mapping[tuple[str, str], list[Remote]]


def match(name: str, values: dict[str, Any], held: Held, *, removing: bool = False) -> tuple[str | None, str]:
    def find(key: Key) -> list[Remote]:
        return held.get((key.field, key.value), [])

    found = match_entity(OBJECTS[name], values, find, removing=removing)
    return (found.remote.id if found.remote else None, found.reason)


def own(row_id: str, **fields: Any) -> Remote:
    return Remote(row_id, fields, stamped=True, own=True)


RECORD = {"external_reference": "c-1", "id": "7", "title": "Reading Python"}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (
            {("external_reference", "c-1"): [own("1")], ("id", "7"): [own("7")], ("title", "Reading Python"): []},
            ("1", "matched by external_reference"),
        ),
        ({("id", "7"): [own("7")], ("title", "Reading Python"): [Remote("9", {})]}, ("7", "matched by id")),
        ({("title", "Reading Python"): [Remote("9", {})]}, ("9", "adopted: the sole match by title")),
    ],
)
def test_keys_are_tried_in_the_published_order(held: Held, expected: tuple[str, str]) -> None:
    assert match("content", RECORD, held) == expected


@pytest.mark.parametrize(
    "stranger",
    [
        Remote("9", {}, stamped=True),
        Remote("9", {}, stamped=True, own=True),
        Remote("9", {}, draft=True),
    ],
)
def test_what_carries_a_stamp_or_is_a_draft_is_never_adopted(stranger: Remote) -> None:
    record = {"external_reference": "c-1", "title": "T"}
    assert match("content", record, {("title", "T"): [stranger]}) == (None, "no match")
    assert match("content", record, {("title", "T"): [stranger, Remote("8", {})]})[0] == "8"


@pytest.mark.parametrize(
    ("name", "record", "key"),
    [
        ("content", {"external_reference": "c-1", "title": "T"}, ("title", "T")),
        ("content", {"external_reference": "c-1", "title": "T"}, ("external_reference", "c-1")),
        ("groups", {"name": "G"}, ("name", "G")),
    ],
)
def test_several_candidates_are_a_reject_that_names_them(
    name: str, record: dict[str, Any], key: tuple[str, str]
) -> None:
    candidates = [Remote("1", {"title": "T"}), Remote("2", {"title": "T"})]
    with pytest.raises(RecordRejected) as caught:
        match(name, record, {key: candidates})
    assert caught.value.code == "REMOTE.AMBIGUOUS"
    assert "2 objects" in caught.value.reason
    assert [one.id for one in caught.value.candidates] == ["1", "2"]


def test_an_object_of_another_reference_is_a_conflict() -> None:
    held = {("email", "a@b.c"): [own("1", external_reference="u-2", email="a@b.c")]}
    with pytest.raises(RecordRejected) as caught:
        match("users", {"external_reference": "u-1", "email": "a@b.c"}, held)
    assert caught.value.code == "REMOTE.CONFLICT"
    assert [one.id for one in caught.value.candidates] == ["1"]


@pytest.mark.parametrize("reference", [None, "u-1"])
def test_a_match_by_a_natural_key_is_adopted_where_no_reference_stands_against_it(reference: str | None) -> None:
    held = {("email", "a@b.c"): [Remote("1", {"email": "a@b.c", "external_reference": reference})]}
    assert match("users", {"external_reference": "u-1", "email": "a@b.c"}, held) == ("1", "matched by email, adopted")


def test_an_id_that_does_not_exist_is_a_reject() -> None:
    with pytest.raises(RecordRejected) as caught:
        match("content", {"id": "7", "external_reference": "c-1", "title": "T"}, {})
    assert caught.value.code == "REFERENCE.NOT_FOUND"


def test_what_is_to_be_removed_is_never_found_by_a_mere_attribute() -> None:
    held = {("title", "T"): [Remote("9", {})]}
    assert match("content", {"external_reference": "c-1", "title": "T"}, held, removing=True) == (None, "no match")


def test_an_id_that_does_not_exist_is_as_good_as_removed() -> None:
    assert match("content", {"id": "7"}, {}, removing=True) == (None, "no match")
