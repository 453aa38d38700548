"""Which streams a schema gives, what they ask, and what is left out of them."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse, print_ast, validate

from source_pluralsight.planning.plan import Plans, StreamPlan, plan_streams
from source_pluralsight.planning.root_fields import Parent
from source_pluralsight.planning.table import known_streams
from source_pluralsight.query.page_query import Shape
from source_pluralsight.settings import read_settings

CONFIG = {"api_key": "key", "partner_name": "Acme"}

COMMON = """
scalar DateTime
scalar Money
type PageInfo { endCursor: String hasNextPage: Boolean }
"""


@pytest.fixture
def plan() -> Any:
    """Plan the streams of a schema: `plan(sdl)`. Every query that is planned is checked against the schema."""

    def run(sdl: str, **config: Any) -> tuple[Plans, dict[str, StreamPlan]]:
        schema = build_schema(COMMON + sdl)
        plans = plan_streams(known_streams(), read_settings({**CONFIG, **config}), schema)
        for stream in plans.streams:
            body = asked(stream, {stream.parent_argument: "x", "start": "2026-01-01T00:00:00.000Z"})
            assert validate(schema, parse(body["query"])) == [], stream.name
        return plans, {stream.name: stream for stream in plans.streams}

    return run


def thing(fields: str, query: str = "things(first: Int, after: String): ThingConnection", more: str = "") -> str:
    connection = "type ThingConnection { totalCount: Int! pageInfo: PageInfo! nodes: [Thing] }"
    return f"type Query {{ {query} }} type Thing {{ {fields} }} {connection} {more}"


def asked(stream: StreamPlan, part: dict[str, Any] | None = None) -> dict[str, Any]:
    """The request for the first page of a part."""
    return stream.query.bind(part or {}).body(10)


def text_of(stream: StreamPlan, part: dict[str, Any] | None = None) -> str:
    """The query on one line, without the blanks that mean nothing."""
    return " ".join(asked(stream, part)["query"].split())


def selected(stream: StreamPlan) -> str:
    """What is asked of a row, on one line."""
    return " ".join(print_ast(stream.selection.node).split()).removeprefix("{ ").removesuffix(" }")


def properties(stream: StreamPlan) -> dict[str, Any]:
    return {name: undescribed(part) for name, part in stream.schema["properties"].items()}


def undescribed(schema: Any) -> Any:
    """A schema without descriptions."""
    if not isinstance(schema, dict):
        return schema
    return {key: undescribed(part) for key, part in schema.items() if key != "description" or isinstance(part, dict)}


def test_names_are_the_queries_in_snake_case(plan: Any) -> None:
    _, streams = plan(thing("id: ID", "roleIqCatalog: [Thing] planSSOSettings: [Thing] things: [Thing]"))
    assert list(streams) == ["role_iq_catalog", "plan_sso_settings", "things"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("things(first: Int, after: String): ThingConnection", "pageInfo { endCursor hasNextPage } nodes { id }"),
        ("things(first: Int!, after: ID): Edges!", "pageInfo { endCursor hasNextPage } edges { node { id } }"),
        ("things(first: Int): NoTotal", "things(first: $first) { nodes { id } }"),
        ("things: [Thing!]!", "things { id }"),
        ("things(first: Int, after: String): [Thing]", "things { id }"),
        ("things: [[Thing]]", "things { id }"),
    ],
)
def test_every_kind_of_list_is_found_and_asked_for_in_its_own_shape(plan: Any, query: str, text: str) -> None:
    more = "type Edges { pageInfo: PageInfo edges: [Edge] } type Edge { node: Thing } type NoTotal { nodes: [Thing!]! }"
    _, streams = plan(thing("id: ID", query, more))
    assert text in text_of(streams["things"])


@pytest.mark.parametrize("query", ["thing(id: ID): Thing", "things: Wrapper"])
def test_an_object_that_can_be_had_without_arguments_is_a_stream_of_one_row(plan: Any, query: str) -> None:
    _, streams = plan(thing("id: ID", query, "type Wrapper { thing: Thing }"))
    (stream,) = streams.values()
    assert stream.query.shape is Shape.OBJECT
    assert "first" not in asked(stream)["variables"]


@pytest.mark.parametrize("query", ["count: Int", "_service: Thing", "slug(slug: String!): Thing"])
def test_what_gives_no_rows_is_no_stream(plan: Any, query: str) -> None:
    plans, streams = plan(thing("id: ID", query, "type Wrapper { thing: Thing }"))
    assert streams == {}
    assert "slug" not in plans.left_out


def test_a_deprecated_query_is_no_stream(plan: Any) -> None:
    _, streams = plan(thing("id: ID", 'things: [Thing] @deprecated(reason: "old") others: [Thing]'))
    assert list(streams) == ["others"]


def test_types_become_json_schema_and_everything_may_be_null(plan: Any) -> None:
    fields = "a: ID! b: String c: Int d: Float e: Boolean f: DateTime g: Money h: Kind i: [Int!]! j: Sub k: [[Sub]]"
    _, streams = plan(thing(fields, more="enum Kind { X } type Sub { x: Int }"))
    sub = {"type": ["null", "object"], "additionalProperties": True, "properties": {"x": {"type": ["null", "integer"]}}}
    assert properties(streams["things"]) == {
        "a": {"type": ["null", "string"]},
        "b": {"type": ["null", "string"]},
        "c": {"type": ["null", "integer"]},
        "d": {"type": ["null", "number"]},
        "e": {"type": ["null", "boolean"]},
        "f": {"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"},
        "g": {"type": ["null", "string", "number", "boolean", "object", "array"]},
        "h": {"type": ["null", "string"]},
        "i": {"type": ["null", "array"], "items": {"type": ["null", "integer"]}},
        "j": sub,
        "k": {"type": ["null", "array"], "items": {"type": ["null", "array"], "items": sub}},
    }


def test_a_list_of_plain_values_becomes_records_with_one_field(plan: Any) -> None:
    _, streams = plan("type Query { languages: [String!]! }")
    assert properties(streams["languages"]) == {"value": {"type": ["null", "string"]}}


@pytest.mark.parametrize(
    "field",
    [
        "title(language: String!): String",
        'title: String @deprecated(reason: "old")',
        "title(first: Int): Titles",
        "title: Nothing",
    ],
)
def test_a_field_that_cannot_be_taken_whole_is_left_out(plan: Any, field: str) -> None:
    more = "type Titles { nodes: [String] } type Nothing { x(y: Int!): Int }"
    _, streams = plan(thing(f"id: ID {field}", more=more))
    assert list(properties(streams["things"])) == ["id"]


def test_a_type_that_contains_itself_ends_after_one_turn(plan: Any) -> None:
    _, streams = plan(thing("id: ID parent: Thing other: Other", more="type Other { name: String thing: Thing }"))
    assert selected(streams["things"]) == "id parent { id } other { name thing { id } }"


def test_objects_are_followed_three_levels_deep(plan: Any) -> None:
    more = "type A { x: Int b: B } type B { x: Int c: C } type C { x: Int d: D } type D { x: Int }"
    _, streams = plan(thing("id: ID a: A", more=more))
    assert selected(streams["things"]) == "id a { x b { x c { x } } }"


def test_interfaces_and_unions_give_the_fields_of_all_their_types(plan: Any) -> None:
    more = """
    interface Item { id: ID }
    type Course implements Item { id: ID title: String length: Int name: String! }
    type Path implements Item { id: ID title: String courses: [Course] length: Float name: String }
    union Any = Course | Path
    """
    _, streams = plan(thing("item: Item any: Any", more=more))
    text = selected(streams["things"])
    assert "item { __typename id ... on Course { title length name } ... on Path { title courses {" in text
    assert "any { __typename ... on Course { id title length name }" in text
    assert set(properties(streams["things"])["item"]["properties"]) == {
        "__typename", "id", "title", "length", "name", "courses"
    }  # fmt: skip


def test_a_list_of_a_union_is_a_stream(plan: Any) -> None:
    _, streams = plan("type Query { things: [Any] } union Any = A | B type A { x: Int } type B { y: Int }")
    assert set(properties(streams["things"])) == {"__typename", "x", "y"}


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ("id: ID! name: String", ("id",)),
        ("id: ID name: String", ()),
        ("id: String! name: String", ("id",)),
        ("id: Int! name: String", ()),
        ("psUserId: ID! courseId: ID!", ()),
        ("name: String", ()),
    ],
)
def test_a_key_is_declared_only_where_it_is_sure_to_be_unique(plan: Any, fields: str, key: tuple[str, ...]) -> None:
    _, streams = plan(thing(fields))
    assert streams["things"].primary_key == key


CHANNELS = "channels(first: Int, after: String): Channels"
CHANNEL_TYPES = "type Channels { nodes: [Channel] } type Channel { id: ID name: String }"


@pytest.mark.parametrize(
    ("query", "parent", "argument"),
    [
        ("posts(channelId: ID!): [Post]", Parent("channels", "id"), "channelId"),
        ("posts(channelIds: [ID!]!): [Post]", Parent("channels", "id"), "channelId"),
        ("posts(filter: PostFilter!): [Post]", Parent("channels", "id"), "channelId"),
        ("posts(psUserId: ID!): [Post]", Parent("users", "psUserId"), "psUserId"),
        ("posts(psUserIds: [ID!]!): [Post]", Parent("users", "psUserId"), "psUserId"),
        ("posts(labId: ID!): [Post] labCatalog: [Lab]", Parent("lab_catalog", "id"), "labId"),
        ("posts(roleId: String!): [Post] roleIqCatalog: [Role]", Parent("role_iq_catalog", "id"), "roleId"),
    ],
)
def test_a_query_that_needs_another_streams_id_becomes_its_child(
    plan: Any, query: str, parent: Parent, argument: str
) -> None:
    more = (
        "type Post { text: String } input PostFilter { channelId: ID! since: DateTime } type Lab { id: ID }"
        "type Role { id: ID! } type User { psUserId: ID! } type Users { nodes: [User] }" + CHANNEL_TYPES
    )
    _, streams = plan(f"type Query {{ users(first: Int): Users {CHANNELS} {query} }} {more}")
    assert streams["posts"].parent == parent
    assert streams["posts"].parent_argument == argument
    assert argument in properties(streams["posts"])
    body = asked(streams["posts"], {argument: "42"})
    assert body["variables"] in ({argument: "42"}, {f"{argument}s": ["42"]})


def test_a_static_channel_stream_becomes_a_child_when_the_schema_demands_an_id(plan: Any) -> None:
    more = CHANNEL_TYPES + "type Member { psUserId: ID }"
    _, streams = plan(f"type Query {{ {CHANNELS} channelMembers(channelId: ID!): [Member] }} {more}")
    assert streams["channel_members"].parent == Parent("channels", "id")
    assert streams["channel_members"].adds_parent_argument


@pytest.mark.parametrize(
    "arguments",
    ["since: DateTime!", "kind: Kind!", "channelId: ID!, since: DateTime!", "planetId: ID!", "filter: Deep!"],
)
def test_a_query_that_needs_what_nothing_gives_is_left_out_with_the_reason(plan: Any, arguments: str) -> None:
    more = CHANNEL_TYPES + "enum Kind { X } input Deep { since: DateTime! }"
    plans, streams = plan(f"type Query {{ {CHANNELS} posts({arguments}): [Channel] }} {more}")
    assert "posts" not in streams
    assert arguments.split(":", maxsplit=1)[0].split(",", maxsplit=1)[0] in plans.left_out["posts"]


def test_a_required_filter_without_required_fields_is_sent_empty(plan: Any) -> None:
    _, streams = plan(thing("id: ID", "things(filter: F!): [Thing]", "input F { since: DateTime }"))
    assert "things(filter: { }) { id }" in text_of(streams["things"])


@pytest.mark.parametrize("start", [None, "2026-01-01T00:00:00.000Z"])
def test_a_required_filter_is_there_with_and_without_a_value(plan: Any, start: str | None) -> None:
    _, streams = plan(progress("startDate: String").replace("filter: F", "filter: F!"))
    query = text_of(streams["course_progress"], {"start": start})
    assert ("filter: { startDate: $startDate }" if start else "filter: { }") in query


def test_a_known_field_that_the_schema_lacks_is_left_out_and_named(plan: Any) -> None:
    plans, streams = plan(
        "type Query { teams(first: Int, after: String): Teams } type Teams { nodes: [Team] } "
        "type Team { id: ID name: String brandNew: Int planId: String }"
    )
    assert list(properties(streams["teams"])) == ["id", "name", "planId"]
    assert {note for name, note in plans.notes if name == "teams"} == {
        "The API has no field teams.parentTeamId for this key; it is left out.",
        "The API has no field teams.description for this key; it is left out.",
    }


@pytest.mark.parametrize("first", ["first: Int", "first: Int!, after: String"])
def test_a_known_list_inside_a_row_is_asked_for_with_room_where_it_comes_in_pages(plan: Any, first: str) -> None:
    _, streams = plan(
        f"type Query {{ users: [User] }} type User {{ psUserId: ID! teams({first}): Teams }} "
        "type Teams { edges: [Edge] } type Edge { isDirect: Boolean }"
    )
    assert selected(streams["users"]) == "psUserId teams(first: 1000) { edges { isDirect } }"


def test_a_key_that_the_schema_lacks_is_not_declared(plan: Any) -> None:
    _, streams = plan("type Query { teams: [Team] } type Team { name: String }")
    assert streams["teams"].primary_key == ()


def test_a_known_field_takes_the_type_that_it_really_has(plan: Any) -> None:
    _, streams = plan(
        "type Query { courseCatalog: [Course] } type Author { name: String } type Course "
        "{ id: ID idNum: String image: String authors: [Author] courseSeconds: Int level: Level publishedDate: String }"
        "enum Level { A }"
    )
    found = properties(streams["course_catalog"])
    assert found["idNum"] == {"type": ["null", "string"]}
    assert found["image"] == {"type": ["null", "string"]}
    assert found["authors"]["items"]["properties"] == {"name": {"type": ["null", "string"]}}
    assert found["courseSeconds"] == {"type": ["null", "number"]}
    assert found["publishedDate"]["format"] == "date-time"


def progress(filter_fields: str) -> str:
    return (
        "type Query { courseProgress(first: Int, after: String, filter: F): P } type P { nodes: [Row] } "
        f"type Row {{ psUserId: ID courseId: String updatedOn: DateTime }} input F {{ {filter_fields} }}"
    )


@pytest.mark.parametrize("gql_type", ["DateTime", "String", "DateTime!"])
def test_the_delta_is_a_variable_of_the_type_that_the_schema_gives(plan: Any, gql_type: str) -> None:
    _, streams = plan(progress(f"startDate: {gql_type}"))
    body = asked(streams["course_progress"], {"start": "2026-01-01T00:00:00.000Z"})
    assert f"$startDate: {gql_type}" in body["query"]
    assert body["variables"]["startDate"] == "2026-01-01T00:00:00.000Z"


def test_a_filter_that_the_schema_lacks_is_not_sent_and_named(plan: Any) -> None:
    plans, streams = plan(progress("endDate: DateTime"))
    body = asked(streams["course_progress"], {"start": "2026-01-01T00:00:00.000Z"})
    assert "startDate" not in body["query"]
    assert any("filter.startDate" in note for _, note in plans.notes)


def test_a_content_type_that_the_api_does_not_know_is_a_mistake_in_the_configuration(plan: Any) -> None:
    sdl = (
        "type Query { contentCatalog(filter: F): [Content] } input F { contentTypes: [Kind] } enum Kind { PATH LAB } "
        "type Content { contentId: String }"
    )
    plans, streams = plan(sdl, content_types=["PATH", "VIDEO"])
    assert "content_catalog" not in streams
    assert plans.problems == ("content_types holds VIDEO, but the API knows only PATH, LAB",)


def test_a_stream_that_the_schema_lacks_is_left_out_with_a_hint(plan: Any) -> None:
    plans, _ = plan(thing("id: ID"))
    assert "skill_iqs_summary" in plans.left_out["skill_assessment_results"]
