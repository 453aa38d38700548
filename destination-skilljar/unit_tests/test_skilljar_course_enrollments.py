"""Assignments look up whole courses where that takes fewer calls than asking each learner."""

from __future__ import annotations

from lms_shared.dev.testing.records import a_completion, a_course, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Stream

LEARNERS = [f"learner{n}@example.com" for n in range(40)]
COURSES = [f"c-{n}" for n in range(4)]
LISTS = "GET /v1/domains/{domain_name}/published-courses/{published_course_id}/enrollments"
LEARNER = "GET /v1/users/{user_id}/published-courses"
ASSIGNED = [an_assignment(email, course) for email in LEARNERS for course in COURSES]


def with_people_and_courses(academy: Academy) -> None:
    academy.sync(
        [
            Stream("users", [a_user(email, first_name="A") for email in LEARNERS]),
            Stream("content", [a_course(course, f"Course {course}", content_url=None) for course in COURSES]),
        ]
    )


def test_assignments_cost_the_pages_of_the_courses_and_no_call_for_each_learner(academy: Academy) -> None:
    with_people_and_courses(academy)
    assert academy.write("assignments", *ASSIGNED).total("created") == len(ASSIGNED)
    counted = academy.counting()
    assert academy.write("assignments", *ASSIGNED).total("unchanged") == len(ASSIGNED)
    assert counted.writes == 0
    assert counted.of(LISTS) == len(COURSES)
    assert counted.of(LEARNER) == 0


def test_few_learners_in_many_courses_are_asked_for_one_by_one(academy: Academy) -> None:
    with_people_and_courses(academy)
    counted = academy.counting()
    academy.write("assignments", *(an_assignment(LEARNERS[0], course) for course in COURSES))
    assert (counted.of(LISTS), counted.of(LEARNER)) == (0, 1)


def test_small_batches_list_the_courses_too_once_enough_learners_were_asked_for(academy: Academy) -> None:
    with_people_and_courses(academy)
    academy.write("assignments", *ASSIGNED)
    counted = academy.counting()
    one_course = [one for one in ASSIGNED if one["learning_object_external_reference"] == COURSES[0]]
    assert academy.write("assignments", *one_course, batch_size=1, num_workers=1).total("unchanged") == len(one_course)
    assert counted.of(LISTS) + counted.of(LEARNER) == 1


def test_what_the_list_of_a_course_tells_is_what_the_learner_has(academy: Academy) -> None:
    with_people_and_courses(academy)
    academy.write("assignments", *ASSIGNED)
    withdrawn = [{**one, "active": False} for one in ASSIGNED]
    assert academy.write("assignments", *withdrawn).total("deactivated") == len(ASSIGNED)
    counted = academy.counting()
    assert academy.write("assignments", *withdrawn).total("unchanged") == len(ASSIGNED)
    given_back = [{**one, "active": True} for one in ASSIGNED]
    assert academy.write("assignments", *given_back).total("updated") == len(ASSIGNED)
    assert counted.of(LEARNER) == 0
    enrollments = academy.rows("course_enrollments")
    assert len(enrollments) == len(ASSIGNED)
    assert all(row["active"] for row in enrollments)


def test_completions_go_on_asking_for_the_progress_of_each_learner(academy: Academy) -> None:
    with_people_and_courses(academy)
    streams = [
        Stream("assignments", ASSIGNED),
        Stream("completions", [a_completion(email=email, course=COURSES[0]) for email in LEARNERS]),
    ]
    academy.sync(streams)
    counted = academy.counting()
    assert academy.sync(streams).total("unchanged") == len(ASSIGNED) + len(LEARNERS)
    assert (counted.of(LISTS), counted.of(LEARNER), counted.writes) == (len(COURSES), len(LEARNERS), 0)
