"""Tells a run as JSON lines on standard output, for cron, CI and log collectors."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Any

import orjson

from lms_shared.pipeline.progress import Progress, RunResult

EVERY_SECONDS = 30.0
"""The longest silence while a run is going on."""


class JsonLines:
    """One object a line, each with `event` and `at`: `checked`, `log`, `progress`, `stream`, `finished`."""

    def __init__(self, output: IO[bytes], clock: Callable[[], float] = time.monotonic) -> None:
        self._output = output
        self._clock = clock
        self._told_at: float | None = None

    def checked(self, connector: str) -> None:
        self._tell("checked", connector=connector)

    def said(self, connector: str, level: str, text: str) -> None:
        self._tell("log", connector=connector, level=level, message=text)

    def running(self, progress: Progress) -> None:
        now = self._clock()
        if self._told_at is None:
            self._told_at = now
        elif now - self._told_at >= EVERY_SECONDS:
            self._told_at = now
            self._tell("progress", **progress.as_json())

    def finished(self, result: RunResult) -> None:
        for summary in result.summaries:
            self._tell("stream", **summary)
        self._tell(
            "finished",
            exit_code=result.exit_code,
            **({"error": result.error} if result.error else {}),
            **({"dry_run": True} if result.dry_run else {}),
            **result.progress.as_json(),
            seconds=result.seconds,
            **({"report": result.report} if result.report else {}),
        )

    def _tell(self, event: str, **values: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._output.write(orjson.dumps({"event": event, "at": at, **values}) + b"\n")
        self._output.flush()
