"""Objects, fields and config keys as Markdown tables. Pure: declarations in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import Field
from lms_shared.model.keys import KeyKind

_ADOPTED = " (a sole match is adopted)"


def objects_table(declarations: Iterable[ObjectDeclaration]) -> str:
    """What each object can do and how its records are matched."""
    rows = [
        (
            f"`{one.name}`",
            ", ".join(f"`{mode.value}`" for mode in Mode if mode in one.modes),
            _keys(one),
            one.soft_delete or "no",
            one.hard_delete or "no",
        )
        for one in declarations
    ]
    return _table(("Object", "Modes", "Found by, in this order", "Deactivating", "Deleting"), rows)


def field_tables(declarations: Iterable[ObjectDeclaration], lms: str) -> str:
    """The fields of each object, where the LMS keeps them, and what it has no place for."""
    return "\n\n".join(_fields(one, lms) for one in declarations)


def config_table(form: Mapping[str, Any]) -> str:
    """The config keys of a form, those of nested objects with their path."""
    rows = [
        (
            f"`{path}`",
            _type(schema) + (", secret" if schema.get("airbyte_secret") else ""),
            "**required**" if required else _default(schema),
            str(schema.get("description") or schema.get("title") or ""),
        )
        for path, schema, required in _config_keys(form)
    ]
    return _table(("Key", "Type", "Default", "Meaning"), rows)


def _keys(declaration: ObjectDeclaration) -> str:
    if declaration.references:
        return " and ".join(
            f"{reference.name} (" + ", ".join(f"`{one.field}`" for one in reference.selectors) + ")"
            for reference in declaration.references
        )
    return ", ".join(
        " + ".join(_named_by(declaration, name) for name in key.fields)
        + (f" without `{key.unless}`" if key.unless else "")
        + (_ADOPTED if key.kind is KeyKind.ATTRIBUTE else "")
        for key in declaration.keys
    )


def _named_by(declaration: ObjectDeclaration, name: str) -> str:
    """A part of a key, and what may be sent in its place."""
    first, *others = declaration.named_by(name)
    return f"`{first}`" + (f" (or {', '.join(f'`{one}`' for one in others)})" if others else "")


def _fields(declaration: ObjectDeclaration, lms: str) -> str:
    found = {name: one.name for one in declaration.field_references for name in one.finders}
    found |= {one.field: reference.name for reference in declaration.all_references for one in reference.selectors}
    rows = [
        (
            _marked(declaration, one.name),
            _type(one.json_schema) + (f", at most {one.max_length} characters" if one.max_length else ""),
            f"`{one.policy.value}`" if one.place and one.name != "id" else "",
            _on_invalid(declaration, one),
            one.place or (f"finds the {found[one.name]}" if one.name in found else "**no place**"),
            _described(one),
        )
        for one in declaration.fields
    ]
    table = _table(("Field", "Type", "Default policy", "If not valid", f"Place in {lms}", "Meaning"), rows)
    notes = "".join(f"\n- {note}" for note in declaration.notes)
    return f"#### `{declaration.name}`\n\n{declaration.description}\n\n{table}" + (f"\n{notes}" if notes else "")


def _on_invalid(declaration: ObjectDeclaration, one: Field) -> str:
    """What a value that is not valid costs; nothing where it is not looked at."""
    return f"`{declaration.on_invalid(one.name).value}`" if declaration.reads(one) else ""


def _marked(declaration: ObjectDeclaration, name: str) -> str:
    """Required fields in bold; those of which one is enough with a mark."""
    for alternatives in declaration.required:
        if name in alternatives:
            return f"**`{name}`**" + ("" if len(alternatives) == 1 else " (one of)")
    return f"`{name}`"


def _described(one: Field) -> str:
    return one.description + (f" One of {', '.join(f'`{value}`' for value in one.choices)}." if one.choices else "")


def _type(schema: Mapping[str, Any]) -> str:
    types = schema.get("type", "any")
    names = [one for one in ([types] if isinstance(types, str) else types) if one != "null"]
    return " or ".join(names) + (f" ({schema['format']})" if "format" in schema else "")


def _default(schema: Mapping[str, Any]) -> str:
    value = schema.get("default")
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _config_keys(form: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    required = form.get("required", [])
    for name, schema in sorted(form["properties"].items(), key=lambda one: one[1].get("order", 0)):
        yield f"{path}{name}", schema, name in required
        if "properties" in schema:
            yield from _config_keys(schema, f"{path}{name}.")
        for variant in schema.get("oneOf", []):
            yield from _variant_keys(variant, f"{path}{name}.")


def _variant_keys(variant: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    constant = next(one["const"] for one in variant["properties"].values() if "const" in one)
    for name, schema in variant["properties"].items():
        if "const" in schema:
            meaning = f"`{constant}`: {variant.get('description') or variant['title']}"
            yield f"{path}{name}", {**schema, "description": meaning}, True
        else:
            yield f"{path}{name}", schema, name in variant.get("required", [])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    """Text that Markdown does not take for a column or a tag; code in backticks stays as it is."""
    spans = text.replace("|", "\\|").split("`")
    return "`".join(one if number % 2 else one.replace("<", "&lt;") for number, one in enumerate(spans))
