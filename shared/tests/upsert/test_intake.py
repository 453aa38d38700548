"""What of a record is told to be ignored."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.syncs import Stream, sync

RECORD = {"user": {"email": "ada@example.com"}, "names": ["Ada", "Lovelace"], "shoe_size": 38, "phone_number": "1"}
EMAIL = {"target": "email", "source": "user.email"}


def told(*fields: dict[str, Any], **mapping: Any) -> set[str]:
    """The warnings about fields of the record that are not written."""
    mappings = [{"stream": "people", "object": "users", "fields": list(fields), **mapping}]
    run = sync(MemoryDestination(), {"api_key": "k", "stream_mappings": mappings}, [Stream("people", [RECORD])])
    assert run.error is None
    return {line for line in run.log if "they are ignored" in line or "has no place" in line}


@pytest.mark.parametrize(
    ("fields", "ignored"),
    [
        ([EMAIL], {"names", "shoe_size"}),
        ([EMAIL, {"target": "name", "source": "join(' ', names)"}], {"shoe_size"}),
        ([EMAIL, {"target": "first_name", "constant": "names"}], {"names", "shoe_size"}),
        ([EMAIL, {"target": "name", "source": "to_string(keys(@))"}], set()),
    ],
)
def test_a_field_that_a_mapping_uses_is_not_told_to_be_ignored(fields: list[dict[str, Any]], ignored: set[str]) -> None:
    lines = told(*fields)
    named = [line.partition("ignored: ")[2].partition(". Map")[0].split(", ") for line in lines if "ignored" in line]
    assert {name for names in named for name in names} == ignored


def test_a_field_that_the_lms_has_no_place_for_is_told_even_where_a_mapping_uses_it() -> None:
    lines = told(EMAIL, {"target": "first_name", "source": "phone_number"})
    assert any("no place for these fields of users" in line and "phone_number" in line for line in lines)
