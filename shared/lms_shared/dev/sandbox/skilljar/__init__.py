"""A pretend Skilljar: its REST API, version 1 whole and of version 2 what moves learning data, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any, Self

from starlette.applications import Starlette

from lms_shared.dev.sandbox.lms import RequestClass, Table
from lms_shared.dev.sandbox.routes import RouteNames
from lms_shared.dev.sandbox.skilljar import views
from lms_shared.dev.sandbox.skilljar.description import load_description
from lms_shared.dev.sandbox.skilljar.engine import Engine
from lms_shared.dev.sandbox.skilljar.options import (
    DEMO_KEY,
    DEMO_V2_CLIENT_ID,
    DEMO_V2_CLIENT_SECRET,
    READ_ONLY_KEY,
    SkilljarOptions,
)
from lms_shared.dev.sandbox.skilljar.quota import Quota
from lms_shared.dev.sandbox.skilljar.rules import RULEBOOK
from lms_shared.dev.sandbox.skilljar.seed import seed_organization
from lms_shared.dev.sandbox.skilljar.seed.domains import add_domains
from lms_shared.dev.sandbox.skilljar.store import Store
from lms_shared.dev.sandbox.skilljar.v2.app import TOKEN_PATH, VersionTwo
from lms_shared.dev.sandbox.skilljar.web import build_app

__all__ = [
    "DEMO_KEY",
    "DEMO_V2_CLIENT_ID",
    "DEMO_V2_CLIENT_SECRET",
    "READ_ONLY_KEY",
    "SkilljarOptions",
    "SkilljarSandbox",
]

DEFAULT_SEED = 7
SEEDED_DAYS_AGO = 100


class SkilljarSandbox:
    """One organization with two domains, `users` learners, `courses` courses and something of everything else.

    The same seed and sizes give the same organization. `empty` gives one with its domains and nothing on them.
    """

    name = "skilljar"

    def __init__(
        self,
        seed: int = DEFAULT_SEED,
        users: int = 60,
        courses: int = 12,
        options: SkilljarOptions | None = None,
        *,
        seeded: bool = True,
    ) -> None:
        options = options or SkilljarOptions()
        description = load_description()
        self.store = Store(description, options, seed)
        if seeded:
            seed_organization(self.store, seed, users, courses)
        else:
            add_domains(self.store)
        self.store.date_changes_back(SEEDED_DAYS_AGO)
        self._lock = Lock()
        quota = Quota(options)
        self.version_two = VersionTwo(self.store, options, self._lock, quota)
        self.app: Starlette = build_app(
            Engine(self.store, RULEBOOK), description.operations, options, self._lock, quota, self.version_two.routes
        )
        self._routes = RouteNames(self.app)

    def classify(self, method: str, path: str, body: bytes) -> RequestClass:
        """Label and kind of a request; fetching a token writes nothing."""
        named = self._routes.classify(method, path)
        return RequestClass(named.label, named.is_write and path != TOKEN_PATH)

    @classmethod
    def empty(cls, options: SkilljarOptions | None = None, seed: int = DEFAULT_SEED) -> Self:
        """An organization with the domains academy.example.com and partners.example.com, no course and no user."""
        return cls(seed=seed, users=0, courses=0, options=options, seeded=False)

    def saved(self) -> bytes:
        """All contents, for `load`. Raises RuntimeError while background work is due."""
        with self._lock:
            return self.store.saved()

    def load(self, saved: bytes) -> None:
        """Hold what another organization held when it was saved, and nothing else."""
        with self._lock:
            self.store.load(saved)

    def state(self) -> dict[str, Any]:
        """All rows by table, `mails` among them: every mail that would have been sent."""
        with self._lock:
            return views.whole_state(self.store)

    def canonical(self) -> dict[str, Any]:
        """Courses, users, groups, enrollments and progress without ids and in a fixed order, for comparisons."""
        with self._lock:
            return views.canonical_state(self.store)

    def summary(self) -> Sequence[Table]:
        """Courses, learners, enrollments, completions and mails."""
        with self._lock:
            return views.tables(self.store)
