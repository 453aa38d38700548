"""What is done with a record: every mode, with and without a match, under every field policy."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.adapter.remote import RemoteObject
from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.model.declarations import Mode
from lms_shared.model.fields import FieldPolicy
from lms_shared.upsert.plan.plan import Action, Change, plan

OBJECTS = declarations()
HELD = {"external_reference": "c-1", "title": "Old", "active": True}


def decide(
    mode: Mode, values: dict[str, Any], held: dict[str, Any] | None, name: str = "content", **remote: Any
) -> Any:
    match = None if held is None else RemoteObject("7", held, **remote)
    return plan(OBJECTS[name], mode, values, match, "matched")


@pytest.mark.parametrize(
    ("mode", "held", "action", "fields"),
    [
        (Mode.UPSERT, None, Action.CREATE, ["external_reference", "title"]),
        (Mode.MIRROR, None, Action.CREATE, ["external_reference", "title"]),
        (Mode.CREATE_ONLY, None, Action.CREATE, ["external_reference", "title"]),
        (Mode.UPDATE, None, Action.REJECT, []),
        (Mode.SOFT_DELETE, None, Action.UNCHANGED, []),
        (Mode.HARD_DELETE, None, Action.UNCHANGED, []),
        (Mode.UPSERT, HELD, Action.UPDATE, ["title"]),
        (Mode.MIRROR, HELD, Action.UPDATE, ["title"]),
        (Mode.UPDATE, HELD, Action.UPDATE, ["title"]),
        (Mode.CREATE_ONLY, HELD, Action.UNCHANGED, []),
        (Mode.SOFT_DELETE, HELD, Action.DEACTIVATE, ["active"]),
        (Mode.HARD_DELETE, HELD, Action.DELETE, []),
        (Mode.SOFT_DELETE, {**HELD, "active": False}, Action.UNCHANGED, []),
        (Mode.UPSERT, {**HELD, "title": "New"}, Action.UNCHANGED, []),
        (Mode.UPDATE, {**HELD, "title": " New "}, Action.UNCHANGED, []),
    ],
)
def test_every_mode_has_one_answer_to_a_match_and_to_none(
    mode: Mode, held: dict[str, Any] | None, action: Action, fields: list[str]
) -> None:
    decision = decide(mode, {"external_reference": "c-1", "title": "New"}, held)
    assert decision.action is action
    assert [one.field for one in decision.changes] == fields


@pytest.mark.parametrize(
    ("policy", "held", "new"),
    [
        (FieldPolicy.SOURCE_WINS, ["b"], ["a"]),
        (FieldPolicy.SOURCE_WINS, None, ["a"]),
        (FieldPolicy.FILL_IF_EMPTY, ["b"], None),
        (FieldPolicy.FILL_IF_EMPTY, [], ["a"]),
        (FieldPolicy.FILL_IF_EMPTY, None, ["a"]),
        (FieldPolicy.MERGE_LIST, ["b"], ["b", "a"]),
        (FieldPolicy.MERGE_LIST, ["b", "a"], None),
        (FieldPolicy.MERGE_LIST, None, ["a"]),
        (FieldPolicy.NEVER, ["b"], None),
        (FieldPolicy.NEVER, None, None),
    ],
)
def test_a_policy_says_who_wins_where_record_and_lms_differ(
    policy: FieldPolicy, held: list[str] | None, new: list[str] | None
) -> None:
    declaration = OBJECTS["content"].with_policies({"tags": policy})
    decision = plan(declaration, Mode.UPSERT, {"tags": ["a"]}, RemoteObject("7", {"tags": held}), "matched")
    assert [one.new for one in decision.changes] == ([] if new is None else [new])
    assert decision.action is (Action.UNCHANGED if new is None else Action.UPDATE)


@pytest.mark.parametrize("policy", list(FieldPolicy))
def test_creating_sends_all_that_is_owned_and_what_the_object_cannot_be_without(policy: FieldPolicy) -> None:
    declaration = OBJECTS["content"].with_policies({"title": policy, "tags": policy})
    values = {"external_reference": "c-1", "title": "New", "tags": ["a"]}
    sent = plan(declaration, Mode.UPSERT, values, None, "").new_values
    assert sent["title"] == "New"
    assert ("tags" in sent) is (policy is not FieldPolicy.NEVER)


def test_a_field_that_the_lms_has_no_place_for_is_never_part_of_a_write() -> None:
    values = {"email": "a@b.c", "phone_number": "1"}
    assert decide(Mode.UPSERT, values, None, "users").new_values == {"email": "a@b.c"}
    assert decide(Mode.UPSERT, values, {"email": "a@b.c"}, "users").action is Action.UNCHANGED


def test_the_lms_s_own_id_is_never_part_of_a_write() -> None:
    assert "id" not in decide(Mode.UPSERT, {"id": "8", "title": "New"}, HELD).new_values
    assert "id" not in decide(Mode.UPSERT, {"id": "8", "title": "New", "external_reference": "x"}, None).new_values


def test_switching_off_counts_as_deactivating_and_switching_on_as_updating() -> None:
    assert decide(Mode.UPSERT, {"active": False}, HELD).action is Action.DEACTIVATE
    assert decide(Mode.UPSERT, {"active": True}, {**HELD, "active": False}).action is Action.UPDATE


@pytest.mark.parametrize("name", ["group_members", "assignments"])
def test_a_link_that_is_to_be_withdrawn_is_not_made_first(name: str) -> None:
    assert decide(Mode.UPSERT, {"active": False}, None, name).action is Action.UNCHANGED


def test_an_entity_that_is_inactive_is_created_inactive() -> None:
    decision = decide(Mode.UPSERT, {"external_reference": "c-1", "title": "T", "active": False}, None)
    assert (decision.action, decision.new_values["active"]) == (Action.CREATE, False)


def test_a_completion_that_is_not_better_changes_nothing() -> None:
    held = {"result": "Pass", "completed_at": "2026-01-01"}
    assert decide(Mode.UPSERT, {"completed_at": "2026-01-02"}, held, "completions").action is Action.UNCHANGED
    better = decide(Mode.UPSERT, {"completed_at": "2025-01-01", "result": "Pass"}, held, "completions")
    assert better.changes == (Change("completed_at", "2026-01-01", "2025-01-01"),)


def test_a_better_completion_empties_what_it_does_not_say_unless_a_policy_keeps_it() -> None:
    held = {"result": "Fail", "completed_at": "2026-01-01", "score": {"percentage": 40}, "active": True}
    values = {"completed_at": "2026-01-01", "result": "Pass"}
    passed = Change("result", "Fail", "Pass")
    left = Change("score", {"percentage": 40}, None)
    assert decide(Mode.UPSERT, values, held, "completions").changes == (passed, left)
    for policy in set(FieldPolicy) - {FieldPolicy.SOURCE_WINS}:
        keeping = OBJECTS["completions"].with_policies({"score": policy})
        assert plan(keeping, Mode.UPSERT, values, RemoteObject("7", held), "matched").changes == (passed,)
    assert decide(Mode.UPSERT, {"title": "New"}, {**HELD, "tags": ["a"]}).changes == (Change("title", "Old", "New"),)


def test_what_a_crash_left_half_made_is_completed_even_if_no_field_differs() -> None:
    assert decide(Mode.UPSERT, {"title": "Old"}, HELD, incomplete=True).action is Action.UPDATE
