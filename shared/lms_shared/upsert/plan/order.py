"""In which order objects are written: first what others refer to, or what has to go before them."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter

from lms_shared.model.declarations import ObjectDeclaration


def writing_order(declarations: Mapping[str, ObjectDeclaration]) -> list[str]:
    """The names of all objects, each behind those that it needs."""
    return list(
        TopologicalSorter({name: _needed(one, declarations) for name, one in declarations.items()}).static_order()
    )


def _needed(declaration: ObjectDeclaration, declarations: Mapping[str, ObjectDeclaration]) -> list[str]:
    targets = [reference.object_name for reference in declaration.references]
    twins = [name for target in targets for name in declarations[target].same_as]
    return [name for name in (*targets, *twins, *declaration.after) if name in declarations]
