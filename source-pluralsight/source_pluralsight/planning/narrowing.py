"""Makes a plan smaller until the API takes it: a field that the key may not see costs itself, not its stream.

One Beta field anywhere in a query makes the whole call fail (Pluralsight, release stages), and the API need not say
which one it is. So the fields that the errors name are left out first; where that does not help, the fields are halved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from source_pluralsight.api.answer_rules import FORBIDDEN
from source_pluralsight.api.errors import PluralsightError, Trouble
from source_pluralsight.planning.plan import StreamPlan
from source_pluralsight.query.page_query import Argument
from source_pluralsight.query.selection import Selection
from source_pluralsight.query.types import TYPENAME_FIELD

Try = Callable[[StreamPlan], PluralsightError | None]
"""Asks for a row under a plan: None where the API takes it, else what it says. Raises what is not about the query."""
Path = tuple[str, ...]

MOST_TRIES = 60
"""Requests for the sake of one stream."""
_REFUSALS = frozenset({Trouble.FORBIDDEN, Trouble.INVALID})
_UNKNOWN_FIELD = re.compile(r"Cannot query field ['\"](\w+)['\"]", re.IGNORECASE)
_COORDINATE = re.compile(r"\b[A-Z]\w*\.([a-z_]\w*)\b")


@dataclass(frozen=True)
class Narrowed:
    """A plan that the API takes, and the fields that it cost."""

    plan: StreamPlan
    dropped: tuple[Path, ...] = ()


def narrowed(plan: StreamPlan, refusal: PluralsightError, ask: Try) -> Narrowed | None:
    """The plan without what the API refuses; None where it refuses the query as such."""
    search = _Search(plan, ask)
    while refusal.resolution.trouble in _REFUSALS:
        named = _named(search.plan, refusal)
        if not named:
            return search.halved() if refusal.resolution.trouble is Trouble.FORBIDDEN else None
        # Several types may have a field of this name, of which the API means one.
        search.drop(named if len(named) == 1 else search.refused_among(named) or named)
        if not search.plan.selection.fields:
            return None
        answer = search.ask(search.plan)
        if answer is None:
            return search.found
        refusal = answer
    simpler = _with_strings(search.plan)
    if simpler is None or search.ask(simpler) is not None:
        return None
    return replace(search.found, plan=simpler)


class _Search:
    def __init__(self, plan: StreamPlan, ask: Try) -> None:
        self.plan = plan
        self._ask = ask
        self._dropped: list[Path] = []
        self._tries = 0

    @property
    def found(self) -> Narrowed:
        return Narrowed(self.plan, tuple(self._dropped))

    def ask(self, plan: StreamPlan) -> PluralsightError | None:
        self._tries += 1
        return self._ask(plan)

    def drop(self, paths: Sequence[Path]) -> None:
        self.plan = self.plan.without(*paths)
        self._dropped += paths

    def halved(self) -> Narrowed | None:
        """The plan with all fields that the API takes, found by halves."""
        asked = self.plan.query.selection
        if asked is None:
            return None
        bare = replace(self.plan, query=replace(self.plan.query, selection=Selection((TYPENAME_FIELD,))))
        if self.ask(bare) is not None:
            return None
        paths = asked.paths()
        refused = [path for path in self.refused_among(paths) if path[-1] != TYPENAME_FIELD.name]
        if len(refused) == len(paths):
            return None
        self.drop(refused)
        return self.found

    def refused_among(self, paths: list[Path]) -> list[Path]:
        """Those of the fields that the API refuses; all of them once there were too many tries."""
        asked = self.plan.query.selection
        assert asked is not None  # it has these fields
        others = [leaf for leaf in asked.paths() if not any(leaf[: len(path)] == path for path in paths)]
        if self._tries >= MOST_TRIES:
            return paths
        if self.ask(self.plan.without(*others)) is None:
            return []
        if len(paths) == 1:
            return paths
        middle = len(paths) // 2
        return self.refused_among(paths[:middle]) + self.refused_among(paths[middle:])


def _named(plan: StreamPlan, refusal: PluralsightError) -> list[Path]:
    """The fields of the plan that the errors are about."""
    asked = plan.query.selection
    if asked is None:
        return []
    leaves = asked.paths()
    found: dict[Path, None] = {}
    for error in refusal.errors:
        if error.is_below_rows(plan.query.root) and FORBIDDEN in error.codes:
            _, path = error.row_and_field
            found |= dict.fromkeys(_below(leaves, path))
            continue
        names = _UNKNOWN_FIELD.findall(error.message) or _COORDINATE.findall(error.message)
        for leaf in leaves:
            for depth, name in enumerate(leaf):
                if name in names:
                    found[leaf[: depth + 1]] = None
    return list(found)


def _below(leaves: Iterable[Path], path: Path) -> list[Path]:
    """The path itself, if the plan has it: an API that names a field in the middle names all that is in it."""
    return [path] if any(leaf[: len(path)] == path for leaf in leaves) else []


def _with_strings(plan: StreamPlan) -> StreamPlan | None:
    """The plan with a list, of which the type is not known, as strings instead of enum values."""
    arguments = plan.query.arguments
    if not any(one.as_enum and one.variable is None for one in arguments):
        return None
    return plan.with_arguments(_as_strings(one) for one in arguments)


def _as_strings(argument: Argument) -> Argument:
    return replace(argument, as_enum=False)
