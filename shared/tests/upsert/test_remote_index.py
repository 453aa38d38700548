"""Look-ups: as few requests as possible, each key asked for once, and never an answer older than a write."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from lms_shared.adapter.list_or_ask import ChoiceLog, Listing, Together
from lms_shared.adapter.remote import Key, text_key
from lms_shared.adapter.remote_index import RemoteIndex

Row = tuple[str, str, str]
"""Id, e-mail, name."""


@dataclass
class Collection:
    """A collection of an LMS that counts what it is asked."""

    rows: list[Row] = field(default_factory=list)
    page_size: int = 2
    asked: list[Key] = field(default_factory=list)
    lists: int = 0
    pages: int = 0
    repeats_a_row: bool = False
    asked_together: list[list[Key]] = field(default_factory=list)
    in_trouble: set[Key] = field(default_factory=set)

    def fetch(self, key: Key) -> list[Row]:
        self.asked.append(key)
        return [row for row in self.rows if key in keys_of(row)]

    def listing(self) -> Listing[Row]:
        self.lists += 1
        self.pages += 1
        return Listing(len(self.rows), self.page_size, self._read(list(self.rows[: self.page_size])))

    def _read(self, first: list[Row]) -> Iterator[Row]:
        yield from first
        if self.repeats_a_row:
            yield from first[-1:]
        for start in range(self.page_size, len(self.rows), self.page_size):
            self.pages += 1
            yield from self.rows[start : start + self.page_size]

    def together(self, per_request: int) -> Together[Row]:
        return Together(frozenset({"email", "name"}), self.fetch_many, lambda: per_request)

    def fetch_many(self, keys: Sequence[Key]) -> list[list[Row] | Exception]:
        self.asked_together.append(list(keys))
        return [OSError("lost") if key in self.in_trouble else self.fetch(key) for key in keys]

    @property
    def requests(self) -> int:
        return len(self.asked) + self.pages


def keys_of(row: Row) -> list[Key]:
    return [Key("email", row[1]), Key("name", row[2])]


def lookup(
    collection: Collection,
    *,
    listable: bool = True,
    in_memory: int = 50_000,
    most_listed: int = 200_000,
    per_request: int | None = None,
    choices: ChoiceLog | None = None,
) -> RemoteIndex[Row]:
    return RemoteIndex(
        "users",
        id_of=lambda row: row[0],
        keys_of=keys_of,
        askable=frozenset({"email"} if per_request is None else {"email", "name"}),
        fetch=collection.fetch,
        listing=collection.listing if listable else None,
        together=None if per_request is None else collection.together(per_request),
        in_memory=in_memory,
        most_listed=most_listed,
        choices=choices,
    )


def people(count: int) -> list[Row]:
    return [(str(number), f"{number}@x", f"name {number}") for number in range(count)]


def emails(*numbers: int) -> list[Key]:
    return [Key("email", f"{number}@x") for number in numbers]


def test_a_key_is_asked_for_once_found_or_not() -> None:
    collection = Collection(people(3))
    users = lookup(collection)
    for _ in range(2):
        assert [row[0] for row in users.find(Key("email", "1@x"))] == ["1"]
        assert users.find(Key("email", "nobody@x")) == []
    assert collection.requests == 2


def test_many_threads_that_want_the_same_key_ask_once() -> None:
    asked, go = threading.Event(), threading.Event()
    collection = Collection(people(1))

    def slow(key: Key) -> list[Row]:
        asked.set()
        assert go.wait(10)
        return collection.fetch(key)

    users: RemoteIndex[Row] = RemoteIndex(
        "u", id_of=lambda r: r[0], keys_of=keys_of, askable=frozenset({"email"}), fetch=slow
    )
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(users.find, Key("email", "0@x")) for _ in range(8)]
        assert asked.wait(10)
        go.set()
        assert all(one.result() == people(1) for one in answers)
    assert len(collection.asked) == 1


def test_an_ask_that_fails_fails_for_all_who_wait_and_is_tried_again_later() -> None:
    troubles = [OSError("lost")]
    collection = Collection(people(1))

    def fetch(key: Key) -> list[Row]:
        if troubles:
            raise troubles.pop()
        return collection.fetch(key)

    users: RemoteIndex[Row] = RemoteIndex(
        "u", id_of=lambda r: r[0], keys_of=keys_of, askable=frozenset({"email"}), fetch=fetch
    )
    with pytest.raises(OSError, match="lost"):
        users.find(Key("email", "0@x"))
    assert users.find(Key("email", "0@x")) == people(1)


@pytest.mark.parametrize(
    ("rows", "expected_keys", "lists"),
    [(4, 1, 0), (4, 2, 1), (100, 49, 1), (100, 50, 1), (100, 2, 1)],
)
def test_the_collection_is_sized_once_several_keys_are_wanted(rows: int, expected_keys: int, lists: int) -> None:
    collection = Collection(people(rows))
    lookup(collection).expect(emails(*range(expected_keys)))
    assert collection.lists == lists


def test_listing_is_chosen_where_it_takes_no_more_requests_than_asking() -> None:
    collection = Collection(people(10))
    users = lookup(collection)
    users.expect(emails(*range(4)))
    assert collection.pages == 1
    for key in emails(*range(4)):
        users.find(key)
    users.expect(emails(5))
    assert [users.find(key)[0][0] for key in emails(*range(10))] == [str(number) for number in range(10)]
    assert len(collection.asked) == 4
    assert collection.requests <= 2 * 5 + 1


def test_a_list_is_never_older_than_a_write_that_came_before_it() -> None:
    collection = Collection(people(10))
    users = lookup(collection)
    users.expect(emails(0, 1))
    new = ("new", "new@x", "new")
    collection.rows.insert(0, new)
    users.put(new)
    users.expect(emails(*range(2, 9)))
    assert users.find(Key("email", "new@x")) == [new]
    assert collection.asked == []


def test_a_row_that_moves_to_the_next_page_while_the_list_is_read_is_no_double() -> None:
    collection = Collection(people(4), repeats_a_row=True)
    users = lookup(collection)
    users.expect(emails(*range(4)))
    assert users.find(Key("email", "1@x")) == [people(4)[1]]


def test_a_key_that_cannot_be_asked_for_is_answered_from_the_list() -> None:
    collection = Collection(people(3))
    users = lookup(collection)
    assert users.find(Key("name", "name 2")) == [people(3)[2]]
    assert users.find(Key("name", "nobody")) == []
    assert (collection.lists, collection.asked) == (1, [])


def test_a_key_that_can_neither_be_asked_for_nor_listed_is_no_silent_miss() -> None:
    with pytest.raises(LookupError, match="users"):
        lookup(Collection(), listable=False).find(Key("name", "x"))


def test_a_collection_that_is_too_large_is_never_listed() -> None:
    collection = Collection(people(6))
    users = lookup(collection, most_listed=5)
    for _ in range(2):
        users.expect(emails(*range(6)))
    assert collection.pages == 1
    assert users.find(Key("email", "3@x")) == [people(6)[3]]


def test_a_written_row_is_found_under_its_new_key_and_no_longer_under_the_old() -> None:
    collection = Collection(people(2))
    users = lookup(collection)
    old = users.find(Key("email", "0@x"))[0]
    assert users.find(Key("email", "z@x")) == []
    new = ("0", "z@x", "name 0")
    users.put(new, instead_of=old)
    assert users.find(Key("email", "0@x")) == []
    assert users.find(Key("email", "z@x")) == [new]
    users.drop(new)
    assert users.find(Key("email", "z@x")) == []


def test_a_written_row_does_not_hide_others_of_a_key_that_was_never_asked_for() -> None:
    collection = Collection([("1", "same@x", "a")])
    users = lookup(collection)
    written = ("2", "same@x", "b")
    collection.rows.append(written)
    users.put(written)
    assert [row[0] for row in users.find(Key("email", "same@x"))] == ["1", "2"]


def test_refreshing_asks_again_for_that_key_alone() -> None:
    collection = Collection(people(2))
    users = lookup(collection)
    assert users.find(Key("email", "late@x")) == []
    collection.rows.append(("9", "late@x", "late"))
    assert users.find(Key("email", "late@x")) == []
    assert [row[0] for row in users.refresh(Key("email", "late@x"))] == ["9"]
    assert [row[0] for row in users.find(Key("email", "late@x"))] == ["9"]


def test_what_refreshing_shows_of_a_row_holds_for_its_other_keys_too() -> None:
    collection = Collection([("1", "old@x", "ann"), ("2", "bob@x", "bob")])
    users = lookup(collection)
    assert users.find(Key("name", "ann")) == [("1", "old@x", "ann")]
    collection.rows[0] = ("1", "new@x", "ann")
    users.refresh(Key("email", "new@x"))
    assert users.find(Key("name", "ann")) == [("1", "new@x", "ann")]


def test_refreshing_a_key_that_cannot_be_asked_for_lists_anew() -> None:
    collection = Collection(people(2))
    users = lookup(collection)
    assert users.find(Key("name", "late")) == []
    collection.rows.append(("9", "late@x", "late"))
    assert [row[0] for row in users.refresh(Key("name", "late"))] == ["9"]
    assert collection.lists == 2


def test_an_answer_that_memory_has_no_room_for_is_not_asked_for_again() -> None:
    collection = Collection(people(3))
    users = lookup(collection, listable=False, in_memory=1)
    found = [users.find(key) for key in emails(0, 1, 2, 0)]
    assert found[0] == found[3]
    assert [key.value for key in collection.asked] == ["0@x", "1@x", "2@x"]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().removeprefix("Look-up of users: ") for record in caplog.records]


def test_each_choice_of_a_look_up_is_told_once_with_its_estimate(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "airbyte")
    collection = Collection(people(8))
    users = lookup(collection)
    for wanted in ([0], [0], [1], [2], [3, 4], [5]):
        users.expect(emails(*wanted))
    assert told(caplog) == [
        "1 key(s) asked for so far against at least 1 page(s) of the whole list: asking for each key.",
        "2 key(s) asked for so far against 4 page(s) of the whole list: asking for each key.",
        "5 key(s) asked for so far against 4 page(s) of the whole list: listing once.",
    ]


def test_the_choice_for_one_key_is_told_without_a_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "airbyte")
    collection = Collection(people(8))
    lookup(collection).expect(emails(0))
    assert len(told(caplog)) == 1
    assert collection.requests == 0


def test_a_list_that_is_read_for_lack_of_a_filter_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "airbyte")
    collection = Collection(people(8))
    users = lookup(collection)
    names = [Key("name", "name 2"), Key("name", "name 7")]
    users.expect(names)
    for key in names:
        users.find(key)
    assert told(caplog) == ["the API has no filter for name: listing once, 8 row(s) in 4 page(s)."]
    assert collection.requests == 4


def test_look_ups_that_are_parts_of_one_object_tell_their_choice_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "airbyte")
    choices = ChoiceLog()
    for _ in range(3):
        lookup(Collection(people(8)), choices=choices).expect(emails(0))
    assert len(told(caplog)) == 1


@pytest.mark.parametrize("text", ["Fish & Chips", "Fish &amp; Chips", "  Fish\t&  Chips\n"])
def test_texts_that_read_the_same_have_one_key(text: str) -> None:
    assert text_key("title", text) == Key("title", "Fish & Chips")


def test_texts_that_differ_in_letter_case_have_different_keys() -> None:
    assert text_key("title", "upper") != text_key("title", "UPPER")


def test_a_row_that_is_written_while_a_list_is_being_confirmed_is_not_lost() -> None:
    collection = Collection(people(1))
    index: RemoteIndex[Row]

    def listing() -> Listing[Row]:
        opened = collection.listing()
        # Another thread's write gets through between the first page and the rest.
        collection.rows.append(NEWCOMER)
        index.put(NEWCOMER)
        return opened

    index = RemoteIndex(
        "users",
        id_of=lambda row: row[0],
        keys_of=keys_of,
        askable=frozenset({"email"}),
        fetch=lambda _: [],
        listing=listing,
        pages_to_confirm=1,
    )
    assert index.find(Key("email", "nobody@x")) == []
    assert index.find(Key("email", NEWCOMER[1])) == [NEWCOMER]


NEWCOMER = ("7", "7@x", "name 7")


@pytest.mark.parametrize("fresh", [False, True])
def test_a_row_that_is_written_while_its_key_is_being_asked_for_is_not_lost(fresh: bool) -> None:
    index: RemoteIndex[Row]

    def fetch(_: Key) -> list[Row]:
        index.put(NEWCOMER)
        return []  # the answer was on its way before the write

    index = RemoteIndex("users", id_of=lambda row: row[0], keys_of=keys_of, askable=frozenset({"email"}), fetch=fetch)
    key = Key("email", NEWCOMER[1])
    assert (index.refresh(key) if fresh else index.find(key)) == [NEWCOMER]
    assert index.find(key) == [NEWCOMER]


@pytest.mark.parametrize("field_name", ["email", "name"])
def test_a_key_that_was_missing_is_asked_for_again_once_its_row_may_have_been_written_elsewhere(
    field_name: str,
) -> None:
    collection = Collection([("1", "ada@example.com", "Ada")])
    index = lookup(collection)
    key = Key(field_name, "grace@example.com" if field_name == "email" else "Grace")
    assert index.find(key) == []
    collection.rows.append(("2", "grace@example.com", "Grace"))
    assert index.find(key) == []
    index.doubt(key)
    assert index.find(key) == [collection.rows[1]]
    requests = collection.requests
    assert index.find(key) == [collection.rows[1]]
    assert collection.requests == requests


def test_a_key_whose_row_is_known_is_not_asked_for_again_whatever_was_written_elsewhere() -> None:
    collection = Collection([("1", "ada@example.com", "Ada")])
    index = lookup(collection)
    assert index.find(Key("name", "Ada")) == collection.rows
    requests = collection.requests
    index.doubt(Key("name", "Ada"))
    assert index.find(Key("name", "Ada")) == collection.rows
    assert collection.requests == requests


def test_keys_that_are_expected_are_asked_for_together_where_the_lms_can_be_asked_so() -> None:
    collection = Collection(people(3))
    users = lookup(collection, listable=False, per_request=50)
    users.expect(emails(0, 1, 7))
    assert collection.asked_together == [emails(0, 1, 7)]
    assert [users.knows(key) for key in emails(0, 1, 7, 2)] == [True, True, True, False]
    assert [len(users.find(key)) for key in emails(0, 1, 7)] == [1, 1, 0]
    assert len(collection.asked) == 3


def test_the_list_is_compared_with_the_requests_that_many_keys_take() -> None:
    collection = Collection(people(10))
    users = lookup(collection, per_request=2)
    users.expect(emails(*range(8)))
    assert (collection.pages, len(collection.asked)) == (1, 8)
    users.expect(emails(8, 9))
    assert collection.pages == 1 + 5
    assert users.find(Key("email", "nobody@x")) == []
    assert len(collection.asked) == 8


def test_a_further_key_of_a_record_is_asked_for_only_where_those_before_it_find_nothing() -> None:
    collection = Collection(people(2))
    users = lookup(collection, listable=False, per_request=50)
    users.expect_in_turn([(email, Key("name", "name 0")) for email in emails(0, 5)])
    assert collection.asked_together == [emails(0, 5), [Key("name", "name 0")]]


def test_a_key_without_an_answer_fails_where_it_is_looked_up_and_is_asked_for_by_itself_the_next_time() -> None:
    collection = Collection(people(2), in_trouble=set(emails(1)))
    users = lookup(collection, listable=False, per_request=50)
    users.expect(emails(0, 1))
    assert users.find(emails(0)[0]) == people(1)
    with pytest.raises(OSError, match="lost"):
        users.find(emails(1)[0])
    assert users.find(emails(1)[0]) == [people(2)[1]]


def test_what_is_written_while_many_keys_are_asked_for_is_not_lost() -> None:
    collection = Collection()
    new = ("1", "1@x", "name 1")

    def fetch_many(keys: Sequence[Key]) -> list[list[Row] | Exception]:
        users.put(new)
        return [[] for _ in keys]

    users: RemoteIndex[Row] = RemoteIndex(
        "users",
        id_of=lambda row: row[0],
        keys_of=keys_of,
        askable=frozenset({"email"}),
        fetch=collection.fetch,
        together=Together(frozenset({"email"}), fetch_many, lambda: 50),
    )
    users.expect(emails(1, 2))
    assert users.find(emails(1)[0]) == [new]
    assert users.find(emails(2)[0]) == []


def test_memory_answers_a_record_by_its_first_key_that_finds_something() -> None:
    users = lookup(Collection(people(2)))
    known, missed, unasked = emails(0, 5, 1)
    users.find(known)
    users.find(missed)
    assert users.answers([known, unasked])
    assert users.answers([missed, known, unasked])
    assert users.answers([missed])
    assert not users.answers([missed, unasked])
    users.doubt(missed)
    assert not users.answers([missed])
