"""Certificates that are issued with completions, each once (certificate page).

Issuing makes a portfolio item, by which a certificate is known. That the item has the title that was given is inferred:
it may have that of the template, or another one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from airbyte_cdk.utils import AirbyteTracedException

from destination_pluvo.answers import Refused, may_be_about_the_client
from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.learning.portfolio import Portfolio, has_mark, read_note
from lms_shared.adapter.adapter import References
from lms_shared.model.scalars import parse_instant


class Certifying:
    """Issues certificates of one template. Safe for threads as long as no two write to one learner at a time."""

    def __init__(self, api: PluvoApi, portfolio: Portfolio, template: str, of_trainings: bool) -> None:
        """`of_trainings`: whether content is a training, which the certificate is tied to."""
        self._api = api
        self._portfolio = portfolio
        self._template = template
        self._of_trainings = of_trainings
        self._lock = threading.Lock()
        self._items_before: dict[tuple[str, str], frozenset[str]] = {}
        """The items of learners before a certificate was asked for, by learner and content, until it is settled."""

    def issue(self, references: References, completed_at: str) -> None:
        """Issues a certificate unless the learner has it. Raises UnknownOutcome where it may have been issued."""
        user, content = references["user"].id, references["content"]
        title = str(content.fields["title"])
        if self._has(user, content.id, title, completed_at):
            return
        with self._lock:
            self._items_before[user, content.id] = frozenset(str(row["id"]) for row in self._portfolio.of(user))
        self._api.change_members(
            "GenerateCertificate",
            user,
            "bulkGenerate",
            id=self._template,
            title=title,
            userIds=[user],
            trainingId=content.id if self._of_trainings else None,
            issueDate=completed_at,
        )
        self._portfolio.of(user, fresh=True)

    def settled(self, references: References) -> None:
        """The completion is written, so that nobody asks for its certificate again."""
        with self._lock:
            self._items_before.pop((references["user"].id, references["content"].id), None)

    def _has(self, user: str, content: str, title: str, completed_at: str) -> bool:
        items = self._portfolio.of(user)
        before = self._items_before.get((user, content))
        if before is not None:
            return any(str(row["id"]) not in before for row in items if not has_mark(row.get("description")))
        of_that_day = [row for row in items if same_day(row.get("startDate"), completed_at)]
        return has_certificate(of_that_day, title) or self._has_one_of_template(of_that_day)

    def _has_one_of_template(self, of_that_day: Iterable[Row]) -> bool:
        """Whether a certificate with the template's title lacks its completion, as after a sync that was killed."""
        completed = certified = 0
        for row in of_that_day:
            if has_mark(row.get("description")):
                completed += read_note(row.get("description")).get("result") != "Fail"
            elif row.get("title") in self._titles_of_template:
                certified += 1
        return certified > completed

    @cached_property
    def _titles_of_template(self) -> frozenset[str]:
        try:
            rows = [row for row in self._api.nodes("Certificates") if str(row["id"]) == self._template]
        except (Refused, AirbyteTracedException) as refused:
            if not may_be_about_the_client(refused):
                raise
            return frozenset()
        return frozenset(str(row[name]) for row in rows for name in ("title", "name") if row.get(name))


def has_certificate(of_that_day: Iterable[Row], title: str) -> bool:
    """Whether there is a certificate of a title among the items of a day: it is one without a mark."""
    return any(row.get("title") == title and not has_mark(row.get("description")) for row in of_that_day)


def same_day(one: Any, other: Any) -> bool:
    """Whether two moments are of the same day in UTC."""
    first, second = parse_instant(one), parse_instant(other)
    return first is not None and second is not None and first.date() == second.date()
