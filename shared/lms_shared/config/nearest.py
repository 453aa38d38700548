"""Names that somebody may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process, utils

_NEAR = 72.0
"""Least likeness of two names, of 100, for one to be taken for a slip of the other."""
_SLIP = 85.0
"""Least likeness of each word of a name."""
_ALIKE = 50.0
"""Least likeness for a name to be worth a proposal."""


def nearest(word: str, names: Iterable[str], *, likeness: float = _NEAR) -> str | None:
    """The name that is most like a word, in any case and with any punctuation; None where none comes near."""
    found = process.extractOne(
        word, list(names), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=likeness
    )
    return str(found[0]) if found else None


def slip_of(word: str, names: Iterable[str]) -> str | None:
    """The name that a word is meant to be, beyond reasonable doubt: it differs in case, separators or a letter or two.

    Names that differ in a word of several, as those of related streams do, are not slips of each other.
    """
    for name in sorted(names):
        ours, theirs = _words(word), _words(name)
        if "".join(ours) == "".join(theirs):
            return name
        if len(ours) == len(theirs) and all(fuzz.ratio(*pair) >= _SLIP for pair in zip(ours, theirs, strict=True)):
            return name
    return None


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", name.casefold())


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
