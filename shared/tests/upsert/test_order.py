"""Objects are written behind those that they need."""

from __future__ import annotations

from dataclasses import replace

from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.upsert.plan.order import writing_order

OBJECTS = declarations()


def test_what_is_referred_to_goes_first_and_what_another_object_may_settle_goes_behind_it() -> None:
    order = writing_order(OBJECTS)
    assert sorted(order) == sorted(OBJECTS)
    for name, declaration in OBJECTS.items():
        needed = [one.object_name for one in declaration.references] + list(declaration.after)
        assert all(order.index(one) < order.index(name) for one in needed)


def test_an_object_whose_rows_another_one_writes_too_is_needed_with_it() -> None:
    objects = dict(reversed(OBJECTS.items()))
    objects["content"] = replace(objects["content"], same_as={"group_members": {"id": "id"}})
    order = writing_order(objects)
    assert order.index("group_members") < order.index("assignments")
