"""Decides, without any I/O, which streams there are and what each asks.

Static streams are intersected with the introspected schema; every other listing of the schema becomes a stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from source_pluralsight.extractor import SCALAR_FIELD
from source_pluralsight.graphql_types import intersect, leaf_schema, select_all
from source_pluralsight.listing import Listing, Need, Parent, listing_of, listings, needs, parent_of, primary_key
from source_pluralsight.operation import Argument, Operation, Source
from source_pluralsight.selection import Field, Selection, fields_of_schema, leaf
from source_pluralsight.stream_table import Filter, StaticStream

PAGING = (
    Argument(("first",), Source.PAGE_SIZE, "Int!"),
    Argument(("after",), Source.CURSOR, "String"),
)
"""Paging of static streams where introspection is refused; these types were seen in use."""


@dataclass(frozen=True)
class StreamPlan:
    """A stream and what it asks. `parent_argument` is the slice key that the parent's records fill."""

    name: str
    operation: Operation
    selection: Selection
    primary_key: tuple[str, ...] = ()
    incremental: bool = False
    parent: Parent | None = None
    parent_argument: str = ""
    adds_parent_argument: bool = False
    hint: str = ""

    def with_fields(self, fields: tuple[Field, ...]) -> StreamPlan:
        """The plan with other top-level fields."""
        selection = replace(self.selection, fields=fields)
        names = {field.name for field in fields}
        return replace(
            self,
            selection=selection,
            operation=replace(self.operation, selection=selection.text),
            primary_key=self.primary_key if names.issuperset(self.primary_key) else (),
        )


@dataclass(frozen=True)
class Plans:
    """All streams, the ones that are left out with the reason, and what else the user should know.

    `notes` are pairs of stream and sentence; `problems` are mistakes in the configuration.
    """

    streams: tuple[StreamPlan, ...]
    left_out: Mapping[str, str]
    notes: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()


class _LeftOut(Exception):
    """A stream that cannot be offered, and why."""


def plan_streams(static: Iterable[StaticStream], config: Mapping[str, Any], schema: GraphQLSchema | None) -> Plans:
    """The streams that a key with this schema can have; `schema` is None where introspection is refused."""
    planner = _Planner(tuple(static), config, schema)
    return planner.plan()


