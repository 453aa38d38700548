"""Which object a record means: the published order, and nothing guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import FieldPolicy
from lms_shared.upsert.match.match import match_entity

OBJECTS = declarations()
Held = Mapping[tuple[str, str], list[RemoteObject]]


def match(name: str, values: dict[str, Any], held: Held, *, removing: bool = False) -> tuple[str | None, str]:
    def find(key: Key) -> list[RemoteObject]:
        return held.get((key.field, key.value), [])

    found = match_entity(OBJECTS[name], values, find, removing=removing)
    return (found.remote.id if found.remote else None, found.reason)


def own(row_id: str, **fields: Any) -> RemoteObject:
    return RemoteObject(row_id, fields, stamped=True, own=True)


RECORD = {"external_reference": "c-1", "id": "7", "title": "Reading Python"}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (
            {("external_reference", "c-1"): [own("1")], ("id", "7"): [own("7")], ("title", "Reading Python"): []},
            ("1", "matched by external_reference"),
        ),
        ({("id", "7"): [own("7")], ("title", "Reading Python"): [RemoteObject("9", {})]}, ("7", "matched by id")),
        ({("title", "Reading Python"): [RemoteObject("9", {})]}, ("9", "adopted: the sole match by title")),
    ],
)
def test_keys_are_tried_in_the_published_order(held: Held, expected: tuple[str, str]) -> None:
    assert match("content", RECORD, held) == expected


@pytest.mark.parametrize(
    "stranger",
    [
        RemoteObject("9", {}, stamped=True),
        RemoteObject("9", {}, stamped=True, own=True),
        RemoteObject("9", {}, draft=True),
    ],
)
def test_what_carries_a_stamp_or_is_a_draft_is_never_adopted(stranger: RemoteObject) -> None:
    record = {"external_reference": "c-1", "title": "T"}
    assert match("content", record, {("title", "T"): [stranger]}) == (None, "no match")
    assert match("content", record, {("title", "T"): [stranger, RemoteObject("8", {})]})[0] == "8"


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
    candidates = [RemoteObject("1", {"title": "T"}), RemoteObject("2", {"title": "T"})]
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


@pytest.mark.parametrize(
    ("record", "reference", "reason"),
    [
        ({"external_reference": "u-1"}, None, "matched by email, adopted"),
        ({"external_reference": "u-1"}, "u-1", "matched by email"),
        ({}, None, "matched by email"),
        ({}, "u-1", "matched by email"),
    ],
)
def test_a_match_by_a_natural_key_is_adopted_where_it_is_stamped(
    record: dict[str, Any], reference: str | None, reason: str
) -> None:
    held = {("email", "a@b.c"): [RemoteObject("1", {"email": "a@b.c", "external_reference": reference})]}
    assert match("users", {**record, "email": "a@b.c"}, held) == ("1", reason)


WITHOUT_REFERENCES = declarations(user_references=False)["users"]
NEVER_STAMPED = OBJECTS["users"].with_policies({"external_reference": FieldPolicy.NEVER})


@pytest.mark.parametrize("declaration", [WITHOUT_REFERENCES, NEVER_STAMPED], ids=["no place", "never written"])
def test_nothing_is_told_to_be_adopted_where_no_stamp_is_ever_written(declaration: ObjectDeclaration) -> None:
    values = {"external_reference": "u-1", "email": "a@b.c"}
    held = {"a@b.c": [RemoteObject("1", {"email": "a@b.c"})]}
    assert match_entity(declaration, values, lambda key: held.get(key.value, [])).reason == "matched by email"


def test_an_unstamped_object_that_is_named_by_its_id_is_adopted() -> None:
    assert match("content", RECORD, {("id", "7"): [RemoteObject("7", {})]}) == ("7", "matched by id, adopted")


@pytest.mark.parametrize("title", ["Fish & Chips", "Fish &amp; Chips", " Fish  &\tChips"])
def test_titles_that_read_the_same_are_looked_up_by_the_same_key(title: str) -> None:
    held = {("title", "Fish & Chips"): [RemoteObject("9", {})]}
    assert match("content", {"external_reference": "c-1", "title": title}, held)[0] == "9"


def test_an_id_of_an_object_that_carries_another_reference_is_a_conflict() -> None:
    held = {("id", "7"): [own("7", external_reference="c-2")]}
    with pytest.raises(RecordRejected) as caught:
        match("content", RECORD, held)
    assert caught.value.code == "REMOTE.CONFLICT"
    assert [one.id for one in caught.value.candidates] == ["7"]


def test_an_id_settles_it_where_the_record_s_reference_is_to_win() -> None:
    declaration = OBJECTS["content"].with_policies({"external_reference": FieldPolicy.SOURCE_WINS})
    held = {"7": [own("7", external_reference="c-2")]}
    found = match_entity(declaration, dict(RECORD), lambda key: held.get(key.value, []))
    assert (found.remote and found.remote.id, found.reason) == ("7", "matched by id")


def test_an_id_that_does_not_exist_is_a_reject() -> None:
    with pytest.raises(RecordRejected) as caught:
        match("content", {"id": "7", "external_reference": "c-1", "title": "T"}, {})
    assert caught.value.code == "REFERENCE.NOT_FOUND"


def test_what_is_to_be_removed_is_never_found_by_a_mere_attribute() -> None:
    held = {("title", "T"): [RemoteObject("9", {})]}
    assert match("content", {"external_reference": "c-1", "title": "T"}, held, removing=True) == (None, "no match")


def test_an_id_that_does_not_exist_is_as_good_as_removed() -> None:
    assert match("content", {"id": "7"}, {}, removing=True) == (None, "no match")
