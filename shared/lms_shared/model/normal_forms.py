"""Normal forms of values, in which the record and what the LMS holds are compared.

Both sides go through `normalise`, so that values which mean the same (time formats, letter case of e-mails, null and
absent) never cause a write. Texts are compared as they are, HTML by what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from lms_shared.model.fields import Kind
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
