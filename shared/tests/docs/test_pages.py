"""What the pages say can be done: links lead somewhere, and commands are understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from lms_shared.pipeline.cli import build_parser

ROOT = Path(__file__).parents[3]
PAGES = tuple(
    sorted(
        path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    )
)
LINK = re.compile(r"\]\(([^)#:\s]*)(#[^)\s]*)?\)")
CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(page: Path, name: str) -> list[list[str]]:
    """The command lines of a page that call this command."""
    found = []
    for block, inline in CODE.findall(page.read_text(encoding="utf-8")):
        for line in (block or inline).splitlines():
            match = re.match(rf"\s*(?:\.venv/bin/)?{name} (.+)", line)
            if match and "…" not in line and not re.search(r"\b[A-Z]{4,}\b", line):
                found.append(shlex.split(match[1].partition("|")[0], comments=True))
    return found


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.replace("`", "")).strip().lower().replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_each_link_leads_to_a_file_and_to_a_heading_of_it(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / target) if target else page
        assert path.exists(), f"{named(page)} links to {target}"
        if anchor and path.suffix == ".md":
            assert anchor[1:] in anchors(path), f"{named(page)} links to {target}{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_each_make_target_and_each_lms_sync_command_on_a_page_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in commands(page, "make"):
        assert line[0] in targets or "=" in line[0], f"{named(page)}: make {line[0]}"
    for line in commands(page, "lms-sync"):
        # In running text a command is named without its folder.
        build_parser().parse_args(line if len(line) > 1 else [*line, "folder"])
