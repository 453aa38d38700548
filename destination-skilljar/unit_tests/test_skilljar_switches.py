"""What is not documented of the API, one way and the other: one end state, and nothing to write the second time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lms_shared.dev.sandbox.skilljar.options import (
    DeletedPublication,
    ExistingMember,
    LabelsOnCreate,
    LabelsOnUpdate,
    RepeatedLink,
    UserLists,
)
from lms_shared.dev.testing.catalogue import catalogue
from lms_shared.dev.testing.records import ADA, a_completion, a_course, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import DOMAIN, OTHER_DOMAIN, Academy

Open = Callable[..., Academy]
OBJECTS = frozenset({"users", "groups", "group_members", "content", "assignments", "completions"})

SWITCHES: list[dict[str, Any]] = [
    *({"labels_on_create": one} for one in LabelsOnCreate),
    *({"labels_on_update": one} for one in LabelsOnUpdate),
    *(
        {"labels_on_create": LabelsOnCreate.REFUSE_UNKNOWN, "labels_on_update": one, "repeated_link": other}
        for one in LabelsOnUpdate
        for other in RepeatedLink
    ),
    *({"repeated_link": one} for one in RepeatedLink),
    *({"existing_member": one} for one in ExistingMember),
    *({"user_lists": one} for one in UserLists),
    *({"deleted_publication": one} for one in DeletedPublication),
    {"inactive_members_can_be_enrolled": False},
    {"progress_read_resolves_by_course": True},
    {"progress_without_enrollment_status": 403},
    {"completing_moves_latest_activity": True},
    {"last_lesson_completes_course": False},
    {"lesson_progress_offered": False},
    {"trim_texts": False},
    {"accept_trailing_slash": False},
    {"refused_features": frozenset({"license-packages", "training-credit-codes", "ilt-sessions"})},
    {"refused_features": frozenset({"bulk-create"})},
    {"email_filters_mind_capitals": True},
    {"labels_on_create": LabelsOnCreate.REFUSE_UNKNOWN, "label_refusal_names_labels": False},
    {"creates_show_labels": False, "repeated_link": RepeatedLink.REFUSED},
    {"labels_on_create": LabelsOnCreate.IGNORED, "trim_texts": False, "user_lists": UserLists.ENVELOPE},
]


def name(switches: dict[str, Any]) -> str:
    shown = {key: sorted(value) if isinstance(value, frozenset) else value for key, value in switches.items()}
    return ", ".join(f"{key}={value}" for key, value in shown.items())


@pytest.mark.sweep(kept=12)
@pytest.mark.parametrize("switches", SWITCHES, ids=name)
def test_however_the_api_behaves_the_end_state_is_the_same_and_the_second_sync_writes_nothing(
    open_academy: Open, switches: dict[str, Any]
) -> None:
    streams = catalogue(OBJECTS)
    ordinary = open_academy()
    ordinary.sync(streams)
    academy = open_academy(**switches)
    first = academy.sync(streams)
    assert first.error is None
    assert first.total("rejected") == 0
    assert academy.sandbox.canonical() == ordinary.sandbox.canonical()
    counted = academy.counting()
    assert academy.sync(streams).total("unchanged") == sum(len(one.records) for one in streams)
    assert counted.writes == 0


@pytest.mark.parametrize("labels", list(LabelsOnCreate))
def test_a_label_that_is_there_without_its_course_is_used(open_academy: Open, labels: LabelsOnCreate) -> None:
    academy = open_academy(labels_on_create=labels)
    academy.admin("POST", "labels", {"name": "ext:airbyte:c-1"})
    academy.write("content", a_course())
    assert academy.only("courses")["labels"] == ["ext:airbyte:c-1"]
    assert len(academy.rows("labels")) == 1


@pytest.mark.parametrize("repeated", list(RepeatedLink))
def test_a_stamped_course_is_never_linked_again(open_academy: Open, repeated: RepeatedLink) -> None:
    academy = open_academy(repeated_link=repeated, labels_on_create=LabelsOnCreate.IGNORED)
    academy.write("content", a_course())
    academy.write("content", a_course(title="Reading Python 2"))
    assert academy.only("courses")["labels"] == ["ext:airbyte:c-1"]


@pytest.mark.parametrize("existing", list(ExistingMember))
def test_a_membership_that_is_there_is_brought_to_what_the_record_says(
    open_academy: Open, existing: ExistingMember
) -> None:
    academy = open_academy(existing_member=existing)
    academy.add_member(ADA, first_name="A.")
    academy.write("users", a_user(first_name="Ada", active=False))
    assert academy.only("users")["active"] is False
    academy.write("users", a_user(first_name="Ada", active=True))
    assert academy.only("users")["active"] is True
    assert academy.user(ADA)["first_name"] == "Ada"


@pytest.mark.parametrize("lists", list(UserLists))
@pytest.mark.parametrize("by_course", [False, True])
def test_progress_on_another_domain_is_neither_read_nor_written(
    open_academy: Open, lists: UserLists, by_course: bool
) -> None:
    academy = open_academy(user_lists=lists, progress_read_resolves_by_course=by_course)
    academy.write("content", a_course())
    course = academy.row("courses")["id"]
    for domain in (OTHER_DOMAIN, DOMAIN):
        academy.add_member(ADA, domain)
    body = {"course": {"id": course}}
    other = academy.admin("POST", f"domains/{OTHER_DOMAIN}/published-courses", body)["id"]
    user = academy.user(ADA)["id"]
    academy.admin("POST", f"domains/{OTHER_DOMAIN}/published-courses/{other}/enrollments", {"user": {"id": user}})
    elsewhere = {"completed_at": "2020-01-01T00:00:00Z", "success_status": "PASSED"}
    academy.admin("PATCH", f"users/{user}/published-courses/{other}", {"course_progress": elsewhere})
    assert academy.write("completions", a_completion()).total("created") == 1
    moments = sorted(row["completed_at"] for row in academy.held("progress"))
    assert moments == ["2020-01-01T00:00:00Z", "2026-03-01T08:00:00Z"]
    assert academy.write("completions", a_completion()).total("unchanged") == 1


@pytest.mark.parametrize("deleted", list(DeletedPublication))
def test_after_a_publication_was_deleted_and_made_anew_learners_are_enrolled_in_the_new_one(
    open_academy: Open, deleted: DeletedPublication
) -> None:
    academy = open_academy(deleted_publication=deleted)
    academy.add_member(ADA)
    academy.write("content", a_course())
    academy.write("completions", a_completion())
    publication = academy.publication("Reading Python")["id"]
    academy.admin("DELETE", f"domains/{DOMAIN}/published-courses/{publication}")
    academy.write("content", a_course())
    assert academy.write("completions", a_completion()).total("created") == 1
    assert academy.write("completions", a_completion()).total("unchanged") == 1


def test_where_inactive_members_cannot_be_enrolled_the_refusal_is_a_reject(open_academy: Open) -> None:
    academy = open_academy(inactive_members_can_be_enrolled=False)
    academy.write("content", a_course())
    academy.write("users", a_user(active=False))
    reject = academy.rejected("assignments", an_assignment())
    assert reject["code"] == "REMOTE.400"
    assert "not active" in reject["reason"]


def test_blanks_around_a_title_are_no_change_where_the_api_keeps_them(open_academy: Open) -> None:
    academy = open_academy(trim_texts=False)
    academy.add_course(" Reading Python ")
    academy.write("content", a_course())
    assert len(academy.rows("courses")) == 1
    assert academy.write("content", a_course()).total("unchanged") == 1


def test_a_quota_that_is_used_up_is_waited_for(open_academy: Open) -> None:
    seconds = iter(range(10_000))
    academy = open_academy(requests_per_minute=20, clock=lambda: float(next(seconds)) * 2)
    streams = catalogue(OBJECTS)
    assert academy.sync(streams).error is None
    assert len(academy.held("progress")) == 3
