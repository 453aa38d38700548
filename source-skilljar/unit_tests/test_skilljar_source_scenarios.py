"""Random edits between syncs: a table that is fed by incremental syncs ends like a full refresh.

Edits are changes of any field and new rows, whatever their time says. Deletions are left out, since Skilljar announces
none; so are the streams that only see what moves a parent, which the README names.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from lms_shared.dev.sandbox.faults import FaultPlan
from source_skilljar.declarations import Parents, declared_streams

STREAMS = [
    name
    for name, declared in declared_streams().items()
    if declared.cursor is not None
    and declared.cursor.parents is not Parents.CHANGED
    and not declared.cursor.server_filter
]
TABLES = {
    "courses": ("title", "modified_at"),
    "lessons": ("title", "order"),
    "content_items": ("header",),
    "published_courses": ("hidden",),
    "published_paths": ("hidden", "modified_at"),
    "course_enrollments": ("active", "expires_at", "rating"),
    "plan_enrollments": ("active", "expires_at"),
    "path_enrollments": ("active", "expires_at"),
    "domain_users": ("active", "expires_at"),
    "users": ("completion_count", "latest_activity", "inactive_at"),
    "license_seats": ("active",),
    "invites": ("used_at",),
}
COPIED = ("course_enrollments", "plan_enrollments", "path_enrollments", "invites")
"""Tables of which a row is copied under another id to make a new one."""
SCENARIOS, SAMPLE = 40, 2


def value_for(field: str, dice: random.Random) -> Any:
    if field.endswith("_at") or field == "latest_activity":
        return (
            f"{dice.choice((2018, 2024, 2026, 2031))}-0{dice.randint(1, 9)}-11T10:00:00.{dice.randint(0, 999999):06}Z"
        )
    if field in ("active", "hidden"):
        return dice.random() < 0.5
    return dice.randint(1, 5) if field in ("rating", "completion_count") else f"text {dice.randint(0, 10**6)}"


def edit(site: Any, dice: random.Random) -> None:
    """Some edits, of rows that are there and of new ones."""
    for _ in range(dice.randint(1, 12)):
        table = dice.choice(sorted(TABLES))
        rows = site.rows(table)
        row = dice.choice(rows)
        if table in COPIED and dice.random() < 0.4:
            copy = {**row, "id": f"n{dice.randint(0, 10**9)}"}
            if "enrolled_at" in row:
                copy["enrolled_at"] = value_for("enrolled_at", dice)
            site.sandbox.store.add(table, **copy)
        else:
            field = dice.choice(TABLES[table])
            if field != "order":
                site.change(table, row["id"], **{field: value_for(field, dice)})


def by_key(result: Any) -> dict[str, dict[tuple[Any, ...], Any]]:
    found: dict[str, dict[tuple[Any, ...], Any]] = {name: {} for name in STREAMS}
    for name, table in found.items():
        for record in result.records[name]:
            table[tuple(record[part] for part in declared_streams()[name].key)] = record
    return found


@pytest.mark.sweep(kept=SAMPLE)
@pytest.mark.parametrize("seed", range(SCENARIOS))
def test_incremental_syncs_end_like_a_full_refresh(commands: Any, serve: Any, seed: int) -> None:
    dice = random.Random(seed)
    site = serve(users=dice.randint(8, 25), courses=dice.randint(2, 6))
    # Turns are taken at once, so that what is read in turns is compared, too.
    config = site.config(max_staleness_days=0, num_workers=dice.randint(1, 8))
    tables: dict[str, dict[tuple[Any, ...], Any]] = {name: {} for name in STREAMS}
    state: dict[str, Any] = {}
    for _ in range(3):
        site.server.faults = FaultPlan.mixed(dice.choice((0.0, 0.1)), seed=seed)
        result = commands.read(config, STREAMS, state)
        assert not result.errors
        state = result.last_states()
        for name, rows in by_key(result).items():
            tables[name].update(rows)
        edit(site, dice)
    last = commands.read(config, STREAMS, state)
    for name, rows in by_key(last).items():
        tables[name].update(rows)
    site.server.faults = FaultPlan()
    whole = by_key(commands.read(config, STREAMS, mode=SyncMode.full_refresh))
    assert {name: rows for name, rows in tables.items() if rows != whole[name]} == {}
