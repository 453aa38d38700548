"""Names that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process, utils

_NEAR = 72.0
"""Least likeness of two names, of 100, for one to be taken for a slip of the other."""
_ALIKE = 50.0
"""Least likeness for a name to be worth a proposal."""


def nearest(word: str, names: Iterable[str], *, likeness: float = _NEAR) -> str | None:
    """The name that is most like a word, in any case and with any punctuation; None where none comes near."""
    found = process.extractOne(
        word, list(names), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=likeness
    )
    return str(found[0]) if found else None


def nearest_of_several(word: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """The names that are most like a word, the most likely first; none that has next to nothing in common with it."""
    found = process.extract(
        word, sorted(set(names)), scorer=fuzz.ratio, processor=utils.default_process, limit=most, score_cutoff=_ALIKE
    )
    return [str(one[0]) for one in found]


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A question to add to a message, beginning with a blank; empty where no name comes near."""
    name = nearest(word, names)
    return f" Did you mean '{name}'?" if name else ""
