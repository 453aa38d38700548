"""One pretend organization: its records, links, mails, clock and background work."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from lms_shared.dev.sandbox.pluvo.errors import ApiError
from lms_shared.dev.sandbox.pluvo.options import (
    DEMO_CERTIFICATE_ID,
    DuplicateAnswer,
    PluvoOptions,
)
from lms_shared.dev.sandbox.pluvo.records import (
    Certificate,
    Enrollment,
    ExtraCategory,
    Group,
    IssuedCertificate,
    Mail,
    Offer,
    OfferEvent,
    PortfolioItem,
    ReportLine,
    Training,
    User,
)
from lms_shared.dev.sandbox.pluvo.tables import Duplicate, Key, Links, Record, Table

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_REF: Mapping[str, Key] = {"ref": lambda row: row.ref}


class Organization:
    """Everything that the API reads and writes. Starts with two certificate templates and nothing else."""

    def __init__(self, options: PluvoOptions, seed: int) -> None:
        self.options = options
        folded = frozenset({"ref"} if options.refs_ignore_case else ())
        # E-mail addresses are told apart regardless of case (inferred).
        self.users: Table[User] = Table("A user", {**_REF, "email": lambda row: row.email}, folded=folded | {"email"})
        self.groups: Table[Group] = Table("A group", _REF, folded=folded)
        self.trainings: Table[Training] = Table("A training", _REF, folded=folded)
        self.offers: Table[Offer] = Table("An offer", _REF, folded=folded)
        self.events: Table[OfferEvent] = Table("An offer event", _REF, {"offer": lambda row: row.offer_id}, folded)
        self.enrollments: Table[Enrollment] = Table(
            "An enrollment",
            {"user and offer event": lambda row: (row.user_id, row.offer_event_id)},
            {
                "user": lambda row: row.user_id,
                "event": lambda row: row.offer_event_id,
                "event and status": lambda row: (row.offer_event_id, row.status),
            },
        )
        self.portfolio: Table[PortfolioItem] = Table("A portfolio item", None, {"user": lambda row: row.user_id})
        self.certificates: Table[Certificate] = Table("A certificate")
        self.issued: Table[IssuedCertificate] = Table(
            "An issued certificate", {"portfolio item": lambda row: row.portfolio_item_id}
        )
        self.categories: Table[ExtraCategory] = Table("An extra category", _REF, folded=folded)
        self.members = Links()
        """Groups and their participants."""
        self.managers = Links()
        """Groups and their managers."""
        self.participants = Links()
        """Trainings and the participants who were added to them directly."""
        self.trainers = Links()
        """Trainings and their trainers."""
        self.group_trainings = Links()
        """Groups and the trainings that they give access to; linked in the admin interface."""
        self.event_trainings = Links()
        """Offer events and the trainings that they give access to."""
        self.values: dict[tuple[str, str], dict[str, tuple[Any, ...]]] = {}
        """By content type and object: by category, its values (several for MULTISELECT)."""
        self.report: dict[tuple[str, str], ReportLine] = {}
        """By user and training."""
        self.mails: list[Mail] = []
        self._random = random.Random(seed)  # noqa: S311 - ids that look real, no secret
        self._requests = 0
        self._jobs: list[tuple[int, Callable[[], None]]] = []
        self._selections: dict[str, tuple[int, Any]] = {}
        self._version = 0
        self.certificates.put(Certificate(DEMO_CERTIFICATE_ID, "Completion", "Certificate of completion"))
        self.certificates.put(Certificate(self.new_id(), "Attendance", "Proof of attendance"))

    def saved(self) -> bytes:
        """All contents, for `load`. Raises RuntimeError while background work is due."""
        if self._jobs:
            raise RuntimeError("Background work is due, and cannot be saved.")
        tables = {name: table.content for name, table in self._tables()}
        beside = (self.values, self.report, self.mails, self._random.getstate(), self._requests)
        return pickle.dumps((tables, *beside))

    def load(self, saved: bytes) -> None:
        """Hold what another organization held when it was saved, and nothing else."""
        # S301: made by `saved`.
        tables, self.values, self.report, self.mails, state, self._requests = pickle.loads(saved)  # noqa: S301
        for name, table in self._tables():
            table.content = tables[name]
        self._random.setstate(state)
        self.touch()

    def _tables(self) -> Iterator[tuple[str, Table[Any] | Links]]:
        return ((name, one) for name, one in vars(self).items() if isinstance(one, Table | Links))

    def now(self) -> datetime:
        """The present moment, whole seconds."""
        return datetime.fromtimestamp(int(self.options.clock()), UTC)

    def new_id(self) -> str:
        """A random UUID."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def new_identity(self, ref: str | None) -> dict[str, Any]:
        """Id and ref of a new object: without a ref the server makes one (request data page)."""
        return {"id": self.new_id(), "ref": ref or self.new_id(), "ref_was_given": bool(ref)}

    def save(self, table: Table[R], row: R) -> R:
        """Add or replace a record. Raises ApiError when a unique value is taken, and then nothing has changed."""
        try:
            table.put(row)
        except Duplicate as duplicate:
            if self.options.duplicates is DuplicateAnswer.UNEXPLAINED:
                raise ApiError("Internal server error", None) from duplicate
            raise ApiError(str(duplicate)) from duplicate
        self.touch()
        return row

    def touch(self) -> None:
        """Something has changed, so that lists must be made anew."""
        self._version += 1

    def selection(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, remembered under a name until something changes: pages of a list share its making."""
        version, value = self._selections.get(name, (-1, None))
        if version != self._version:
            if len(self._selections) >= 100:
                self._selections.clear()
            value = make()
            self._selections[name] = (self._version, value)
        made: T = value
        return made

    def send(self, kind: str, user: User, about: str) -> None:
        """Record a mail."""
        self.mails.append(Mail(kind, user.email, about, self.now()))

    def later(self, requests: int, job: Callable[[], None]) -> None:
        """Do `job` once that many more requests were answered; at once for 0."""
        if requests <= 0:
            job()
        else:
            self._jobs.append((self._requests + requests, job))

    def begin_request(self) -> None:
        """Do the background work whose time has come."""
        due = [job for number, job in self._jobs if number <= self._requests]
        self._jobs = [(number, job) for number, job in self._jobs if number > self._requests]
        self._requests += 1
        for job in due:
            job()
