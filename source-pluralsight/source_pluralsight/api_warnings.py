"""Warnings that come with good answers, said once for each text however many pages and streams bring it."""

from __future__ import annotations

import logging
from threading import Lock

from lms_shared.privacy import mask_emails

LOGGER = logging.getLogger("airbyte.source_pluralsight.api")

_lock = Lock()
_said: set[str] = set()


def log_once(text: str) -> None:
    """Log a warning of the API unless this run has said it before."""
    with _lock:
        is_new = text not in _said
        _said.add(text)
    if is_new:
        LOGGER.warning("Pluralsight warns: %s", mask_emails(text))


def start_run() -> None:
    """Forget what was said, at the start of each command."""
    with _lock:
        _said.clear()
