"""Turns a source record into records of objects: a preset, the field mappings of the config, or the record as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import jmespath
from jmespath.exceptions import JMESPathError

from lms_shared.adapter.remote import RecordRejected
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.reading import CLEAR, read_constant

Built = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
"""What a source record becomes of one object."""


@dataclass(frozen=True)
class Target:
    """One object that the records of a stream are written to."""

    object_name: str
    build: Callable[[Mapping[str, Any]], Built] = lambda data: data
    """Makes the fields of one object or of several out of a source record; None where it is not relevant to them."""
    lacks: Callable[[Iterable[str]], frozenset[str]] = lambda names: frozenset()
    """The fields without which nobody knows what a record means, and which are not among the names of a schema or row,
    in whichever form they are spelled."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """What it means, most likely, that an object which records refer to is not there, by the name of the reference."""
    sole: tuple[str, Callable[[Mapping[str, Any]], Any], str] | None = None
    """A field of which all records of a sync have the same value: its name, its value in a record, and what to do
    if there are several."""
    beside: str | None = None
    """A stream of the same source that must be in the sync as well, or the records are not written to this object."""
    unless: str | None = None
    """An object that is written in place of this one, where the LMS has it."""
    switch: str | None = None
    """A key of the config without which the records are not written to this object."""
    renews: bool = False
    """Whether the records say facts that are renewed, so that the latest counts and not the best."""
    instead: Target | None = None
    """What another stream of the same source says of the same facts; with it in the sync, this one is not written."""


_PATH = re.compile(r"\.\.|[\[\]{}|`@]")
"""What a JMESPath has and names of columns hardly ever: with it, a source that no parser reads is a slip."""

Preset = Mapping[str, tuple[Target, ...]]
"""The objects of each stream that the preset knows, in the order in which a record's parts are written."""


@dataclass(frozen=True)
class FieldMapping:
    """One entry of `fields`: a column or a JMESPath of the source record, or a constant, to a field of the object."""

    target: str
    source: str | None = None
    """A column of that very name comes before the path that it may be as well."""
    expression: Any = None
    """The source as a JMESPath; None for one that can only be a column."""
    constant: Any = None

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> FieldMapping:
        """Reads a config entry. Raises ValueError with a sentence that says what is wrong."""
        target = entry.get("target")
        if not target:
            raise ValueError("an entry has no target")
        source = entry.get("source") or None
        if (source is None) == ("constant" not in entry):
            raise ValueError(f"the entry for '{target}' needs either a source or a constant")
        if source is None:
            return cls(target, constant=entry["constant"])
        try:
            return cls(target, source, jmespath.compile(source))
        except JMESPathError as error:
            if _PATH.search(source):
                raise ValueError(f"the source of '{target}' is not a valid JMESPath: {error}") from error
            return cls(target, source)

    def fitted(self, declaration: ObjectDeclaration) -> FieldMapping:
        """The mapping as an object's field takes it: a form gives texts alone, so a text constant is read.

        Raises ValueError with a sentence where every record would be rejected for its constant.
        """
        if self.source is not None:
            return self
        declared = declaration.field_or_member(self.target)
        if self.constant is None:
            if not declared.clearable:
                raise ValueError(f"the constant of '{self.target}' is null, and the LMS cannot empty this field")
            return replace(self, constant=CLEAR)
        constant, problem = read_constant(declared, self.constant)
        if problem is not None:
            raise ValueError(f"the constant of '{self.target}': {problem.reason}")
        return replace(self, constant=constant)

    def value(self, data: Mapping[str, Any]) -> Any:
        if self.source is None:
            return self.constant
        if self.expression is None or self.source in data:
            return data.get(self.source)
        try:
            return self.expression.search(data)
        except JMESPathError as error:
            raise RecordRejected(
                "INPUT.MAPPING",
                f"the mapping of {self.target} fails on this record: {type(error).__name__}",
                f"Correct the source expression of {self.target} in stream_mappings, or the record.",
            ) from error

    @property
    def used(self) -> frozenset[str]:
        """The fields of the source record that the mapping looks at."""
        if self.source is None:
            return frozenset()
        roots = () if self.expression is None else _roots(self.expression.parsed)
        return frozenset({self.source, *roots})


class Mapped(NamedTuple):
    """A record for one object."""

    object_name: str
    values: Mapping[str, Any]
    renews: bool = False


@dataclass(frozen=True)
class Mapper:
    """The way from the records of one stream to its objects."""

    targets: tuple[Target, ...]
    fields: Mapping[str, tuple[FieldMapping, ...]] = field(default_factory=dict)
    """The field mappings of each object, where the config has any for the stream."""
    only_mapped: bool = False
    """Whether the mapped fields are all that is validated and written."""

    def map(self, data: Mapping[str, Any]) -> list[Mapped]:
        """The records that a source record becomes; none where a preset leaves it out.

        Raises RecordRejected where a mapping does not fit the record.
        """
        mapped = []
        for target in self.targets:
            built = target.build(data)
            for values in [built] if isinstance(built, Mapping) else built or ():
                fields = self._with_fields(target.object_name, values, data)
                mapped.append(Mapped(target.object_name, fields, target.renews))
        return mapped

    def uses(self, name: str) -> bool:
        """Whether a field of the source record is used by a mapping, under whichever name."""
        return name in self._used or _WHOLE in self._used

    @cached_property
    def _used(self) -> frozenset[str]:
        return frozenset(name for fields in self.fields.values() for one in fields for name in one.used)

    def _with_fields(self, object_name: str, values: Mapping[str, Any], data: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.fields:
            return values
        extra = {one.target: one.value(data) for one in self.fields.get(object_name, ())}
        if self.only_mapped:
            return extra
        # A source's own `id` is not the LMS's; beside an explicit mapping it would only be taken for one by accident.
        kept = {name: value for name, value in values.items() if name != "id"}
        return {**kept, **extra}


_WHOLE = "@"
"""Stands for the record as a whole, of which an expression may use any field."""


def _roots(node: Mapping[str, Any]) -> Iterator[str]:
    """The fields of the source record that a parsed JMESPath begins at."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        yield node["value"]
    elif kind in ("current", "identity"):
        yield _WHOLE
    elif kind in ("subexpression", "pipe") and children[0]["type"] == "current":
        yield from _roots(children[1])
    elif kind in _ON_THEIR_FIRST:
        yield from _roots(children[0])
    elif kind != "expref":  # which is evaluated on what another argument gives
        for child in children:
            yield from _roots(child)


_ON_THEIR_FIRST = frozenset(
    {"subexpression", "pipe", "index_expression", "projection", "value_projection", "filter_projection", "flatten"}
)
"""Nodes whose first child is evaluated on the record, and the others on what that one gives."""
