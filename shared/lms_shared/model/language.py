"""Languages: BCP 47 tags in any case and separator, and the English names of languages, by the library langcodes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=1024)
def language_tag(text: str) -> str | None:
    """The standard form of a tag or of an English name (`en_us` → `en-US`, `Dutch` → `nl`), or None for neither."""
    from langcodes import Language, find  # noqa: PLC0415 - its data take long to load, and few records need them
    from langcodes.tag_parser import LanguageTagError  # noqa: PLC0415

    text = text.strip()
    try:
        read = Language.get(text)
        if read.is_valid():
            return read.to_tag()
    except LanguageTagError:
        pass
    name = text.partition("(")[0].strip()
    try:
        found = find(name)
    except LookupError:
        return None
    # The search is a generous one; a name counts where it is spelled in full.
    return found.to_tag() if found.language_name("en").casefold() == name.casefold() else None


def fitting_language(tag: str, known: Sequence[str]) -> str | None:
    """What an LMS calls a language of which it knows these: the tag's own, or without its script and region."""
    from langcodes import Language  # noqa: PLC0415 - as above

    by_tag = {language_tag(one): one for one in known}
    read = Language.get(tag)
    return by_tag.get(read.to_tag()) or by_tag.get(read.language)
