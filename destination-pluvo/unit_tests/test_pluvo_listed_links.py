"""The list of links in a collection's text, whatever an editor makes of it."""

from __future__ import annotations

import random

import pytest

from destination_pluvo.content.embedded import link_of, with_link
from destination_pluvo.content.listed_links import (
    ListedLink,
    lists_of,
    standing,
    with_listed,
    without_listed,
    without_lists,
)
from lms_shared.model.markup import links

FIRST, SECOND, THIRD = (ListedLink(f"id-{n}", f"No. {n}", f"https://e.com/{n}", n) for n in (1, 2, 3))
ALL = (FIRST, SECOND, THIRD)


def listing(text: str, *wanted: ListedLink) -> str:
    for one in wanted:
        text = with_listed(text, one)
    return text


def words(text: str) -> list[str]:
    return [one.words for one in links(text)]


@pytest.mark.parametrize("seed", range(6))
def test_the_order_in_which_links_come_does_not_matter(seed: int) -> None:
    several = [*ALL, ListedLink("id-4", "B", "https://e.com/4"), ListedLink("id-5", "a", "https://e.com/5")]
    text = listing("<p>Words</p>", *random.Random(seed).sample(several, len(several)))
    assert words(text) == ["No. 1", "No. 2", "No. 3", "a", "B"]
    assert text == listing("<p>Words</p>", *several)
    assert without_lists(text) == "<p>Words</p>"
    assert f"<p>Words</p>\n{lists_of(text)}" == text


def test_what_is_taken_out_leaves_nothing_behind() -> None:
    text = listing("Words", *ALL)
    assert words(without_listed(text, SECOND)) == ["No. 1", "No. 3"]
    for one in ALL:
        text = without_listed(text, one)
    assert text == "Words"
    assert without_listed(text, FIRST) == "Words"
    assert with_listed(None, FIRST) == listing("", FIRST)


@pytest.mark.parametrize(
    "edited",
    [
        lambda text: text.replace("\n", ""),
        lambda text: text.replace("</li>", ""),
        lambda text: text.replace("<ul>", '<ul class="x">').replace("<li>", "<LI><p>").replace("</li>", "</p></LI>"),
        lambda text: text.replace("<a ", '<a target="_blank" rel="noopener" '),
        lambda text: text.replace('"', "'"),
        lambda text: f"<div>{text}</div>\n<p>After it</p>",
        lambda text: text.replace("<li>", "<li><strong>").replace("</li>", "</strong> (new)</li>"),
    ],
)
def test_a_list_is_known_again_after_an_editor_has_written_it_anew(edited: object) -> None:
    assert callable(edited)
    text = edited(listing("<p>Words</p>", FIRST, THIRD))
    for one in (FIRST, THIRD):
        held = standing(text, one)
        assert held is not None
        assert (held.is_as(one), held.edited, held.link.order) == (True, False, one.order)
    assert "No." not in without_lists(text)
    grown = with_listed(text, SECOND)
    assert words(grown) == ["No. 1", "No. 2", "No. 3"]
    assert "No." not in without_lists(grown)
    changed = with_listed(grown, ListedLink("id-1", "One", "https://e.com/one", 1))
    assert next((one.words, one.address) for one in links(changed)) == ("One", "https://e.com/one")
    gone = listing(changed)
    for one in ALL:
        gone = without_listed(gone, one)
    assert words(gone) == []


def test_words_of_an_admin_stay_and_move_with_the_link() -> None:
    text = listing("", *ALL).replace("No. 1", "<em>Read</em> this").replace("https://e.com/2", "https://e.com/own")
    renamed = [ListedLink(one.content_id, "Another", "https://e.com/other", one.order) for one in (FIRST, SECOND)]
    assert all((held := standing(text, one)) is not None and held.is_as(one) for one in renamed)
    moved = with_listed(text, ListedLink("id-1", "Another", "https://e.com/other", 7))
    assert words(moved) == ["No. 2", "No. 3", "Read this"]
    assert "<em>Read</em> this" in moved
    held = standing(moved, FIRST)
    assert held is not None
    assert (held.edited, held.link.order) == (True, 7)


def test_characters_of_html_in_words_and_addresses_are_no_markup() -> None:
    odd = ListedLink("id-9", 'A <b> & "c"', "https://e.com/?a=1&b=<2>")
    text = with_listed("", odd)
    held = standing(text, odd)
    assert held is not None
    assert held.is_as(odd)
    assert with_listed(text, odd) == text


def test_a_listed_link_is_not_taken_for_the_link_of_the_collection() -> None:
    twin = ListedLink("id-8", "Open the content", "https://e.com/8")
    text = with_listed("", twin)
    assert link_of(text) is None
    assert link_of(with_link(text, "https://e.com/own")) == "https://e.com/own"


def test_a_list_within_a_list_goes_with_the_outer_one() -> None:
    inner = listing("", FIRST)
    text = f"<p>Words</p><ul><li>Outer{inner}</li></ul>"
    assert without_lists(text) == "<p>Words</p>"
    assert words(with_listed(text, SECOND)) == ["No. 1", "No. 2"]
    assert "Outer" in without_listed(text, FIRST)
