"""Records as exports and careless systems send them, and what is to become of them in any LMS. All data is made up.

The kinds are those of public bug reports of other systems that move learning data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lms_shared.dev.testing.records import a_completion, a_course, a_user
from lms_shared.dev.testing.syncs import Stream

Record = dict[str, Any]
PERSON = "odd@people.example"


@dataclass(frozen=True)
class Odd:
    """Syncs of odd records, one after the other into the same LMS."""

    name: str
    syncs: Sequence[Sequence[Stream]]
    rejected: Sequence[Mapping[str, str]] = ()
    """For each sync, the field that a reject names, by the record's reference or course."""
    config: Mapping[str, Any] = field(default_factory=dict)


DURATIONS = {
    "PT4H35M59.14S": True,
    "PT16559.14S": True,
    "P4W": True,
    "P3Y1M29DT4H35M59.14S": True,
    "PT0S": True,
    "P16559.14S": False,
    "-PT5M": False,
    "5400": False,
    "1:30:00": False,
    "90 min": False,
}
"""Texts, and whether they are lengths of ISO 8601."""


def durations() -> Odd:
    """Courses and completions with lengths of all kinds: they cost the field at most."""
    said = [*DURATIONS, 5400, "", None]
    courses = [a_course(f"d-{number}", f"Length {number}", duration=one) for number, one in enumerate(said)]
    done = [a_completion(email=PERSON, course=f"d-{number}", time_spent=one) for number, one in enumerate(said)]
    return Odd("durations", [[_person(), Stream("content", courses), Stream("completions", done)]])


MOMENTS = {
    "2026-03-29T02:30:00": True,
    "2026-10-25 02:30:00": True,
    "2026-06-01": True,
    "2026-06-01T10:00:00+0530": True,
    "1970-01-01T00:00:00Z": False,
    "9999-12-31T23:59:59Z": False,
    "0000-00-00 00:00:00": False,
    "1780308000": False,
    "01/06/2026": False,
    "6/1/26 10:00 AM": False,
    "2026-02-30T10:00:00Z": False,
    "": False,
}
"""Texts, and whether something can have been completed then."""


def moments() -> Odd:
    """Completions at times of all kinds; what was rejected comes later with its real time."""
    said = [*MOMENTS, 0, 1780308000000, None]
    good = [MOMENTS.get(one, False) if isinstance(one, str) else False for one in said]
    courses = Stream("content", [a_course(f"m-{number}", f"Time {number}") for number in range(len(said))])
    done = [
        {**a_completion(email=PERSON, course=f"m-{number}"), "completed_at": one} for number, one in enumerate(said)
    ]
    later = [a_completion(email=PERSON, course=f"m-{number}") for number, ok in enumerate(good) if not ok]
    rejected = {f"m-{number}": "completed_at" for number, ok in enumerate(good) if not ok}
    syncs = [[_person(), courses, Stream("completions", done)], [Stream("completions", later)]]
    return Odd("moments", syncs, [rejected, {}])


SCORES: Sequence[tuple[Any, float | None, int | None]] = (
    ({"percentage": 85}, 85, 85),
    ({"percentage": "85"}, 85, 85),
    ({"percentage": 100.0000001}, 100, 100),
    ({"percentage": 85.5}, 85.5, 86),
    ({"percentage": None, "raw_value": 12}, 12, 12),
    ({"raw_value": 47.5}, 47.5, 48),
    ({"scaled": 0.95, "raw": 95.0}, None, None),
    ({"percentage": "85%"}, None, None),
    ({"percentage": "0,85"}, None, None),
    ({"percentage": -5}, None, None),
    (85, None, None),
    ([85], None, None),
    ({}, None, None),
    (None, None, None),
)
"""Scores, the number that they say, and that number as a whole one."""


def scores() -> Odd:
    """Completions with scores of all kinds: they cost the score at most."""
    courses = [a_course(f"s-{number}", f"Score {number}") for number in range(len(SCORES))]
    done = [
        {**a_completion(email=PERSON, course=f"s-{number}"), "score": said}
        for number, (said, _, __) in enumerate(SCORES)
    ]
    return Odd("scores", [[_person(), Stream("content", courses), Stream("completions", done)]])


