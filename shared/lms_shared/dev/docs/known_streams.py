"""The page of known streams: by which fields each is recognized, and what its preset makes of it.

python -m lms_shared.dev.docs.known_streams docs/reference/known-streams.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from lms_shared.presets import PROVIDERS
from lms_shared.upsert.routing.targets import Provider

_INTRODUCTION = """# Known streams

Streams of these sources need no entry in `stream_mappings` as long as `content_provider` is `auto` or names
their source. A stream is recognized by its name, in any case and behind any stream prefix, and by fields of its
schema that no stream of the same name elsewhere has, in any case. A stream that Airbyte or an entry of
`stream_mappings` gives an object is never recognized, nor are streams of the LMS that is written to.

A known stream without an object has no place in an LMS. A sync that has one selected fails before it writes, and names
all of them.

This page is written by `make docs`.
"""


def page() -> str:
    """The page, of the declarations."""
    return "\n".join([_INTRODUCTION, *(_table(one) for one in PROVIDERS.values())])


def _table(provider: Provider) -> str:
    rows = [
        f"| `{stream}` | {', '.join(f'`{one}`' for one in fields)} | {_objects(provider, stream)} |"
        for stream, fields in provider.markers.items()
    ]
    heading = [f"## `{provider.name}`", "", "| Stream | Recognized by | Written to |", "| --- | --- | --- |"]
    return "\n".join([*heading, *rows, ""])


def _objects(provider: Provider, stream: str) -> str:
    targets = provider.preset.get(stream, ())
    names = dict.fromkeys(one.object_name for one in targets)
    joined = " or " if any(one.unless for one in targets) else ", "
    switches = dict.fromkeys(f" (with `{one.switch}`)" for one in targets if one.switch)
    return joined.join(f"`{name}`" for name in names) + "".join(switches) or "no place"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page())
