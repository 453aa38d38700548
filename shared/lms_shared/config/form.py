"""Makes a form that Airbyte can show of a model's JSON schema: no references, no `anyOf`, everything in order.

Rules: Airbyte connector specification reference (order, groups, oneOf) and its form's own limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]

_PLACE = 50
"""Order of a key that does not say where it belongs."""
_NULL = {"type": "null"}


def form_of(schema: Mapping[str, Any], groups: Sequence[tuple[str, str]] = ()) -> Schema:
    """The form of a model's schema; `groups` are ids and titles in their order."""
    definitions = schema.get("$defs", {})
    plain = _plain(schema, definitions)
    plain["properties"] = _ordered(plain["properties"], [name for name, _ in groups])
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": schema["title"],
        "type": "object",
        "additionalProperties": True,
        "required": plain.get("required", []),
        "properties": plain["properties"],
        **({"groups": [{"id": name, "title": told} for name, told in groups]} if groups else {}),
    }


def _plain(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    """A schema with everything that it refers to in it."""
    own = {name: value for name, value in schema.items() if name not in ("$ref", "$defs", "discriminator")}
    if "$ref" in schema:
        target = _plain(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        # The default of an object is that of its keys.
        return {**target, **{name: one for name, one in own.items() if name != "default" or "properties" not in target}}
    variants = own.pop("anyOf", None)
    if variants is not None:
        some = [one for one in variants if one != _NULL]
        # Only an optional key has two variants, one of which is null.
        own = {**_plain(some[0], definitions), **own}
    if own.get("default", ...) is None:
        del own["default"]
    if "properties" in own:
        # Of a model that is its docstring, which is for those who read the code.
        own.pop("description", None)
        own["properties"] = _ordered({name: _plain(one, definitions) for name, one in own["properties"].items()}, ())
        own.setdefault("additionalProperties", True)
    if isinstance(own.get("items"), dict):
        own["items"] = _plain(own["items"], definitions)
    if "oneOf" in own:
        own["type"] = "object"
        own["oneOf"] = [_plain(one, definitions) for one in own["oneOf"]]
    return own


def _ordered(properties: Mapping[str, Schema], groups: Sequence[str]) -> dict[str, Schema]:
    """The properties by group and place, numbered."""

    def place(named: tuple[str, Schema]) -> tuple[int, int]:
        group = named[1].get("group")
        return (groups.index(group) if group in groups else len(groups), named[1].get("order", _PLACE))

    ranked = sorted(properties.items(), key=place)
    return {name: {**one, "order": number} for number, (name, one) in enumerate(ranked)}
