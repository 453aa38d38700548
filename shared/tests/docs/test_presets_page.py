"""What a preset maps is found out from its code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lms_shared.dev.docs.presets import constants, mapped
from lms_shared.upsert.routing.map import Target


def build(row: Mapping[str, Any]) -> dict[str, Any] | None:
    if row["kind"] == "draft":
        return None
    return {
        "title": row["name"],
        "active": not row["hidden"],
        "description": row["texts"]["long"] or row["texts"]["short"],
        "provider": "Example",
    }


ROWS = [
    {"kind": "course", "name": "A", "hidden": False, "texts": {"long": "l", "short": "s"}, "unused": 1},
    {"kind": "course", "name": "B", "hidden": False, "texts": {"long": None, "short": "t"}, "unused": 2},
    {"kind": "draft", "name": "C", "hidden": True, "texts": {"long": None, "short": None}, "unused": 3},
]


def test_each_field_names_what_decides_about_it_also_where_all_rows_agree() -> None:
    assert mapped(Target("content", build), ROWS) == {
        "title": {"name"},
        "active": {"hidden"},
        "description": {"texts.long", "texts.short"},
    }


def test_what_is_the_same_for_every_row_is_a_constant() -> None:
    assert constants(Target("content", build), ROWS) == {"provider": "Example"}
