"""Executes one GraphQL request with graphql-core and says how it is to be answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    MiddlewareManager,
    execute_sync,
)

from lms_shared.dev.sandbox.graphql_api.documents import INTROSPECTION_FIELDS, PreparedQuery, read_query
from lms_shared.dev.sandbox.graphql_api.messages import GraphQLAnswer, GraphQLRequest
from lms_shared.dev.sandbox.pluralsight import invented
from lms_shared.dev.sandbox.pluralsight.access import EXPIRY_WARNING, fields_beyond_stage, queries_beyond_tier
from lms_shared.dev.sandbox.pluralsight.data import PluralsightData
from lms_shared.dev.sandbox.pluralsight.dice import to_millis
from lms_shared.dev.sandbox.pluralsight.options import (
    ApiKey,
    ExtensionsShape,
    FailingField,
    KeyState,
    PluralsightOptions,
    Refusal,
    WarningShape,
)
from lms_shared.dev.sandbox.pluralsight.paging import Connection
from lms_shared.dev.sandbox.pluralsight.progress import UNDATED
from lms_shared.dev.sandbox.pluralsight.queries import BAD_USER_INPUT, BARE_LISTS, CONNECTIONS, ListQuery
from lms_shared.dev.sandbox.pluralsight.schema_building import SchemaShape, build_pluralsight_schema

FAR_FUTURE = datetime(2099, 1, 1, tzinfo=UTC)
WITHOUT_PATH = "without_path"
"""Mark of an error that is sent without its path."""
REFUSAL_STATUS = {Refusal.ERRORS: 200, Refusal.FORBIDDEN: 403}


@dataclass
class _Context:
    """What the resolvers of one request share. `afterwards` runs once the answer is complete."""

    key: ApiKey
    warnings: dict[str, None] = field(default_factory=dict)
    errors: list[GraphQLError] = field(default_factory=list)
    """Errors that cost none of the data."""
    afterwards: list[Callable[[], None]] = field(default_factory=list)


_Info = GraphQLResolveInfo[_Context]


class Api:
    """The API over one plan's data."""

    def __init__(self, data: PluralsightData, options: PluralsightOptions) -> None:
        self._data = data
        self._options = options
        self._schema = build_pluralsight_schema(
            SchemaShape(
                legacy_fields=options.legacy_fields,
                start_date_is_string=options.start_date_is_string,
                content_types_are_strings=options.content_types_are_strings,
                channel_id_required=options.channel_id_required,
                dropped_fields=options.dropped_fields,
            )
        )
        self._root = self._root_resolvers()
        failing = _FailingFields(options.failing_fields)
        self._failing = MiddlewareManager(failing) if options.failing_fields else None
        if options.future_rows:
            data.progress.stamp_newest(options.future_rows, to_millis(FAR_FUTURE))
        if options.undated_rows:
            data.progress.stamp_newest(options.undated_rows, UNDATED)

    def read(self, query: str) -> PreparedQuery:
        """The prepared query of a text."""
        return read_query(self._schema, query)

    def answer(self, request: GraphQLRequest, key: ApiKey) -> GraphQLAnswer:
        """Execute a request on behalf of a good key."""
        options = self._options
        prepared = self.read(request.query)
        context = _Context(key)
        if key.state is KeyState.EXPIRED:
            context.warnings[EXPIRY_WARNING] = None
        if prepared.document is None:
            return self._refusal(options.validation_error_status, *prepared.errors)
        if prepared.is_introspection and options.introspection_refusal is not None:
            error = GraphQLError("GraphQL introspection is not allowed")
            return self._refusal(REFUSAL_STATUS[options.introspection_refusal], error)
        if prepared.errors:
            return self._refusal(options.validation_error_status, *prepared.errors)
        if beyond := fields_beyond_stage(prepared.fields, key, options):
            named = f": {', '.join(beyond)}" if options.stage_refusal_names_fields else " something in this query"
            message = f"The API key's release stage does not include{named}"
            return self._refusal(REFUSAL_STATUS[options.stage_refusal], _forbidden(message))
        if options.tier_refusal is Refusal.FORBIDDEN and queries_beyond_tier(prepared.fields, key, options):
            return self._refusal(403, _tier_error())
        context.warnings |= dict.fromkeys(prepared.deprecations)
        if INTROSPECTION_FIELDS.issuperset(prepared.root_fields) and not request.variables:
            result = _introspected(self._schema, request.query, request.operation_name)
        else:
            result = self._execute(prepared.document, request, context)
        for action in context.afterwards:
            action()
        body: dict[str, Any] = {"data": result.data}
        if errors := [*context.errors, *(result.errors or ())]:
            body["errors"] = [self._formatted(error) for error in errors]
        if context.warnings:
            body["extensions"] = {"warnings": [self._shape(text) for text in context.warnings]}
        return GraphQLAnswer(200, body)

    def _execute(self, document: DocumentNode, request: GraphQLRequest, context: _Context) -> ExecutionResult:
        return execute_sync(
            self._schema,
            document,
            root_value=self._root,
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation_name,
            middleware=self._failing,
        )

    def _refusal(self, status: int, *errors: GraphQLError) -> GraphQLAnswer:
        """An answer that holds errors and no data."""
        return GraphQLAnswer(status, {"errors": [self._formatted(error) for error in errors]})

    def _formatted(self, error: GraphQLError) -> dict[str, Any]:
        formatted: dict[str, Any] = dict(error.formatted)
        extensions = dict(error.extensions or {})
        if extensions.pop(WITHOUT_PATH, False):
            del formatted["path"]
            formatted["extensions"] = extensions
        if self._options.error_extensions is ExtensionsShape.ARRAY and formatted.get("extensions"):
            formatted["extensions"] = [formatted["extensions"]]
        return formatted

    def _shape(self, warning: str) -> Any:
        return warning if self._options.warning_shape is WarningShape.STRING else {"message": warning}

    def _root_resolvers(self) -> dict[str, Callable[..., Any]]:
        resolvers: dict[str, Callable[..., Any]] = {
            "planInfo": self._plan_info,
            "contentSlugToId": self._content_slug_to_id,
        }
        for name, select in CONNECTIONS.items():
            resolvers[name] = partial(self._connection, name, select)
        for name, rows in BARE_LISTS.items():
            resolvers[name] = partial(self._bare_list, name, rows)
        return resolvers

    def _connection(self, name: str, select: ListQuery, info: _Info, **arguments: Any) -> Any:
        context = info.context
        self._refuse_failing(name)
        if queries_beyond_tier([f"Query.{name}"], context.key, self._options):
            raise _tier_error()
        connection = Connection(name, arguments, select(self._data, arguments, self._options), self._options)
        page = connection.page
        if page.warning is not None and self._options.cap_is_an_error:
            text = "'first' parameter limit exceeded. Results over 10000 are not returned"
            context.errors.append(GraphQLError(text, extensions={"code": BAD_USER_INPUT}))
        elif page.warning is not None:
            context.warnings[page.warning] = None
        if name == "courseProgress" and self._options.row_moves_between_pages and page.has_next:
            context.afterwards.append(partial(self._data.touch_rows, page.handles[:1]))
        return connection.to_row()

    def _bare_list(self, name: str, rows: Callable[[PluralsightData], Any], _: _Info) -> Any:
        self._refuse_failing(name)
        return rows(self._data)

    def _plan_info(self, info: _Info) -> Any:
        self._refuse_failing("planInfo")
        return invented.plan_info(self._data, info.context.key.tier)

    def _content_slug_to_id(self, _: _Info, **arguments: Any) -> Any:
        self._refuse_failing("contentSlugToId")
        return invented.content_by_slug(self._data.courses, arguments["slug"])

    def _refuse_failing(self, name: str) -> None:
        if name in self._options.failing_queries:
            raise GraphQLError(self._options.failing_queries[name])


