"""What this connector takes to be so about Skilljar's API although no page of the vendor says it.

Sections are those of the Skilljar reference; "version 2" before one means the reference of version 2. What is learned
while a command runs is kept by the parts that learn it: which endpoints the organization has (`http/availability.py`),
what a client of version 2 may read (`v2/reader.py`), and how far the clock is ahead (`run_context.py`).
"""

from __future__ import annotations

from lms_shared.doctor.guess import Guess

PAGE_SIZE = Guess(
    name="page_size",
    statement="A list takes page_size=1000, or cuts it down without a word.",
    reference="1.3, maximum sizes (inferred; 100 is what a long-used client takes for courses)",
    effect="every list but those of users is asked for pages of 1,000",
    assumed=1_000,
)
LARGE_PAGE_SIZE = Guess(
    name="large_page_size",
    statement="The lists of users take page_size=10000.",
    reference="1.3, maximum sizes (observed 2021 to 2023)",
    effect="users and members are asked for pages of 10,000",
    assumed=10_000,
)
COUNTED_PAGES = Guess(
    name="counted_pages",
    statement="Every page says how many rows its list has, and as many come.",
    reference="1.3, envelope",
    effect="a list with fewer rows than it promises fails its stream",
    assumed=True,
)
OWN_LINKS = Guess(
    name="own_links",
    statement="Links to next pages name the host that was asked.",
    reference="1.3, envelope",
    effect="a link to another host is not followed, because the key would go along",
    assumed=True,
)
BARE_USER_LISTS = Guess(
    name="bare_user_lists",
    statement="The courses, plans and paths of a user come as a bare array.",
    reference="1.3, no paging; 8, user progress lists",
    effect="both a bare array and pages are read",
    assumed=True,
)
SIGNUP_VALUES_IN_LIST = Guess(
    name="signup_values_in_list",
    statement="The list of a domain's users holds their signup values when it is asked to.",
    reference="3.1, row 125; 4.1, domain_users",
    effect="domain_user_signup_fields costs no call per user; if no row has them, the stream fails",
    assumed=True,
)
UNUSED_CODES = Guess(
    name="unused_codes",
    statement="An access code whose use_count is 0 has no users.",
    reference="3.2, AccessCode",
    effect="such codes are not asked for their users",
    assumed=0,
)
PROGRESS_IDS = Guess(
    name="progress_ids",
    statement="Every progress row of a user has a course_progress_id, each its own.",
    reference="4.1, user_course_progress",
    effect="it is the key of user_course_progress; a row without one is left out and counted",
    assumed=True,
)
LESSON_PROGRESS = Guess(
    name="lesson_progress",
    statement="The lesson progress of a user in a course is served.",
    reference="4.3, 2 (404 on one organization)",
    effect="where it is not, user_lesson_progress is empty after 20 tries, with a warning",
    assumed=True,
)
FLAT_PLANS = Guess(
    name="flat_plans",
    statement="Plans come flat, not wrapped in `plan`.",
    reference="4.3, 9",
    effect="both shapes are read",
    assumed=True,
)
FLAT_PATHS = Guess(
    name="flat_paths",
    statement="Paths come flat, not wrapped in `path`.",
    reference="4.3, 10",
    effect="both shapes are read",
    assumed=True,
)
NESTED_POOL_OFFERS = Guess(
    name="nested_pool_offers",
    statement="The offers of a promo code pool come as rows that hold `offers`.",
    reference="4.3, 8",
    effect="both shapes are read",
    assumed=True,
)
SERVER_CLOCK = Guess(
    name="server_clock",
    statement="Answers carry a Date.",
    reference="1.2 (not documented)",
    effect="no state gets ahead of that clock; without it this machine's clock counts",
    assumed=True,
)
ZONED_TIMES = Guess(
    name="zoned_times",
    statement="Times are ISO 8601 with a zone.",
    reference="1.2, date-times",
    effect="a time without a zone is taken for UTC, any fraction of a second is read",
    assumed=True,
)
SCHEDULE_FILTER = Guess(
    name="schedule_filter",
    statement="starts_at__gte leaves out session events that start earlier.",
    reference="4.2, server-side time filter",
    effect="incremental syncs ask for the last 30 days and the future",
    assumed="starts_at__gte",
)
PURCHASE_STATE_IN_ENROLLMENTS = Guess(
    name="purchase_state_in_enrollments",
    statement="The state of a purchase stands in the enrollment, too.",
    reference="3.2, EnrollmentPurchase",
    effect="a purchase is read again when the state in its enrollment changes",
    assumed=True,
)
SILENT_COURSES = Guess(
    name="silent_courses",
    statement="An edited lesson does not move modified_at of its course.",
    reference="3.2, Course; 8, course modified_at",
    effect="lessons are listed in each sync, and compared with what the state remembers",
    assumed=True,
    untested="Only an edit shows it.",
)
COUNTS_BESIDE_ACTIVITY = Guess(
    name="counts_beside_activity",
    statement="Enrollments and completions by an admin move registration_count or completion_count.",
    reference="4.2, limits of the parent-driven way, 1",
    effect="users are read again when a count changed, although latest_activity stayed",
    assumed=True,
    untested="Only a write shows it.",
)
CALLS_PER_MINUTE = Guess(
    name="calls_per_minute",
    statement="An organization has 600 calls a minute, all keys together.",
    reference="1.5",
    effect="default of requests_per_minute",
    assumed=600,
    untested="Only a quota that is used up shows it.",
)
CALLS_PER_HOUR = Guess(
    name="calls_per_hour",
    statement="An organization has 5,000 calls an hour, all keys together.",
    reference="1.5",
    effect="default of requests_per_hour",
    assumed=5_000,
    untested="Only a quota that is used up shows it.",
)
PARALLEL_CALLS = Guess(
    name="parallel_calls",
    statement="Six calls at a time run without trouble.",
    reference="1.5, parallelism (observed)",
    effect="default of num_workers",
    assumed=6,
    untested="A few calls do not show it.",
)

