"""Fields of the unified LMS model: what a value may be, how it is described, normalised and compared.

Both sides of a comparison (the record and what the LMS holds) go through `normalise`, so that values which mean the
same (time formats, letter case of e-mails, null and absent) never cause a write. Texts are compared as they are, HTML
by what it shows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from lms_shared.model.markup import same_markup
from lms_shared.model.nested import covers, pruned, with_nulls
from lms_shared.model.scalars import (
    duration_seconds,
    format_instant,
    language_tag,
    parse_instant,
    visible,
    without_noise,
)


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


def normalise(kind: Kind, value: Any) -> Any:
    """The normal form of a value that passed validation; None for an empty one."""
    if value is None:
        return None
    return _NORMALISERS[kind](value)


def key_part(kind: Kind, value: Any) -> Any:
    """The normal form of a value as part of a key: times are cut to the second there too, or a row whose time the LMS
    cut would not be found again; texts are compared without invisible characters, and so are keys."""
    return None if value is None else _KEY_PARTS[kind](value)


def key_part_of(kind: Kind) -> Callable[[Any], Any]:
    """What `key_part` does for a kind with a value that is not None."""
    reader: Callable[[Any], Any] = _KEY_PARTS[kind]
    return reader


def equal(kind: Kind, one: Any, other: Any) -> bool:
    """Whether two values mean the same. Times are compared to the second: LMSs drop fractions at will.

    Of nested objects `one` is the record's: what it does not say does not matter.
    """
    if type(one) is str and type(other) is str and one == other:
        return True
    if kind in (Kind.NESTED, Kind.NESTED_LIST):
        return covers(normalise(kind, other), normalise(kind, one), _same_leaf)
    if kind is Kind.HTML:
        return same_markup(normalise(kind, one) or "", normalise(kind, other) or "")
    return bool(_comparable(kind, one) == _comparable(kind, other))


def equal_with_nulls(wanted: Any, held: Any) -> bool:
    """The same for a nested object whose nulls are to empty members."""
    return covers(normalise(Kind.NESTED, held) or {}, with_nulls(wanted), _same_leaf)


def _comparable(kind: Kind, value: Any) -> Any:
    normal = normalise(kind, value)
    if normal is None:
        return None
    if kind is Kind.INSTANT:
        moment = parse_instant(normal)
        return moment.replace(microsecond=0) if moment else normal
    if kind is Kind.DURATION:
        seconds = duration_seconds(normal)
        return normal if seconds is None else seconds
    if kind is Kind.TEXT:
        return visible(normal)
    if kind is Kind.LANGUAGE:
        return (language_tag(normal) or normal).casefold()
    if kind is Kind.TEXT_LIST:
        return sorted(normal)
    return normal


def _same_leaf(one: Any, other: Any) -> bool:
    if other is None:
        return one in (None, "")
    if isinstance(one, str) and isinstance(other, str):
        return equal(Kind.INSTANT if parse_instant(one) and parse_instant(other) else Kind.TEXT, one, other)
    return bool(one == other)


def _link(value: Any) -> str | None:
    return _address(value.get("id") or "") if isinstance(value, Mapping) else _address(value)


def _text(value: Any) -> str | None:
    if type(value) is str:
        return value.strip() or None
    whole = isinstance(value, float) and value.is_integer()  # 7.0 is the integer 7 in JSON, also where it is a name
    text = str(int(value) if whole else value).strip()
    return text or None


def _address(value: Any) -> str | None:
    if type(value) is str and value.isascii():
        return value.strip() or None
    text = _text(value)
    return visible(text).strip() or None if text else None


def _email(value: Any) -> str | None:
    text = _address(value)
    return text.lower() if text else None


def _instant(value: Any) -> str | None:
    moment = parse_instant(value)
    return format_instant(moment) if moment else _text(value)


def _key_text(value: Any) -> str | None:
    text = _text(value)
    return text and (visible(text).strip() or None)


def _key_instant(value: Any) -> str | None:
    normal = _instant(value)
    moment = parse_instant(normal)
    return normal if moment is None else format_instant(moment.replace(microsecond=0))


def _integer(value: Any) -> int:
    return round(value) if isinstance(value, float) else int(value)


def _number(value: Any) -> float | int:
    number = without_noise(float(value))
    return int(number) if math.isfinite(number) and float(number).is_integer() else number


def _text_list(value: Any) -> list[str] | None:
    texts = dict.fromkeys(text for one in value if one is not None and (text := _text(one)))
    return list(texts) or None


def _drop_empty(value: Any) -> Any:
    return value or None


_NORMALISERS: Mapping[Kind, Any] = {
    Kind.REFERENCE: _address,
    Kind.TEXT: _text,
    Kind.HTML: _text,
    Kind.EMAIL: _email,
    Kind.URL: _address,
    Kind.INSTANT: _instant,
    Kind.DURATION: _text,
    Kind.BOOLEAN: bool,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.TEXT_LIST: _text_list,
    Kind.OBJECT: _drop_empty,
    Kind.OBJECT_LIST: _drop_empty,
    Kind.NESTED: pruned,
    Kind.NESTED_LIST: pruned,
    Kind.LANGUAGE: _text,
    Kind.LINK: _link,
}

_KEY_PARTS: Mapping[Kind, Any] = {**_NORMALISERS, Kind.TEXT: _key_text, Kind.INSTANT: _key_instant}
