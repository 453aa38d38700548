"""The page of known streams says what the presets and their marker fields say."""

from __future__ import annotations

from pathlib import Path

from lms_shared.dev.docs.known_streams import page
from lms_shared.presets import PROVIDERS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "known-streams.md"


def test_the_page_is_that_of_the_declarations() -> None:
    assert PAGE.read_text() == page()


def test_each_marker_field_is_listed() -> None:
    text = PAGE.read_text()
    for provider in PROVIDERS.values():
        for stream, fields in provider.markers.items():
            assert f"| `{stream}` | {', '.join(f'`{one}`' for one in fields)} |" in text
