"""Executes one GraphQL document over an organization and says how it is to be answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError, GraphQLFieldResolver, GraphQLResolveInfo, MiddlewareManager, execute_sync

from lms_shared.dev.sandbox.graphql_api.documents import PreparedQuery, read_query
from lms_shared.dev.sandbox.graphql_api.messages import GraphQLAnswer, GraphQLRequest
from lms_shared.dev.sandbox.pluvo.errors import ApiError
from lms_shared.dev.sandbox.pluvo.options import EnrollmentSelectors, MutationTrouble, OfferRef, PluvoOptions
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.schema_building import Call, SchemaShape, build_pluvo_schema


class Api:
    """The API over one organization."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._options = organization.options
        self._schema = build_pluvo_schema(_shape(self._options))
        trouble = self._options.mutation_trouble
        self._trouble = None if trouble is None else MiddlewareManager(_Trouble(trouble))

    def read(self, query: str) -> PreparedQuery:
        """The prepared query of a text."""
        return read_query(self._schema, query)

    def answer(self, request: GraphQLRequest, scopes: frozenset[str]) -> GraphQLAnswer:
        """Execute a request on behalf of a token with these scopes."""
        prepared = self.read(request.query)
        if prepared.document is None or (errors := self._refusals(prepared)):
            refusals = prepared.errors if prepared.document is None else errors
            return GraphQLAnswer.refusal(self._options.validation_error_status, *refusals)
        self._organization.begin_request()
        result = execute_sync(
            self._schema,
            prepared.document,
            context_value=Call(self._organization, scopes),
            variable_values=request.variables,
            operation_name=request.operation_name,
            middleware=self._trouble,
        )
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            _raise_bugs(result.errors)
            body["errors"] = [self._formatted(error) for error in result.errors]
        # What has no path is wrong with the document or its variables, and nothing was executed.
        executed = all(error.path for error in result.errors or ())
        return GraphQLAnswer(200 if executed else self._options.validation_error_status, body)

    def _refusals(self, prepared: PreparedQuery) -> Sequence[GraphQLError]:
        """Why a document is not executed at all."""
        options = self._options
        if prepared.is_introspection and not options.introspection:
            return (ApiError("Introspection is not allowed"),)
        if prepared.errors:
            return prepared.errors
        limit = options.max_mutations_per_document if prepared.is_mutation else options.max_queries_per_document
        if limit is not None and prepared.root_selections > limit:
            return (ApiError(f"A document must not have more than {limit} operations"),)
        return ()

    def _formatted(self, error: GraphQLError) -> dict[str, Any]:
        formatted = dict(error.formatted)
        if not self._options.error_codes:
            formatted.pop("extensions", None)
        return formatted


class _Trouble:
    """Lets mutations fail that an option names."""

    def __init__(self, option: MutationTrouble) -> None:
        self._option = option
        self._met = 0

    def resolve(
        self, resolver: GraphQLFieldResolver, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any
    ) -> Any:
        """Resolves a field, or fails in its place."""
        option = self._option
        if info.parent_type is info.schema.mutation_type and option.text in repr(arguments):
            self._met += 1
            hit = self._met - option.skip
            if hit > 0 and (option.times is None or hit <= option.times):
                raise ApiError(option.message, option.code)
        return resolver(source, info, **arguments)


def _raise_bugs(errors: Sequence[GraphQLError]) -> None:
    """An exception that is no answer of the API is a bug of this sandbox, and must not look like an answer."""
    for error in errors:
        if error.path and error.original_error is not None and not isinstance(error.original_error, GraphQLError):
            raise error.original_error


def _shape(options: PluvoOptions) -> SchemaShape:
    dropped = options.dropped_fields
    if options.offer_ref in (OfferRef.REFUSED, OfferRef.NEVER_TAKEN):
        dropped |= {"CreateOfferInput.ref"}
    if options.offer_ref is OfferRef.NEVER_TAKEN:
        dropped |= {"UpdateOfferInput.ref"}
    if options.enrollment_selectors is EnrollmentSelectors.REFS:
        dropped |= {"createOfferEventEnrollments.offerEventId", "createOfferEventEnrollments.userIds"}
    if options.enrollment_selectors is EnrollmentSelectors.IDS:
        dropped |= {"createOfferEventEnrollments.offerEventRef", "createOfferEventEnrollments.userRefs"}
    return SchemaShape(dropped, options.instant_style, options.portfolio_scopes)
