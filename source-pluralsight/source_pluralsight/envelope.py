"""The body of an answer, parsed once however many components look at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import requests

_PARSED: WeakKeyDictionary[requests.Response, Any] = WeakKeyDictionary()


def parsed_body(response: requests.Response) -> Any:
    """The JSON value of the body, or None when the body is not JSON (a web page, a body that was cut)."""
    if response not in _PARSED:
        try:
            _PARSED[response] = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            _PARSED[response] = None
    return _PARSED[response]


def data_of(response: requests.Response) -> Mapping[str, Any]:
    """`data` of a good answer."""
    body = parsed_body(response)
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, dict) else {}


def warning_texts(response: requests.Response) -> list[str]:
    """Texts of `extensions.warnings`: expiry of the key, deprecations, a page that was cut.

    Pluralsight, deprecation policy. The shape of the elements is not published: strings and objects are taken.
    """
    body = parsed_body(response)
    extensions = body.get("extensions") if isinstance(body, dict) else None
    warnings = extensions.get("warnings") if isinstance(extensions, dict) else None
    if warnings is None:
        return []
    return [_text(warning) for warning in (warnings if isinstance(warnings, list) else [warnings])]


def _text(warning: Any) -> str:
    if isinstance(warning, str):
        return warning
    if isinstance(warning, dict) and isinstance(warning.get("message"), str):
        return str(warning["message"])
    return orjson.dumps(warning, option=orjson.OPT_SORT_KEYS).decode()
