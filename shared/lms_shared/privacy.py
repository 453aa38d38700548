"""Keeps e-mail addresses and secrets out of logs, traces and errors.

The CDK's own filter replaces a secret wherever its letters are found. Those of a very short one are found in every word
and in the keys of every message; such a secret is masked only where it is a whole quoted value.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

import orjson
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets, filter_secrets, update_secrets

# Letters of any script. The local part is bounded, so that a long text does not cost the square of its length.
_EMAIL = re.compile(r"([^\W_])[\w.%+'-]{0,254}(?:@|%40)[^\W_][\w.-]*")


HIDDEN = "(secret)"
"""Stands for a value that must not be shown."""


def mask_emails(text: str) -> str:
    """`ada.lovelace@example.com` → `a***@***`."""
    return _EMAIL.sub(r"\1***@***", text) if "@" in text or "%40" in text else text


SHORTEST_MASKED_ANYWHERE = 4
"""Letters that a secret has at least, to be masked inside of other text."""
_whole_values: list[re.Pattern[str]] = []


def hide_secrets(secrets: Iterable[str]) -> None:
    """Has these values masked from now on, and no others."""
    update_secrets([])
    _whole_values.clear()
    for one in secrets:
        hide_secret(one)


def hide_secret(secret: str) -> None:
    """Has one more value masked from now on; a long one also where it is part of JSON."""
    if len(secret) >= SHORTEST_MASKED_ANYWHERE:
        for form in dict.fromkeys((secret, orjson.dumps(secret).decode()[1:-1])):
            add_to_secrets(form)
    elif secret:
        # In quotes of either kind, which JSON in JSON escapes, and no key.
        _whole_values.append(re.compile(rf"(\\?['\"]){re.escape(secret)}\1(?!\s*:)"))


def mask_secrets(text: str) -> str:
    """A text without the secrets."""
    for pattern in _whole_values:
        text = pattern.sub(r"\1****\1", text)
    return filter_secrets(text)


class MaskEmails(logging.Filter):
    """Masks e-mail addresses in every log record that passes, its arguments and exceptions included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask_emails(record.getMessage())
        record.args = None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = mask_emails(logging.Formatter().formatException(record.exc_info))
        return True
