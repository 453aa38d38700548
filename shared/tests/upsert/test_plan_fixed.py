"""Fields that an LMS takes only when it makes an object, and fields that must not be shown."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import Field, FieldPolicy, Kind
from lms_shared.model.keys import KeyKind, MatchKey
from lms_shared.model.reading import read_record
from lms_shared.upsert.plan.plan import Action, plan

HOOKS = ObjectDeclaration(
    name="hooks",
    title="Hooks",
    description="",
    fields=(
        Field("name", Kind.TEXT, "", place="name"),
        Field("course", Kind.LINK, "", place="course", fixed=True),
        Field("token", Kind.TEXT, "", place="token", secret=True),
    ),
    required=(("name",), ("course",)),
    keys=(MatchKey("name", KeyKind.NATURAL),),
    modes=frozenset({Mode.UPSERT}),
)
HELD = RemoteObject("h-1", {"name": "in", "course": {"id": "c-1"}, "token": "old"})


def decide(values: dict[str, Any], remote: RemoteObject | None = HELD, declaration: ObjectDeclaration = HOOKS) -> Any:
    return plan(declaration, Mode.UPSERT, values, remote, "matched")


def test_a_record_that_differs_in_a_fixed_field_is_rejected_before_any_call() -> None:
    with pytest.raises(RecordRejected) as rejected:
        decide({"name": "in", "course": "c-2"})
    assert rejected.value.code == "REMOTE.FIXED"
    assert "course" in rejected.value.reason


def test_an_equal_fixed_field_and_one_that_a_policy_protects_are_no_obstacle() -> None:
    assert decide({"name": "in", "course": "c-1"}).action is Action.UNCHANGED
    never = HOOKS.with_policies({"course": FieldPolicy.NEVER})
    assert decide({"name": "in", "course": "c-2"}, declaration=never).action is Action.UNCHANGED


def test_a_fixed_field_is_written_when_the_object_is_made() -> None:
    assert decide({"name": "in", "course": "c-1"}, remote=None).new_values["course"] == "c-1"


@pytest.mark.parametrize("remote", [None, HELD])
def test_a_secret_is_written_and_never_shown(remote: RemoteObject | None) -> None:
    decision = decide({"name": "in", "course": "c-1", "token": "hush"}, remote)
    assert decision.new_values["token"] == "hush"
    assert "hush" not in str([one.shown for one in decision.changes])
    assert "old" not in str([one.shown["old"] for one in decision.changes])


@pytest.mark.parametrize(("course", "code"), [({"name": "x"}, "INPUT.MISSING"), ([], "INPUT.TYPE"), ("c-1", None)])
def test_a_link_says_which_object_it_means(course: Any, code: str | None) -> None:
    problem = read_record(HOOKS, {"name": "in", "course": course}, strict=True).problem
    assert (problem.code if problem else None) == code
