"""The dictionary of a source: every field of every stream, from the streams' JSON schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

HEAD = ("| Field | Type | Meaning |", "| --- | --- | --- |")


def dictionary(source: str, schemas: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    """The page. `notes` are sentences on streams whose schema does not say all."""
    lines = [f"# Fields of {source}", "", "Written by `make docs` from the schemas of the streams."]
    for name, schema in schemas.items():
        lines += ["", f"## {name}", "", *([notes[name], ""] if name in notes else []), *HEAD]
        lines += [f"| `{path}` | {kind} | {meaning} |" for path, kind, meaning in _fields(schema, "")]
    return "\n".join(lines) + "\n"


def _fields(schema: Any, above: str) -> Iterator[tuple[str, str, str]]:
    for name, field in schema.get("properties", {}).items():
        path = f"{above}{name}"
        yield path, _kind(field), str(field.get("description", "")).replace("|", "\\|")
        inner = field.get("items", field)
        yield from _fields(inner, f"{path}[]." if "items" in field else f"{path}.")


def _kind(field: Any) -> str:
    types = field.get("type", [])
    named = [types] if isinstance(types, str) else [one for one in types if one != "null"]
    if field.get("format") == "date-time":
        return "date-time"
    if named == ["array"]:
        return f"list of {_kind(field['items'])}s"
    return " or ".join(named)
