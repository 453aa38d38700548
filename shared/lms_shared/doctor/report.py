"""The report of an examination, as JSON for the maintainers and as text for the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lms_shared.doctor.examination import Observations
from lms_shared.doctor.guess import ConfigValue, Finding
from lms_shared.privacy import mask_emails

SHORTEST_SECRET = 4
"""Config values with fewer characters are words such as `en`, which no one can be known by."""

_LINK = re.compile(r"https?://\S+")
_ID = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"  # UUID
    r"|\b(?=\w*[A-Za-z])(?=\w*\d)(?!\w*_)\w{10,}\b"  # Skilljar's ids, keys and tokens mix letters and digits
    r"|\b\d{7,}\b",
    re.IGNORECASE,
)
_HOST = re.compile(r"\b(?:[\w-]+\.){1,}(?:com|org|net|io|eu|dev|co|nl|de|app|cloud|edu|gov)\b", re.IGNORECASE)


@dataclass(frozen=True)
class DoctorReport:
    """What an examination found. `as_json` holds nothing that says whose account it was."""

    connector: str
    version: str
    readings: Observations
    calls: int
    seconds: float
    config: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """`connector`, `version`, `calls`, `seconds`, `findings` (one for each guess: `guess`, `statement`, `finding`,
        `seen`, `effect`, `reference`, `proposal`) and `proposed_config`, all proposals together."""
        values = tuple(_texts(self.config))
        return {
            "connector": self.connector,
            "version": self.version,
            "calls": self.calls,
            "seconds": round(self.seconds, 1),
            "findings": [
                {
                    "guess": guess.name,
                    "statement": guess.statement,
                    "finding": reading.finding.value,
                    "seen": depersonalized(reading.seen, values),
                    "effect": guess.effect,
                    "reference": guess.reference,
                    "proposal": _clean(reading.proposal, values),
                }
                for guess, reading in self.readings.items()
            ],
            "proposed_config": self.proposed_config(values),
        }

    def proposed_config(self, values: tuple[str, ...] = ()) -> dict[str, ConfigValue]:
        """The config keys to set for this account; the first proposal of a key wins."""
        proposals: dict[str, ConfigValue] = {}
        for reading in self.readings.values():
            proposals = {**_clean(reading.proposal, values), **proposals}
        return proposals


def report_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """A report, in the form of `as_json`, as lines to read; what does not hold comes first."""
    yield f"{report['connector']} {report['version']}: {report['calls']} calls in {report['seconds']} s"
    for finding in (Finding.DOES_NOT_HOLD, Finding.COULD_NOT_TELL, Finding.HOLDS):
        rows = [row for row in report["findings"] if row["finding"] == finding.value]
        if not rows:
            continue
        yield ""
        yield f"{finding.value.capitalize()} ({len(rows)})"
        for row in rows:
            yield f"  {row['statement']}"
            yield f"      {row['seen']}"
            if finding is Finding.DOES_NOT_HOLD:
                yield f"      What follows from it: {row['effect']} ({row['reference']})"
    if report["proposed_config"]:
        yield ""
        yield "Proposed settings: " + ", ".join(f"{key} = {value}" for key, value in report["proposed_config"].items())


def depersonalized(text: str, config_values: Iterable[str] = ()) -> str:
    """The text without values of the config, e-mail addresses, links, host names, ids, keys and long numbers.

    A second line of defense: a probe does not put such values into its sentence in the first place.
    """
    for value in sorted(config_values, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "(from the config)", text)
    text = mask_emails(_LINK.sub("(link)", text))
    return _ID.sub("(id)", _HOST.sub("(host)", text))


def _clean(proposal: Mapping[str, ConfigValue], values: tuple[str, ...]) -> dict[str, ConfigValue]:
    return {key: depersonalized(value, values) if isinstance(value, str) else value for key, value in proposal.items()}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= SHORTEST_SECRET:
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
