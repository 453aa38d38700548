"""The link to the provider's content at the end of a text of Pluvo. Pure: HTML in, HTML out.

Trainings and offers have no field for an address of content, so the deep link stands in their introduction or
description. That these texts are HTML is inferred.
"""

from __future__ import annotations

import html

from lms_shared.model.markup import Link, links, without

LINK_TEXT = "Open the content"
"""By its text the link is known again, so that admins may write around it."""


def link_of(text: str | None) -> str | None:
    """The address of the link, or None if there is none."""
    link = _link(text)
    return None if link is None else link.address


def reference_in_link(text: str | None) -> str | None:
    """The reference that the link carries in its title, or None."""
    link = _link(text)
    return None if link is None else link.title


def without_link(text: str | None) -> str | None:
    """The text that is not the link, or None if there is nothing else."""
    link = _link(text)
    rest = (text or "") if link is None else without(text or "", link)
    return rest.strip() or None


def with_link(text: str | None, address: str | None, reference: str | None = None) -> str:
    """A text and the link behind it, which may carry a reference; a link that it has already is replaced."""
    words = without_link(text) or ""
    if address is None:
        return words
    title = "" if reference is None else f' title="{html.escape(reference)}"'
    link = f'<p><a href="{html.escape(address)}"{title}>{LINK_TEXT}</a></p>'
    return f"{words}\n{link}" if words else link


def _link(text: str | None) -> Link | None:
    return next((one for one in links(text) if one.words == LINK_TEXT), None)