class _FailingFields:
    """Middleware that fails to give some fields of some rows, see `PluralsightOptions.failing_fields`."""

    def __init__(self, fields: Mapping[str, FailingField]) -> None:
        self._fields = fields
        self._spoilt: dict[str, set[int]] = {name: set() for name in fields}

    def resolve(self, following: Callable[..., Any], root: Any, info: _Info, **arguments: Any) -> Any:
        name = f"{info.parent_type.name}.{info.field_name}"
        field_ = self._fields.get(name)
        row = next((part for part in info.path.as_list() if isinstance(part, int)), None) if field_ else None
        if field_ is None or row is None or row % field_.every:
            return following(root, info, **arguments)
        self._spoilt[name].add(id(info.context))
        if field_.times is not None and len(self._spoilt[name]) > field_.times:
            return following(root, info, **arguments)
        extensions = {
            **({"code": field_.code} if field_.code else {}),
            **({} if field_.has_path else {WITHOUT_PATH: True}),
        }
        raise GraphQLError(f"{info.field_name} could not be read", extensions=extensions)


@lru_cache(maxsize=64)
def _introspected(schema: GraphQLSchema, query: str, operation_name: str | None) -> ExecutionResult:
    """What a query without variables is told about a schema, which holds for all servers of that schema."""
    document = read_query(schema, query).document
    assert document is not None
    return execute_sync(schema, document, operation_name=operation_name)


def _forbidden(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "FORBIDDEN"})


def _tier_error() -> GraphQLError:
    return _forbidden("This query is part of Enterprise plans only")
