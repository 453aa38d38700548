"""Query texts: always valid GraphQL, whatever the values hold."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse, validate, value_from_ast_untyped
from hypothesis import given
from hypothesis import strategies as st

from source_pluralsight.query.page_query import Argument, PageQuery, Shape, Source
from source_pluralsight.query.selection import SelectedField, Selection, leaf

SCHEMA = build_schema(
    """
    type Query { things(first: Int!, after: String, filter: Filter): Things }
    input Filter { startDate: String, kinds: [Kind], texts: [String], yes: Boolean, nested: Nested }
    input Nested { id: ID }
    enum Kind { A B }
    type Things { totalCount: Int! pageInfo: PageInfo! nodes: [Thing] edges: [Edge] }
    type Edge { node: Thing }
    type PageInfo { endCursor: String hasNextPage: Boolean }
    type Thing { id: ID }
    """
)
PAGING = (Argument(("first",), Source.PAGE_SIZE, "Int!"), Argument(("after",), Source.CURSOR, "String"))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


ID = Selection((SelectedField("id", leaf("string")),))


def written(value: Any) -> Any:
    """What a reader of the query takes a constant for."""
    query = PageQuery("things", ID, arguments=(Argument(("filter", "startDate"), Source.CONSTANT, None, value),))
    (operation,) = parse(query.bind({}).text).definitions
    (argument,) = operation.selection_set.selections[0].arguments
    return value_from_ast_untyped(argument.value)["startDate"]


@given(st.one_of(TEXTS, st.lists(TEXTS), st.booleans()))
def test_a_constant_is_read_back_as_the_value_it_was_written_from(value: Any) -> None:
    assert written(value) == value


def test_a_whole_number_stays_one() -> None:
    assert str(written(7)) == "7"


@pytest.mark.parametrize("value", ['{{ config["api_key"] }}', "{% raw %}", "{# no #}", '"', "\\", "\n", '"""', "${x}"])
def test_signs_that_mean_something_elsewhere_mean_nothing_here(value: str) -> None:
    assert written(value) == value


@pytest.mark.parametrize("shape", [Shape.NODES, Shape.EDGES])
@pytest.mark.parametrize("cursor", [None, "abc"])
@pytest.mark.parametrize(
    "extra",
    [
        (),
        (Argument(("filter", "startDate"), Source.SLICE, None, "start_time"),),
        (Argument(("filter", "startDate"), Source.SLICE, "String", "start_time"),),
        (Argument(("filter", "yes"), Source.CONSTANT, "Boolean!", False),),
        (Argument(("filter", "kinds"), Source.CONSTANT, None, ["A", "B"], as_enum=True),),
        (Argument(("filter", "kinds"), Source.CONSTANT, "[Kind]", ["A"], as_enum=True),),
        (Argument(("filter", "texts"), Source.CONSTANT, None, ["not a name", "B"], as_enum=True),),
        (Argument(("filter", "nested", "id"), Source.SLICE, "ID", "parent"),),
        (
            Argument(("filter", "yes"), Source.CONSTANT, "Boolean!", True),
            Argument(("filter", "startDate"), Source.CONSTANT, None, "2026-01-01"),
        ),
    ],
)
def test_every_form_of_a_query_is_valid(extra: tuple[Argument, ...], cursor: str | None, shape: Shape) -> None:
    query = PageQuery("things", ID, shape, arguments=(*PAGING, *extra))
    body = query.bind({"start_time": "2026-01-01T00:00:00.000Z", "parent": "p"}).body(10, cursor)
    assert validate(SCHEMA, parse(body["query"])) == []
    assert body["variables"]["first"] == 10
    assert body["variables"].get("after") == cursor


def test_a_filter_without_a_value_is_left_out() -> None:
    start = Argument(("filter", "startDate"), Source.SLICE, None, "start", unless="1970")
    query = PageQuery("things", ID, arguments=(*PAGING, start))
    assert "filter" not in query.bind({"start": "1970"}).text
    assert "filter" not in query.bind({}).text
    assert 'filter: { startDate: "1971" }' in query.bind({"start": "1971"}).text


def test_the_text_of_a_query_is_the_same_on_every_page() -> None:
    bound = PageQuery("things", ID, arguments=PAGING).bind({})
    assert bound.body(10)["query"] == bound.body(10, "abc")["query"]
    assert bound.body(10)["variables"] == {"first": 10}
