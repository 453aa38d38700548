"""Decides, without any I/O, which streams there are and what each asks.

Static streams are intersected with the introspected schema; every other root of the schema becomes a stream.
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

from source_pluralsight.planning.root_fields import (
    Need,
    Parent,
    RootField,
    needs,
    parent_of,
    primary_key,
    root_field_of,
    root_fields,
)
from source_pluralsight.planning.table import Filter, KnownStream
from source_pluralsight.query.page_query import Argument, PageQuery, Source
from source_pluralsight.query.selection import SelectedField, Selection, fields_of_schema, leaf
from source_pluralsight.query.types import intersect, leaf_schema, select_all
from source_pluralsight.settings import Settings

PAGING = (
    Argument(("first",), Source.PAGE_SIZE, "Int!"),
    Argument(("after",), Source.CURSOR, "String"),
)
"""Paging of known streams where introspection is refused; these types were seen in use."""


SCALAR_FIELD = "value"
"""The field that holds a row which is a mere scalar."""


@dataclass(frozen=True)
class StreamPlan:
    """A stream and what it asks. `parent_argument` is the slice key that the parent's records fill."""

    name: str
    query: PageQuery
    selection: Selection
    primary_key: tuple[str, ...] = ()
    cursor_field: str | None = None
    parent: Parent | None = None
    parent_argument: str = ""
    adds_parent_argument: bool = False
    hint: str = ""

    @property
    def schema(self) -> dict[str, Any]:
        """JSON schema of a record."""
        return self.selection.schema(self.primary_key)

    def without(self, *paths: tuple[str, ...]) -> StreamPlan:
        """The plan without the fields at these paths; a key of which a part is gone is dropped."""
        selection, asked = self.selection, self.query.selection
        for path in paths:
            selection = selection.without(path)
            asked = asked and asked.without(path)
        return replace(
            self,
            selection=selection,
            query=replace(self.query, selection=asked),
            primary_key=self.primary_key if selection.names.issuperset(self.primary_key) else (),
        )

    def with_arguments(self, arguments: Iterable[Argument]) -> StreamPlan:
        """The plan with other arguments."""
        return replace(self, query=replace(self.query, arguments=tuple(arguments)))


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


def plan_streams(known: Iterable[KnownStream], settings: Settings, schema: GraphQLSchema | None) -> Plans:
    """The streams that a key with this schema can have; `schema` is None where introspection is refused."""
    planner = _Planner(tuple(known), settings, schema)
    return planner.plan()


