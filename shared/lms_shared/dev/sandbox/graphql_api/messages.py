"""GraphQL over HTTP: what a client sends and what is sent back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client sent."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """What is sent back."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def refusal(cls, status: int, *errors: GraphQLError) -> GraphQLAnswer:
        """An answer that holds errors and no data."""
        return cls(status, {"errors": [error.formatted for error in errors]})

    def to_response(self) -> Response:
        """The answer as HTTP."""
        return Response(orjson.dumps(self.body), self.status, self.headers, "application/json")


def read_request(body: bytes) -> GraphQLRequest | None:
    """The request in a body, or None when the body is no JSON object with a query (an array of requests is none)."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("query"), str):
        return None
    variables, name = value.get("variables"), value.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        return None
    return GraphQLRequest(value["query"], variables, name)
