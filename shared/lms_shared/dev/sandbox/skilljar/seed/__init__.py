"""Believable contents of an organization, in the order in which they build on each other."""

from __future__ import annotations

import random

from lms_shared.dev.sandbox.skilljar.seed.activity import add_enrollments, add_plan_and_path_enrollments
from lms_shared.dev.sandbox.skilljar.seed.business import add_commerce, add_technical, add_training
from lms_shared.dev.sandbox.skilljar.seed.content import add_courses, add_material, add_names
from lms_shared.dev.sandbox.skilljar.seed.domains import add_domains
from lms_shared.dev.sandbox.skilljar.seed.future import add_future_rows
from lms_shared.dev.sandbox.skilljar.seed.ground import Ground
from lms_shared.dev.sandbox.skilljar.seed.people import add_access_codes, add_groups, add_users
from lms_shared.dev.sandbox.skilljar.seed.publishing import add_catalog_pages, add_paths, add_plans, publish_courses
from lms_shared.dev.sandbox.skilljar.store import Store


def seed_organization(store: Store, seed: int, users: int, courses: int) -> None:
    """Fill an empty store. Equal seeds and sizes give equal contents, ids included."""
    ground = Ground(store, random.Random(seed))  # noqa: S311 - made-up data, no secret
    add_domains(store)
    add_access_codes(ground)
    add_users(ground, users)
    add_groups(ground)
    add_names(ground)
    add_material(ground)
    add_courses(ground, courses)
    publish_courses(ground)
    add_paths(ground)
    add_plans(ground)
    add_catalog_pages(ground)
    add_enrollments(ground)
    add_plan_and_path_enrollments(ground)
    add_commerce(ground)
    add_training(ground)
    add_technical(ground)
    if store.options.future_rows:
        add_future_rows(store)
