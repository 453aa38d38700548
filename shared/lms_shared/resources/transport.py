"""How the calls of one resource are made, whatever they are made over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from lms_shared.adapter.adapter import Values
from lms_shared.adapter.list_or_ask import Listing
from lms_shared.adapter.remote import RemoteObject
from lms_shared.resources.resource import Row


class Transport(ABC):
    """The calls of one resource. Refusals are RecordRejected, and a call without an answer is UnknownOutcome."""

    @abstractmethod
    def read(self, fields: Mapping[str, Any]) -> Row | None:
        """The row with these fields by its own address, None where it is not there."""

    @abstractmethod
    def listing(self, scope: Mapping[str, str], wanted: Mapping[str, str]) -> Listing[Row]:
        """The list of a scope, opened; `wanted` are values of fields by which it can be searched."""

    @abstractmethod
    def create(self, values: Values, body: dict[str, Any]) -> Row:
        """Makes a row; what is answered of it."""

    @abstractmethod
    def change(self, remote: RemoteObject, changes: Values, body: dict[str, Any]) -> Row:
        """Changes a row; what is answered of it."""

    @abstractmethod
    def change_part(self, fields: Mapping[str, Any], place: str, body: Any) -> None:
        """Changes what another call than that of the row itself changes."""

    @abstractmethod
    def delete(self, fields: Mapping[str, Any]) -> None:
        """Removes the row with these fields; one that is gone already is fine."""
