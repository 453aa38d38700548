"""The custom scalars: what is taken, what it is inside, and how it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema

from lms_shared.dev.sandbox.pluvo.options import InstantStyle

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def parse_instant(text: str) -> datetime:
    """A moment in UTC from an ISO 8601 text; a bare date is its midnight. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_instant(moment: datetime, style: InstantStyle = InstantStyle.ZULU) -> str:
    """A moment as ISO 8601 text in UTC."""
    text = moment.astimezone(UTC).isoformat()
    return text.removesuffix("+00:00") + "Z" if style is InstantStyle.ZULU else text


def _text(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    def taken(value: Any) -> Any:
        if not isinstance(value, str):
            raise GraphQLError(f"expected text, not {value!r}")
        return parse(value)

    return taken


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise GraphQLError(f"expected a number, not {value!r}")
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise GraphQLError(f"not a number: {value!r}") from error


def _color(value: str) -> str:
    if not _COLOR.fullmatch(value):
        raise GraphQLError(f"not a colour: {value!r}")
    return value


def _json_text(value: str) -> Any:
    return json.loads(value)


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "UUID": _text(lambda text: str(UUID(text))),
    "DateTime": _text(parse_instant),
    "Date": _text(date.fromisoformat),
    "Decimal": _decimal,
    "JSONString": _text(_json_text),
    "File": _text(str),
    "Color": _text(_color),
}


def equip_scalars(schema: GraphQLSchema, style: InstantStyle) -> None:
    """Give the custom scalars of a schema their parsers and serializers."""
    writers: dict[str, Callable[[Any], Any]] = {
        "DateTime": lambda moment: format_instant(moment, style),
        "Date": date.isoformat,
        "Decimal": str,
        "JSONString": json.dumps,
    }
    for name, parse in _PARSERS.items():
        scalar = schema.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)
        # Literals are read by way of `coerce_input_value`, so that they and variables mean the same.
        scalar.coerce_input_value = parse
        scalar.coerce_output_value = writers.get(name, str)
