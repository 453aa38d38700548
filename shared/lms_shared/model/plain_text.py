"""Values that came as text, as from a spreadsheet, a CSV file or a warehouse: taken for what they say exactly.

What could mean several things (an epoch number as a date, `01/02/2026`, `1,5`) is not guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

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
    wanted = _plain(value)
    return next((one for one in choices if _plain(one) == wanted), None)


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


def _plain(text: str) -> str:
    return _SEPARATORS.sub("_", text.strip().casefold())
