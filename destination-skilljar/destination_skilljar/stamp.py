"""The label that marks a course as the one with an external reference: `ext:<namespace>:<external_reference>`.

Courses have no field for an outside id. Labels are internal words, found by the server (`label__name`), at most 255
characters long (Skilljar API reference, 'where an outside reference can live').
"""

from __future__ import annotations

from collections.abc import Iterable

_PREFIX = "ext:"
_SET = "set:"
MAX_LABEL = 255


def label(namespace: str, reference: str) -> str:
    """The label of a reference."""
    return f"{_PREFIX}{namespace}:{reference}"


def max_reference_length(namespace: str) -> int:
    """Longest external reference that fits into a label, in characters."""
    return MAX_LABEL - len(label(namespace, ""))


def references(namespace: str, labels: Iterable[str]) -> list[str]:
    """The references of this namespace among a course's labels."""
    own = label(namespace, "")
    return [name[len(own) :] for name in labels if name.startswith(own) and len(name) > len(own)]


def is_stamped(labels: Iterable[str]) -> bool:
    """Whether any of the labels is a stamp, of whichever namespace."""
    return any(name.startswith(_PREFIX) for name in labels)


def set_label(namespace: str, stream: str) -> str:
    """The label that marks a course as one of a stream's set, for mode mirror; many courses carry it."""
    return f"{_SET}{namespace}:{stream}"


def sets(namespace: str, labels: Iterable[str]) -> frozenset[str]:
    """The streams of this namespace whose set a course belongs to."""
    prefix = f"{_SET}{namespace}:"
    return frozenset(name[len(prefix) :] for name in labels if name.startswith(prefix))
