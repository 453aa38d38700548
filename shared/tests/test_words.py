"""What people read is plain American English: the shipped texts hold none of the phrases that once filled them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = (".py", ".md", ".toml", ".jinja", ".yaml")
PHRASES = {
    r"(?<![Tt]here )\b(?:is|are) no (?!longer\b|more than\b|fewer than\b|later than\b|one\b)\w+": "is not a …",
    r"\b[Ww]here there\b": "if there",
    r"\bthat it is\b": "that …, or a sentence of its own",
    r"\b(?:is|are) none of\b": "does not belong to, is not relevant to",
    r"(?i)\b(?:organisation|catalogue|licence|behaviour|colour)": "the American spelling",
    r"\bin vain\b": "not found, without effect",
    r"\bSays what is wrong\b": "Explains",
}


PACKAGES = ("shared/lms_shared", *(f"{one}/{one.replace('-', '_')}" for one in (
    "source-pluralsight", "source-skilljar", "destination-skilljar", "destination-pluvo"
)))  # fmt: skip


def _shipped_texts() -> Iterator[Path]:
    """What ships, and the pages that people read."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.suffix in SHIPPED and "dev" not in path.relative_to(ROOT / package).parts:
                yield path
    yield from ROOT.glob("*.md")
    yield from ROOT.glob("*/*.md")
    yield from (ROOT / "docs").rglob("*.md")


@pytest.mark.parametrize("phrase", PHRASES)
def test_shipped_texts_are_plain_english(phrase: str) -> None:
    pattern = re.compile(phrase)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in _shipped_texts()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == [], f"say instead: {PHRASES[phrase]}"
