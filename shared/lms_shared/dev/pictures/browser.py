"""Pictures of pages by a headless Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TALLEST = 1500
"""Pixels. A report may be as long as its data; what is below is left out."""


class NoBrowser(Exception):
    """No Chromium is installed."""


def picture(page: Path, to: Path, width: int) -> None:
    """Draws a whole page, so many pixels wide. Raises NoBrowser."""
    measured = page.with_name(f"measured-{page.name}")
    script = "<script>document.title = 'height ' + document.documentElement.scrollHeight</script>"
    measured.write_text(page.read_text(encoding="utf-8") + script, encoding="utf-8")
    dom = _chromium(f"--window-size={width},800", "--dump-dom", measured.absolute().as_uri())
    height = re.search(r"<title>height (\d+)", dom)
    tall = min(int(height[1]) if height else 800, TALLEST)
    to.parent.mkdir(parents=True, exist_ok=True)
    _chromium(f"--window-size={width},{tall}", f"--screenshot={to.absolute()}", page.absolute().as_uri())


def printed(page: Path, to: Path) -> None:
    """The page as it is printed, a PDF. Raises NoBrowser."""
    _chromium("--no-pdf-header-footer", f"--print-to-pdf={to.absolute()}", page.absolute().as_uri())


def _chromium(*options: str) -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise NoBrowser(f"make pictures needs one of {', '.join(NAMES)}.")
    line = [found, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *options]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout  # noqa: S603 - a browser, on our page
