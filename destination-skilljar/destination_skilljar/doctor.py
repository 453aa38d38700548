"""Looks at a real organization and says which guesses of `dialect.py` hold: `python -m destination_skilljar.doctor`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import quote

from destination_skilljar import dialect
from destination_skilljar.destination import DestinationSkilljar
from destination_skilljar.settings import Settings
from destination_skilljar.version_two_probes import V2_GUESSES, version_two
from lms_shared.doctor import (
    AccessRefused,
    Answer,
    Doctor,
    NoAnswer,
    Observations,
    Probe,
    ReadingSession,
    could_not_tell,
    does_not_hold,
    holds,
    run_doctor,
)
from lms_shared.doctor.skilljar_v2 import VersionTwoAccount, open_both

Row = dict[str, Any]

FEW = 5
"""Rows that are looked at one by one."""
MANY = 200
"""Rows of a list that is looked through; whole lists may be long."""
NOBODY = "nobody@example.invalid"
"""An address of a domain that cannot exist (RFC 2606)."""
NO_LABEL = "doctor:no-label-has-this-name"
NO_COURSE = "0000000000000"
NOTHING = could_not_tell("The organization has nothing to see it by.")


@dataclass(frozen=True)
class Account:
    """An organization, the domain that is written to, and what was read of them."""

    session: ReadingSession
    base_url: str
    domain: str
    version_two: VersionTwoAccount | None = None

    def get(self, path: str, **params: Any) -> Answer:
        return self.session.get(f"{self.base_url}/{path}", params or None)

    def rows(self, path: str, **params: Any) -> list[Row]:
        """The rows of a list's first page. Raises NoAnswer if it is not served."""
        answer = self.get(path, **params)
        if (
            answer.status != 200
            or not isinstance(answer.body, dict)
            or not isinstance(answer.body.get("results"), list)
        ):
            raise NoAnswer(f"The list was answered with status {answer.status}.")
        return [row for row in answer.body["results"] if isinstance(row, dict)]

    @property
    def publications(self) -> str:
        return f"domains/{self.domain}/published-courses"

    @property
    def members(self) -> str:
        return f"domains/{self.domain}/users"

    @cached_property
    def learners(self) -> Answer:
        return self.get(self.members, page_size=dialect.PAGE_SIZE.assumed)

    @cached_property
    def published(self) -> list[Row]:
        return self.rows(self.publications, page_size=MANY)

    @cached_property
    def courses(self) -> list[Row]:
        return self.rows("courses", page_size=MANY)

    @cached_property
    def labels(self) -> list[Row]:
        return self.rows("labels", page_size=dialect.PAGE_SIZE.assumed)


def connect(config: Mapping[str, Any]) -> Account:
    """The organization of a config.

    Raises AccessRefused if it cannot be read, and AirbyteTracedException (config_error) for a config that does not fit.
    """
    settings = cast(Settings, DestinationSkilljar().settings(config))
    session, two = open_both(settings.api_key, settings.v2_credentials)
    account = Account(session, settings.base_url.rstrip("/"), quote(settings.domain, safe=""), two)
    answer = account.get(f"domains/{account.domain}")
    if answer.status == 401:
        raise AccessRefused("Skilljar does not accept the API key. Check api_key.")
    if answer.status == 404:
        raise AccessRefused(
            "The organization has no domain of this name. Check domain_name, and base_url ends with /v1."
        )
    if answer.status != 200:
        raise AccessRefused(
            f"Skilljar does not show the domain (status {answer.status}). Check api_key and domain_name."
        )
    return account


def learners(account: Account) -> Observations:
    """The first page of learners: its size, its count, and whether answers carry a Date."""
    answer = account.learners
    asked, rows, total = dialect.PAGE_SIZE.assumed, len(answer.body["results"]), answer.body.get("count")
    following = answer.body.get("next")
    dated = holds("They do.") if "date" in answer.headers else does_not_hold("They do not.")
    readings: dict[Any, Any] = {dialect.SERVER_CLOCK: dated}
    if rows >= asked:
        readings[dialect.PAGE_SIZE] = holds(f"A page of {rows} rows came.")
    elif following:
        readings[dialect.PAGE_SIZE] = holds(f"A page was cut to {rows} rows.")
    else:
        readings[dialect.PAGE_SIZE] = could_not_tell(f"The domain has only {rows} learners.")
    if not isinstance(total, int):
        readings[dialect.COUNTED_PAGES] = does_not_hold("The page has no count.")
    elif following:
        readings[dialect.COUNTED_PAGES] = could_not_tell(f"The first page has {rows} of {total} rows.")
    else:
        fits = rows == total
        readings[dialect.COUNTED_PAGES] = (holds if fits else does_not_hold)(f"{rows} rows came of {total}.")
    return readings


def label_filter(account: Account) -> Observations:
    if not account.courses:
        return {dialect.LABEL_FILTER: NOTHING}
    filtered = account.rows("courses", **{dialect.LABEL_FILTER.assumed: NO_LABEL})
    if filtered:
        return {dialect.LABEL_FILTER: does_not_hold(f"A name that no label has gave {len(filtered)} courses.")}
    for label in account.labels[:FEW]:
        found = account.rows("courses", **{dialect.LABEL_FILTER.assumed: label["name"]})
        if found:
            return {dialect.LABEL_FILTER: holds(f"A label gave {len(found)} courses, and an unknown name none.")}
    return {dialect.LABEL_FILTER: could_not_tell("An unknown name gave none, and no label of a course was found.")}


