"""Believable contents of an organization."""

from __future__ import annotations

from lms_shared.sandbox.skilljar.seed.domains import add_domains
from lms_shared.sandbox.skilljar.store import Store


def seed_organization(store: Store, seed: int, users: int, courses: int) -> None:
    """Fill an empty store."""
    add_domains(store)
