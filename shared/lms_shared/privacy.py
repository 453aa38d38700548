"""Keeps e-mail addresses out of logs, traces and errors. Secrets are masked by the CDK's own filter."""

from __future__ import annotations

import logging
import re

# Letters of any script. The local part is bounded, so that a long text does not cost the square of its length.
_EMAIL = re.compile(r"([^\W_])[\w.%+'-]{0,254}(?:@|%40)[^\W_][\w.-]*")


HIDDEN = "(secret)"
"""Stands for a value that must not be shown."""


def mask_emails(text: str) -> str:
    """`ada.lovelace@example.com` → `a***@***`."""
    return _EMAIL.sub(r"\1***@***", text) if "@" in text or "%40" in text else text


class MaskEmails(logging.Filter):
    """Masks e-mail addresses in every log record that passes, its arguments and exceptions included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask_emails(record.getMessage())
        record.args = None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = mask_emails(logging.Formatter().formatException(record.exc_info))
        return True
