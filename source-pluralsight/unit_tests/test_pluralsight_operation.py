"""Query texts: always valid GraphQL, whatever the values hold."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse, parse_value, validate, value_from_ast_untyped
from hypothesis import given
from hypothesis import strategies as st

from source_pluralsight.operation import Argument, EnumValue, Operation, Shape, Source, literal

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


@given(st.one_of(TEXTS, st.lists(TEXTS), st.booleans(), st.integers()))
def test_a_literal_is_read_back_as_the_value_it_was_written_from(value: Any) -> None:
    text = literal(value)
    read = value_from_ast_untyped(parse_value(text))
    assert read == (str(value) if isinstance(value, int) and not isinstance(value, bool) else value) or read == value


@given(TEXTS)
def test_a_text_in_the_query_cannot_break_out_of_its_quotes(value: str) -> None:
    operation = Operation("things", "id", arguments=(Argument(("filter", "startDate"), Source.CONSTANT, None, value),))
    document = parse(operation.body(10, None, {})["query"])
    assert len(document.definitions) == 1


@pytest.mark.parametrize("value", ['{{ config["api_key"] }}', "{% raw %}", "{# no #}", '"', "\\", "\n", '"""', "${x}"])
def test_signs_that_mean_something_elsewhere_mean_nothing_here(value: str) -> None:
    assert value_from_ast_untyped(parse_value(literal(value))) == value


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
    operation = Operation("things", "id", shape, arguments=(*PAGING, *extra))
    body = operation.body(10, cursor, {"start_time": "2026-01-01T00:00:00.000Z", "parent": "p"})
    assert validate(SCHEMA, parse(body["query"])) == []
    assert body["variables"]["first"] == 10
    assert body["variables"].get("after") == cursor


def test_a_filter_without_a_value_is_left_out() -> None:
    start = Argument(("filter", "startDate"), Source.SLICE, None, "start_time", unless="1970")
    operation = Operation("things", "id", arguments=(*PAGING, start))
    assert "filter" not in operation.body(10, None, {"start_time": "1970"})["query"]
    assert 'filter: {startDate: "1971"}' in operation.body(10, None, {"start_time": "1971"})["query"]


def test_an_operation_survives_the_way_through_the_manifest() -> None:
    kinds = Argument(("filter", "kinds"), Source.CONSTANT, "[Kind]", ["A"], as_enum=True)
    operation = Operation("things", "id", Shape.EDGES, False, True, (*PAGING, kinds), "why")
    assert Operation.from_manifest(operation.to_manifest()) == operation


def test_what_is_no_name_is_no_enum_value() -> None:
    with pytest.raises(ValueError, match="no name"):
        literal(EnumValue("not a name"))
