"""Groups of the organization and who is in them."""

from __future__ import annotations

import pytest

from lms_shared.dev.testing.records import ADA, GRACE, a_group, a_member
from lms_shared.dev.testing.skilljar_academy import OTHER_DOMAIN, Academy


def test_a_new_group_is_created_and_a_known_one_is_left_alone(academy: Academy) -> None:
    academy.admin("POST", "groups", {"name": "Managers", "discount_percent": 10})
    run = academy.write("groups", a_group("Engineers"), a_group("Managers"))
    assert (run.total("created"), run.total("unchanged")) == (1, 1)
    assert [row["name"] for row in academy.held("groups")] == ["Engineers", "Managers"]
    assert academy.row("groups", name="Managers")["discount_percent"] == 10


def test_a_group_is_renamed_by_its_id(academy: Academy) -> None:
    academy.write("groups", a_group("Engineers"))
    group = academy.row("groups", name="Engineers")["id"]
    assert academy.write("groups", a_group("Developers", id=group)).total("updated") == 1
    assert academy.row("groups", name="Developers")["id"] == group


def test_an_id_that_does_not_exist_is_a_reject(academy: Academy) -> None:
    assert academy.rejected("groups", a_group(id="nowhere"))["code"] == "REFERENCE.NOT_FOUND"
    assert academy.held("groups") == []


def test_a_name_that_is_too_long_is_a_reject_and_is_not_cut(academy: Academy) -> None:
    assert academy.rejected("groups", a_group("x" * 101))["code"] == "INPUT.LENGTH"
    academy.write("groups", a_group("x" * 100))
    assert academy.only("groups")["name"] == "x" * 100


def test_hard_delete_removes_the_group_and_keeps_its_learners(academy: Academy) -> None:
    academy.add_member(ADA)
    academy.write("groups", a_group())
    academy.write("group_members", a_member())
    run = academy.write("groups", a_group(), a_group("Unknown"), mode="hard_delete")
    assert (run.total("deactivated"), run.total("unchanged")) == (1, 1)
    assert academy.held("groups") == []
    assert academy.only("users")["email"] == ADA


def test_a_group_cannot_be_deactivated_and_says_so_before_the_first_write(academy: Academy) -> None:
    counted = academy.counting()
    run = academy.try_to_write("groups", a_group(), sync_mode="soft_delete")
    assert "cannot be written in mode 'soft_delete'" in str(run.error)
    assert counted.writes == 0


def test_learners_join_groups_once(academy: Academy) -> None:
    academy.add_member(ADA)
    academy.add_member(GRACE)
    academy.write("groups", a_group())
    assert academy.write("group_members", a_member(), a_member(GRACE)).total("created") == 2
    counted = academy.counting()
    assert academy.write("group_members", a_member(), a_member(GRACE)).total("unchanged") == 2
    assert counted.writes == 0
    assert academy.only("groups")["members"] == [ADA, GRACE]


def test_an_inactive_record_removes_a_learner_and_others_stay(academy: Academy) -> None:
    academy.add_member(ADA)
    academy.add_member(GRACE)
    academy.write("groups", a_group())
    academy.write("group_members", a_member(), a_member(GRACE))
    assert academy.write("group_members", a_member(active=False)).total("deactivated") == 1
    assert academy.only("groups")["members"] == [GRACE]
    assert academy.write("group_members", a_member(active=False)).total("unchanged") == 1


@pytest.mark.parametrize("how", [{"sync_mode": "soft_delete"}, {"mode": "hard_delete"}])
def test_a_learner_is_removed_from_a_group_once_by_either_way_to_delete(academy: Academy, how: dict[str, str]) -> None:
    academy.add_member(ADA)
    academy.write("groups", a_group())
    academy.write("group_members", a_member())
    assert academy.write("group_members", a_member(), **how).total("deactivated") == 1
    assert academy.write("group_members", a_member(), **how).total("unchanged") == 1
    assert academy.only("groups")["members"] == []


def test_a_group_or_learner_that_is_not_there_is_a_reject(academy: Academy) -> None:
    academy.add_member(GRACE, OTHER_DOMAIN)
    academy.write("groups", a_group())
    assert academy.rejected("group_members", a_member(GRACE))["reason"].startswith("the user that")
    academy.add_member(ADA)
    assert academy.rejected("group_members", a_member(group="Unknown"))["reason"].startswith("the group that")
