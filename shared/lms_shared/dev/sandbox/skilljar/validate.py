"""Checks a request body against its description. Unknown fields are dropped without a word, as the API does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from lms_shared.dev.sandbox.skilljar.description import ApiDescription, BodyField
from lms_shared.dev.sandbox.skilljar.errors import NON_FIELD_ERRORS, ApiError
from lms_shared.dev.sandbox.skilljar.timestamps import format_timestamp, parse_timestamp

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URL = re.compile(r"https?://[^\s/]+\S*")

REQUIRED = "This field is required."


class _Invalid(Exception):
    """The messages for one field: a list, or a dict for a nested object."""

    def __init__(self, messages: Any) -> None:
        super().__init__()
        self.messages = [messages] if isinstance(messages, str) else messages


def validate_body(api: ApiDescription, schema: str, body: Any, partial: bool, trim: bool) -> dict[str, Any]:
    """The known fields of a body in the API's own notation. `partial` asks for no required field and fills no
    default, `trim` cuts blanks around texts. Raises ApiError 400 with the messages of every bad field."""
    try:
        return _Validator(api, trim).object(schema, body, partial)
    except _Invalid as error:
        raise ApiError(400, error.messages) from error


class _Validator:
    def __init__(self, api: ApiDescription, trim: bool) -> None:
        self._api = api
        self._trim = trim

    def object(self, schema: str, body: Any, partial: bool) -> dict[str, Any]:
        if not isinstance(body, dict):
            name = {list: "list", str: "str", type(None): "None"}.get(type(body), type(body).__name__)
            raise _Invalid({NON_FIELD_ERRORS: [f"Invalid data. Expected a dictionary, but got {name}."]})
        values: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for field in self._api.bodies[schema]:
            if field.name not in body:
                if field.required and not partial:
                    errors[field.name] = [REQUIRED]
                elif field.default is not None and not partial:
                    values[field.name] = field.default
                continue
            try:
                values[field.name] = self._field(field, body[field.name])
            except _Invalid as error:
                errors[field.name] = error.messages
        if errors:
            raise _Invalid(errors)
        return values

    def _field(self, field: BodyField, value: Any) -> Any:
        if value is None:
            if field.null:
                return None
            raise _Invalid("This field may not be null.")
        if not field.is_list:
            return self._single(field, value)
        if not isinstance(value, list):
            raise _Invalid(f'Expected a list of items but got type "{type(value).__name__}".')
        if field.max_items is not None and len(value) > field.max_items:
            raise _Invalid(f"Ensure this field has no more than {field.max_items} elements.")
        items: list[Any] = []
        errors: list[Any] = []
        for item in value:
            try:
                items.append(self._single(field, item))
                errors.append({})
            except _Invalid as error:
                errors.append(error.messages)
        if any(errors):
            raise _Invalid(errors)
        return items

    def _single(self, field: BodyField, value: Any) -> Any:
        if field.reference:
            return self.object(field.reference, value, partial=False)
        if field.type in _SCALARS:
            return _SCALARS[field.type](field, value)
        return self._text(field, value) if field.type in _TEXT_CHECKS else value

    def _text(self, field: BodyField, value: Any) -> str:
        if not isinstance(value, str):
            raise _Invalid("Not a valid string.")
        text = value.strip() if self._trim else value
        if not text and (not field.blank or field.required):
            raise _Invalid("This field may not be blank.")
        if "\x00" in text:
            raise _Invalid("Null characters are not allowed.")
        if field.max_length is not None and len(text) > field.max_length:
            raise _Invalid(f"Ensure this field has no more than {field.max_length} characters.")
        if field.choices and text not in field.choices:
            raise _Invalid(f'"{text}" is not a valid choice.')
        if text and field.pattern and not re.search(field.pattern, text):
            raise _Invalid("Enter a valid value.")
        pattern, message = _TEXT_CHECKS[field.type]
        if text and pattern is not None and not pattern.fullmatch(text):
            raise _Invalid(message)
        return text


_TEXT_CHECKS: dict[str, tuple[re.Pattern[str] | None, str]] = {
    "str": (None, ""),
    "email": (_EMAIL, "Enter a valid email address."),
    "url": (_URL, "Enter a valid URL."),
}


def _integer(field: BodyField, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Invalid("A valid integer is required.")
    if field.min is not None and value < field.min:
        raise _Invalid(f"Ensure this value is greater than or equal to {field.min}.")
    if field.max is not None and value > field.max:
        raise _Invalid(f"Ensure this value is less than or equal to {field.max}.")
    return value


def _boolean(_: BodyField, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Invalid("Must be a valid boolean.")
    return value


def _datetime(_: BodyField, value: Any) -> str:
    try:
        return format_timestamp(parse_timestamp(value))
    except (TypeError, ValueError) as error:
        raise _Invalid("Datetime has wrong format. Use an ISO 8601 date-time.") from error


def _object(_: BodyField, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Invalid("Not a valid object.")
    return cast(dict[str, Any], value)


_SCALARS: dict[str, Callable[[BodyField, Any], Any]] = {
    "int": _integer,
    "bool": _boolean,
    "datetime": _datetime,
    "obj": _object,
}
