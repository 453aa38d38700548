"""Fields of the unified LMS model: what a value may be, and how it is described."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any


class Kind(Enum):
    """What a field's values are; decides its JSON schema, checks, normal form and comparison."""

    __hash__ = object.__hash__  # members are unique, and looked up for each value of each record

    REFERENCE = "reference"  # an opaque identifier; integers are taken as their text
    TEXT = "text"
    HTML = "html"
    EMAIL = "email"
    URL = "url"
    INSTANT = "instant"  # ISO 8601; without a zone it is taken as UTC
    DURATION = "duration"  # ISO 8601 duration
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT_LIST = "text_list"
    OBJECT = "object"
    OBJECT_LIST = "object_list"
    NESTED = "nested"  # an object of the API, compared on the members that the record gives
    NESTED_LIST = "nested_list"  # a list of such objects
    LANGUAGE = "language"  # a BCP 47 tag or the English name of a language; of an LMS with `choices`, one of its own
    LINK = "link"  # another object of the API: `{"id": "…"}`, or its id alone; the id is its normal form


class OnInvalid(Enum):
    """What becomes of a record when the LMS cannot hold, or nobody can understand, the value of a field."""

    LEAVE_OUT = "leave_out"  # the field is left out and counted, the record is written
    REJECT = "reject"  # the record is rejected: it would be another one without the field


class FieldPolicy(Enum):
    """Who wins when the record and the LMS differ (config key `field_policies`)."""

    SOURCE_WINS = "source_wins"
    FILL_IF_EMPTY = "fill_if_empty"
    MERGE_LIST = "merge_list"
    NEVER = "never"


_SCHEMAS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.REFERENCE: {"type": ["string", "integer", "null"]},
    Kind.TEXT: {"type": ["string", "null"]},
    Kind.HTML: {"type": ["string", "null"]},
    Kind.EMAIL: {"type": ["string", "null"], "format": "email"},
    Kind.URL: {"type": ["string", "null"], "format": "uri"},
    Kind.INSTANT: {"type": ["string", "null"], "format": "date-time"},
    Kind.DURATION: {"type": ["string", "null"], "format": "duration"},
    Kind.BOOLEAN: {"type": ["boolean", "null"]},
    Kind.INTEGER: {"type": ["integer", "null"]},
    Kind.NUMBER: {"type": ["number", "null"]},
    Kind.TEXT_LIST: {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
    Kind.OBJECT: {"type": ["object", "null"], "additionalProperties": True},
    Kind.OBJECT_LIST: {
        "type": ["array", "null"],
        "items": {"type": ["object", "null"], "additionalProperties": True},
    },
    Kind.NESTED: {"type": ["object", "null"], "additionalProperties": True},
    Kind.NESTED_LIST: {"type": ["array", "null"]},
    Kind.LANGUAGE: {"type": ["string", "null"]},
    Kind.LINK: {
        "type": ["object", "string", "integer", "null"],
        "properties": {"id": {"type": ["string", "integer"]}},
        "required": ["id"],
        "additionalProperties": True,
    },
}

MAX_TEXT = 1_000_000
"""Longest text in characters where the LMS states no limit of its own."""
_PLAIN = frozenset({Kind.REFERENCE, Kind.TEXT, Kind.HTML, Kind.EMAIL, Kind.URL})
"""Kinds whose values are nothing but text."""
_SINGLE_LINE = frozenset({Kind.REFERENCE, Kind.EMAIL, Kind.URL, Kind.INSTANT, Kind.DURATION, Kind.LINK})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CONTROL_OR_BREAK = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Field:
    """A field of an object that a destination can write."""

    name: str
    kind: Kind
    description: str
    max_length: int | None = None
    """Longest text the LMS takes, in characters; longer is rejected (`INPUT.LENGTH`), nothing is cut silently."""
    item_max_length: int | None = None
    """The same for each text of a list."""
    pattern: str = ""
    """Regular expression that a text must match, as JSON Schema has it."""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    policy: FieldPolicy = FieldPolicy.SOURCE_WINS
    place: str = ""
    """Where the LMS keeps the value, for docs. Empty: the LMS has no place for it, said once per sync."""
    extra_schema: Mapping[str, Any] = field(default_factory=dict)
    fixed: bool = False
    """Whether the LMS takes it only when it makes the object; a record that differs later is rejected (`REMOTE.FIXED`),
    because a change would be refused or, worse, ignored."""
    secret: bool = False
    """Whether its value must not be shown, in plans for instance."""
    on_invalid: OnInvalid = OnInvalid.LEAVE_OUT
    """What a value that is not valid costs. Keys, references and required fields always cost the record, see
    `ObjectDeclaration.on_invalid`; so do fields that decide over something, such as `active`."""
    members: tuple[Field, ...] = ()
    """What a nested object may hold, where each member is read by itself; records may give them beside it, too."""
    decimals: int | None = None
    """Decimals of a number that the LMS keeps; more are rounded, and that is said."""
    plausible: bool = False
    """Whether a point in time must be later than 1989 and not in the future, see `lms_shared.model.completion`."""
    escaped: bool = False
    """Whether the LMS escapes the text by itself, and is compared without escapes."""
    clearable: bool = False
    """Whether the LMS can be told that the field is empty."""
    clear_on_null: bool = False
    """Whether a null in the record empties the field (config key `field_policies`)."""

    @cached_property
    def json_schema(self) -> dict[str, Any]:
        """The field as JSON Schema, null allowed: a null is read as 'not given' and is never written."""
        schema: dict[str, Any] = {**_SCHEMAS[self.kind], "description": self.description, **self.extra_schema}
        if self.max_length is not None and "string" in schema["type"]:
            schema["maxLength"] = self.max_length
        if self.members:
            properties = {one.name: one.json_schema for one in self.members}
            schema["properties"] = {name: _without_description(one) for name, one in properties.items()}
        if self.item_max_length is not None:
            schema["items"] = {**schema["items"], "maxLength": self.item_max_length}
        if self.pattern:
            schema["pattern"] = self.pattern
        if self.choices:
            schema["enum"] = [*self.choices, None]
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        return schema

    @cached_property
    def plain_length(self) -> int:
        """Up to which length a text of ordinary characters is a value as it is; -1 where other rules hold as well."""
        if self.kind not in _PLAIN or self.extra_schema or self.pattern or self.choices or self.plausible:
            return -1
        return MAX_TEXT if self.max_length is None else self.max_length

    def forbidden_characters(self, value: object) -> bool:
        """Whether a text holds control characters or lone surrogates, which no LMS stores as they are."""
        if isinstance(value, str):
            pattern = _CONTROL_OR_BREAK if self.kind in _SINGLE_LINE else _CONTROL
            return pattern.search(value.strip() if self.kind in _SINGLE_LINE else value) is not None
        if isinstance(value, list):
            return any(self.forbidden_characters(one) for one in value)
        if isinstance(value, Mapping):
            return any(self.forbidden_characters(one) for pair in value.items() for one in pair)
        return False


def _without_description(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in schema.items() if name != "description"}
