"""A connector's form as a page, laid out by the rules of Airbyte's own form.

Each group is a card. In a card, keys stand in the order of `order`; those that are required or always shown are seen at
once, the others under "Optional fields". The widget follows from the type: a switch, a number, a list, a choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Widget:
    """One key of the form."""

    title: str
    help: str
    kind: str
    """`switch`, `choice`, `list`, `secret` or `text`."""
    shown: str
    """What is in it before anybody has typed."""
    is_required: bool


@dataclass(frozen=True)
class Card:
    """One group of the form."""

    title: str
    seen: tuple[Widget, ...]
    optional: tuple[Widget, ...]


def cards(schema: Schema) -> Iterator[Card]:
    """The groups of a form; keys without a group come first, in a card without a title."""
    groups = [(None, ""), *((one["id"], one.get("title", "")) for one in schema.get("groups", []))]
    keys = sorted(schema["properties"].items(), key=lambda item: item[1].get("order", 0))
    visible = [(name, key) for name, key in keys if not key.get("airbyte_hidden")]
    for group, title in groups:
        own = [(name, key) for name, key in visible if key.get("group") == group]
        first = [one for one in own if one[0] in schema["required"] or one[1].get("always_show")]
        rest = [one for one in own if one not in first]
        if own:
            yield Card(
                title,
                tuple(_widget(name, key, schema) for name, key in first),
                tuple(_widget(name, key, schema) for name, key in rest),
            )


def page(name: str, schema: Schema) -> str:
    """The form as HTML."""
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return environment.get_template("form.html.jinja").render(name=name, cards=list(cards(schema)))


def _widget(name: str, key: Schema, schema: Schema) -> Widget:
    return Widget(
        key.get("title", name), key.get("description", ""), _kind(key), _shown(key), name in schema["required"]
    )


def _kind(key: Schema) -> str:
    if key.get("airbyte_secret"):
        return "secret"
    if key.get("type") == "boolean":
        return "switch"
    if "enum" in key or "oneOf" in key:
        return "choice"
    return "list" if key.get("type") == "array" else "text"


def _shown(key: Schema) -> str:
    if "oneOf" in key:
        return str(key["oneOf"][0].get("title", ""))
    default = key.get("default")
    if default not in (None, [], ""):
        return str(default)
    return str(key.get("pattern_descriptor") or next(iter(key.get("examples", [])), ""))
