"""What introspection of the pretend Pluralsight shows, and that every query in it answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from graphql import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_client_schema,
    get_introspection_query,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from lms_shared.dev.sandbox.pluralsight import ALPHA_KEY, PluralsightSandbox
from lms_shared.dev.sandbox.server import SandboxServer

# The operation index of 2026-08-29.
ALL_QUERIES = {
    "channelContent", "channelGroup", "channelMembers", "channelProgress", "channels", "contentCatalog",
    "contentProgress", "contentSlugToId", "courseCatalog", "courseDailyUsage", "courseProgress", "labCatalog",
    "labProgress", "marketTaxonomy", "memberInvites", "pathCatalog", "planAdmins", "planInfo",
    "planPermissionSets", "playgroundUserSummary", "practiceExamQuizProgress", "priority", "programCatalog",
    "programAssessmentAttempts", "programUserProgress", "roleIqAssignments", "roleIqCatalog",
    "roleIqLearnerLevels", "roleIqSkills", "roleIqsSummary", "skillAssessmentCatalog", "skillAssessmentResults",
    "skillIqsSummary", "tags", "teamManagers", "teams", "users", "userCertificationUploads",
}  # fmt: skip
DEPTH = 4


@pytest.fixture(scope="module")
def sandbox() -> PluralsightSandbox:
    return PluralsightSandbox()


@pytest.fixture(scope="module")
def url(sandbox: PluralsightSandbox) -> Iterator[str]:
    with SandboxServer(sandbox) as server:
        yield f"{server.url}/graphql"


def ask(url: str, query: str) -> Any:
    answer = requests.post(url, json={"query": query}, headers={"Authorization": f"Bearer {ALPHA_KEY}"}).json()
    assert "errors" not in answer
    return answer["data"]


@pytest.fixture(scope="module")
def schema(url: str) -> GraphQLSchema:
    return build_client_schema(ask(url, get_introspection_query()))


def selection(named: GraphQLNamedType, depth: int = DEPTH) -> str:
    """Everything that can be selected without arguments, to some depth."""
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType):
        return "{__typename " + " ".join(f"... on {t.name} {selection(t, depth)}" for t in named.types) + "}"
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    parts = ["__typename"]
    for name, field in named.fields.items():
        below = get_named_type(field.type)
        if not any(map(is_required_argument, field.args.values())) and (depth > 0 or is_leaf_type(below)):
            parts.append(f"{name} {selection(below, depth - 1)}")
    return "{" + " ".join(parts) + "}"


def test_introspection_shows_every_query_of_the_operation_index(schema: GraphQLSchema) -> None:
    assert schema.query_type is not None
    assert set(schema.query_type.fields) == ALL_QUERIES
    assert schema.mutation_type is None


@pytest.mark.parametrize("query", sorted(ALL_QUERIES))
def test_every_query_answers_with_all_its_fields(
    url: str, schema: GraphQLSchema, sandbox: PluralsightSandbox, query: str
) -> None:
    assert schema.query_type is not None
    field = schema.query_type.fields[query]
    needed = {"contentSlugToId": f'(slug: "{sandbox.data.courses[0]["slug"]}")', "roleIqSkills": '(roleId: "role-1")'}
    value = ask(url, f"{{{query}{needed.get(query, '')} {selection(get_named_type(field.type))}}}")[query]
    match value:
        case {"totalCount": total, **connection}:
            rows = connection.get("nodes") or [edge["node"] for edge in connection["edges"]]
            assert len(rows) == total > 0
        case list():
            assert value
        case _:
            assert value["__typename"] == get_named_type(field.type).name


def test_all_shapes_that_discovery_must_cope_with_are_there(schema: GraphQLSchema) -> None:
    assert schema.query_type is not None
    queries = schema.query_type.fields

    def node(query: str) -> GraphQLObjectType:
        connection: Any = get_named_type(queries[query].type)
        edge: Any = get_named_type(connection.fields["edges"].type)
        named: GraphQLObjectType = get_named_type(edge.fields["node"].type)
        return named

    def part(query: str, field: str) -> Any:
        return get_named_type(node(query).fields[field].type)

    assert isinstance(part("programCatalog", "items"), GraphQLUnionType)
    assert isinstance(part("priority", "item"), GraphQLInterfaceType)
    assert part("labCatalog", "difficulty").values
    assert is_required_argument(node("labCatalog").fields["localizedTitle"].args["language"])
    assert part("marketTaxonomy", "ancestors") is node("marketTaxonomy")
    assert isinstance(queries["tags"].type, GraphQLList)
    assert "nodes" not in get_named_type(queries["teamManagers"].type).fields
    assert "totalCount" not in get_named_type(queries["planInfo"].type).fields
    assert is_required_argument(queries["contentSlugToId"].args["slug"])
    assert is_required_argument(queries["roleIqSkills"].args["roleId"])


def test_a_field_with_an_argument_gets_it(url: str) -> None:
    labs = ask(url, '{labCatalog(first: 1) {nodes {title localizedTitle(language: "fr")}}}')["labCatalog"]["nodes"]
    assert labs[0]["localizedTitle"] == f"[fr] {labs[0]['title']}"


def test_deprecated_fields_are_marked_in_introspection(schema: GraphQLSchema) -> None:
    user: Any = schema.type_map["User"]
    deprecated = {name for name, field in user.fields.items() if field.deprecation_reason}
    assert deprecated == {"team", "ssoIdentifiers"}
