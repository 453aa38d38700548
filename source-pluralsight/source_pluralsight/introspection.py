"""Asks the API, with the customer's key, what its schema is."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from graphql import GraphQLSchema, build_client_schema, get_introspection_query

from source_pluralsight.envelope import data_of
from source_pluralsight.error_handler import PluralsightError
from source_pluralsight.errors import Trouble
from source_pluralsight.requester import GraphQLRequester

LOGGER = logging.getLogger("airbyte.source_pluralsight.introspection")


@dataclass(frozen=True)
class Introspection:
    """The schema that the key sees, or the reason why there is none."""

    schema: GraphQLSchema | None
    refusal: str = ""


def introspect(requester: GraphQLRequester) -> Introspection:
    """One introspection query. A refusal is an answer too; raises only when the service is in trouble.

    A refused key counts as a refusal of introspection here: whether the key is good is for a plain query to tell.
    """
    body = {
        "operationName": "IntrospectionQuery",
        "query": get_introspection_query(descriptions=False),
        "variables": {},
    }
    try:
        response = requester.post(body)
    except PluralsightError as error:
        if error.verdict.trouble is Trouble.SERVICE:
            raise
        return Introspection(None, error.verdict.detail)
    try:
        # Without the validation of the whole schema, so that a flaw somewhere does not cost all of it.
        return Introspection(build_client_schema(dict(data_of(response)), assume_valid=True))  # type: ignore[arg-type] # the library's TypedDict describes the same JSON
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return Introspection(None, f"the introspection result cannot be used ({type(error).__name__})")