def drifted() -> Odd:
    """Values of other types than they should be: keys and required fields cost the record, all else itself."""
    people: list[Record] = [
        {"external_reference": "2001", "email": ["p1@people.example"], "first_name": "Ann", "last_name": "Ro"},
        {"external_reference": 2002, "email": "p2@people.example", "first_name": "Ben", "last_name": "Ro", "active": 1},
        {"external_reference": 2003.0, "email": "p3@people.example", "first_name": "Cy", "last_name": "Ro"},
        {"external_reference": 2003, "email": "p3@people.example", "first_name": "Cy", "last_name": "Ro"},
        {"external_reference": ["2004"], "email": "p4@people.example", "first_name": "Di", "last_name": "Ro"},
        {
            "external_reference": "2005",
            "email": "p5@people.example",
            "first_name": ["Ed"],
            "last_name": "Ro",
            "active": "false",
        },
        {
            "external_reference": "2006",
            "email": "p6@people.example",
            "first_name": "Flo",
            "last_name": "Ro",
            "phone_number": 31612345678,
        },
    ]
    courses = [
        {**a_course("2101"), "title": 2084},
        a_course("2102", "Words", languages="en", tags="a, b", categories={"name": "IT"}, authors=[{"name": "A"}]),
        a_course("2103", "Lists", tags=[1, 2], localizations=[], additional_data="x", order="3"),
    ]
    rejected = {"2001": "email", "['2004']": "external_reference", "2101": "title"}
    return Odd("drifted", [[Stream("users", people), Stream("content", courses)]], [rejected])


def from_a_sheet() -> Odd:
    """Rows of a spreadsheet: everything is text, and the columns have names of their own."""
    columns = {"external_reference": "Employee ID", "email": "E-mail", "first_name": "First", "active": "Active?"}
    rows = [
        {"Employee ID": "1001", "E-mail": "r1@people.example", "First": "Ann", "Last": "Ro", "Active?": "TRUE"},
        {"Employee ID": "01002", "E-mail": "r2@people.example", "First": "Ben", "Last": "Ro", "Active?": "N"},
        {"Employee ID": "1003", "E-mail": "r3@people.example", "First": "Cy", "Last": "Ro", "Active?": ""},
        {"Employee ID": "1004", "E-mail": "r4@people.example", "First": "Di", "Last": "Ro", "Active?": "no longer"},
    ]
    fields = [{"target": target, "source": f'"{column}"'} for target, column in columns.items()]
    fields.append({"target": "last_name", "source": "Last"})
    config = {"stream_mappings": [{"stream": "hr people", "object": "users", "fields": fields}]}
    return Odd("from_a_sheet", [[Stream("hr people", rows)]], [{"1004": "active"}], config)


def nulls_and_blanks() -> Odd:
    """What is null, blank or missing leaves the field alone."""
    whole: Record = {"email": PERSON, "first_name": "Nia", "last_name": "Lowe", "active": True, "language": "en"}
    course = a_course("n-1", "Null", description="<p>Old words</p>", active=True)
    people: list[Record] = [
        {**whole, "last_name": "", "name": None, "active": None, "language": ""},
        {"email": PERSON, "first_name": "Nia"},
        {**whole, "active": " "},
    ]
    courses = [
        {**course, "description": "", "active": ""},
        {**course, "description": None, "content_url": None, "active": None},
        {"external_reference": "n-1", "title": "Null"},
    ]
    first = [Stream("users", [whole]), Stream("content", [course])]
    syncs = [
        first,
        *([Stream("users", [one]), Stream("content", [two])] for one, two in zip(people, courses, strict=True)),
    ]
    return Odd("nulls_and_blanks", syncs)


MENDED = {
    "R&amp;D Basics": "R&D Basics",
    "O&#039;Neil&apos;s guide": "O'Neil's guide",
    "Learn &lt;div&gt;": "Learn <div>",
    "Two  blanks": "Two blanks",
    "Cafe\u0301": "Caf\u00e9",
}
"""Titles as a source escaped them, and as it has mended them."""


def mended() -> Odd:
    """Texts that a source sent escaped, and mends: the LMS gets the mended ones."""
    old, new = "<BR><B>Words &amp; more</B><p>\nBody <p>Students <p>", "<p><b>Words &amp; more</b></p>"
    first = [a_course(f"e-{number}", one, description=old) for number, one in enumerate(MENDED)]
    then = [a_course(f"e-{number}", one, description=new) for number, one in enumerate(MENDED.values())]
    return Odd("mended", [[Stream("content", first)], [Stream("content", then)]])


def _person() -> Stream:
    return Stream("users", [a_user(PERSON, first_name="Odd", last_name="One", name="Odd One")])


ODD = (durations(), moments(), scores(), drifted(), from_a_sheet(), nulls_and_blanks(), mended())
"""All of them."""
