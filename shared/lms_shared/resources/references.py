"""Which fields of a resource refer to which objects, and by which other fields a record may name these.

A resource says by which of its fields others may name its rows (`names`), and which of its own fields hold ids of what
(`references`). All else follows: a lesson is unique in its course, so what refers to a lesson by title names the course
too, by id or by whatever names a course.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lms_shared.model.fields import Field, Kind
from lms_shared.model.keys import FieldReference, Selector
from lms_shared.resources.resource import Refers, Resource
from lms_shared.resources.shapes import ADD, REMOVE


@dataclass(frozen=True)
class Surroundings:
    """What an adapter declares of its LMS for all resources: fields that records need not give, and other objects."""

    base: str = ""
    """What stands before a resource's place in its API, for docs."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Meaning of fields that the adapter knows, by name."""
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """How records may name objects that are not resources: by object, as `Resource.names`."""
    called: Mapping[str, str] = field(default_factory=dict)
    """One of these objects, in messages."""


class References:
    """The references between all resources of one LMS."""

    def __init__(self, resources: Mapping[str, Resource], surroundings: Surroundings) -> None:
        self._resources = resources
        self._surroundings = surroundings

    def of(self, resource: Resource) -> tuple[FieldReference, ...]:
        """The field references of a resource."""
        parts = (
            replace(one, of=one.of + ending)
            for one in resource.references
            for ending in (ADD, REMOVE)
            if one.of in resource.attribute and resource.attribute[one.of].add_remove
        )
        return tuple(self._reference(resource, one) for one in (*resource.references, *parts))

    def _reference(self, resource: Resource, refers: Refers) -> FieldReference:
        target = self._resources.get(refers.object_name)
        names = self._surroundings.names[refers.object_name] if target is None else target.names
        names = refers.names or names
        called = self._surroundings.called[refers.object_name] if target is None else target.called
        attribute = resource.attribute.get(refers.of.removesuffix(ADD).removesuffix(REMOVE))
        selectors = tuple(_selector(refers.prefix + name, place) for name, place in names.items())
        scope = () if target is None else tuple(self._scope(resource, target, refers))
        return FieldReference(
            refers.of,
            called,
            refers.object_name,
            selectors,
            scope,
            refers.takes,
            attribute is not None and attribute.kind is Kind.TEXT_LIST,
            refers.when,
            {} if target is None else self._kinds(target, selectors, scope),
        )

    def _kinds(
        self, target: Resource, selectors: Iterable[Selector], scope: Iterable[tuple[str, str]]
    ) -> dict[str, Kind]:
        """The kinds of the fields that find a target's row, where they are not texts."""
        inner = {name: kind for one in target.references for name, kind in self._reference(target, one).kinds.items()}
        known = inner | {one.name: one.kind for one in target.attributes if one.kind in _NO_TEXTS}
        places = (*((one.target_field, one.field) for one in selectors if not one.object_name), *scope)
        return {name: known[place] for place, name in places if place in known}

    def _scope(self, resource: Resource, target: Resource, refers: Refers) -> Iterator[tuple[str, str]]:
        """What else the keys of a target take: its fields, and the fields of the record that say them."""
        inner = {one.of: self._reference(target, one) for one in target.references}
        named = {place for place in target.names.values() if "." not in place}
        named |= {one.field for one in inner.values() if named & set(one.finders)} | {"id"}
        keys = (target.key_fields(key) for key in target.all_keys if named & set(key.fields))
        for part in dict.fromkeys(name for fields in keys for name in fields if name not in named):
            if part in inner:
                yield from ((name, refers.within + name) for name in (part, *inner[part].finders))
            elif part not in self._surroundings.defaults:
                yield part, f"{refers.within}{target.called.replace(' ', '_')}_{part}"
            elif part in resource.parents:
                yield part, part


_NO_TEXTS = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.INSTANT})


def _selector(name: str, place: str) -> Selector:
    other, _, target_field = place.rpartition(".")
    return Selector(name, target_field, other)


def finder_fields(references: Iterable[FieldReference]) -> Iterator[Field]:
    """The fields of a declaration that only name other objects."""
    for reference in references:
        for name in reference.finders:
            kind = reference.kinds.get(name, Kind.REFERENCE)
            yield Field(name, kind, f"Names the {reference.name} of `{reference.field}`, in place of an id.")
