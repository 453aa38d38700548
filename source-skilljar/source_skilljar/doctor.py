"""Looks at a real organization and says which guesses of `dialect.py` hold: `python -m source_skilljar.doctor`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from lms_shared.doctor import (
    AccessRefused,
    Answer,
    Doctor,
    NoAnswer,
    Observation,
    Observations,
    Probe,
    ReadingSession,
    could_not_tell,
    does_not_hold,
    holds,
    run_doctor,
)
from lms_shared.doctor.skilljar_v2 import VersionTwoAccount, open_both
from source_skilljar import dialect
from source_skilljar.config import resolve_settings
from source_skilljar.cursors.timestamps import parse_timestamp
from source_skilljar.http.answers import BAD_KEY
from source_skilljar.records.shape import dig
from source_skilljar.run_context import WRONG_ADDRESS
from source_skilljar.v2.probes import V2_GUESSES, version_two

Row = dict[str, Any]

FEW = 5
"""Rows that are looked at one by one."""
FAR_FUTURE = "2100-01-01T00:00:00Z"
NOTHING = could_not_tell("The organization has nothing to see it by.")


@dataclass(frozen=True)
class Account:
    """An organization, and what was read of it."""

    session: ReadingSession
    base_url: str
    version_two: VersionTwoAccount | None = None

    def get(self, path: str, **params: Any) -> Answer:
        """The answer to a read."""
        return self.session.get(f"{self.base_url}/{path}", params or None)

    def rows(self, path: str, **params: Any) -> list[Row]:
        """The rows of a first page, or of a bare array; none where the list is not served."""
        body = self.get(path, **params).body
        rows = body.get("results") if isinstance(body, dict) else body
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    @cached_property
    def domains(self) -> list[str]:
        """Host names, as they stand in paths."""
        return [quote(str(row["name"]), safe="") for row in self.rows("domains") if row.get("name")]

    @cached_property
    def users(self) -> Answer:
        """The first page of users, as large as the connector asks for."""
        return self.get("users", page_size=dialect.LARGE_PAGE_SIZE.assumed)

    @cached_property
    def courses(self) -> Answer:
        """The first page of courses, as large as the connector asks for."""
        return self.get("courses", page_size=dialect.PAGE_SIZE.assumed)

    @cached_property
    def active_users(self) -> list[str]:
        """Ids of a few users, those with courses first."""
        rows = [row for row in self.users.body["results"] if dig(row, "user.id")]
        rows.sort(key=lambda row: -(row.get("registration_count") or 0))
        return [str(dig(row, "user.id")) for row in rows[:FEW]]

    @cached_property
    def progress(self) -> list[tuple[str, Any]]:
        """The progress lists of those users, by their ids."""
        return [(user, self.get(f"users/{user}/published-courses").body) for user in self.active_users]

    @cached_property
    def purchase(self) -> Row | None:
        """The payment in one of the organization's enrollments."""
        for domain in self.domains[:2]:
            for course in self.rows(f"domains/{domain}/published-courses")[:FEW]:
                path = f"domains/{domain}/published-courses/{course['id']}/enrollments"
                paid = (row["purchase"] for row in self.rows(path) if dig(row, "purchase.purchase_id"))
                found: Row | None = next(paid, None)
                if found is not None:
                    return found
        return None


def connect(config: Mapping[str, Any]) -> Account:
    """The organization of a config. Raises AccessRefused where it cannot be read."""
    settings = resolve_settings(config)
    session, two = open_both(settings.api_key, settings.v2_credentials)
    account = Account(session, settings.base_url, two)
    answer = account.get("domains")
    if answer.status in (401, 403):
        raise AccessRefused(BAD_KEY)
    if answer.status != 200 or not answer.is_json:
        raise AccessRefused(WRONG_ADDRESS)
    return account


def page_sizes(account: Account) -> Observations:
    """How many rows come where more are asked for."""
    return {
        dialect.PAGE_SIZE: _size(account.courses, dialect.PAGE_SIZE.assumed),
        dialect.LARGE_PAGE_SIZE: _size(account.users, dialect.LARGE_PAGE_SIZE.assumed),
    }


def _size(answer: Answer, asked: int) -> Observation:
    if answer.status != 200:
        return does_not_hold(f"A call with page_size={asked} is answered with HTTP {answer.status}.")
    shown, count = len(answer.body["results"]), answer.body.get("count")
    if answer.body.get("next") is None:
        return could_not_tell(f"All {shown} rows fit in one page.")
    if shown >= asked:
        return holds(f"A page had {shown} of {count} rows.")
    return holds(f"A page was cut to {shown} rows: more pages, and nothing else.")


