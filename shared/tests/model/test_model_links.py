"""Links in texts of HTML: found as a browser finds them, and changed without touching anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_shared.model.markup import links, with_other_address, without


@pytest.mark.parametrize(
    ("text", "address", "words", "rest"),
    [
        ('<p><a href="https://x/?a=1&amp;b=2">Go</a></p>', "https://x/?a=1&b=2", "Go", ""),
        ("Hi <A HREF=https://x/1 rel=me><b>Go\n now</b></A>!", "https://x/1", "Go now", "Hi !"),
        ("<p title='a>b'>T</p><p><a data-href='no' href='x'>Go</a></p>", "x", "Go", "<p title='a>b'>T</p>"),
        ("<p class=\"a\"><strong><a href='x'>Go</a></strong></p><P>B</P>", "x", "Go", "<P>B</P>"),
        ("<p>See <a href='x'>Go</a></p>", "x", "Go", "<p>See </p>"),
        ("<!-- <a href='no'>No</a> --><a href='x'>Go", "x", "Go", "<!-- <a href='no'>No</a> -->"),
    ],
)
def test_a_link_is_found_and_taken_out_with_what_holds_nothing_else(
    text: str, address: str, words: str, rest: str
) -> None:
    (link,) = links(text)
    assert (link.address, link.words) == (address, words)
    assert without(text, link) == rest
    changed = with_other_address(text, link, "https://new/?a&b")
    assert [one.address for one in links(changed)] == ["https://new/?a&b"]
    assert changed.replace('"https://new/?a&amp;b"', "") == text.replace(text[slice(*_value(text, link.start))], "", 1)


def _value(text: str, start: int) -> tuple[int, int]:
    """Where the value of the link's address stands, quotes included."""
    begin = text.lower().index(" href=", start) + len(" href=")
    quote = text[begin]
    end = text.index(quote, begin + 1) + 1 if quote in "'\"" else min(text.index(one, begin) for one in " >")
    return begin, end


@given(
    st.lists(st.sampled_from(["<a href=x>", "</a>", "<p>", "</p>", "<!--", "-->", "words", "\n", "<a", "'", '"', ">"]))
)
def test_any_text_is_read_without_an_error(parts: list[str]) -> None:
    text = "".join(parts)
    for link in links(text):
        assert text[link.start : link.start + len(link.tag)] == link.tag
        assert len(without(text, link)) < len(text)
