"""First contact with a real account: which of a connector's guesses about its API hold there.

The references mark what nobody has seen: whether a filter takes instants, how many rows a page may have. A connector
has to decide such questions one way. Each decision is a `Guess`, and all guesses about an API stand in one module, the
connector's `dialect.py`:

    PAGE_CAP = Guess(
        name="page_cap",
        statement="A page holds up to 10,000 rows.",
        reference="Pluralsight reference, section 4.2",
        effect="page_size above the cap is cut to it",
        assumed=10_000,
    )

The rest of the connector reads `dialect.PAGE_CAP.assumed` and repeats neither the value nor the reason. What only a
write or a huge read would show gets `untested="only a write shows it"` and needs no probe.

The connector's `doctor.py` looks. It has one probe for each question that reading can answer, and declares a `Doctor`:

    def page_cap(account: Account) -> Observations:
        answer = account.session.graphql(account.url, "query { ... }", {"first": 10_001})
        rows = ...
        if rows > PAGE_CAP.assumed:
            return {PAGE_CAP: does_not_hold(f"A page had {rows} rows.", page_size=rows)}
        return {PAGE_CAP: holds("A longer page was cut to 10,000 rows.")}

    DOCTOR = Doctor("source-pluralsight", connect, (Probe((PAGE_CAP,), page_cap), ...), guesses=dialect.GUESSES)

    if __name__ == "__main__":
        sys.exit(run_doctor(DOCTOR))

`python -m source_pluralsight.doctor --config config.json --output doctor.json` then prints what holds, what does not
hold and what could not be told, with the settings that follow. `lms-sync doctor` starts this command for both sides.

What the framework guarantees:

- **It only reads.** `ReadingSession` refuses every request that could change something (`WriteRefused`).
- **60 calls and 5 minutes at most**, retries and logins included. What is left when they are used up could not be told.
- **No personal data.** Sentences are cleaned of the config's values, e-mail addresses, links, ids and long numbers
  before they are printed or written (`report.depersonalized`). A probe should still say counts, types, status codes and
  field names, and never a value out of a row.
- **A failing probe costs its own guesses**, which then could not be told. The others go on.
"""

from lms_shared.doctor.command import run_doctor
from lms_shared.doctor.examination import Doctor, Observations, Probe
from lms_shared.doctor.guess import Finding, Guess, Observation, could_not_tell, does_not_hold, holds
from lms_shared.doctor.session import AccessRefused, Answer, NoAnswer, ReadingSession

__all__ = [
    "AccessRefused",
    "Answer",
    "Doctor",
    "Finding",
    "Guess",
    "NoAnswer",
    "Observation",
    "Observations",
    "Probe",
    "ReadingSession",
    "could_not_tell",
    "does_not_hold",
    "holds",
    "run_doctor",
]