def envelopes(account: Account) -> Observations:
    """Counts and links of a few lists."""
    answers = [account.users, account.courses, account.get("groups", page_size=1), account.get("labels", page_size=1)]
    pages = [answer.body for answer in answers if isinstance(answer.body, dict) and "results" in answer.body]
    counted = [page for page in pages if isinstance(page.get("count"), int)]
    whole = [page for page in counted if page.get("next") is None]
    short = [page for page in whole if len(page["results"]) < page["count"]]
    links = [urlsplit(str(page["next"])).netloc for page in pages if page.get("next")]
    own = urlsplit(account.base_url).netloc
    return {
        dialect.COUNTED_PAGES: does_not_hold(f"{len(short)} of {len(whole)} lists have fewer rows than they count.")
        if short
        else holds(f"{len(counted)} of {len(pages)} lists say a count, and those of one page keep it.")
        if len(counted) == len(pages)
        else does_not_hold(f"{len(pages) - len(counted)} of {len(pages)} lists say no count."),
        dialect.OWN_LINKS: NOTHING
        if not links
        else holds(f"{len(links)} links name the host of base_url.")
        if all(link.lower() == own.lower() for link in links)
        else does_not_hold("A link names another host than base_url."),
    }


def user_lists(account: Account) -> Observations:
    """Shape, keys and lessons of the progress of a few users."""
    bodies = [body for _, body in account.progress]
    rows = [row for body in bodies for row in (body if isinstance(body, list) else (body or {}).get("results", []))]
    ids = [dig(row, "course_progress.course_progress_id") for row in rows]
    unique = {one for one in ids if one}
    return {
        dialect.BARE_USER_LISTS: NOTHING
        if not bodies
        else holds(f"{len(bodies)} users were looked at.")
        if all(isinstance(body, list) for body in bodies)
        else does_not_hold("At least one list came as pages."),
        dialect.PROGRESS_IDS: NOTHING
        if not rows
        else holds(f"{len(rows)} rows have ids, each its own.")
        if len(unique) == len(rows)
        else does_not_hold(f"Of {len(rows)} rows, {len(rows) - len(unique)} have no id of their own."),
        dialect.LESSON_PROGRESS: _lessons(account),
    }


def _lessons(account: Account) -> Observation:
    for user, body in account.progress:
        for row in body if isinstance(body, list) else (body or {}).get("results", []):
            if row.get("published_course_id"):
                answer = account.get(f"users/{user}/published-courses/{row['published_course_id']}/lessons")
                told = f"The lessons of a course are answered with HTTP {answer.status}."
                return holds(told) if answer.status == 200 else does_not_hold(told)
    return NOTHING


def members(account: Account) -> Observations:
    """Whether the list of a domain's users shows what they answered at signup."""
    for domain in account.domains[:FEW]:
        rows = account.rows(f"domains/{domain}/users", include_signup_field_data="true", page_size=FEW)
        if rows:
            shown = sum("signup_fields" in row for row in rows)
            told = f"{shown} of {len(rows)} members have the field."
            return {dialect.SIGNUP_VALUES_IN_LIST: holds(told) if shown == len(rows) else does_not_hold(told)}
    return {dialect.SIGNUP_VALUES_IN_LIST: NOTHING}


def access_codes(account: Account) -> Observations:
    """Whether codes without a use have users."""
    looked = 0
    for domain in account.domains[:2]:
        pools = f"domains/{domain}/access-code-pools"
        for pool in account.rows(pools)[:2]:
            codes = f"{pools}/{pool['id']}/access-codes"
            for code in [one for one in account.rows(codes) if one.get("use_count") == 0][:2]:
                body = account.get(f"{codes}/{code['id']}").body
                if isinstance(body, dict) and body.get("users"):
                    return {dialect.UNUSED_CODES: does_not_hold("A code without a use has users.")}
                looked += 1
    return {dialect.UNUSED_CODES: holds(f"{looked} such codes have none.") if looked else NOTHING}


