"""Root fields of the schema that give rows: how these lie, what they need, and whose children they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from source_pluralsight.query.page_query import Argument, Shape, Source
from source_pluralsight.query.types import PAGING_ARGUMENTS

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
ID_SUFFIX = re.compile(r"Ids?$")


def snake_case(name: str) -> str:
    """`roleIqCatalog` → `role_iq_catalog`."""
    return _WORD.sub("_", name).lower()


@dataclass(frozen=True)
class RootField:
    """A root field that gives rows of `row_type`: a list of them, or a single object, which is one row."""

    query: str
    definition: GraphQLField
    row_type: GraphQLNamedType
    shape: Shape
    has_total: bool
    has_page_info: bool

    @property
    def stream(self) -> str:
        """Name of the stream."""
        return snake_case(self.query)

    @property
    def row_fields(self) -> Mapping[str, GraphQLField]:
        """Fields of a row; none for scalars and unions."""
        has_fields = isinstance(self.row_type, GraphQLObjectType | GraphQLInterfaceType)
        return self.row_type.fields if has_fields else {}  # type: ignore[attr-defined] # narrowed by has_fields

    @property
    def paging(self) -> tuple[Argument, ...]:
        """`first` and `after` as far as the query takes them. A bare list is asked without: there is no next page."""
        if self.shape in (Shape.LIST, Shape.OBJECT) and not self.needs("first"):
            return ()
        sources = {"first": Source.PAGE_SIZE, "after": Source.CURSOR}
        return tuple(
            Argument((name,), source, str(self.definition.args[name].type))
            for name, source in sources.items()
            if name in self.definition.args
        )

    def needs(self, argument: str) -> bool:
        """Whether the query cannot do without an argument."""
        return argument in self.definition.args and is_required_argument(self.definition.args[argument])


def root_fields(schema: GraphQLSchema) -> dict[str, RootField]:
    """All root fields of a schema that give rows, by name, deprecated ones left out."""
    queries = schema.query_type.fields if schema.query_type else {}
    found = {name: root_field_of(name, definition) for name, definition in queries.items()}
    return {
        name: field
        for name, field in found.items()
        if field is not None and field.definition.deprecation_reason is None
    }


def root_field_of(query: str, definition: GraphQLField) -> RootField | None:
    """How a root field gives rows: as a connection, a bare list, or a single object that can be had without arguments.

    None for plain values, for look-ups by an argument, and for what GraphQL servers keep for themselves (`_service`).
    """
    bare = get_nullable_type(definition.type)
    if is_list_type(bare):
        return RootField(query, definition, get_named_type(bare), Shape.LIST, has_total=False, has_page_info=False)
    if not isinstance(bare, GraphQLObjectType | GraphQLInterfaceType):
        return None
    has_total = "totalCount" in bare.fields
    has_page_info = "pageInfo" in bare.fields
    nodes = bare.fields.get("nodes")
    if nodes is not None and is_list_type(get_nullable_type(nodes.type)):
        return RootField(query, definition, get_named_type(nodes.type), Shape.NODES, has_total, has_page_info)
    edges = bare.fields.get("edges")
    edge_type = get_named_type(edges.type) if edges is not None else None
    if isinstance(edge_type, GraphQLObjectType | GraphQLInterfaceType) and "node" in edge_type.fields:
        row_type = get_named_type(edge_type.fields["node"].type)
        return RootField(query, definition, row_type, Shape.EDGES, has_total, has_page_info)
    if query.startswith("_") or any(is_required_argument(argument) for argument in definition.args.values()):
        return None
    return RootField(query, definition, bare, Shape.OBJECT, has_total=False, has_page_info=False)


def primary_key(root: RootField) -> tuple[str, ...]:
    """The key of a discovered stream.

    Only an `id` that is never null is taken, by which GraphQL schemas name the identity of a row (`String!` is its type
    in planPermissionSets, Pluralsight reference 4.10). A `psUserId` or a `courseId` is a reference to something else,
    of which a list may hold many.
    """
    field = root.row_fields.get("id")
    return ("id",) if field is not None and str(field.type) in ("ID!", "String!") else ()


@dataclass(frozen=True)
class Need:
    """A value that a query cannot do without, at a path below the root field. `gql_type` is its declared type."""

    path: tuple[str, ...]
    gql_type: str
    named_type: GraphQLNamedType
    is_list: bool


def needs(definition: GraphQLField) -> Iterator[Need]:
    """Required arguments other than paging; of a required input object, its required fields, else `{}`."""
    for name, argument in definition.args.items():
        if name not in PAGING_ARGUMENTS and is_required_argument(argument):
            yield from _needs_below((name,), argument)


def _needs_below(path: tuple[str, ...], value: GraphQLArgument | GraphQLInputField) -> Iterator[Need]:
    named_type = get_named_type(value.type)
    if not isinstance(named_type, GraphQLInputObjectType) or len(path) > 1:
        yield Need(path, str(value.type), named_type, is_list_type(get_nullable_type(value.type)))
        return
    required = {name: field for name, field in named_type.fields.items() if is_required_input_field(field)}
    for name, field in required.items():
        yield from _needs_below((*path, name), field)
    if not required:
        yield Need(path, str(value.type), named_type, is_list=False)


@dataclass(frozen=True)
class Parent:
    """The stream whose records fill a need: `key` of each of its records goes into the argument."""

    stream: str
    key: str


def parent_of(need: Need, candidates: Iterable[RootField], keys: Mapping[str, tuple[str, ...]]) -> Parent | None:
    """The stream whose key a required id argument is; `keys` holds the primary keys by stream.

    `psUserId` is looked for among the keys first, then `channelId` means the `id` of `Channel` rows, of the query
    `channels`, or of `channelCatalog`.
    """
    argument = need.path[-1]
    if not is_leaf_type(need.named_type) or not ID_SUFFIX.search(argument):
        return None
    same_name = argument.removesuffix("s") if argument.endswith("Ids") else argument
    subject = ID_SUFFIX.sub("", argument).lower()
    usable = [root for root in candidates if not any(needs(root.definition))]
    for root in usable:
        if keys.get(root.stream) == (same_name,) and same_name in root.row_fields:
            return Parent(root.stream, same_name)
    for root in usable:
        subjects = {root.row_type.name.lower(), *_singulars(root.query)}
        if subject in subjects and "id" in root.row_fields:
            return Parent(root.stream, "id")
    return None


def _singulars(query: str) -> set[str]:
    plain = query.removesuffix("Catalog").lower()
    return {plain, plain.removesuffix("s")}
