"""The pretend Pluvo as an LMS of the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any, Self

from lms_shared.dev.sandbox.graphql_api.messages import read_request
from lms_shared.dev.sandbox.lms import RequestClass, Table
from lms_shared.dev.sandbox.pluvo import views
from lms_shared.dev.sandbox.pluvo.access import TokenDesk
from lms_shared.dev.sandbox.pluvo.execution import Api
from lms_shared.dev.sandbox.pluvo.options import PluvoOptions
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.seed import Sizes, seed_organization
from lms_shared.dev.sandbox.pluvo.web import GRAPHQL_PATH, Web

DEFAULT_SEED = 11
_UNREADABLE = "(unreadable)"


class PluvoSandbox:
    """One organization with `users` users, `trainings` trainings, `portfolio_items` items and something of all else.

    The same seed and sizes give the same organization. `empty` gives one with certificate templates only.
    """

    name = "pluvo"

    def __init__(
        self,
        seed: int = DEFAULT_SEED,
        users: int = 60,
        trainings: int = 12,
        portfolio_items: int = 90,
        options: PluvoOptions | None = None,
    ) -> None:
        options = options or PluvoOptions()
        self.organization = Organization(options, seed)
        seed_organization(self.organization, seed, Sizes(users, trainings, portfolio_items))
        self._desk = TokenDesk(options)
        self._lock = Lock()
        self._api = Api(self.organization)
        self.app = Web(self._api, self._desk, options, self._lock).app

    @classmethod
    def empty(cls, options: PluvoOptions | None = None, seed: int = DEFAULT_SEED) -> Self:
        """An organization with its certificate templates and nothing else."""
        return cls(seed, 0, 0, 0, options)

    def classify(self, method: str, path: str, body: bytes) -> RequestClass:
        """Requests are told apart by their root fields, as in `POST /graphql/ updateOrCreateUser`.

        A document with a mutation is a write; asking for a token is none.
        """
        if path != GRAPHQL_PATH or method != "POST":
            return RequestClass(f"{method} {path}", is_write=False)
        request = read_request(body)
        prepared = None if request is None else self._api.read(request.query)
        if prepared is None or prepared.document is None:
            return RequestClass(f"POST {GRAPHQL_PATH} {_UNREADABLE}", is_write=False)
        return RequestClass(f"POST {GRAPHQL_PATH} {'+'.join(prepared.root_fields)}", prepared.is_mutation)

    def expire_tokens(self) -> None:
        """End all tokens that were handed out, before their time."""
        with self._lock:
            self._desk.expire_all()

    def link_group(self, group_ref: str, training_ref: str) -> None:
        """Give the members of a group access to a training, as an administrator does; the API has no call for it.

        Raises KeyError when one of them does not exist.
        """
        with self._lock:
            group = self.organization.groups.find("ref", group_ref)
            training = self.organization.trainings.find("ref", training_ref)
            if group is None or training is None:
                raise KeyError(group_ref if group is None else training_ref)
            self.organization.group_trainings.add(group.id, training.id)
            self.organization.touch()

    def saved(self) -> bytes:
        """All contents, for `load`. Raises RuntimeError while background work is due."""
        with self._lock:
            return self.organization.saved()

    def load(self, saved: bytes) -> None:
        """Hold what another organization held when it was saved, and nothing else."""
        with self._lock:
            self.organization.load(saved)

    def state(self) -> dict[str, Any]:
        """All records by kind, links by id, and `mails`: every mail that would have been sent."""
        with self._lock:
            return views.whole_state(self.organization)

    def canonical(self) -> dict[str, Any]:
        """The contents without ids and server-made times, in a fixed order, for comparisons of runs."""
        with self._lock:
            return views.canonical_state(self.organization)

    def summary(self) -> Sequence[Table]:
        """Trainings, learners, assignments, completions, offers and mails."""
        with self._lock:
            return views.page_tables(self.organization)
