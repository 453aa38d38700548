"""Finds keys of a config that the form does not have: a key that is misspelled does nothing, and nobody notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lms_shared.config.nearest import did_you_mean
from lms_shared.config.tidy import known_keys

RESERVED = "__"
"""Begins the keys that Airbyte itself adds to a config."""


def unknown_keys_problem(form: Mapping[str, Any], config: Mapping[str, Any]) -> str | None:
    """A sentence for each unknown key, or None."""
    told = list(_unknown(form, config, ""))
    return " ".join(told) if told else None


def _unknown(form: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _unknown(form.get("items") or {}, one, f"{place}[{number}]")
    known = known_keys(form)
    if not isinstance(value, Mapping) or not known:
        return
    for name, one in value.items():
        path = f"{place}.{name}" if place else str(name)
        if name in known:
            yield from _unknown(known[name], one, path)
        elif not str(name).startswith(RESERVED):
            yield f"Unknown config key '{path}'.{did_you_mean(str(name), known)}"
