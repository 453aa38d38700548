"""Orders that only one row of a list can have: records change them freely, and what no record names is never moved."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.skilljar_world import World
from lms_shared.dev.testing.syncs import Run

Record = dict[str, Any]


@pytest.fixture
def course(academy: Academy) -> str:
    return academy.add_course("Python")


def lessons(course: str, *titles: str, first: int = 1) -> list[Record]:
    """Lessons that stand in the order of their titles."""
    orders = range(first, first + len(titles))
    return [
        {"course_id": course, "title": title, "type": "HTML", "order": order}
        for title, order in zip(titles, orders, strict=True)
    ]


def order(academy: Academy, table: str = "lessons", name: str = "title") -> list[str]:
    return [str(row[name]) for row in sorted(academy.rows(table), key=lambda row: int(row["order"]))]


def places(academy: Academy) -> dict[str, int]:
    return {row["title"]: row["order"] for row in academy.rows("lessons")}


def counts(run: Run) -> dict[str, int]:
    assert run.error is None, run.error
    names = ("created", "updated", "unchanged", "rejected")
    return {name: run.total(name) for name in names if run.total(name)}


def writes_nothing_again(academy: Academy, name: str, *records: Record) -> bool:
    counted = academy.counting()
    return counts(academy.write(name, *records)) == {"unchanged": len(records)} and counted.writes == 0


def refused(academy: Academy, *records: Record, **how: Any) -> list[str]:
    """Writes lessons, one of which must be a reject with the remedy; all titles and orders afterwards."""
    run = academy.try_to_write("lessons", *records, **how)
    assert run.error is None, run.error
    (line,) = run.rejects
    assert line["code"] == "REMOTE.400"
    assert "move the lesson that has this one first" in line["remedy"]
    return [f"{row['title']} {row['order']}" for row in sorted(academy.rows("lessons"), key=lambda row: row["order"])]


@pytest.mark.sweep(kept=6)
@pytest.mark.parametrize("titles", list(permutations("ABCD")), ids="".join)
def test_one_sync_brings_lessons_into_any_other_order(academy: Academy, course: str, titles: tuple[str, ...]) -> None:
    academy.write("lessons", *lessons(course, "A", "B", "C", "D"))
    moved = sorted(lessons(course, *titles), key=lambda one: str(one["title"]))
    still = sum(one == other for one, other in zip(titles, "ABCD", strict=True))
    expected = {"updated": 4 - still, "unchanged": still}
    assert counts(academy.write("lessons", *moved)) == {name: count for name, count in expected.items() if count}
    assert places(academy) == {title: place for place, title in enumerate(titles, start=1)}
    assert writes_nothing_again(academy, "lessons", *moved)


@pytest.mark.parametrize("backwards", [False, True])
def test_one_sync_puts_a_new_lesson_before_all_others(academy: Academy, course: str, backwards: bool) -> None:
    academy.write("lessons", *lessons(course, "A", "B", "C"))
    wanted = lessons(course, "New", "A", "B", "C")
    records = wanted[::-1] if backwards else wanted
    assert counts(academy.write("lessons", *records)) == {"created": 1, "updated": 3}
    assert places(academy) == {"New": 1, "A": 2, "B": 3, "C": 4}
    assert writes_nothing_again(academy, "lessons", *records)


def test_lessons_that_are_named_by_id_change_places_in_one_sync(academy: Academy, course: str) -> None:
    academy.write("lessons", *lessons(course, "A", "B"))
    ids = {row["title"]: row["id"] for row in academy.rows("lessons")}
    swapped = [{"id": ids["A"], "order": 2}, {"id": ids["B"], "order": 1}]
    for one in swapped:
        one["course_id"] = course
    assert counts(academy.write("lessons", *swapped, sync_mode="update")) == {"updated": 2}
    assert order(academy) == ["B", "A"]


def test_lessons_of_other_courses_are_not_in_the_way(academy: Academy, course: str) -> None:
    other = academy.add_course("Java")
    academy.write("lessons", *lessons(course, "A", "B"), *lessons(other, "X", "Y"))
    academy.write("lessons", *lessons(course, "B", "A"))
    assert places(academy) == {"B": 1, "A": 2, "X": 1, "Y": 2}


def test_content_items_of_a_lesson_change_places_in_one_sync(academy: Academy) -> None:
    lesson = World(academy).modular_lesson

    def items(*headers: str) -> list[Record]:
        numbered = enumerate(headers, start=1)
        return [{"lesson_id": lesson, "header": one, "type": "HTML", "order": place} for place, one in numbered]

    academy.write("lesson_content_items", *items("A", "B", "C"))
    assert counts(academy.write("lesson_content_items", *items("C", "A", "B"))) == {"updated": 3}
    assert order(academy, "content_items", "header") == ["C", "A", "B"]
    assert writes_nothing_again(academy, "lesson_content_items", *items("C", "A", "B"))


@pytest.mark.parametrize("fault", [FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
def test_lost_answers_leave_no_lesson_out_of_its_place(academy: Academy, course: str, fault: FaultKind) -> None:
    academy.write("lessons", *lessons(course, "A", "B", "C"))
    academy.server.faults = FaultPlan(
        [FaultRule(fault, method="PATCH", times=3), FaultRule(fault, method="POST", times=1)]
    )
    academy.write("lessons", *lessons(course, "New", "C", "B", "A"))
    assert order(academy) == ["New", "C", "B", "A"]


# What is never moved


def test_a_lesson_that_no_record_names_keeps_its_order_and_the_record_is_a_reject(
    academy: Academy, course: str
) -> None:
    academy.write("lessons", *lessons(course, "By hand", "A"))
    assert refused(academy, *lessons(course, "A")) == ["By hand 1", "A 2"]
    assert refused(academy, *lessons(course, "New", "A")) == ["By hand 1", "A 2"]


def test_of_records_that_want_the_same_order_none_drives_the_other_away(academy: Academy, course: str) -> None:
    records = [*lessons(course, "A"), *lessons(course, "B")]
    for _ in range(2):
        assert refused(academy, *records) == ["A 1"]
    assert refused(academy, *records[::-1]) == ["A 1"]


def test_mode_create_only_moves_nothing_that_is_there(academy: Academy, course: str) -> None:
    academy.write("lessons", *lessons(course, "A"))
    assert refused(academy, *lessons(course, "New", "A"), mode="create_only") == ["A 1"]


@pytest.mark.parametrize("policy", ["never", "fill_if_empty"])
def test_a_policy_that_keeps_orders_keeps_them(academy: Academy, course: str, policy: str) -> None:
    academy.write("lessons", *lessons(course, "A"))
    policies = [{"object": "lessons", "field": "order", "policy": policy}]
    assert refused(academy, *lessons(course, "New", "A"), field_policies=policies) == ["A 1"]


def test_a_record_without_an_order_does_not_let_its_lesson_be_moved(academy: Academy, course: str) -> None:
    academy.write("lessons", *lessons(course, "A", "B"))
    update = [{"course_id": course, "title": "B", "order": 1}, {"course_id": course, "title": "A", "optional": True}]
    assert refused(academy, *update, sync_mode="update") == ["A 1", "B 2"]


def test_lessons_of_the_same_title_are_not_moved_because_no_record_is_sure_to_mean_them(
    academy: Academy, course: str
) -> None:
    for place in (1, 2):
        academy.admin("POST", "lessons", lessons(course, "Quiz", first=place)[0])
    run = academy.try_to_write("lessons", *lessons(course, "New", "Other", "Quiz"))
    assert [line["code"] for line in run.rejects] == ["REMOTE.400", "REMOTE.400", "REMOTE.AMBIGUOUS"]
    assert [(row["title"], row["order"]) for row in academy.rows("lessons")] == [("Quiz", 1), ("Quiz", 2)]


def test_a_title_that_another_lesson_is_going_to_get_does_not_let_a_lesson_be_moved(
    academy: Academy, course: str
) -> None:
    academy.write("lessons", *lessons(course, "By hand", "A"))
    (a,) = [row["id"] for row in academy.rows("lessons") if row["title"] == "A"]
    renamed = {**lessons(course, "By hand", first=5)[0], "id": a}
    assert refused(academy, *lessons(course, "New"), renamed) == ["By hand 1", "By hand 5"]


def test_a_lesson_that_is_refused_for_another_reason_moves_no_other(academy: Academy, course: str) -> None:
    academy.write("lessons", *lessons(course, "A"))
    asset = {"course_id": course, "title": "File", "type": "ASSET", "order": 2}
    run = academy.try_to_write("lessons", asset, *lessons(course, "A"))
    assert [line["code"] for line in run.rejects] == ["REMOTE.400"]
    assert places(academy) == {"A": 1}