class _Planner:
    def __init__(
        self, static: tuple[StaticStream, ...], config: Mapping[str, Any], schema: GraphQLSchema | None
    ) -> None:
        self._static = static
        self._config = config
        self._schema = schema
        self._listings = listings(schema) if schema else {}
        self._keys = {stream.name: stream.primary_key for stream in static}
        self._notes: list[tuple[str, str]] = []
        self._problems: list[str] = []

    def plan(self) -> Plans:
        plans: dict[str, StreamPlan] = {}
        left_out: dict[str, str] = {}
        for stream in self._static:
            try:
                plans[stream.name] = self._plan_static(stream)
            except _LeftOut as reason:
                left_out[stream.name] = str(reason)
        queries = {stream.query for stream in self._static}
        for listing in self._listings.values():
            if listing.query in queries:
                continue
            if listing.stream in plans or listing.stream in left_out:
                note = f"Query {listing.query} is left out: another stream is called {listing.stream}."
                self._notes.append((listing.stream, note))
                continue
            try:
                plans[listing.stream] = self._plan_discovered(listing)
            except _LeftOut as reason:
                left_out[listing.stream] = str(reason)
        for name, plan in list(plans.items()):
            if plan.parent is not None and plan.parent.stream not in plans:
                left_out[name] = f"it needs the stream {plan.parent.stream}, which is left out"
                del plans[name]
        return Plans(tuple(plans.values()), left_out, tuple(self._notes), tuple(self._problems))

    def _plan_static(self, stream: StaticStream) -> StreamPlan:
        if self._schema is None:
            return self._plan_blind(stream)
        queries = self._schema.query_type.fields if self._schema.query_type else {}
        definition = queries.get(stream.query)
        listing = listing_of(stream.query, definition) if definition is not None else None
        if listing is None:
            raise _LeftOut(f"the API has no list query {stream.query} for this key{_hinted(stream.hint)}")
        selection = self._static_selection(stream, listing)
        filters = tuple(self._typed_filters(stream, listing.definition))
        plan = self._plan(listing, selection, stream.primary_key, filters)
        names = {field.name for field in selection.fields}
        return replace(
            plan,
            name=stream.name,
            incremental=stream.incremental,
            hint=stream.hint,
            primary_key=stream.primary_key if names.issuperset(stream.primary_key) and not plan.parent else (),
        )

    def _plan_blind(self, stream: StaticStream) -> StreamPlan:
        fields = fields_of_schema(stream.schema)
        if not fields:
            raise _LeftOut("none of its fields is published, and introspection, which would tell them, is refused")
        filters = tuple(entry.argument(self._config) for entry in stream.filters)
        selection = Selection(fields)
        operation = Operation(stream.query, selection.text, arguments=(*PAGING, *filters))
        return StreamPlan(stream.name, operation, selection, stream.primary_key, stream.incremental, hint=stream.hint)

    def _static_selection(self, stream: StaticStream, listing: Listing) -> Selection:
        assert self._schema is not None
        row_type = listing.row_type
        if not isinstance(row_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            raise _LeftOut(f"the rows of {stream.query} are no objects")
        dropped: list[str] = []
        wanted = fields_of_schema(stream.schema)
        kept = intersect(self._schema, wanted, row_type, stream.name, dropped)
        if stream.take_all:
            selection = select_all(self._schema, row_type)
        else:
            selection = Selection(kept)
            notes = [f"The API has no field {field} for this key; it is left out." for field in dropped]
            self._notes += [(stream.name, note) for note in notes]
        if not selection.fields:
            raise _LeftOut("the API has none of its fields for this key")
        return selection

    def _typed_filters(self, stream: StaticStream, definition: GraphQLField) -> Iterable[Argument]:
        for entry in stream.filters:
            input_type = _input_type(definition, entry.path)
            argument = entry.argument(self._config, input_type and str(input_type))
            if input_type is None:
                if argument.value is not None:
                    name = f"{stream.query}({'.'.join(entry.path)})"
                    note = f"The API has no filter {name} for this key; it is not applied."
                    self._notes.append((stream.name, note))
                continue
            self._check_enum(entry, argument, get_named_type(input_type))
            yield argument

    def _check_enum(self, entry: Filter, argument: Argument, named_type: Any) -> None:
        if not isinstance(named_type, GraphQLEnumType) or not isinstance(argument.value, list):
            return
        unknown = [value for value in argument.value if value not in named_type.values]
        if unknown:
            known = ", ".join(named_type.values)
            problem = f"{entry.config_key} holds {', '.join(unknown)}, but the API knows only {known}"
            self._problems.append(problem)
            raise _LeftOut(problem)

    def _plan_discovered(self, listing: Listing) -> StreamPlan:
        assert self._schema is not None
        row_type = listing.row_type
        if isinstance(row_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            selection = select_all(self._schema, row_type)
        elif is_leaf_type(row_type):
            selection = Selection((Field(SCALAR_FIELD, leaf_schema(row_type)),))
        else:
            raise _LeftOut("its rows are of a kind that cannot be selected")
        if not selection.fields:
            raise _LeftOut("nothing of its rows can be selected without arguments")
        return self._plan(listing, selection, primary_key(listing), ())

    def _plan(
        self, listing: Listing, selection: Selection, key: tuple[str, ...], filters: tuple[Argument, ...]
    ) -> StreamPlan:
        all_needs = list(needs(listing.definition))
        empty = [need for need in all_needs if isinstance(need.named_type, GraphQLInputObjectType)]
        objects = [Argument(need.path, Source.CONSTANT, None, {}) for need in empty if len(need.path) == 1]
        arguments = [*listing.paging, *objects, *filters]
        filled = {argument.path for argument in (*objects, *filters)}
        open_needs = [need for need in all_needs if need.path not in filled]
        text = "" if is_leaf_type(listing.row_type) else selection.text
        operation = Operation(
            listing.query, text, listing.shape, listing.has_total, listing.has_page_info, tuple(arguments)
        )
        plan = StreamPlan(listing.stream, operation, selection, key)
        return self._as_child(plan, listing, open_needs) if open_needs else plan

    def _as_child(self, plan: StreamPlan, listing: Listing, open_needs: list[Need]) -> StreamPlan:
        need = open_needs[0]
        parent = parent_of(need, self._candidates(listing), self._keys) if len(open_needs) == 1 else None
        if parent is None:
            names = ", ".join(".".join(need.path) for need in open_needs)
            raise _LeftOut(f"it requires a value that no stream gives ({names})")
        field = need.path[-1].removesuffix("s") if need.is_list else need.path[-1]
        argument = Argument(need.path, Source.SLICE, need.gql_type, field, as_list=need.is_list)
        adds = field not in {part.name for part in plan.selection.fields}
        selection = plan.selection
        if adds:
            selection = replace(selection, fields=(*selection.fields, Field(field, leaf("string"))))
        # One row may belong to several parents, so its key is not unique any more.
        return replace(
            plan,
            operation=replace(plan.operation, arguments=(*plan.operation.arguments, argument)),
            selection=selection,
            primary_key=(),
            parent=parent,
            parent_argument=field,
            adds_parent_argument=adds,
        )

    def _candidates(self, child: Listing) -> Iterable[Listing]:
        """Listings that may be a parent, static streams first."""
        order = [stream.query for stream in self._static]
        order += [query for query in self._listings if query not in order]
        return [self._listings[query] for query in order if query in self._listings and query != child.query]


def _input_type(definition: GraphQLField, path: tuple[str, ...]) -> Any:
    """Type of the input value at a path, None when there is none."""
    argument = definition.args.get(path[0])
    current = argument.type if argument is not None else None
    for name in path[1:]:
        named_type = get_named_type(current)
        field = named_type.fields.get(name) if isinstance(named_type, GraphQLInputObjectType) else None
        current = field.type if field is not None else None
    return current


def _hinted(hint: str) -> str:
    return f"; {hint}" if hint else ""
