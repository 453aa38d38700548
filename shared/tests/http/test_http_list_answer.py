"""What counts as the answer of a list, and when it is complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from lms_shared.http.list_answer import (
    Connection,
    IncompleteList,
    ListShape,
    NotAList,
    Page,
    read_connection,
    read_list,
    read_page,
)

ROWS = [{"id": "1"}, {"id": "2"}]
UNREADABLE: list[Any] = [None, "", "<html>", 0, True, {}, {"results": None}, {"results": {}}, {"results": "x"}, [None]]


@pytest.mark.parametrize("body", [*UNREADABLE, ROWS, {"results": [None]}, {"results": [*ROWS, []]}])
def test_whatever_is_not_an_envelope_with_rows_is_no_empty_list(body: Any) -> None:
    with pytest.raises(NotAList):
        read_page(body, ListShape.ENVELOPE)


@pytest.mark.parametrize("body", [*UNREADABLE, {"results": ROWS}])
def test_whatever_is_not_an_array_of_rows_is_no_empty_list(body: Any) -> None:
    with pytest.raises(NotAList):
        read_page(body, ListShape.ARRAY)


@pytest.mark.parametrize("body", UNREADABLE)
def test_a_list_of_either_shape_is_no_other(body: Any) -> None:
    with pytest.raises(NotAList):
        read_page(body, ListShape.EITHER)


@pytest.mark.parametrize("body", [[], {"results": []}, {"results": [], "count": 0, "next": None}])
def test_an_empty_list_of_a_right_shape_is_empty(body: Any) -> None:
    assert read_page(body, ListShape.EITHER).rows == []


def test_a_page_gives_rows_next_link_and_count() -> None:
    body = {"results": ROWS, "next": "https://lms.example.com/?page=2", "count": 3}
    assert read_page(body, ListShape.ENVELOPE) == Page(ROWS, "https://lms.example.com/?page=2", 3)
    assert read_page({"domains": ROWS}, ListShape.ENVELOPE, rows="domains").rows == ROWS


INFO = {"hasNextPage": False, "endCursor": None}


@pytest.mark.parametrize(
    "value",
    [
        *UNREADABLE,
        {"edges": None, "pageInfo": INFO},
        {"edges": [None], "pageInfo": INFO},
        {"edges": [{"node": None}], "pageInfo": INFO},
        {"edges": [], "pageInfo": None},
        {"edges": []},
        {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": None}},
        {"edges": [], "pageInfo": {"hasNextPage": True}},
    ],
)
def test_whatever_is_not_a_connection_is_no_empty_list(value: Any) -> None:
    with pytest.raises(NotAList):
        read_page(value, ListShape.CONNECTION)


def test_a_connection_leads_on_only_while_it_has_a_next_page() -> None:
    edges = [{"node": row} for row in ROWS]
    last = {"edges": edges, "pageInfo": {"hasNextPage": False, "endCursor": "c"}, "count": 2}
    assert read_page(last, ListShape.CONNECTION) == Page(ROWS, None, 2)
    more = {"edges": edges, "pageInfo": {"hasNextPage": True, "endCursor": "c"}}
    assert read_page(more, ListShape.CONNECTION) == Page(ROWS, "c", None)


class Served:
    """Lists that are served one after the other, each as its pages by link; the first one has the link ``."""

    def __init__(self, *lists: Mapping[str, Page | None]) -> None:
        self._lists = iter(lists)
        self._now: Mapping[str, Page | None] = {}

    def first(self) -> Page:
        self._now = next(self._lists)
        page = self._now[""]
        assert page is not None
        return page

    def read(self) -> Iterator[str]:
        for page in read_list(self.first, lambda link: self._now[link]):
            yield from (row["id"] for row in page.rows)

    def changed_to_the_last(self) -> bool:
        changed = False

        def pages() -> Iterator[Page]:
            nonlocal changed
            changed = yield from read_list(self.first, lambda link: self._now[link])

        list(pages())
        return changed


def page(*ids: str, following: str | None = None, count: int | None = None) -> Page:
    return Page([{"id": one} for one in ids], following, count)


def test_a_list_that_has_all_promised_rows_is_read_once() -> None:
    served = Served({"": page("1", following="b", count=2), "b": page("2", count=2)})
    assert list(served.read()) == ["1", "2"]


def test_a_list_without_a_count_is_read_once() -> None:
    assert list(Served({"": page("1", following="b"), "b": page("2")}).read()) == ["1", "2"]


def test_more_rows_than_promised_are_fine() -> None:
    assert list(Served({"": page("1", "2", count=1)}).read()) == ["1", "2"]


def test_fewer_rows_than_promised_are_read_again_and_then_a_failure() -> None:
    short = {"": page("1", following="b", count=3), "b": page("2", count=3)}
    with pytest.raises(IncompleteList, match="1 of the 3"):
        list(Served(short, short).read())
    assert list(Served(short, {"": page("1", "2", "3", count=3)}).read()) == ["1", "2", "1", "2", "3"]


def test_a_list_that_changes_while_it_is_read_is_read_once_more() -> None:
    shrinking = {"": page("1", "2", following="b", count=4), "b": page("4", count=3)}
    whole = {"": page("2", "3", following="b", count=3), "b": page("4", count=3)}
    assert set(Served(shrinking, whole).read()) == {"1", "2", "3", "4"}
    growing = {"": page("1", following="b", count=2), "b": page("1", "2", count=3)}
    assert set(Served(growing, growing).read()) == {"1", "2"}


def test_a_list_that_changes_in_its_second_reading_too_says_so() -> None:
    steady = {"": page("1", following="b", count=2), "b": page("2", count=2)}
    shrinking = {"": page("1", "2", following="b", count=4), "b": page("4", count=3)}
    again = {"": page("1", "2", following="b", count=3), "b": page("4", count=2)}
    assert not Served(steady).changed_to_the_last()
    assert not Served(shrinking, steady).changed_to_the_last()
    assert Served(shrinking, again).changed_to_the_last()


def test_a_page_that_is_gone_is_a_failure_only_where_rows_are_missing_the_second_time() -> None:
    gone = {"": page("1", following="b", count=2), "b": None}
    shrunk = {"": page("1", following="b", count=1), "b": None}
    assert set(Served(gone, shrunk).read()) == {"1"}
    with pytest.raises(IncompleteList):
        list(Served(gone, gone).read())


def test_a_list_whose_pages_lead_in_a_circle_is_a_failure() -> None:
    circle = {"": page("1", following="b"), "b": page("2", following="b")}
    with pytest.raises(IncompleteList, match="leads back"):
        list(Served(circle).read())


NODES = Connection(rows="nodes", count="totalCount", may_hold_nulls=True)


def test_a_connection_of_nodes_may_hold_nulls_which_count() -> None:
    value = {"nodes": [*ROWS, None], "pageInfo": {"hasNextPage": True, "endCursor": "c"}, "totalCount": 3}
    assert read_connection(value, NODES) == Page(ROWS, "c", 3, nulls=1)
    whole = Served({"": Page(list(ROWS), None, 3, nulls=1)})
    assert list(whole.read()) == ["1", "2"]


@pytest.mark.parametrize(
    "value", [*UNREADABLE, {"nodes": None, "pageInfo": INFO}, {"nodes": [7], "pageInfo": INFO}, {"nodes": []}]
)
def test_whatever_is_not_a_connection_of_nodes_is_no_empty_list(value: Any) -> None:
    with pytest.raises(NotAList):
        read_connection(value, NODES)