def course_filter(account: Account) -> Observations:
    if not account.published:
        return dict.fromkeys((dialect.COURSE_FILTER, dialect.ONE_PUBLICATION), NOTHING)
    ids = [row["course"]["id"] for row in account.published]
    filtered = account.rows(account.publications, **{dialect.COURSE_FILTER.assumed: ids[0]})
    others = account.rows(account.publications, **{dialect.COURSE_FILTER.assumed: NO_COURSE})
    right = {row["course"]["id"] for row in filtered} == {ids[0]} and not others
    seen = f"A course gave {len(filtered)} publications, and an unknown id {len(others)}."
    doubled = sum(count > dialect.ONE_PUBLICATION.assumed for count in Counter(ids).values())
    told = f"{doubled} of {len(set(ids))} courses have more."
    return {
        dialect.COURSE_FILTER: (holds if right else does_not_hold)(seen),
        dialect.ONE_PUBLICATION: (does_not_hold if doubled else holds)(told),
    }


def email_filter(account: Account) -> Observations:
    both = (dialect.EMAIL_FILTER, dialect.EMAIL_CASE)
    emails = [email for row in account.learners.body["results"] if (email := row["user"].get("email"))]
    if not emails:
        return dict.fromkeys(both, NOTHING)
    email = emails[0]
    name = dialect.EMAIL_FILTER.assumed
    others = account.rows(account.members, **{name: NOBODY})
    found = account.rows(account.members, **{name: email})
    right = len(found) == 1 and not others
    seen = f"An address gave {len(found)} learners, and an unknown one {len(others)}."
    if not right:
        return {both[0]: does_not_hold(seen), both[1]: could_not_tell("The look-up itself does not work.")}
    swapped = account.rows(account.members, **{name: email.swapcase()})
    case = "It was found" if swapped else "It was not found"
    told = f"{case} with capitals and small letters swapped."
    return {both[0]: holds(seen), both[1]: (holds if swapped else does_not_hold)(told)}


def courses_of_learner(account: Account) -> Observations:
    for row in account.learners.body["results"][:1]:
        answer = account.get(f"users/{quote(str(row['user']['id']), safe='')}/published-courses")
        if answer.status != 200:
            return {dialect.COURSES_OF_LEARNER: does_not_hold(f"The answer was {answer.status}.")}
        shape = "a bare array" if isinstance(answer.body, list) else "pages"
        return {dialect.COURSES_OF_LEARNER: holds(f"They came as {shape}.")}
    return {dialect.COURSES_OF_LEARNER: NOTHING}


def short_descriptions(account: Account) -> Observations:
    limit = dialect.SHORT_DESCRIPTION_LIMIT.assumed
    longest = max((len(row.get("short_description") or "") for row in account.courses), default=0)
    seen = f"The longest of {len(account.courses)} has {longest} characters."
    if longest > limit:
        return {dialect.SHORT_DESCRIPTION_LIMIT: does_not_hold(seen)}
    return {dialect.SHORT_DESCRIPTION_LIMIT: could_not_tell(seen)}


def unique_labels(account: Account) -> Observations:
    if not account.labels:
        return {dialect.UNIQUE_LABELS: NOTHING}
    names = Counter(row["name"] for row in account.labels)
    doubled = sum(count > 1 for count in names.values())
    told = f"{doubled} of {len(names)} names are used twice."
    return {dialect.UNIQUE_LABELS: (does_not_hold if doubled else holds)(told)}


def closing(account: Account) -> Observations:
    if not account.published:
        return {dialect.CLOSING: NOTHING}
    field = dialect.CLOSING.assumed
    having = sum(isinstance(row.get(field), bool) for row in account.published)
    told = f"{having} of {len(account.published)} publications say so."
    return {dialect.CLOSING: (holds if having == len(account.published) else does_not_hold)(told)}


DOCTOR = Doctor(
    "destination-skilljar",
    connect,
    (
        Probe((dialect.PAGE_SIZE, dialect.COUNTED_PAGES, dialect.SERVER_CLOCK), learners),
        Probe((dialect.LABEL_FILTER,), label_filter),
        Probe((dialect.COURSE_FILTER, dialect.ONE_PUBLICATION), course_filter),
        Probe((dialect.EMAIL_FILTER, dialect.EMAIL_CASE), email_filter),
        Probe((dialect.COURSES_OF_LEARNER,), courses_of_learner),
        Probe((dialect.SHORT_DESCRIPTION_LIMIT,), short_descriptions),
        Probe((dialect.UNIQUE_LABELS,), unique_labels),
        Probe((dialect.CLOSING,), closing),
        Probe[Account](V2_GUESSES, version_two),
    ),
    dialect.GUESSES,
)

if __name__ == "__main__":
    sys.exit(run_doctor(DOCTOR))
