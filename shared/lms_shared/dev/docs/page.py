"""Puts generated parts between their marks in a page, and leaves all the rest of it alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PART = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def filled(page: str, parts: Mapping[str, str]) -> str:
    """The page with each part between `<!-- generated: name -->` and `<!-- /generated -->`.

    Raises ValueError for a mark of no part, and for a part without mark.
    """
    marks = [found["name"] for found in _PART.finditer(page)]
    if sorted(marks) != sorted(parts):
        raise ValueError(f"the page has marks for {sorted(marks)}, the parts are {sorted(parts)}")
    return _PART.sub(lambda found: f"{found.group(1)}{parts[found['name']]}\n{found.group(3)}", page)
