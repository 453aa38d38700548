"""A native object is one entry of TOML: nothing else knows of it, and all else follows from it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from destination_skilljar import native
from destination_skilljar.destination import DestinationSkilljar
from lms_shared.destination.discovery import operations
from lms_shared.dev.docs.tables import objects_table
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.resources.load_toml import load_resources

ENTRY = """
[public_words]
path = "tags"
keys = { id = "identifier", name = "natural" }
change = "patch"
delete = "the word is deleted"
fields = { name = { kind = "text", required = true, max_length = 255 } }

[course_words]
path = "domains/{domain_name}/published-courses/{published_course_id}/tags"
item = "{tag}"
keys = { tag = "natural" }
references = { published_course_id = "published_courses", tag = "tags" }
delete = "the word is taken off the publication"
fields = { tag = { kind = "link", required = true } }
"""


@pytest.fixture(autouse=True)
def _with_the_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new.toml").write_text(ENTRY)
    monkeypatch.setattr(native, "RESOURCES", (*native.RESOURCES, *load_resources(tmp_path)))
    monkeypatch.setattr(native, "declarations", cache(native.declarations.__wrapped__))


def test_an_entry_of_toml_is_an_object_that_is_written_matched_and_removed(academy: Academy) -> None:
    word = {"name": "Beginners"}
    assert academy.write("public_words", word).total("created") == 1
    counted = academy.counting()
    assert academy.write("public_words", word).total("unchanged") == 1
    assert counted.writes == 0
    academy.add_course("Python")
    academy.write("course_words", {"published_course_title": "Python", "tag_name": "Beginners"})
    assert len(academy.rows("published_course_tags")) == 1
    assert academy.write("public_words", word, mode="hard_delete").total("deactivated") == 1
    assert academy.rows("tags") == []


def test_an_entry_of_toml_is_in_discover_and_in_the_tables(academy: Academy) -> None:
    sinks = DestinationSkilljar().adapter(academy.config()).sinks
    declared = [sinks[name].declaration for name in ("public_words", "course_words")]
    assert {one["object_name"] for one in operations(declared)} == {"public_words", "course_words"}
    assert "`published_course_title`" in objects_table(declared)
