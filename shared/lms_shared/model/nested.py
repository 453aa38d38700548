"""Nested objects of an API: what a record does not say of them does not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SameLeaf = Callable[[Any, Any], bool]


def pruned(value: Any) -> Any:
    """A nested value without nulls and without what is empty then; None where nothing is left."""
    if isinstance(value, Mapping):
        return {name: kept for name, one in value.items() if (kept := pruned(one)) is not None} or None
    if isinstance(value, list):
        return [kept for one in value if (kept := pruned(one)) is not None] or None
    return value


def with_nulls(value: Any) -> Any:
    """A nested value where a null of its own members is to empty that member; all else is pruned."""
    if not isinstance(value, Mapping):
        return pruned(value)
    return {name: pruned(one) for name, one in value.items() if one is None or pruned(one) is not None} or None


def covers(held: Any, wanted: Any, same_leaf: SameLeaf) -> bool:
    """Whether what the LMS holds says all that a record says, however much more it says."""
    if isinstance(wanted, Mapping):
        return isinstance(held, Mapping) and all(covers(held.get(name), one, same_leaf) for name, one in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(held, list) or len(held) != len(wanted):
            return False
        if _linked(held) and _linked(wanted):
            held, wanted = _by_id(held), _by_id(wanted)
        return all(covers(one, other, same_leaf) for one, other in zip(held, wanted, strict=True))
    return same_leaf(held, wanted)


def _linked(values: list[Any]) -> bool:
    """Whether all are objects with ids: lists of links are sets, so their order means nothing."""
    return all(isinstance(one, Mapping) and "id" in one for one in values)


def _by_id(values: list[Any]) -> list[Any]:
    return sorted(values, key=lambda one: str(one["id"]))
