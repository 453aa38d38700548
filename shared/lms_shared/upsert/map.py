"""Turns a source record into records of objects: a preset, the field mappings of the config, or the record as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from lms_shared.upsert.remote import RecordRejected


@dataclass(frozen=True)
class Target:
    """One object that the records of a stream are written to."""

    object_name: str
    build: Callable[[Mapping[str, Any]], Mapping[str, Any] | None] = lambda data: data
    """Makes the object's fields of a source record; None where the record is none of this object's business."""


@dataclass(frozen=True)
class FieldMapping:
    """One entry of `fields`: a JMESPath into the source record, or a constant, to a field of the object."""

    target: str
    expression: Any = None
    constant: Any = None

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> FieldMapping:
        """Reads a config entry. Raises ValueError with a sentence that says what is wrong."""
        target = entry.get("target")
        if not target:
            raise ValueError("an entry has no target")
        source = entry.get("source")
        if (source is None) == ("constant" not in entry):
            raise ValueError(f"the entry for '{target}' needs either a source or a constant")
        if source is None:
            return cls(target, constant=entry["constant"])
        try:
            return cls(target, expression=jmespath.compile(source))
        except JMESPathError as error:
            raise ValueError(f"the source of '{target}' is no JMESPath: {error}") from error

    def value(self, data: Mapping[str, Any]) -> Any:
        if self.expression is None:
            return self.constant
        try:
            return self.expression.search(data)
        except JMESPathError as error:
            raise RecordRejected(
                "INPUT.MAPPING",
                f"the mapping of {self.target} fails on this record: {type(error).__name__}",
                f"Correct the source expression of {self.target} in stream_mappings, or the record.",
            ) from error


@dataclass(frozen=True)
class Mapped:
    """A record for one object."""

    object_name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Mapper:
    """The way from the records of one stream to its objects."""

    targets: tuple[Target, ...]
    fields: tuple[FieldMapping, ...] = ()

    def map(self, data: Mapping[str, Any]) -> list[Mapped]:
        """The records that a source record becomes; none where a preset leaves it out.

        Raises RecordRejected where a mapping does not fit the record.
        """
        mapped = []
        for target in self.targets:
            values = target.build(data)
            if values is not None:
                mapped.append(Mapped(target.object_name, self._with_fields(values, data)))
        return mapped

    def _with_fields(self, values: Mapping[str, Any], data: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.fields:
            return values
        extra = {one.target: one.value(data) for one in self.fields}
        # A source's own `id` is not the LMS's; beside an explicit mapping it would only be taken for one by accident.
        kept = {name: value for name, value in values.items() if name != "id"}
        return {**kept, **extra}
