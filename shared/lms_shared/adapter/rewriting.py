"""Whether an LMS keeps texts as they are sent: some escape them, some clean HTML up. Said once for each field.

Neither API is known to do so. Where one does, each sync would write its texts anew, because it finds a difference. For
texts that are escaped each dialect has a switch (`TEXTS_ESCAPED`), and it is as good as set for the rest of a sync
as soon as an answer shows it.
"""

from __future__ import annotations

import html
import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Kind
from lms_shared.model.normal_forms import equal

logger = logging.getLogger("airbyte")

_ESCAPES = "%s.%s: the LMS escapes texts by itself. From now on they are compared without escapes."
_REWRITES = "%s.%s: the LMS rewrites what it is given, so each sync finds a difference and writes it anew."


class RewrittenTexts:
    """What answers to writes have shown of one object. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: set[str] = set()

    def look_at(
        self, declaration: ObjectDeclaration, sent: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> ObjectDeclaration:
        """Compares what was sent with what the answer shows, both in the fields of the declaration; gives the
        declaration as the LMS turns out to be."""
        for one in declaration.fields:
            wanted, held = sent.get(one.name), answer.get(one.name)
            if one.kind not in (Kind.TEXT, Kind.HTML) or not isinstance(wanted, str) or not isinstance(held, str):
                continue
            if one.escaped or not held.strip() or equal(one.kind, wanted, held):
                continue
            if one.kind is Kind.TEXT and html.unescape(held) == wanted:
                self._tell(declaration, one.name, _ESCAPES)
                fields = tuple(replace(each, escaped=each.kind is Kind.TEXT) for each in declaration.fields)
                return replace(declaration, fields=fields)
            self._tell(declaration, one.name, _REWRITES)
        return declaration

    def _tell(self, declaration: ObjectDeclaration, name: str, sentence: str) -> None:
        with self._lock:
            if name in self._told:
                return
            self._told.add(name)
        logger.warning(sentence, declaration.name, name)
