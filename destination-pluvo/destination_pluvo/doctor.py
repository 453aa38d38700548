"""Looks at a real organization and says which guesses of `dialect.py` hold: `python -m destination_pluvo.doctor`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from destination_pluvo import dialect
from destination_pluvo.access_token import SCOPES, TOKEN_PATH
from destination_pluvo.destination import DestinationPluvo
from destination_pluvo.dialect import SchemaGuess
from destination_pluvo.settings import Settings
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

Row = dict[str, Any]

NOBODY = "nobody@example.invalid"
"""An address of a domain that cannot exist (RFC 2606)."""
MANY = 25
_TAG = re.compile(r"</?[a-z][a-z0-9]*[ />]")
NOTHING = could_not_tell("The organization has nothing to see it by.")

_SCHEMA = """query {
  __schema {
    types {
      name
      fields(includeDeprecated: true) { name args { name } }
      inputFields { name }
      enumValues(includeDeprecated: true) { name }
    }
  }
}"""


@dataclass(frozen=True)
class Account:
    """An organization, the scopes that its token came with, and what was read of it."""

    session: ReadingSession
    address: str
    scopes: frozenset[str] | None

    def ask(self, query: str, **variables: Any) -> Answer:
        return self.session.graphql(f"{self.address}/graphql/", query, variables)

    def data(self, query: str, **variables: Any) -> Row:
        """The data of a query that should succeed. Raises NoAnswer if it has errors."""
        answer = self.ask(query, **variables)
        if errors_of(answer) or not isinstance(answer.body, dict) or not isinstance(answer.body.get("data"), dict):
            raise NoAnswer(f"The query was refused ({said(answer)}).")
        data: Row = answer.body["data"]
        return data

    @cached_property
    def schema(self) -> frozenset[str] | None:
        """All coordinates of the schema, or None if introspection is refused."""
        answer = self.ask(_SCHEMA)
        if errors_of(answer) or not isinstance(answer.body, dict):
            return None
        return frozenset(_coordinates(answer.body["data"]["__schema"]["types"]))

    @cached_property
    def users(self) -> list[Row]:
        """The first page of users who are not archived."""
        return self.list_users(archived=False)

    def list_users(self, *, archived: bool) -> list[Row]:
        query = """query($first: Int, $archived: Boolean) {
          paginatedUsers(first: $first, archived: $archived) { edges { node { id ref email archived } } }
        }"""
        data = self.data(query, first=dialect.PAGE_SIZE.assumed, archived=archived)
        return [edge["node"] for edge in data["paginatedUsers"]["edges"]]


def connect(config: Mapping[str, Any]) -> Account:
    """The organization of a config.

    Raises AccessRefused if it gives no token, and AirbyteTracedException (config_error) for a config that does not fit.
    """
    settings = cast(Settings, DestinationPluvo().settings(config))
    session = ReadingSession(posts=frozenset({f"/{TOKEN_PATH}"}))
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
    }
    answer = session.post(f"{settings.address}/{TOKEN_PATH}", {**form, "scope": " ".join(SCOPES)})
    if answer.status == 400:
        answer = session.post(f"{settings.address}/{TOKEN_PATH}", form)
    token = answer.body.get("access_token") if isinstance(answer.body, dict) else None
    if not isinstance(token, str):
        raise AccessRefused(
            f"Pluvo gives no access token (status {answer.status}). Check organization, client_id and client_secret."
        )
    session.bear(token)
    named = answer.body.get("scope")
    scopes = frozenset(named.split()) if isinstance(named, str) else None
    return Account(session, settings.address, scopes)


def schema(account: Account) -> Observations:
    """Introspection, and all guesses about names that the schema has."""
    known = account.schema
    if known is None:
        refused = could_not_tell("Introspection is refused.")
        return {dialect.INTROSPECTION: does_not_hold("It is refused."), **dict.fromkeys(SCHEMA_GUESSES, refused)}
    readings: dict[Any, Observation] = {dialect.INTROSPECTION: holds(f"The schema has {len(known)} names.")}
    for guess in SCHEMA_GUESSES:
        missing = [name for name in guess.assumed if name not in known]
        readings[guess] = (
            does_not_hold(f"The schema has no {', '.join(missing)}.") if missing else holds("The schema has it.")
        )
    return readings


def page_size(account: Account) -> Observations:
    cap = dialect.PAGE_SIZE.assumed
    answer = account.ask(
        "query($first: Int) { paginatedUsers(first: $first) { edges { node { id } } } }", first=cap + 1
    )
    if errors_of(answer):
        return {dialect.PAGE_SIZE: holds(f"A page of {cap + 1} is refused ({said(answer)}).")}
    rows = len(answer.body["data"]["paginatedUsers"]["edges"])
    if rows > cap:
        return {dialect.PAGE_SIZE: does_not_hold(f"A page had {rows} rows.")}
    if rows == cap:
        return {dialect.PAGE_SIZE: holds(f"A page of {cap + 1} was cut to {cap} rows.")}
    return {dialect.PAGE_SIZE: could_not_tell(f"There are only {rows} users.")}


def lookup_miss(account: Account) -> Observations:
    answer = account.ask("query($email: String) { user(email: $email) { id } }", email=NOBODY)
    if errors_of(answer):
        return {dialect.LOOKUP_MISS: does_not_hold(f"It is an error ({said(answer)}).")}
    return {dialect.LOOKUP_MISS: holds("It is null.")}


def documents(account: Account) -> Observations:
    many = dialect.DOCUMENTS.assumed
    parts = " ".join(f'a{number}: user(email: "{NOBODY}") {{ id }}' for number in range(many))
    answer = account.ask(f"query {{ {parts} }}")
    data = answer.body.get("data") if isinstance(answer.body, dict) else None
    if isinstance(data, dict) and len(data) == many:
        return {dialect.DOCUMENTS: holds(f"{many} look-ups in one document were answered.")}
    seen = f"{many} look-ups in one document were refused ({said(answer)})."
    return {dialect.DOCUMENTS: does_not_hold(seen, operations_per_document=1)}


def scopes(account: Account) -> Observations:
    if account.scopes is None:
        return {dialect.SCOPES: does_not_hold("It names none.")}
    missing = [name for name in SCOPES if name not in account.scopes]
    return {dialect.SCOPES: holds(f"Missing: {', '.join(missing)}." if missing else "All scopes are there.")}


def portfolio_scope(account: Account) -> Observations:
    for user in account.users[:1]:
        answer = account.ask("query($id: UUID) { portfolioItems(userId: $id) { id } }", id=user["id"])
        if errors_of(answer):
            return {dialect.PORTFOLIO_SCOPE: does_not_hold(f"They are refused ({said(answer)}).")}
        return {dialect.PORTFOLIO_SCOPE: holds("They were read.")}
    return {dialect.PORTFOLIO_SCOPE: NOTHING}


def cases(account: Account) -> Observations:
    """Whether look-ups by e-mail address and by ref mind capitals."""
    readings: dict[Any, Observation] = {}
    for guess, name in ((dialect.EMAIL_CASE, "email"), (dialect.REF_CASE, "ref")):
        row = next((row for row in account.users if row[name] and row[name].swapcase() != row[name]), None)
        if row is None:
            readings[guess] = NOTHING
            continue
        query = f"query($value: String) {{ user({name}: $value) {{ id }} }}"
        answer = account.ask(query, value=row[name].swapcase())
        found = answer.body["data"]["user"] if not errors_of(answer) else None
        right = (found is not None) == (guess is dialect.EMAIL_CASE)
        seen = "It was found" if found is not None else "It was not found"
        readings[guess] = (holds if right else does_not_hold)(f"{seen} with capitals and small letters swapped.")
    return readings


def archived_filter(account: Account) -> Observations:
    archived = account.list_users(archived=True)
    if not archived:
        return {dialect.ARCHIVED_FILTER: NOTHING}
    wrong = sum(row["archived"] is True for row in account.users) + sum(row["archived"] is not True for row in archived)
    if wrong:
        return {dialect.ARCHIVED_FILTER: does_not_hold(f"{wrong} users came in the wrong list.")}
    return {dialect.ARCHIVED_FILTER: holds("Each list had its own.")}


def html_texts(account: Account) -> Observations:
    rows = account.data(
        "query($first: Int) { paginatedTrainings(first: $first) { edges { node { id } } } }", first=MANY
    )
    ids = [edge["node"]["id"] for edge in rows["paginatedTrainings"]["edges"]]
    if not ids:
        return {dialect.HTML_TEXTS: NOTHING}
    parts = " ".join(f'a{number}: training(id: "{one}") {{ introduction }}' for number, one in enumerate(ids))
    trainings = account.data(f"query {{ {parts} }}").values()
    texts = [text for training in trainings if training and (text := training["introduction"])]
    tagged = sum(_TAG.search(text) is not None for text in texts)
    seen = f"{tagged} of {len(texts)} introductions have tags."
    return {dialect.HTML_TEXTS: holds(seen) if tagged else could_not_tell(seen)}


def trainings_of_user(account: Account) -> Observations:
    query = """query($id: UUID, $first: Int) {
      paginatedTrainings(userId: $id, first: $first) { edges { node { id } } }
    }"""
    for user in account.users[:1]:
        answer = account.ask(query, id=user["id"], first=MANY)
        if errors_of(answer):
            return {dialect.TRAININGS_OF_USER: does_not_hold(f"They are refused ({said(answer)}).")}
        return {dialect.TRAININGS_OF_USER: holds("They were read.")}
    return {dialect.TRAININGS_OF_USER: NOTHING}


def errors_of(answer: Answer) -> list[Any]:
    """The errors of an answer; an answer that is not a GraphQL answer is one, too."""
    if not isinstance(answer.body, dict):
        return [answer.status]
    errors = answer.body.get("errors")
    return errors if isinstance(errors, list) else [] if "data" in answer.body else [answer.status]


def said(answer: Answer) -> str:
    """Status and code of a refusal. Its text may quote data."""
    first = next(iter(errors_of(answer)), None)
    extensions = first.get("extensions") if isinstance(first, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return f"status {answer.status}" + (f", code {code}" if isinstance(code, str) else "")


def _coordinates(types: list[Row]) -> Iterator[str]:
    for one in types:
        for member in one["fields"] or ():
            yield f"{one['name']}.{member['name']}"
            for argument in member["args"]:
                yield f"{one['name']}.{member['name']}({argument['name']})"
        for member in [*(one["inputFields"] or ()), *(one["enumValues"] or ())]:
            yield f"{one['name']}.{member['name']}"


SCHEMA_GUESSES = tuple(guess for guess in dialect.GUESSES if isinstance(guess, SchemaGuess))
DOCTOR = Doctor(
    "destination-pluvo",
    connect,
    (
        Probe((dialect.INTROSPECTION, *SCHEMA_GUESSES), schema),
        Probe((dialect.PAGE_SIZE,), page_size),
        Probe((dialect.LOOKUP_MISS,), lookup_miss),
        Probe((dialect.DOCUMENTS,), documents),
        Probe((dialect.SCOPES,), scopes),
        Probe((dialect.PORTFOLIO_SCOPE,), portfolio_scope),
        Probe((dialect.EMAIL_CASE, dialect.REF_CASE), cases),
        Probe((dialect.ARCHIVED_FILTER,), archived_filter),
        Probe((dialect.HTML_TEXTS,), html_texts),
        Probe((dialect.TRAININGS_OF_USER,), trainings_of_user),
    ),
    dialect.GUESSES,
)

if __name__ == "__main__":
    sys.exit(run_doctor(DOCTOR))
