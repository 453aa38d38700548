"""Asks the API, with the customer's key, what its schema is."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import GraphQLSchema, build_client_schema, get_introspection_query

from lms_shared.http.outcome import UnreadableAnswer
from source_pluralsight.api.answer import Answer
from source_pluralsight.api.client import PluralsightClient
from source_pluralsight.api.errors import PluralsightError, Trouble


@dataclass(frozen=True)
class Introspection:
    """The schema that the key sees, or the reason why there is none."""

    schema: GraphQLSchema | None
    refusal: str = ""


def introspect(client: PluralsightClient) -> Introspection:
    """One introspection query. A refusal is an answer too; raises only when the service is in trouble.

    A refused key counts as a refusal of introspection here: whether the key is good is for a plain query to tell.
    """
    body = {"operationName": "IntrospectionQuery", "query": get_introspection_query(), "variables": {}}
    try:
        return client.ask(body, _read)
    except PluralsightError as error:
        if error.resolution.trouble is Trouble.SERVICE:
            raise
        return Introspection(None, error.resolution.detail)


def _read(answer: Answer) -> Introspection:
    data = answer.data
    if answer.errors or data is None or not isinstance(data.get("__schema"), dict):
        raise UnreadableAnswer("it does not hold a schema")
    try:
        # Without the validation of the whole schema, so that a flaw somewhere does not cost all of it.
        return Introspection(build_client_schema(dict(data), assume_valid=True))  # type: ignore[arg-type] # the library's TypedDict describes the same JSON
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return Introspection(None, f"the introspection result cannot be used ({type(error).__name__})")
