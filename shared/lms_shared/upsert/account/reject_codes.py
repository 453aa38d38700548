"""Every code that a rejected record can carry, with its meaning and what to do: for the docs and the report page.

The first part of a code says where the fix belongs: `INPUT` in the source or the mapping, `REFERENCE` in what the
record refers to, `REMOTE` in the LMS, `POLICY` in the settings of the connection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class RejectCode:
    """A reason of a family, in general terms; the line of a reject says it in particular."""

    code: str
    """`<status>` in a code stands for the HTTP status of the answer."""
    meaning: str
    remedy: str


STATUS = "<status>"

REJECT_CODES: tuple[RejectCode, ...] = (
    RejectCode(
        "INPUT.JSON",
        "The line is a record that no parser reads, or whose data is not a JSON object: NaN, half a character, broken "
        "or too deeply nested JSON, a line that is too long.",
        "Correct the record in the source.",
    ),
    RejectCode(
        "INPUT.MAPPING",
        "An expression of stream_mappings fails on the record.",
        "Correct the source expression of the named field, or the record.",
    ),
    RejectCode(
        "INPUT.MISSING",
        "A field that the object needs is missing or empty.",
        "Send the field, or map one of the source's fields to it.",
    ),
    RejectCode("INPUT.TYPE", "A value is of another type than the field.", "Send the type that the reason names."),
    RejectCode(
        "INPUT.FORMAT",
        "A text is not what the field holds, such as an e-mail address, a date-time or a duration.",
        "Send the format that the reason names.",
    ),
    RejectCode(
        "INPUT.LENGTH",
        "A text is longer than the LMS can hold. It is not cut.",
        "Shorten the text in the source.",
    ),
    RejectCode(
        "INPUT.VALUE",
        "A value is outside of what the field allows.",
        "Send one of the allowed values, or a number within the limits.",
    ),
    RejectCode(
        "INPUT.CHARACTERS",
        "A text holds control characters or halves of characters.",
        "Remove them from the text in the source.",
    ),
    RejectCode(
        "REFERENCE.NOT_FOUND",
        "The learner, group or content that the record refers to, or the object whose id it names, is not in the LMS.",
        "Sync what is missing first or in the same connection, or correct the reference; then write the record again.",
    ),
    RejectCode(
        "REFERENCE.AMBIGUOUS",
        "Several objects of the LMS fit the reference. None is guessed.",
        "Remove all but one of the candidates in the LMS, or refer to the right one by its id.",
    ),
    RejectCode(
        "REFERENCE.NOT_PUBLISHED",
        "The content is there, but not published where the learners are.",
        "Publish it in the LMS, or sync the content with active true; then write the record again.",
    ),
    RejectCode(
        "REMOTE.AMBIGUOUS",
        "Several objects of the LMS could be the one that the record means. None is guessed.",
        "Remove or rename all but one of the candidates in the LMS, or send the id of the right one.",
    ),
    RejectCode(
        "REMOTE.CONFLICT",
        "The object that the record means belongs to another external reference, or another one has its place.",
        "Correct the reference in the source, or clear it in the LMS.",
    ),
    RejectCode(
        "REMOTE.FIXED",
        "A field differs that the LMS takes only when it makes the object.",
        "Leave the field out, set its field policy to never, or have the object made anew.",
    ),
    RejectCode(
        "REMOTE.NO_ID",
        "The LMS does not show the id of an object that is needed to write to it.",
        "Send the id in the field that the reason names.",
    ),
    RejectCode(
        "REMOTE.NOT_KEPT",
        "The LMS took the write without a word and does not have it afterwards.",
        "Correct the named field, or leave it out; then write the record again.",
    ),
    RejectCode(
        "REMOTE.PROCESSING",
        "The LMS is still working on something that the record needs.",
        "Write the record again in some minutes.",
    ),
    RejectCode("REMOTE.GONE", "The object was removed from the LMS during the sync.", "Write the record again."),
    RejectCode(
        "REMOTE.REFUSED",
        "The LMS refuses the record; the reason is its own.",
        "Correct what the reason names, in the source or in the LMS, and write the record again.",
    ),
    RejectCode(
        "REMOTE.FAILED",
        "The LMS took the write and could not carry it out.",
        "Look at the object in the LMS, and write the record again.",
    ),
    RejectCode(
        "REMOTE.ERROR",
        "The LMS fails each time at this record, while the same call goes well for others.",
        "Run the sync again. If it fails again, ask the vendor what is wrong with this object.",
    ),
    RejectCode(
        "REMOTE.FORBIDDEN",
        "The LMS does not allow the call for this record, while it allows the same call for others.",
        "Run the sync again. If it fails again, ask the vendor what is wrong with this object.",
    ),
    RejectCode(
        "REMOTE.NOT_IN_DOMAIN",
        "The learner is not a member of the training site (Skilljar, version 2).",
        "Make the learner a member of the site, or sync users in the same connection; then write the record again.",
    ),
    RejectCode(
        "REMOTE.NOT_FOUND",
        "The learner or the enrollment was removed from the LMS during the sync (Skilljar, version 2).",
        "Look whether it is still there, and write the record again.",
    ),
    RejectCode(
        "REMOTE.ALREADY_ENROLLED",
        "The LMS says that the learner is enrolled already, and shows no enrollment (Skilljar, version 2).",
        "Look at the learner's enrollments in the LMS.",
    ),
    RejectCode(
        "REMOTE.VALIDATION_ERROR",
        "A row of a batch is not valid to the LMS; the reason is its own (Skilljar, version 2).",
        "Correct what the reason names, in the source or in the LMS, and write the record again.",
    ),
    RejectCode(
        "REMOTE.INTERNAL_ERROR",
        "The LMS fails each time at this row of a batch (Skilljar, version 2).",
        "Run the sync again. If it fails again, ask the vendor what is wrong with this object.",
    ),
    RejectCode(
        f"REMOTE.{STATUS}",
        "The LMS refuses the record with this HTTP status; the reason is its own. 403, 408 and 5xx: it fails each time "
        "at this record, while the same call goes well for others.",
        "Correct what the reason names, in the source or in the LMS, and write the record again. After 403, 408 or 5xx "
        "run the sync again first, then ask the vendor.",
    ),
    RejectCode(
        "POLICY.NO_MATCH",
        "Mode update creates nothing, and the LMS has no such object.",
        "Use sync mode append_dedup to create what is missing, or remove the record from the stream.",
    ),
)


def find_code(code: str) -> RejectCode | None:
    """The row of a code; a code that ends in an HTTP status is found under `<status>`."""
    family, _, rest = code.partition(".")
    wanted = f"{family}.{STATUS}" if rest.isdecimal() else code
    return next((one for one in REJECT_CODES if one.code == wanted), None)


def markdown_table(codes: Iterable[RejectCode] = REJECT_CODES) -> str:
    """The codes as a table for docs."""
    rows = [f"| `{one.code}` | {one.meaning} | {one.remedy} |" for one in codes]
    return "\n".join(["| Code | Meaning | What to do |", "| --- | --- | --- |", *rows])
