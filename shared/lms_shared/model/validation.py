"""Checks a mapped record against the declaration of its object, before anything is sent.

Every problem is an `INPUT.*` code with a reason that names the field but never quotes a value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from jsonschema import Draft7Validator, FormatChecker, validators
from jsonschema.exceptions import ValidationError, best_match

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import MAX_TEXT, Field, Kind
from lms_shared.model.scalars import duration_seconds, is_plausible, language_tag, parse_instant

_CODES = {
    "type": "INPUT.TYPE",
    "format": "INPUT.FORMAT",
    "pattern": "INPUT.FORMAT",
    "maxLength": "INPUT.LENGTH",
    "enum": "INPUT.VALUE",
    "minimum": "INPUT.VALUE",
    "maximum": "INPUT.VALUE",
    "required": "INPUT.MISSING",
}

_FORMATS = FormatChecker(formats=())

_MOST_BITS = 63
"""Of an integer beside its sign: no API takes more."""
_EXACT = 2**53
"""Beyond it a float no longer stands for one integer: digits of it are gone, as of a number of more than 64 bits."""


def _is_integer(_: object, value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer() and abs(value) <= _EXACT
    return isinstance(value, int) and not isinstance(value, bool)


def _lacking(instance: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """What an object should have and does not: null and blank count as not given, here as in the record itself."""
    return [name for name in names if instance.get(name) is None or not str(instance[name]).strip()]


def _required(_: Any, names: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, Mapping) and (lacking := _lacking(instance, names)):
        yield ValidationError(f"{', '.join(lacking)} are required")


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    """A text is checked as it is written: without blanks around it, and not at all where nothing is left then."""
    if isinstance(instance, str) and (text := instance.strip()) and not re.search(pattern, text):
        yield ValidationError(f"does not match {pattern}")


_Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft7Validator,
    {"required": _required, "pattern": _pattern},
    type_checker=Draft7Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


@_FORMATS.checks("date-time")
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or not value.strip() or parse_instant(value) is not None


@_FORMATS.checks("duration")
def _is_duration(value: object) -> bool:
    return not isinstance(value, str) or not value.strip() or duration_seconds(value.strip()) is not None


@_FORMATS.checks("email")
def _is_email(value: object) -> bool:
    if not isinstance(value, str) or not value.strip():
        return True
    address = value.strip()
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and "@" not in local and len(address.split()) == 1


@_FORMATS.checks("uri")
def _is_absolute_address(value: object) -> bool:
    if not isinstance(value, str) or not value.strip():
        return True
    scheme, separator, rest = value.strip().partition("://")
    return scheme.lower() in ("http", "https") and bool(separator and rest) and " " not in value.strip()


_PLAIN_TEXTS: Mapping[Kind, Callable[[str], bool] | None] = {
    Kind.REFERENCE: None,
    Kind.TEXT: None,
    Kind.HTML: None,
    Kind.LANGUAGE: None,
    Kind.EMAIL: _is_email,
    Kind.URL: _is_absolute_address,
    Kind.INSTANT: _is_instant,
    Kind.DURATION: _is_duration,
}
"""What the schema of a kind asks of a text beside its length; None for nothing."""
_TAKES_INTEGERS = frozenset({Kind.NUMBER, Kind.INTEGER, Kind.REFERENCE})

_WANTED = {
    "email": "an e-mail address",
    "uri": "an absolute http or https address",
    "date-time": "an ISO 8601 date or date-time",
    "duration": "an ISO 8601 duration such as PT1H30M",
}
"""What a format of JSON Schema is called."""


@dataclass(frozen=True)
class Problem:
    """Why a record cannot be written, and what to change."""

    code: str
    reason: str
    remedy: str


@lru_cache(maxsize=4096)
def _validator(declared: _ByIdentity) -> Any:
    return _Validator(declared.field.json_schema, format_checker=_FORMATS)


@dataclass(frozen=True, eq=False)
class _ByIdentity:
    field: Field

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.field is self.field

    def __hash__(self) -> int:
        return id(self.field)


def record_schema(declaration: ObjectDeclaration) -> dict[str, Any]:
    """JSON Schema of the records of an object; unknown fields are allowed."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "title": declaration.title,
        "description": declaration.description,
        "additionalProperties": True,
        "properties": {one.name: one.json_schema for one in declaration.fields},
    }


def value_problem(declared: Field, path: str, value: Any) -> Problem | None:
    """What is wrong with a value of a field that is given, or None. `path` is what the field is called in reasons."""
    error = None if _surely_fits(declared, value) else best_match(_validator(_ByIdentity(declared)).iter_errors(value))
    if error is not None:
        return _from_schema(error, path)
    return next(_by_hand(declared, path, value), None)


def is_plain(declared: Field, value: Any) -> bool:
    """Whether a value is a text that a field takes as it is but for blanks around it, and letter case in an address:
    nothing in it is invisible, and no rule but those of its kind and length holds for it."""
    if type(value) is not str or len(value) > declared.plain_length or not value.isprintable():
        return False
    fits = _PLAIN_TEXTS[declared.kind]
    return fits is None or fits(value)


