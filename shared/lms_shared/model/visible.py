"""Characters that nobody sees: Unicode category Cf, such as the byte order mark and the zero-width space.

Exports and copied cells carry them into addresses and references, where they mean nothing. In names and titles they
may mean something (emoji, Persian), so these keep theirs and are only compared without.
"""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """The text without invisible characters."""
    if text.isascii():
        return text
    return "".join(one for one in text if unicodedata.category(one) != "Cf")


def shown(text: str) -> str:
    r"""The text with its invisible and control characters escaped, so that `\ufeffemail` is seen for what it is."""
    return "".join(
        one.encode("unicode_escape").decode() if unicodedata.category(one) in ("Cf", "Cc", "Cs") else one
        for one in text
    )
