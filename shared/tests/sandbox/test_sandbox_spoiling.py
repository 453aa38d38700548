"""Answers that say less than they should: what arrives of a list, and what stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind
from lms_shared.dev.sandbox.spoiling import holds_list, spoiled

URL = "https://lms.example.com/v1/courses?page=2"
ROWS = [{"id": "1"}, {"id": "2"}]
PAGE = {"count": 4, "next": None, "results": ROWS}

CONNECTION = {
    "edges": [{"node": row} for row in ROWS],
    "pageInfo": {"hasNextPage": False, "endCursor": "e"},
    "count": 2,
}
DOCUMENT = """query { a0: paginatedGroups(after: $after_0) { edges { node { id } } } a1: user { id }
a2: portfolioItems { id } }"""
REQUEST = json.dumps({"query": DOCUMENT, "variables": {"after_0": "cursor"}}).encode()
DATA = {"a0": CONNECTION, "a1": {"id": "u", "groups": ROWS}, "a2": ROWS}


def rest(kind: FaultKind, body: Any = PAGE) -> Any:
    text = spoiled(kind, URL, b"", json.dumps(body).encode(), None)
    return json.loads(text) if text else text


def graphql(kind: FaultKind, field: str | None = None) -> Any:
    return json.loads(spoiled(kind, URL, REQUEST, json.dumps({"data": DATA}).encode(), field))


@pytest.mark.parametrize(
    ("kind", "arrives"),
    [
        (FaultKind.EMPTY_BODY, b""),
        (FaultKind.NULL, None),
        (FaultKind.ROWS_NULL, {**PAGE, "results": None}),
        (FaultKind.ROWS_MISSING, {"count": 4, "next": None}),
        (FaultKind.ROWS_TEXT, {**PAGE, "results": "rows"}),
        (FaultKind.ROWS_HALF, {**PAGE, "results": ROWS[:1]}),
        (FaultKind.ROWS_GONE, {**PAGE, "results": []}),
        (FaultKind.PAGE_REPEATS, {**PAGE, "next": URL}),
    ],
)
def test_a_page_of_a_rest_list_arrives_spoiled(kind: FaultKind, arrives: Any) -> None:
    assert rest(kind) == arrives


@pytest.mark.parametrize("kind", [FaultKind.ROWS_NULL, FaultKind.ROWS_MISSING, FaultKind.ROWS_GONE])
def test_an_object_that_is_no_list_stays_as_it_is(kind: FaultKind) -> None:
    assert rest(kind, {"id": "1", "labels": ["a"]}) == {"id": "1", "labels": ["a"]}


def test_a_bare_list_whose_size_nobody_knows_is_not_halved() -> None:
    assert rest(FaultKind.ROWS_HALF, ROWS) == ROWS
    assert rest(FaultKind.ROWS_NULL, ROWS) is None


@pytest.mark.parametrize(
    ("kind", "arrives"),
    [
        (FaultKind.ROOT_NULL, None),
        (FaultKind.ROWS_NULL, {**CONNECTION, "edges": None}),
        (FaultKind.ROWS_GONE, {**CONNECTION, "edges": []}),
        (FaultKind.PAGE_REPEATS, {**CONNECTION, "pageInfo": {"hasNextPage": True, "endCursor": "cursor"}}),
    ],
)
def test_of_a_document_only_the_field_that_is_meant_arrives_spoiled(kind: FaultKind, arrives: Any) -> None:
    assert graphql(kind, "paginatedGroups")["data"] == {**DATA, "a0": arrives}


def test_without_a_field_all_lists_of_a_document_are_spoiled_and_no_object() -> None:
    data = graphql(FaultKind.ROOT_NULL)["data"]
    assert data == {"a0": None, "a1": {"id": "u", "groups": None}, "a2": None}


def test_lists_are_found_at_any_depth_and_named_by_their_root_field() -> None:
    answer = json.dumps({"data": DATA}).encode()
    assert holds_list(answer, REQUEST) == {"paginatedGroups", "user", "portfolioItems"}
    assert holds_list(json.dumps(PAGE).encode()) == {""}
    assert holds_list(b'{"id": "1"}') == set()