def _surely_fits(declared: Field, value: Any) -> bool:
    """Whether the schema of a field takes a value for certain, which is so of nearly all; of the others the validator
    says what is wrong, if anything."""
    if declared.extra_schema or declared.pattern:
        return False
    if declared.choices and value not in declared.choices:
        return False
    kind = declared.kind
    if type(value) is str:
        if kind not in _PLAIN_TEXTS or len(value) > (declared.max_length or math.inf):
            return False
        fits = _PLAIN_TEXTS[kind]
        return fits is None or fits(value)
    if type(value) is bool:
        return kind is Kind.BOOLEAN
    if type(value) is int or (type(value) is float and kind is Kind.NUMBER):
        return kind in _TAKES_INTEGERS and _at_least(declared, value) and _at_most(declared, value)
    if type(value) is list and kind is Kind.TEXT_LIST:
        longest = declared.item_max_length or math.inf
        return all(type(one) is str and len(one) <= longest for one in value)
    return False


def _at_least(declared: Field, number: float) -> bool:
    return declared.minimum is None or number >= declared.minimum


def _at_most(declared: Field, number: float) -> bool:
    return declared.maximum is None or number <= declared.maximum


def missing_problem(declaration: ObjectDeclaration, values: Mapping[str, Any], *, creates: bool) -> Problem | None:
    """What a record in normal form lacks, or None.

    Where nothing is created, all that a record needs is what finds its object.
    """
    for alternatives in declaration.required if creates else _finding(declaration):
        if all(values.get(name) is None for name in alternatives):
            names = " or ".join(alternatives)
            return Problem(
                "INPUT.MISSING",
                f"{names} is missing or empty",
                f"Map a field of the source to {names}, or correct the record in the source.",
            )
    return None


def _finding(declaration: ObjectDeclaration) -> tuple[tuple[str, ...], ...]:
    if declaration.references:
        return tuple(tuple(one.field for one in reference.selectors) for reference in declaration.references)
    names = (name for key in declaration.keys for name in declaration.named_by(key.field))
    return ((*dict.fromkeys(names), *declaration.keys_in),)


def _by_hand(declared: Field, name: str, value: Any) -> Iterator[Problem]:
    if declared.forbidden_characters(value):
        yield Problem(
            "INPUT.CHARACTERS",
            f"{name} holds control characters or half a surrogate pair",
            f"Remove them from {name} in the source.",
        )
    if isinstance(value, str) and declared.max_length is None and len(value) > MAX_TEXT:
        yield _too_long(name, MAX_TEXT)
    if _endless(value):
        yield Problem(
            "INPUT.VALUE",
            f"{name} is or holds a number that is not finite or has more than 64 bits",
            f"Send other numbers in {name}.",
        )
    if declared.kind is Kind.LANGUAGE and not _is_known_language(declared, value):
        yield Problem(
            "INPUT.VALUE", f"{name} is not a language that the LMS knows", f"Send a BCP 47 tag such as en-US in {name}."
        )
    if declared.plausible and not is_plausible(parse_instant(value)):
        yield Problem(
            "INPUT.VALUE",
            f"{name} is before 1990 or more than a day ahead",
            f"Send the real time in {name}, or leave the record out.",
        )


def _is_known_language(declared: Field, value: str) -> bool:
    return value in declared.choices if declared.choices else language_tag(value) is not None


def _endless(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_endless(one) for one in value.values())
    if isinstance(value, list):
        return any(_endless(one) for one in value)
    if isinstance(value, int):
        return value.bit_length() > _MOST_BITS
    return isinstance(value, float) and not math.isfinite(value)


def _too_long(name: str, limit: int) -> Problem:
    return Problem(
        "INPUT.LENGTH",
        f"{name} is longer than {limit} characters",
        f"Shorten {name}; nothing is cut silently.",
    )


def _from_schema(error: ValidationError, path: str) -> Problem:
    where = ".".join((path, *(str(part) for part in error.absolute_path)))
    code = _CODES.get(str(error.validator), "INPUT.VALUE")
    limit: Any = error.validator_value
    if code == "INPUT.LENGTH":
        return _too_long(where, int(limit))
    if code == "INPUT.FORMAT":
        wanted = _WANTED.get(str(limit), f"a text that matches {limit}")
        return Problem(code, f"{where} is not {wanted}", f"Send {wanted} in {where}.")
    if code == "INPUT.TYPE":
        types = limit if isinstance(limit, list) else [limit]
        wanted = " or ".join(str(one) for one in types if one != "null")
        return Problem(code, f"{where} is not of type {wanted}", f"Send {wanted} in {where}.")
    if code == "INPUT.MISSING":
        lacking = ", ".join(_lacking(cast(Mapping[str, Any], error.instance), limit))
        return Problem(code, f"{where} lacks {lacking}", f"Send {lacking} in {where}.")
    if error.validator == "enum":
        allowed = ", ".join(str(one) for one in limit if one is not None)
        return Problem(code, f"{where} is not one of {allowed}", f"Map the source's values to {allowed}.")
    return Problem(
        code,
        f"{where} is out of range ({error.validator} {limit})",
        f"Send a value within the range in {where}.",
    )
