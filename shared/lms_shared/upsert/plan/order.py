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
    references = declaration.all_references
    selected = [one.object_name for reference in references for one in reference.selectors]
    targets = [name for name in (*(one.object_name for one in references), *selected) if name in declarations]
    twins = [
        name
        for target in targets
        for name, one in declarations.items()
        if name in declarations[target].same_as or target in one.same_as
    ]
    needed = (*targets, *twins, *declaration.after)
    return [name for name in needed if name in declarations and name != declaration.name]
