"""New learners by the thousand, and again unchanged: calls and wall time, in a small organization and in a large one.

The baseline is a plain script that puts as much into a document as the connector does: 50 look-ups, then 50 writes of
what is missing or differs, one document after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import requests

from lms_shared.dev.benchmarks.processes import Lms, learners, served, written
from lms_shared.dev.benchmarks.rows import Measured, arguments, tell

LATENCY = 0.1
A_DOCUMENT = 50
ORGANIZATIONS = {"small": (("--pluvo-users", "0"), 0.03), "large": (("--pluvo-users", "60000"), 0.05)}
"""Options of the pretend Pluvo, and the calls for each new learner that are allowed."""
MOST_AGAIN = 0.022
"""Calls for each learner who is there."""
SELECTED = "{ id ref email name language archived roles }"


def _look_up(number: int) -> str:
    return f"u{number}: user(ref: $r{number}) {SELECTED}"


def _upsert(number: int) -> str:
    asked = f"updateOrCreateUser(ref: $r{number}, sendInvite: false, user: $v{number})"
    return f"u{number}: {asked} {{ user {SELECTED} }}"


class Script:
    """What a person would write in an afternoon."""

    def __init__(self, lms: Lms) -> None:
        self._lms = lms
        self._session = requests.Session()
        keys = {"client_id": lms.config["client_id"], "client_secret": lms.config["client_secret"]}
        form = {"grant_type": "client_credentials", **keys}
        token = self._session.post(f"{lms.url}/oauth/token/", form).json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def write(self, people: Sequence[Mapping[str, Any]]) -> tuple[int, float]:
        """Writes learners; calls and seconds."""
        self._lms.requests()
        begun = time.monotonic()
        rest = iter(people)
        while some := list(islice(rest, A_DOCUMENT)):
            found = self._ask("query", some, _look_up, {"r": "String"})
            new = [one for one, row in zip(some, found, strict=True) if row is None or row["name"] != one["name"]]
            if new:
                self._ask("mutation", new, _upsert, {"r": "String", "v": "UpdateUserInput!"})
        return self._lms.requests(), time.monotonic() - begun

    def _ask(
        self, kind: str, some: Sequence[Mapping[str, Any]], operation: Callable[[int], str], kinds: Mapping[str, str]
    ) -> list[Any]:
        variables: dict[str, Any] = {}
        for number, one in enumerate(some):
            values = {"ref": one["external_reference"], "email": one["email"], "name": one["name"]}
            variables |= {f"r{number}": one["external_reference"], f"v{number}": values}
        declared = ", ".join(f"${name}{number}: {of}" for number in range(len(some)) for name, of in kinds.items())
        used = {name: value for name, value in variables.items() if name[0] in kinds}
        document = f"{kind}({declared}) {{ {' '.join(map(operation, range(len(some))))} }}"
        answer = self._session.post(f"{self._lms.url}/graphql/", json={"query": document, "variables": used}).json()
        if answer.get("errors"):
            raise RuntimeError(str(answer["errors"])[:300])
        return [answer["data"][f"u{number}"] for number in range(len(some))]


def measure(size: str, people: Sequence[Mapping[str, Any]]) -> list[Measured]:
    """Calls and seconds of connector and script in an organization of a size, each in one of its own."""
    options, most_new = ORGANIZATIONS[size]
    with served("pluvo", *options) as lms:
        lms.answer_after(LATENCY)
        plain = [Script(lms).write(people) for _ in range(2)]
    with served("pluvo", *options) as lms:
        lms.answer_after(LATENCY)
        now = []
        for _ in range(2):
            lms.requests()
            cost = written("destination-pluvo", lms.config, "users", people)
            now.append((lms.requests(), cost.seconds))
    rows = []
    for number, (sync, most) in enumerate((("new", most_new), ("again", MOST_AGAIN))):
        work = f"destination-pluvo, {len(people):,} learners, {size} organization, {sync}"
        calls, calls_of_script = now[number][0] / len(people), plain[number][0] / len(people)
        rows.append(Measured(work, calls, "calls a record", "a plain script", calls_of_script, most))
        rows.append(Measured(work, now[number][1], "seconds", "a plain script", plain[number][1], plain[number][1]))
    return rows


def main() -> None:
    """Measures and prints."""
    parser = arguments(__doc__)
    parser.add_argument("--learners", type=int, help="5,000 by default, or 20,000")
    given = parser.parse_args()
    people = list(learners(given.learners or (20_000 if given.large else 5_000)))
    for size in ORGANIZATIONS:
        rows = measure(size, people)
        for one in rows:
            print(f"{one.work}: {one.now:.3g} {one.unit} ({one.baseline_name} {one.baseline:.3g})", flush=True)
        tell(*rows)


if __name__ == "__main__":
    main()
