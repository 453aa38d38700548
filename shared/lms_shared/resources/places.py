"""Makes room where rows of a list each have a place of their own, such as the order of a lesson.

The API refuses a place that another row has, so two rows could never change places, and no row could come before
others. What has the place is put behind all others then, until its own record puts it where it belongs. That is done
only with a row that a record of this sync wants elsewhere: what an administrator has arranged stays.
"""

from __future__ import annotations

from lms_shared.adapter.adapter import Values
from lms_shared.adapter.remote import Key
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.resources.collections import Collections
from lms_shared.resources.resource import Resource, Row
from lms_shared.resources.rows import as_read, keys_of, remote_of
from lms_shared.resources.transport import Transport


class Places:
    """Where the records of a sync want the rows of a resource to be; safe for threads."""

    def __init__(
        self, resource: Resource, declaration: ObjectDeclaration, transport: Transport, rows: Collections
    ) -> None:
        self._resource = resource
        self._declaration = declaration
        self._transport = transport
        self._rows = rows
        self._wanted: dict[Key, int] = {}

    def want(self, values: Values) -> None:
        """Takes note of where a record wants its row, by the key under which that is looked up first."""
        place = values.get(self._resource.place)
        if place is None:
            return
        for key in self._declaration.keys:
            value = self._declaration.key_value(key, values)
            if value is not None:
                self._wanted[as_read(self._resource, Key(key.field, value))] = place
                return

    def made_room(self, row: Row, place: int) -> bool:
        """Whether a row had the place that another one (which may not be there yet) is to have, and has it no more.

        Raises RecordRejected where it cannot be moved.
        """
        resource = self._resource
        others = [one for one in self._rows.beside(row) if one.get("id") != row.get("id")]
        holder = next((one for one in others if one.get(resource.place) == place), None)
        if holder is None or not self._wanted_elsewhere(holder, [row, *others], place):
            return False
        taken = [one[resource.place] for one in (row, *others) if isinstance(one.get(resource.place), int)]
        behind = {resource.place: max(taken) + 1}
        self._transport.change(remote_of(resource, holder), behind, behind)
        self._rows.note({**holder, **behind}, instead_of=holder)
        return True

    def _wanted_elsewhere(self, row: Row, rows: list[Row], place: int) -> bool:
        """Whether it is sure that a record means this row, and wants it in another place."""
        keys = [key for key in self._keys(row) if key in self._wanted]
        alone = all(key not in self._keys(one) for key in keys for one in rows if one is not row)
        return bool(keys) and alone and all(self._wanted[key] != place for key in keys)

    def _keys(self, row: Row) -> list[Key]:
        return list(keys_of(self._resource, self._declaration, row))
