"""What an adapter supplies to be put to the test: its destination, a target to look into, and ways to break things."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.testing.kill_points import KillPoint, KillPoints


class Bench(Protocol):
    """A destination on a pretend LMS. A new bench has an empty LMS."""

    objects: frozenset[str]
    """The unified objects that the destination can write."""

    def destination(self) -> ActivationDestination:
        """The connector as a new process has it: no memory of earlier syncs."""

    def config(self) -> dict[str, Any]:
        """A working config without `object_storage_config`; the suite adds keys to it."""

    def state(self) -> Any:
        """Everything in the LMS that the destination writes, comparable by `==`; no ids, order or times of writing."""

    def writes(self) -> int:
        """Writes that the LMS carried out since the last `reset`."""

    def mails(self) -> int:
        """Mails that the LMS sent since the last `reset`."""

    def reset(self) -> None:
        """Empties the LMS and takes all trouble away."""

    def kill_points(self) -> KillPoints:
        """Where the process can be killed in a sync like all that were made since the last `reset`."""

    def kill_at(self, point: KillPoint, moment: Literal["before", "after"]) -> None:
        """The process dies at a write since the last `reset`, before or after the LMS carried it out.

        From then on every call of the destination raises `Killed`, until `no_trouble`.
        """

    def lose_answers(self, share: float) -> None:
        """A share of the calls gets no answer, whether it was carried out or not, until `no_trouble`."""

    def no_trouble(self) -> None:
        """Calls succeed again."""

    def title(self, reference: str) -> str | None:
        """The title of the content with an external reference of namespace `airbyte`, or None."""

    def rename(self, reference: str, title: str) -> None:
        """An admin gives the content another title."""

    def is_open(self, reference: str) -> bool:
        """Whether learners find the content with an external reference of namespace `airbyte`, and get in."""

    def close(self, reference: str) -> None:
        """An admin takes the content away from learners."""
