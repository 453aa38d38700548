"""Which streams are listed to find the parents of others, read off the resolved manifest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

Declaration = Mapping[str, Any]


def name_of(declaration: Declaration) -> str:
    """The name of a declared stream."""
    return str(declaration["$parameters"]["name"])


def parents(declaration: Declaration) -> list[Declaration]:
    """The declarations of a stream's direct parents."""
    router = declaration["retriever"].get("partition_router") or {}
    return [config["stream"] for config in router.get("parent_stream_configs", [])]


def ancestors(declaration: Declaration) -> Iterator[Declaration]:
    """The declarations of all that is listed above a stream, nearest first; one of them may come more than once."""
    for parent in parents(declaration):
        yield parent
        yield from ancestors(parent)


def shared_streams(declarations: Iterable[Declaration], selected: Collection[str]) -> frozenset[str]:
    """Streams that are listed to find the parents of a selected one; their pages are kept for all who need them."""
    chosen = (declaration for declaration in declarations if name_of(declaration) in selected)
    return frozenset(name_of(ancestor) for declaration in chosen for ancestor in ancestors(declaration))
