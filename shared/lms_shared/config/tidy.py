"""Tidies a config before it is checked: what was pasted or left empty in a form costs nobody a sync.

Texts lose the blanks and line ends around them, and keys that are null or blank count as not given. A key that may hold
a value of any type keeps it as it is: there null says something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def tidied(form: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The config as it is meant; keys that the form does not have stay as they are."""
    known = known_keys(form)
    tidy = {name: _tidy(known[name], value) if name in known else value for name, value in config.items()}
    return {name: one for name, one in tidy.items() if one is not None or name not in known or _any_type(known[name])}


def known_keys(form: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The keys of an object of the form, those of all its variants included."""
    found: dict[str, Mapping[str, Any]] = dict(form.get("properties", {}))
    for variant in form.get("oneOf", ()):
        found |= variant.get("properties", {})
    return found


def _any_type(form: Mapping[str, Any]) -> bool:
    return not isinstance(form.get("type"), str)


def _tidy(form: Mapping[str, Any], value: Any) -> Any:
    if _any_type(form):
        return value
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Mapping):
        return tidied(form, value)
    if isinstance(value, list) and isinstance(form.get("items"), Mapping):
        return list(_members(form["items"], value))
    return value


def _members(form: Mapping[str, Any], values: list[Any]) -> Iterator[Any]:
    for one in values:
        tidy = _tidy(form, one)
        if tidy is not None:
            yield tidy
