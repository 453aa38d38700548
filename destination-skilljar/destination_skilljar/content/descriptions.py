"""The two descriptions of a course: the whole one, which is HTML, and the short one, made of its words. Pure."""

from __future__ import annotations

from html.parser import HTMLParser

from destination_skilljar import dialect

SHORT_DESCRIPTION_LIMIT = dialect.SHORT_DESCRIPTION_LIMIT.assumed
"""Characters of a short description."""


def descriptions(description: str | None, title: str) -> dict[str, str]:
    """Both texts of a course. The short one is mandatory, so the title stands in if there is no description."""
    if description is None:
        return {"short_description": title[:SHORT_DESCRIPTION_LIMIT]}
    short = plain_text(description)[:SHORT_DESCRIPTION_LIMIT].rstrip() or title[:SHORT_DESCRIPTION_LIMIT]
    return {"short_description": short, "long_description_html": description}


def plain_text(value: str) -> str:
    """The words of an HTML text, white space folded."""
    parser = _Words()
    parser.feed(value)
    parser.close()
    return " ".join("".join(parser.words).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "br", "li", "div", "tr", "h1", "h2", "h3", "h4"):
            self.words.append(" ")
