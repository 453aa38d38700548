"""What this connector takes to be so about Skilljar's API although no page of the vendor says it.

Sections are those of the Skilljar reference. The rest of the connector reads `.assumed`, and `doctor.py` looks at a
real organization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lms_shared.doctor.guess import Guess

TEXTS_ESCAPED = Guess(
    name="texts_escaped",
    statement="Texts such as titles are kept as they are sent, not escaped for HTML.",
    reference="1.2 (not documented)",
    effect="texts are compared as they are; where an answer shows escapes, without them for the rest of the sync",
    assumed=False,
    untested="Only a write shows it.",
)
PAGE_SIZE = Guess(
    name="page_size",
    statement="A list takes page_size=1000, or cuts it down without a word.",
    reference="1.3, maximum sizes",
    effect="every list is asked for pages of 1,000",
    assumed=1_000,
)
COUNTED_PAGES = Guess(
    name="counted_pages",
    statement="Every page says how many rows its list has, and as many come.",
    reference="1.3, envelope",
    effect="a list with fewer rows than it promises is read again, and fails the sync if that lasts",
    assumed=True,
)
LABEL_FILTER = Guess(
    name="label_filter",
    statement="Courses can be looked up by the exact name of a label.",
    reference="5.3, item 1",
    effect="a course is found again by the label that holds its reference; where the filter is not served, nothing is",
    assumed="label__name",
)
COURSE_FILTER = Guess(
    name="course_filter",
    statement="The publications of a domain can be looked up by their course.",
    reference="5.1, published course",
    effect="the publication of a course is found without listing the domain",
    assumed="course__id",
)
ONE_PUBLICATION = Guess(
    name="one_publication",
    statement="A course has one publication in a domain.",
    reference="5.1, published course",
    effect="with more of them, a course is rejected as ambiguous",
    assumed=1,
)
EMAIL_FILTER = Guess(
    name="email_filter",
    statement="Learners can be looked up by e-mail address.",
    reference="5.1, user and domain membership",
    effect="a few learners are looked up one by one, and many by listing the domain",
    assumed="user__email",
)
EMAIL_CASE = Guess(
    name="email_case",
    statement="That look-up does not mind capitals.",
    reference="10, item 5",
    effect="what a look-up does not find is looked for in the list before it is created",
    assumed=True,
)
COURSES_OF_LEARNER = Guess(
    name="courses_of_learner",
    statement="The courses of a learner are served, whatever their domain.",
    reference="1.3, no paging; 8, user progress lists",
    effect="progress is compared with it before a completion is written; a bare array and pages are both read",
    assumed=True,
)
SHORT_DESCRIPTION_LIMIT = Guess(
    name="short_description_limit",
    statement="The short description of a course has at most 300 characters.",
    reference="3.2, Course (the limit of catalog pages)",
    effect="the short description is made of the description's text, cut to this length",
    assumed=300,
)
UNIQUE_LABELS = Guess(
    name="unique_labels",
    statement="No two labels have the same name.",
    reference="5.1, label",
    effect="a label is made first and looked for second",
    assumed=True,
)
CLOSING = Guess(
    name="closing",
    statement="A publication says whether only those may get in who see it.",
    reference="5.4",
    effect="inactive content is hidden and closed, and opened again as it was",
    assumed="strict_enforce_group_visibility",
)
SERVER_CLOCK = Guess(
    name="server_clock",
    statement="Answers carry a Date.",
    reference="1.2 (not documented)",
    effect="reports and enrollment dates take the clock of this machine where they carry none",
    assumed=True,
)

ONLY_A_WRITE = "Only a write shows it."
LABELS_WITH_COURSE = Guess(
    name="labels_with_course",
    statement="A course takes its labels with the create.",
    reference="5.3, item 1",
    effect="where the answer does not show them, they are linked right after",
    assumed=True,
    untested=ONLY_A_WRITE,
)
LABEL_REFUSED = Guess(
    name="label_refused",
    statement="A second label of a name is refused with 400.",
    reference="5.1, label",
    effect="a refused label is looked for in the list",
    assumed=400,
    untested=ONLY_A_WRITE,
)
LINKED_TWICE = Guess(
    name="linked_twice",
    statement="A label that a course has may be refused the second time.",
    reference="5.1, course",
    effect="the course's labels are read after a refusal",
    assumed=True,
    untested=ONLY_A_WRITE,
)
BULK_CREATE = Guess(
    name="bulk_create",
    statement="Learners made in bulk are got or created by their e-mail address.",
    reference="5.1, user and domain membership",
    effect="the call may be repeated; who is missing afterwards is made alone",
    assumed=True,
    untested=ONLY_A_WRITE,
)
NAMES_STAY = Guess(
    name="names_stay",
    statement="Adding somebody to a domain leaves the name that the organization knows.",
    reference="10, item 5",
    effect="names are compared and changed after the learner is there",
    assumed=True,
    untested=ONLY_A_WRITE,
)
WITHOUT_ENROLLMENT = Guess(
    name="without_enrollment",
    statement="The progress of somebody who is not enrolled is not found.",
    reference="6, without an enrollment",
    effect="a completion enrolls first",
    assumed=404,
    untested=ONLY_A_WRITE,
)
PATCH_REPEATABLE = Guess(
    name="patch_repeatable",
    statement="Changing a row twice is changing it once.",
    reference="1.5, PATCH and PUT of any row",
    effect="a change whose answer was lost is made again",
    assumed=True,
    untested=ONLY_A_WRITE,
)
WRITE_PERMISSION = Guess(
    name="write_permission",
    statement="A key without write permission is refused with 403.",
    reference="1.4, row 403",
    effect="the first refused write says that the key is read-only",
    assumed=403,
    untested=ONLY_A_WRITE,
)
RATE_LIMIT = Guess(
    name="rate_limit",
    statement="A call beyond the quota gets 429 with Retry-After in seconds.",
    reference="1.4, row 429",
    effect="all calls wait that long, and half a second more",
    assumed=429,
    untested="Only using up the quota shows it.",
)

SAME_IDS = Guess(
    name="same_ids",
    statement="Courses, publications and enrollments have the same ids in both versions of the API.",
    reference="version 2, 1, ids (shown for students alone)",
    effect="enrollments are listed, made and completed in version 2 by ids of version 1; else all of them are rejected",
    assumed=True,
)
SHARED_QUOTA = Guess(
    name="shared_quota",
    statement="Calls of version 2 count in the quota of version 1.",
    reference="version 2, 1, rate limit",
    effect="both share calls per minute and per hour, unless v2_shares_quota is off",
    assumed=True,
    untested="Only using up the quota shows it.",
)
LATEST_PROGRESS = Guess(
    name="latest_progress",
    statement="The progress that version 1 shows of a course is that of the latest enrollment.",
    reference="version 2, 2.2, enrollment",
    effect="the latest enrollment is completed by version 2, and a score is written by version 1 beside it",
    assumed=True,
)
SCORE_BEFORE_COMPLETION = Guess(
    name="score_before_completion",
    statement="A score can be written before the course is completed, and stays when it is.",
    reference="6, completing a course",
    effect="scores go first, so that version 1 never touches a completion that is there",
    assumed=True,
    untested=ONLY_A_WRITE,
)

GUESSES: tuple[Guess[Any], ...] = tuple(value for value in list(globals().values()) if isinstance(value, Guess))
"""All of them, in the order of this module."""


@dataclass
class Learned:
    """What a sync has found out about its organization, one for each connection.

    Threads may set it at the same time: all of them set the same.
    """

    labels_must_exist: bool | None = None
    """Whether a course can be created with those labels only that are there (`labels_with_course`); None until it
    shows."""
