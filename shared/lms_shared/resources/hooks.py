"""What a resource does that no table can say. A connector subclasses this where one of its resources does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lms_shared.adapter.adapter import Values
from lms_shared.resources.resource import Row


class ResourceHooks:
    """A resource without any."""

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the LMS can hold of a valid record. Pure. Raises RecordRejected for what it cannot take."""
        return values

    def complete(self, values: Values) -> Values:
        """Adds what only the LMS knows of a record. Raises RecordRejected where the LMS does not know it."""
        return values

    def meant(self, values: Values, row: Row) -> Values:
        """What a record means for the row that it matches; reads at most."""
        return values

    def seen(self, row: Row) -> Row:
        """A row as it came, with its values where the declaration says. Pure."""
        return row

    def found(self, name: str, value: str, ask: Callable[[], Row | None]) -> Row | None:
        """The row with a value of a key field, for which `ask` asks."""
        return ask()

    def rows(self, ask: Callable[[], list[Row]]) -> list[Row]:
        """The rows of the list, for which `ask` asks."""
        return ask()

    def listed(self, row: Row) -> Iterable[Row]:
        """The rows that a row of the list stands for."""
        return (row,)

    def before_write(self, values: Values) -> None:
        """Waits for what a row needs. Raises RecordRejected where it does not come."""

    def create_body(self, body: dict[str, Any], values: Values) -> dict[str, Any]:
        """The body that makes a row of a record. Raises RecordRejected where something that it needs is not there."""
        return body

    def changing(self, row: Row, changes: Values) -> None:
        """Does what a change of a row needs to be done before; `active` is among what a soft delete changes."""

    def changed(self, row: Row, changes: Values) -> None:
        """Does what belongs to a change of a row, once it is made; `row` is as it was before."""

    def modify(self, row: Row, body: dict[str, Any], call: Callable[[dict[str, Any]], Row]) -> Row:
        """Changes a row by calls of its own, or by `call` with a body."""
        return call(body)

    def make(self, values: Values, body: dict[str, Any], call: Callable[[dict[str, Any]], Row]) -> Row:
        """Makes a row by calls of its own, or by `call` with a body."""
        return call(body)

    def created(self, row: Row, values: Values) -> Row:
        """The row once it is really there. Raises RecordRejected where it is not what was asked for."""
        return row

    def incomplete(self, row: Row) -> bool:
        """Whether something that belongs to a new row is still to be done, as after a crash."""
        return False

    def finish(self, row: Row) -> None:
        """Does what belongs to a row that is incomplete."""

    def removed(self, row: Row) -> None:
        """Removes what belonged to a row that was deleted."""

    def mended(self, values: Values) -> bool:
        """Makes what a write that was refused may have lacked; False where that cannot have been the reason."""
        return False

    def not_kept(self, row: Row, names: list[str], written: Values, before: Values) -> list[str]:
        """Mends what the API did not keep of a write, and says what remains. `before` is what the row held."""
        return names
