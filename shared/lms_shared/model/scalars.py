"""Single values: what texts of spreadsheets, CSV files and warehouses say exactly, and how values are written.

What could mean several things (an epoch number as a date, `01/02/2026`, `1,5`) is not guessed.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import pendulum
from airbyte_cdk.utils.datetime_helpers import ab_datetime_try_parse


def visible(text: str) -> str:
    """The text without the characters that nobody sees: Unicode category Cf, such as the byte order mark.

    Exports and copied cells carry them into addresses and references, where they mean nothing. In names and titles they
    may mean something (emoji, Persian), so these keep theirs and are only compared without.
    """
    if text.isascii():
        return text
    return "".join(one for one in text if unicodedata.category(one) != "Cf")


def shown(text: str) -> str:
    r"""The text with its invisible and control characters escaped, so that `\ufeffemail` is seen for what it is."""
    return "".join(
        one.encode("unicode_escape").decode() if unicodedata.category(one) in ("Cf", "Cc", "Cs") else one
        for one in text
    )


# The parser guesses: a bare number is an epoch to it, a date range some time of the day. So it is given ISO 8601 only.
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?([Zz]|UTC|[+-][0-9]{2}(:?[0-9]{2})?))?)?"
)


def parse_instant(value: object) -> datetime | None:
    """A point in time as an aware datetime in UTC, or None if the text is not a time."""
    return _parse(value.strip()) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> datetime | None:
    if not _INSTANT.fullmatch(text):
        return None
    try:
        parsed = ab_datetime_try_parse(text)
        return None if parsed is None else _plain(parsed)
    except (ValueError, OverflowError):  # an offset of days, or a time outside of the calendar in UTC
        return None


def format_instant(value: datetime) -> str:
    """ISO 8601 in UTC with `Z`; microseconds only if there are any."""
    return f"{_plain(value).replace(tzinfo=None).isoformat(timespec='auto')}Z"


def _plain(value: datetime) -> datetime:
    """A plain datetime in UTC: `replace` of an AirbyteDateTime gives one with a zone back on Python 3.13."""
    moment = value.astimezone(UTC)
    return datetime.combine(moment.date(), moment.time(), UTC)


_FIRST_PLAUSIBLE = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)


def is_plausible(moment: datetime | None) -> bool:
    """Whether something can have happened then. 1970 and 9999 stand for "unknown" and "never" in many systems."""
    return moment is not None and _FIRST_PLAUSIBLE <= moment <= datetime.now(UTC) + _AHEAD


def duration_seconds(text: str) -> float | None:
    """Length in seconds of an ISO 8601 duration, or None where the text is not one.

    Years and months have no fixed length; they count as 365 and 30 days, as pendulum does.
    """
    if not text.startswith("P") or not text[-1].isalpha() or not any(c.isdigit() for c in text):
        return None
    try:
        parsed = pendulum.parse(text)
    except (ValueError, OverflowError):
        return None
    return parsed.total_seconds() if isinstance(parsed, pendulum.Duration) else None


def iso_duration(seconds: float) -> str:
    """A length in seconds as an ISO 8601 duration, rounded to whole seconds (`8124` → `PT2H15M24S`).

    Raises ValueError for a negative or non-finite length.
    """
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError("a duration is a finite number of seconds, 0 or more")
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{rest}S" if rest else ""]
    return "PT" + ("".join(parts) or "0S")


_TRUE = frozenset({"true", "yes", "y", "t", "1"})
_FALSE = frozenset({"false", "no", "n", "f", "0"})
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_SEPARATORS = re.compile(r"[\s_-]+")

NOISE = 1e-6
"""How far a number may be off by the arithmetic of a computer, as in 100.0000001 percent."""
_NOISE_DECIMALS = 4


def read_boolean(value: Any) -> bool | None:
    """True or false as it is spelled in exports; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    word = value.strip().casefold() if isinstance(value, str) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def read_number(value: Any) -> int | float | None:
    """A number, also one that is written as text with a decimal point; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not _NUMBER.fullmatch(text := value.strip()):
        return None
    return int(text) if text.lstrip("+-").isdigit() and len(text) < 1000 else float(text)


def without_noise(number: int | float) -> int | float:
    """The number that was meant: 84.99999999 is 85."""
    if isinstance(number, int) or not abs(number) <= 1e9:
        return number
    near = round(number, _NOISE_DECIMALS)
    return near if abs(near - number) <= NOISE else number


def rounded(number: int | float, decimals: int) -> int | float:
    """The nearest number with so many decimals; halves go away from zero, as people round."""
    exact = Decimal(str(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return float(exact) if decimals else int(exact)


def read_choice(value: Any, choices: Sequence[str]) -> str | None:
    """The one of several words that is meant, in any case and with blank, `-` or `_` between its parts."""
    if not isinstance(value, str):
        return None
    wanted = _spelled(value)
    return next((one for one in choices if _spelled(one) == wanted), None)


def read_json(value: str) -> Any:
    """The list or object that a text of JSON says; None for any other text."""
    if value.strip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def read_list(value: Any, *, of_texts: bool) -> Any:
    """A list that came as JSON text, or as one text without a comma, which is its sole member; None for no list."""
    if not isinstance(value, str):
        return value if isinstance(value, list) else None
    read = read_json(value)
    if isinstance(read, list):
        return read
    alone = of_texts and "," not in value and value.strip()[:1] not in ("{", "[")
    return [value] if alone else None


def _spelled(text: str) -> str:
    return _SEPARATORS.sub("_", text.strip().casefold())


@lru_cache(maxsize=1024)
def language_tag(text: str) -> str | None:
    """The standard form of a tag or of an English name (`en_us` → `en-US`, `Dutch` → `nl`), or None for neither."""
    from langcodes import Language, find  # noqa: PLC0415 - its data take long to load, and few records need them
    from langcodes.tag_parser import LanguageTagError  # noqa: PLC0415

    text = text.strip()
    try:
        read = Language.get(text)
        if read.is_valid():
            return read.to_tag()
    except LanguageTagError:
        pass
    name = text.partition("(")[0].strip()
    try:
        found = find(name)
    except LookupError:
        return None
    # The search is a generous one; a name counts where it is spelled in full.
    return found.to_tag() if found.language_name("en").casefold() == name.casefold() else None


def fitting_language(tag: str, known: Sequence[str]) -> str | None:
    """What an LMS calls a language of which it knows these: the tag's own, or without its script and region."""
    from langcodes import Language  # noqa: PLC0415 - as above

    by_tag = {language_tag(one): one for one in known}
    read = Language.get(tag)
    return by_tag.get(read.to_tag()) or by_tag.get(read.language)