class _Planner:
    def __init__(self, known: tuple[KnownStream, ...], settings: Settings, schema: GraphQLSchema | None) -> None:
        self._known = known
        self._settings = settings
        self._schema = schema
        self._roots = root_fields(schema) if schema else {}
        self._keys = {stream.name: stream.primary_key for stream in known}
        self._notes: list[tuple[str, str]] = []
        self._problems: list[str] = []

    def plan(self) -> Plans:
        plans: dict[str, StreamPlan] = {}
        left_out: dict[str, str] = {}
        for stream in self._known:
            try:
                plans[stream.name] = self._plan_known(stream)
            except _LeftOut as reason:
                left_out[stream.name] = str(reason)
        queries = {stream.query for stream in self._known}
        for root in self._roots.values():
            if root.query in queries:
                continue
            if root.stream in plans or root.stream in left_out:
                note = f"Query {root.query} is left out: another stream is called {root.stream}."
                self._notes.append((root.stream, note))
                continue
            try:
                plans[root.stream] = self._plan_discovered(root)
            except _LeftOut as reason:
                left_out[root.stream] = str(reason)
        for name, plan in list(plans.items()):
            if plan.parent is not None and plan.parent.stream not in plans:
                left_out[name] = f"it needs the stream {plan.parent.stream}, which is left out"
                del plans[name]
        return Plans(tuple(plans.values()), left_out, tuple(self._notes), tuple(self._problems))

    def _plan_known(self, stream: KnownStream) -> StreamPlan:
        if self._schema is None:
            return self._plan_blind(stream)
        queries = self._schema.query_type.fields if self._schema.query_type else {}
        definition = queries.get(stream.query)
        root = root_field_of(stream.query, definition) if definition is not None else None
        if root is None:
            raise _LeftOut(f"the API has no query {stream.query} for this key{_hinted(stream.hint)}")
        selection = self._known_selection(stream, root)
        filters = tuple(self._typed_filters(stream, root.definition))
        plan = self._plan(root, selection, stream.primary_key, filters)
        names = {field.name for field in selection.fields}
        return replace(
            plan,
            name=stream.name,
            cursor_field=stream.cursor_field,
            hint=stream.hint,
            primary_key=stream.primary_key if names.issuperset(stream.primary_key) and not plan.parent else (),
        )

    def _plan_blind(self, stream: KnownStream) -> StreamPlan:
        fields = fields_of_schema(stream.schema)
        if not fields:
            raise _LeftOut("none of its fields is published, and introspection, which would tell them, is refused")
        filters = tuple(entry.argument(self._settings, entry.paths[0]) for entry in stream.filters)
        selection = Selection(fields)
        query = PageQuery(stream.query, selection, arguments=(*PAGING, *filters))
        return StreamPlan(stream.name, query, selection, stream.primary_key, stream.cursor_field, hint=stream.hint)

    def _known_selection(self, stream: KnownStream, root: RootField) -> Selection:
        assert self._schema is not None
        row_type = root.row_type
        if not isinstance(row_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            raise _LeftOut(f"the rows of {stream.query} are not objects")
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

    def _typed_filters(self, stream: KnownStream, definition: GraphQLField) -> Iterable[Argument]:
        for entry in stream.filters:
            path = next((path for path in entry.paths if _input_type(definition, path) is not None), None)
            if path is None:
                argument = entry.argument(self._settings, entry.paths[0])
                if argument.value not in (None, entry.unless) and not entry.optional:
                    name = f"{stream.query}({'.'.join(entry.paths[0])})"
                    note = f"The API has no filter {name} for this key; it is not applied."
                    self._notes.append((stream.name, note))
                continue
            input_type = _input_type(definition, path)
            argument = entry.argument(self._settings, path, str(input_type))
            self._check_enum(entry, argument, get_named_type(input_type))
            yield argument

    def _check_enum(self, entry: Filter, argument: Argument, named_type: Any) -> None:
        if not isinstance(named_type, GraphQLEnumType) or not isinstance(argument.value, list):
            return
        unknown = [value for value in argument.value if value not in named_type.values]
        if unknown:
            known = ", ".join(named_type.values)
            problem = f"{entry.setting} holds {', '.join(unknown)}, but the API knows only {known}"
            self._problems.append(problem)
            raise _LeftOut(problem)

    def _plan_discovered(self, root: RootField) -> StreamPlan:
        assert self._schema is not None
        row_type = root.row_type
        if isinstance(row_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            selection = select_all(self._schema, row_type)
        elif is_leaf_type(row_type):
            selection = Selection(
                (SelectedField(SCALAR_FIELD, leaf_schema(row_type), description="The row itself, a plain value."),)
            )
        else:
            raise _LeftOut("its rows are of a kind that cannot be selected")
        if not selection.fields:
            raise _LeftOut("nothing of its rows can be selected without arguments")
        return self._plan(root, selection, primary_key(root), ())

    def _plan(
        self, root: RootField, selection: Selection, key: tuple[str, ...], filters: tuple[Argument, ...]
    ) -> StreamPlan:
        all_needs = list(needs(root.definition))
        empty = [need for need in all_needs if isinstance(need.named_type, GraphQLInputObjectType)]
        objects = [Argument(need.path, Source.CONSTANT, None, {}) for need in empty if len(need.path) == 1]
        arguments = [*root.paging, *objects, *filters]
        filled = {argument.path for argument in (*objects, *filters)}
        open_needs = [need for need in all_needs if need.path not in filled]
        asked = None if is_leaf_type(root.row_type) else selection
        query = PageQuery(root.query, asked, root.shape, root.has_total, root.has_page_info, tuple(arguments))
        plan = StreamPlan(root.stream, query, selection, key)
        return self._as_child(plan, root, open_needs) if open_needs else plan

    def _as_child(self, plan: StreamPlan, root: RootField, open_needs: list[Need]) -> StreamPlan:
        need = open_needs[0]
        parent = parent_of(need, self._candidates(root), self._keys) if len(open_needs) == 1 else None
        if parent is None:
            names = ", ".join(".".join(need.path) for need in open_needs)
            raise _LeftOut(f"it requires a value that no stream gives ({names})")
        field = need.path[-1].removesuffix("s") if need.is_list else need.path[-1]
        argument = Argument(need.path, Source.SLICE, need.gql_type, field, as_list=need.is_list)
        adds = field not in {part.name for part in plan.selection.fields}
        selection = plan.selection
        if adds:
            told = f"The {parent.key} of the record of {parent.stream} that the row was read for."
            added = SelectedField(field, leaf("string"), description=told)
            selection = replace(selection, fields=(*selection.fields, added))
        # One row may belong to several parents, so its key is not unique any more.
        return replace(
            plan,
            query=replace(plan.query, arguments=(*plan.query.arguments, argument)),
            selection=selection,
            primary_key=(),
            parent=parent,
            parent_argument=field,
            adds_parent_argument=adds,
        )

    def _candidates(self, child: RootField) -> Iterable[RootField]:
        """Root fields that may be a parent, known streams first."""
        order = [stream.query for stream in self._known]
        order += [query for query in self._roots if query not in order]
        return [self._roots[query] for query in order if query in self._roots and query != child.query]


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
