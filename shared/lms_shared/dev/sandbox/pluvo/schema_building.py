"""Builds the GraphQL schema from the SDL files of this package and lets the rules answer for its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    assert_valid_schema,
    build_ast_schema,
)

from lms_shared.dev.sandbox.graphql_api.schema_files import SchemaChanges, read_schema_files
from lms_shared.dev.sandbox.pluvo import records
from lms_shared.dev.sandbox.pluvo.access import require_scope
from lms_shared.dev.sandbox.pluvo.inputs import snake_case
from lms_shared.dev.sandbox.pluvo.options import InstantStyle
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.rules import FIELD_RULES, ROOT_RULES
from lms_shared.dev.sandbox.pluvo.rules.signatures import FieldRule, RootRule
from lms_shared.dev.sandbox.pluvo.scalars import equip_scalars

_FILES = ("base", "users", "groups", "trainings", "offers", "portfolio", "extra_categories")

# Types whose fields are attributes of a record, unless a rule says otherwise. The others are made of dicts.
_RECORD_TYPES: Mapping[str, type] = {
    "User": records.User,
    "Group": records.Group,
    "Training": records.Training,
    "TrainingListItem": records.ListedTraining,
    "Offer": records.Offer,
    "OfferEvent": records.OfferEvent,
    "OfferEventDate": records.EventDate,
    "Enrollment": records.Enrollment,
    "PortfolioItem": records.PortfolioItem,
    "Certificate": records.Certificate,
    "ExtraCategory": records.ExtraCategory,
    "ExtraCategoryChoiceOption": records.ChoiceOption,
}


@dataclass(frozen=True, slots=True)
class Call:
    """What the resolvers of one request share."""

    organization: Organization
    scopes: frozenset[str]


_Info = GraphQLResolveInfo[Call]
_Resolver = Callable[..., Any]


@dataclass(frozen=True)
class SchemaShape:
    """The switches that change the schema itself."""

    dropped_fields: frozenset[str] = frozenset()
    instant_style: InstantStyle = InstantStyle.ZULU
    portfolio_scopes: str = "users"


@lru_cache(maxsize=32)
def build_pluvo_schema(shape: SchemaShape) -> GraphQLSchema:
    """The schema in one shape, ready to be executed with a `Call` as context.

    Raises ValueError when `dropped_fields` names what is not there, TypeError when nothing valid is left.
    """
    document = read_schema_files(__package__, _FILES, SchemaChanges(shape.dropped_fields))
    schema = build_ast_schema(document)
    assert_valid_schema(schema)
    equip_scalars(schema, shape.instant_style)
    for root in (schema.query_type, schema.mutation_type):
        assert root is not None
        for name, field in root.fields.items():
            field.resolve = _root_resolver(name, ROOT_RULES[name], shape.portfolio_scopes)
    for type_name, record in _RECORD_TYPES.items():
        graphql_type = schema.type_map[type_name]
        assert isinstance(graphql_type, GraphQLObjectType)
        _resolve_fields(type_name, graphql_type.fields, record)
    return schema


def _resolve_fields(type_name: str, fields: Mapping[str, GraphQLField], record: type) -> None:
    for name, field in fields.items():
        rule = FIELD_RULES.get(f"{type_name}.{name}")
        if rule is None and not hasattr(record, snake_case(name)):
            raise ValueError(f"nothing answers for {type_name}.{name}")
        field.resolve = _attribute_resolver(snake_case(name)) if rule is None else _field_resolver(rule)


def _root_resolver(name: str, rule: RootRule, portfolio_scopes: str) -> _Resolver:
    def resolve(_: Any, info: _Info, **arguments: Any) -> Any:
        require_scope(name, info.context.scopes, portfolio_scopes)
        return rule(info.context.organization, arguments)

    return resolve


def _field_resolver(rule: FieldRule) -> _Resolver:
    def resolve(row: Any, info: _Info, **arguments: Any) -> Any:
        return rule(info.context.organization, row, arguments)

    return resolve


def _attribute_resolver(attribute: str) -> _Resolver:
    get = attrgetter(attribute)

    def resolve(row: Any, _: _Info) -> Any:
        return get(row)

    return resolve
