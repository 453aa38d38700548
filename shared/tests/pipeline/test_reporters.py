"""How a run is told: as JSON lines, and on a terminal."""

from __future__ import annotations

import io
import json
from collections import Counter

from rich.console import Console

from lms_shared.activity import Pace
from lms_shared.pipeline.examine import findings_table, proposals
from lms_shared.pipeline.json_lines import JsonLines
from lms_shared.pipeline.problems import ExitCode
from lms_shared.pipeline.progress import Progress, RunResult
from lms_shared.pipeline.terminal import Terminal

SUMMARY = {
    "stream": "users", "object": "users", "mode": "upsert", "created": 3, "updated": 1, "unchanged": 2,
    "deactivated": 1, "rejected": 1, "requests": 12,
}  # fmt: skip


def progress() -> Progress:
    return Progress(
        records=Counter(users=8),
        states=2,
        source={"calls": 4, "eta_seconds": 600},
        destination={
            "calls": 9,
            "written": 2,
            "rejected": 1,
            "waiting_for": "the quota",
            "waiting_seconds": 90,
            "eta_seconds": 90,
        },
    )


def done(**more: object) -> RunResult:
    one = progress()
    one.summaries.append(SUMMARY)
    return RunResult(exit_code=int(more.pop("code", 0)), seconds=75.0, progress=one, **more)  # type: ignore[arg-type]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_json_lines_tell_progress_every_30_seconds_and_end_with_the_counts() -> None:
    output, clock = io.BytesIO(), Clock()
    told = JsonLines(output, clock)
    told.checked("source-x")
    for clock.now in (0.0, 10.0, 29.0, 31.0, 40.0, 62.0):
        told.running(progress())
    told.said("destination-y", "WARN", "a warning")
    told.finished(done(error="why", report="/page", code=1))
    events = [json.loads(line) for line in output.getvalue().splitlines()]
    assert [one["event"] for one in events] == ["checked", "progress", "progress", "log", "stream", "finished"]
    assert all(one["at"].endswith("+00:00") for one in events)
    waiting = events[1]
    assert (waiting["records"], waiting["written"], waiting["rejected"]) == (8, 2, 1)
    assert waiting["calls"] == {"source": 4, "destination": 9}
    assert (waiting["waiting_for"], waiting["waiting_seconds"]) == ({"destination": "the quota"}, {"destination": 90})
    assert waiting["eta_seconds"] == 600
    end = events[-1]
    assert (end["exit_code"], end["error"], end["report"]) == (1, "why", "/page")
    assert (end["written"], end["rejected"]) == (5, 1), "the summaries count, not what was said before"
    assert end["calls"] == {"source": 4, "destination": 12}


def test_the_end_is_when_the_destination_is_through_with_all_records_that_the_source_expects() -> None:
    clock = Clock()
    one = Progress(pace=Pace(clock))
    clock.now += 60.0
    one.source = {"calls": 4, "records_expected": 1000, "eta_seconds": 5}
    assert one.as_json()["eta_seconds"] == 5, "nothing is written yet"
    one.destination = {"calls": 9, "records": 300, "unsettled": 100, "written": 150, "rejected": 0}
    assert one.as_json()["eta_seconds"] == 240, "200 took a minute"
    one.summaries.append(SUMMARY)
    assert "eta_seconds" not in one.as_json(), "it is over"


def test_the_end_of_a_wait_is_not_told_as_the_end_of_the_run() -> None:
    one = progress()
    one.source = {"calls": 4}
    assert "eta_seconds" not in one.as_json()


def on_a_terminal() -> tuple[Terminal, Console]:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    return Terminal(console), console


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_terminal_shows_what_is_waited_for_and_until_when() -> None:
    terminal, console = on_a_terminal()
    terminal.running(progress())
    terminal.finished(done())
    text = " ".join(shown(console).split())
    for part in (
        "objects written 2",
        "rejected 1",
        "destination waits for the quota, 1 min 30 s more",
        "ready in about 10 min",
    ):
        assert part in text


def test_a_terminal_ends_with_one_table_and_where_to_look_and_says_a_warning_once() -> None:
    terminal, console = on_a_terminal()
    terminal.said("destination-y", "WARN", "no [place] for it")
    terminal.said("destination-y", "WARN", "no [place] for it")
    terminal.finished(done(report="/reports/report.html"))
    text = " ".join(shown(console).split())
    assert text.count("no [place] for it") == 1
    assert "stream object read created updated unchanged rejected deactivated" in text
    assert "users users 8 3 1 2 1 1" in text
    assert "Done in 1 min 15 s: 8 records read, 5 objects written, 1 rejected." in text
    assert "What became of each record: /reports/report.html" in text


def test_a_terminal_says_how_each_run_ended() -> None:
    words = {}
    for code in ExitCode:
        terminal, console = on_a_terminal()
        terminal.finished(done(code=code, error="because [of] this" if code else None))
        words[code] = shown(console)
        assert ("because [of] this" in words[code]) == bool(code)
    assert len(set(words.values())) == len(ExitCode)


def test_a_doctors_report_is_a_table_with_what_does_not_hold_first() -> None:
    row = {"reference": "1.2", "effect": "then this", "proposal": {}}
    report = {
        "connector": "source-x", "version": "1.0", "calls": 3, "seconds": 0.4,
        "findings": [
            {**row, "guess": "a", "statement": "First.", "finding": "holds", "seen": "It [does]."},
            {**row, "guess": "b", "statement": "Second.", "finding": "does not hold", "seen": "It does not."},
            {**row, "guess": "c", "statement": "Third.", "finding": "could not tell", "seen": "Nothing to see."},
        ],
        "proposed_config": {"page_size": 5},
    }  # fmt: skip
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(findings_table(report))
    text = shown(console)
    assert text.index("Second.") < text.index("Third.") < text.index("First.")
    assert "It [does]." in text
    assert list(proposals("source", report)) == ["Set in source.json: page_size = 5"]
