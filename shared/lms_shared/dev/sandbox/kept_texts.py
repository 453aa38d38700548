"""What a pretend LMS makes of the texts that it is given. No page of either API says; most keep them as they are."""

from __future__ import annotations

import html
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from lms_shared.model.markup import fragment


class KeptTexts(StrEnum):
    """How texts are kept."""

    AS_SENT = "as_sent"
    ESCAPED = "escaped"
    """Titles and names have their special characters as entities."""
    TIDIED = "tidied"
    """HTML is written down anew, and links get a `rel`: it shows the same."""
    CLEANED = "cleaned"
    """HTML loses its styles."""


def kept(mode: KeptTexts, row: Mapping[str, Any], *, texts: tuple[str, ...], markup: tuple[str, ...]) -> dict[str, Any]:
    """A row as it is kept; `texts` and `markup` are its fields of plain text and of HTML."""
    changed = dict(row)
    for name in texts if mode is KeptTexts.ESCAPED else ():
        if isinstance(row.get(name), str):
            changed[name] = html.escape(row[name], quote=False)
    for name in markup if mode in (KeptTexts.TIDIED, KeptTexts.CLEANED) else ():
        if isinstance(row.get(name), str):
            changed[name] = _written_anew(row[name], clean=mode is KeptTexts.CLEANED)
    return changed


def _written_anew(text: str, *, clean: bool) -> str:
    parsed = fragment(text)
    for link in parsed.css("a"):
        link.attrs["rel"] = "noopener noreferrer"
    for styled in parsed.css("[style]") if clean else ():
        del styled.attrs["style"]
    return (parsed.html or "").replace("<br>", "<br />").replace("&nbsp;", "\xa0")
