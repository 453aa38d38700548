"""Says which items can be written at the same time, and which only one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def serial_groups(keyed: Iterable[tuple[T, Iterable[object]]]) -> list[list[T]]:
    """Puts together what shares a key, directly or through others, each group in the order in which it came.

    Groups can be written at the same time; the members of one must not be.
    """
    group_of: dict[object, int] = {}
    groups: dict[int, list[tuple[int, T]]] = {}
    keys_of: dict[int, set[object]] = {}
    for number, (member, keys) in enumerate(keyed):
        joined = {group_of[key] for key in keys if key in group_of}
        home = max(joined, key=lambda one: len(groups[one]), default=number)
        groups.setdefault(home, []).append((number, member))
        keys_of.setdefault(home, set()).update(keys)
        for other in joined - {home}:
            groups[home] += groups.pop(other)
            keys_of[home] |= keys_of.pop(other)
        group_of.update(dict.fromkeys(keys_of[home] if len(joined) > 1 else keys, home))
    return [[member for _, member in sorted(group, key=lambda one: one[0])] for group in groups.values()]