def shapes(account: Account) -> Observations:
    """Rows that older and newer descriptions show differently."""
    plans = next((rows for domain in account.domains[:FEW] if (rows := account.rows(f"domains/{domain}/plan"))), [])
    pools = account.rows("promo-code-pools", page_size=FEW)[:FEW]
    offers = next((rows for pool in pools if (rows := account.rows(f"promo-code-pools/{pool['id']}/offers"))), [])
    return {
        dialect.FLAT_PLANS: _flat(plans, "plan"),
        dialect.FLAT_PATHS: _flat(account.rows("paths"), "path"),
        dialect.NESTED_POOL_OFFERS: _nested(offers, "offers"),
    }


def _flat(rows: list[Row], wrapper: str) -> Observation:
    if not rows:
        return NOTHING
    wrapped = sum(isinstance(row.get(wrapper), dict) for row in rows)
    told = f"{wrapped} of {len(rows)} rows are wrapped."
    return does_not_hold(told) if wrapped else holds(told)


def _nested(rows: list[Row], name: str) -> Observation:
    if not rows:
        return NOTHING
    nested = sum(isinstance(row.get(name), list) for row in rows)
    told = f"{nested} of {len(rows)} rows hold others."
    return holds(told) if nested == len(rows) else does_not_hold(told)


def clocks(account: Account) -> Observations:
    """The clock in answers, and how times are written."""
    rows = account.courses.body["results"] + account.users.body["results"]
    texts = [str(row[name]) for row in rows for name in ("modified_at", "latest_activity") if row.get(name)]
    read = [text for text in texts if parse_timestamp(text) is not None]
    zoned = [text for text in read if text.endswith("Z") or text[-6:-5] in ("+", "-")]
    told = f"Of {len(texts)} times, {len(read)} can be read and {len(zoned)} have a zone."
    return {
        dialect.SERVER_CLOCK: holds("There is one.")
        if "date" in account.courses.headers
        else does_not_hold("There is none."),
        dialect.ZONED_TIMES: NOTHING if not texts else holds(told) if len(zoned) == len(texts) else does_not_hold(told),
    }


def schedule(account: Account) -> Observations:
    """Whether the filter by time leaves events out."""
    everything = account.get("vilt-session-events", page_size=1)
    if everything.status != 200 or not everything.body.get("count"):
        return {dialect.SCHEDULE_FILTER: NOTHING}
    later = account.get("vilt-session-events", page_size=1, starts_at__gte=FAR_FUTURE)
    told = f"Of {everything.body['count']} events, {later.body.get('count')} start after the year 2100."
    left_out = later.status == 200 and later.body.get("count", 0) < everything.body["count"]
    return {dialect.SCHEDULE_FILTER: holds(told) if left_out else does_not_hold(told)}


def purchases(account: Account) -> Observations:
    """Whether an enrollment and its payment say the same state."""
    paid = account.purchase
    if paid is None:
        return {dialect.PURCHASE_STATE_IN_ENROLLMENTS: NOTHING}
    answer = account.get(f"purchases/{paid['purchase_id']}")
    if answer.status != 200:
        raise NoAnswer(f"A purchase is answered with HTTP {answer.status}.")
    same = answer.body.get("state") == paid.get("purchase_state")
    told = f"The enrollment says {paid.get('purchase_state')}, the purchase {answer.body.get('state')}."
    return {dialect.PURCHASE_STATE_IN_ENROLLMENTS: holds(told) if same else does_not_hold(told)}


DOCTOR = Doctor(
    "source-skilljar",
    connect,
    (
        Probe((dialect.PAGE_SIZE, dialect.LARGE_PAGE_SIZE), page_sizes),
        Probe((dialect.COUNTED_PAGES, dialect.OWN_LINKS), envelopes),
        Probe((dialect.BARE_USER_LISTS, dialect.PROGRESS_IDS, dialect.LESSON_PROGRESS), user_lists),
        Probe((dialect.SIGNUP_VALUES_IN_LIST,), members),
        Probe((dialect.SERVER_CLOCK, dialect.ZONED_TIMES), clocks),
        Probe((dialect.FLAT_PLANS, dialect.FLAT_PATHS, dialect.NESTED_POOL_OFFERS), shapes),
        Probe((dialect.SCHEDULE_FILTER,), schedule),
        Probe[Account](V2_GUESSES, version_two),
        Probe((dialect.UNUSED_CODES,), access_codes),
        Probe((dialect.PURCHASE_STATE_IN_ENROLLMENTS,), purchases),
    ),
    dialect.GUESSES,
)

if __name__ == "__main__":
    sys.exit(run_doctor(DOCTOR))
