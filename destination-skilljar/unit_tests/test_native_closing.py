"""A soft delete of a publication closes it, and a record that shows it again opens it as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.requests_log import WriteEvent
from lms_shared.dev.testing.skilljar_academy import DOMAIN, Academy, Row

OPEN, STRICT, HIDDEN, CLOSED = (False, False), (False, True), (True, False), (True, True)


@dataclass(frozen=True)
class Publication:
    """A kind of publication, and where its labels are."""

    name: str
    record: Row
    links: str
    owner: str

    def row(self, academy: Academy) -> Row:
        (row,) = academy.sandbox.store[self.name].rows.values()
        return row

    def access(self, academy: Academy) -> tuple[bool, bool]:
        row = self.row(academy)
        return bool(row["hidden"]), bool(row["strict_enforce_group_visibility"])

    def set_access(self, academy: Academy, hidden: bool, strict: bool) -> None:
        row_id = str(self.row(academy)["id"])
        academy.edit(self.name, row_id, hidden=hidden, strict_enforce_group_visibility=strict)

    def marks(self, academy: Academy) -> list[str]:
        store = academy.sandbox.store
        names = (store["labels"].rows[link["label_id"]]["name"] for link in store[self.links].rows.values())
        return [name.removeprefix(f"closed:airbyte:{DOMAIN}:") for name in names if name.startswith("closed:")]


COURSE = Publication(
    "published_courses", {"course_title": "Reading", "slug": "reading-python"}, "course_labels", "courses"
)
PATH = Publication(
    "published_paths", {"path": {"title": "Reading"}, "slug": "reading"}, "published_path_labels", "published_paths"
)


@pytest.fixture(params=[COURSE, PATH], ids=lambda one: one.name)
def publication(request: pytest.FixtureRequest, academy: Academy) -> Publication:
    one: Publication = request.param
    if one is COURSE:
        course = {"title": "Reading", "short_description": "It.", "enforce_sequential_navigation": False}
        academy.write("courses", course)
    academy.write(one.name, {**one.record, "hidden": False})
    return one


def close(academy: Academy, publication: Publication) -> Any:
    return academy.write(publication.name, publication.record, sync_mode="soft_delete")


def show(academy: Academy, publication: Publication, **fields: Any) -> Any:
    return academy.write(publication.name, {**publication.record, "hidden": False, **fields})


@pytest.mark.parametrize("before", [OPEN, STRICT, HIDDEN])
def test_a_soft_delete_closes_and_showing_it_brings_back_the_access_of_before(
    academy: Academy, publication: Publication, before: tuple[bool, bool]
) -> None:
    publication.set_access(academy, *before)
    assert close(academy, publication).total("deactivated") == 1
    assert publication.access(academy) == CLOSED
    assert publication.marks(academy) == [f"hidden={before[0]:d},strict={before[1]:d}"]
    counted = academy.counting()
    assert close(academy, publication).total("unchanged") == 1
    assert counted.writes == 0
    assert show(academy, publication).total("updated") == 1
    assert publication.access(academy) == (False, before[1])
    assert publication.marks(academy) == []
    counted = academy.counting()
    assert show(academy, publication).total("unchanged") == 1
    assert counted.writes == 0


def test_what_a_record_says_of_access_goes_before_what_was(academy: Academy, publication: Publication) -> None:
    publication.set_access(academy, *OPEN)
    close(academy, publication)
    show(academy, publication, strict_enforce_group_visibility=True)
    assert (publication.access(academy), publication.marks(academy)) == (STRICT, [])


def test_what_an_admin_closed_gets_no_mark(academy: Academy, publication: Publication) -> None:
    publication.set_access(academy, *CLOSED)
    assert close(academy, publication).total("unchanged") == 1
    assert publication.marks(academy) == []
    show(academy, publication)
    assert publication.access(academy) == STRICT


def test_a_mark_of_a_closing_that_an_admin_has_undone_is_replaced(academy: Academy, publication: Publication) -> None:
    close(academy, publication)
    publication.set_access(academy, *STRICT)
    close(academy, publication)
    assert publication.marks(academy) == ["hidden=0,strict=1"]


@pytest.mark.sweep(kept=6)
@pytest.mark.parametrize("step", [close, show], ids=["closing", "opening"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("write", [1, 2, 3])
def test_killed_at_any_write_it_ends_as_it_should(
    academy: Academy, publication: Publication, step: Callable[..., Any], moment: str, write: int
) -> None:
    publication.set_access(academy, *STRICT)
    if step is show:
        close(academy, publication)
    begun = academy.server.requests.writes

    def hook(event: WriteEvent) -> None:
        if event.number >= begun + write and event.phase == moment:
            # Whatever the process would still do does not happen.
            academy.server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE)])

    academy.server.on_write = hook
    record = {**publication.record, **({"hidden": False} if step is show else {})}
    academy.try_to_write(publication.name, record, sync_mode="soft_delete" if step is close else "append_dedup")
    academy.server.on_write, academy.server.faults = None, FaultPlan()
    step(academy, publication)
    assert publication.access(academy) == (CLOSED if step is close else STRICT)
    close(academy, publication)
    assert publication.marks(academy) == ["hidden=0,strict=1"]
    show(academy, publication)
    assert (publication.access(academy), publication.marks(academy)) == (STRICT, [])


def test_groups_that_an_override_still_lets_in_are_named(academy: Academy, publication: Publication) -> None:
    academy.write("groups", {"name": "Managers"})
    overrides = publication.name.removesuffix("s") + "_visibility_overrides"
    parent = {f"{publication.name.removesuffix('s')}_id": str(publication.row(academy)["id"])}
    academy.write(overrides, {**parent, "group_name": "Managers", "is_visible": True})
    run = close(academy, publication)
    assert any("still lets in: Managers" in line for line in run.log)
