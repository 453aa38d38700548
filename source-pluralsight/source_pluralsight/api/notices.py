"""Things that are said once in a command, however many pages and streams bring them up."""

from __future__ import annotations

import logging
from threading import Lock

from lms_shared.privacy import mask_emails

LOGGER = logging.getLogger("airbyte.source_pluralsight")


class Notices:
    """Warnings of one command. Safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._said: set[str] = set()

    def warn(self, text: str) -> None:
        """Logs a warning unless this command has logged the same text."""
        text = mask_emails(text)
        with self._lock:
            is_new = text not in self._said
            self._said.add(text)
        if is_new:
            LOGGER.warning("%s", text)