V2_SCOPES_IN_TOKEN = Guess(
    name="v2_scopes_in_token",
    statement="The token of a client lists its scopes in the claim `scopes`.",
    reference="version 2, 1, scopes (observed)",
    effect="check and discover tell by it what the client may read; without it each list is tried",
    assumed=True,
)
V2_STUDENTS_ARE_USERS = Guess(
    name="v2_students_are_users",
    statement="The id of a student is that of the user in version 1.",
    reference="version 2, 1, ids (observed)",
    effect="destinations find the learner of an enrollment by it",
    assumed=True,
)
V2_SAME_PUBLICATIONS = Guess(
    name="v2_same_publications",
    statement="Published courses have the ids of version 1.",
    reference="version 2, 1, ids (inferred)",
    effect="a client that may not list them gets course_id from version 1",
    assumed=True,
)
V2_STUDENTS_INCLUDED = Guess(
    name="v2_students_included",
    statement="A page of enrollments brings its students along when it is asked to.",
    reference="version 2, 2, include",
    effect="student_email costs no call; it stays empty otherwise",
    assumed=True,
)
V2_ENROLLED_WINDOWS = Guess(
    name="v2_enrolled_windows",
    statement="Every enrollment says when it was made, so that windows of that time are the whole list.",
    reference="version 2, 2.2, enrollment",
    effect="the list is read in windows; an enrollment without a time would be left out",
    assumed=True,
)
V2_COMPLETED_WINDOWS = Guess(
    name="v2_completed_windows",
    statement="filter[completed_gte] leaves out what is not completed.",
    reference="version 2, 2.1 (inferred)",
    effect="incremental syncs ask for completions by their time; more rows than needed come otherwise",
    assumed=True,
)
V2_LESSON_CHANGES = Guess(
    name="v2_lesson_changes",
    statement="filter[updated_since] lists every lesson that was added or edited since then, but drafts and sections.",
    reference="version 2, 2, lessons (stated for modified_at)",
    effect="the lessons of courses that it does not name are read within max_staleness_days, not in each sync",
    assumed=True,
    untested="Only an edit shows it.",
)
V2_SHARED_QUOTA = Guess(
    name="v2_shared_quota",
    statement="Calls of version 2 count in the quota of version 1.",
    reference="version 2, 1, rate limit (unknown)",
    effect="default of v2_shares_quota",
    assumed=True,
    untested="Only a quota that is used up shows it.",
)

GUESSES: tuple[Guess[object], ...] = tuple(one for one in list(globals().values()) if isinstance(one, Guess))
"""All of them, in the order of the report."""
