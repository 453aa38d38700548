"""Switches of the pretend Skilljar: one for each behavior that is undocumented or differs by organization."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from time import time

from lms_shared.dev.sandbox.kept_texts import KeptTexts
from lms_shared.dev.sandbox.skilljar.v2.tokens import V2Client

DEMO_KEY = "sk-live-demo"
DEMO_V2_CLIENT_ID = "demo-v2-client"
DEMO_V2_CLIENT_SECRET = "demo-v2-secret"  # noqa: S105 - of a pretend organization
READ_ONLY_KEY = "sk-live-readonly"


class LabelsOnCreate(StrEnum):
    """What `labels` in the POST of a course does with names."""

    CREATE_MISSING = "create_missing"
    IGNORED = "ignored"
    REFUSE_UNKNOWN = "refuse_unknown"


class LabelsOnUpdate(StrEnum):
    """What `labels` in the PATCH of a course does with the labels that it has."""

    REPLACE = "replace"
    ADD = "add"
    IGNORED = "ignored"


class RepeatedLink(StrEnum):
    """Answer to a POST that links what is linked already."""

    IDEMPOTENT = "idempotent"
    REFUSED = "refused"


class UserLists(StrEnum):
    """Shape of the three lists of a user's courses, plans and paths."""

    BARE = "bare"
    ENVELOPE = "envelope"


class Nesting(StrEnum):
    """Row shape where older and newer descriptions disagree."""

    FLAT = "flat"
    NESTED = "nested"


class ExistingMember(StrEnum):
    """What a POST of a user who is on the domain already does with the membership."""

    UNCHANGED = "unchanged"
    UPDATED = "updated"


class DeletedPublication(StrEnum):
    """What becomes of the progress rows of a publication that is deleted."""

    NULL_ID = "null_id"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class SkilljarOptions:
    """Behavior of one pretend organization. The defaults are what the reference holds most likely."""

    keys: frozenset[str] = frozenset({DEMO_KEY})
    read_only_keys: frozenset[str] = frozenset({READ_ONLY_KEY})
    labels_on_create: LabelsOnCreate = LabelsOnCreate.CREATE_MISSING
    labels_on_update: LabelsOnUpdate = LabelsOnUpdate.REPLACE
    repeated_link: RepeatedLink = RepeatedLink.IDEMPOTENT
    existing_member: ExistingMember = ExistingMember.UNCHANGED
    inactive_members_can_be_enrolled: bool = True
    user_lists: UserLists = UserLists.BARE
    plans: Nesting = Nesting.FLAT
    paths: Nesting = Nesting.FLAT
    promo_pool_offers: Nesting = Nesting.NESTED
    deleted_publication: DeletedPublication = DeletedPublication.NULL_ID
    progress_read_resolves_by_course: bool = False
    """The item read of a progress row may answer the course's publication on another domain."""
    progress_without_enrollment_status: int = 404
    completing_moves_latest_activity: bool = False
    last_lesson_completes_course: bool = True
    lesson_progress_offered: bool = True
    """False: the lesson list of a progress row is 404, as one organization saw it."""
    refused_features: frozenset[str] = frozenset()
    """Path words after /v1 whose calls answer 403, say `license-packages`, `ilt-sessions` or `bulk-create`."""
    label_refusal_names_labels: bool = True
    """Whether a refused create says that it is the labels; else it is an error of no field."""
    creates_show_labels: bool = True
    """Whether the answer to the create of a course has its labels."""
    email_filters_mind_capitals: bool = False
    trim_texts: bool = True
    """Blanks around texts in bodies are cut, as the framework does unless told otherwise."""
    kept_texts: KeptTexts = KeptTexts.AS_SENT
    """What becomes of the titles and descriptions of courses, and of the texts of lessons."""
    accept_trailing_slash: bool = True
    largest_page: int | None = None
    """The most rows of a page, whatever a call asks for. None: as the reference says."""
    enrollments_each: int | None = None
    """Courses that each member of a domain is enrolled in, if the domain offers so many. None: one to three."""
    future_rows: bool = False
    """One row of each table claims that it was made, changed or last active in 2099."""
    reads_until_processed: int = 2
    """Reads of a new asset or web package that find it unfinished."""
    bulk_create_lag_requests: int = 1
    """Requests that are answered before the users of a bulk-create appear."""
    requests_per_minute: int | None = None
    """None: not counted. The API allows 600."""
    requests_per_hour: int | None = None
    """None: not counted. The API allows 5,000."""
    v2_clients: Mapping[str, V2Client] = field(
        default_factory=lambda: {DEMO_V2_CLIENT_ID: V2Client(DEMO_V2_CLIENT_SECRET)}
    )
    """Clients of version 2 by id."""
    v2_token_seconds: int = 900
    v2_refused_emails: frozenset[str] = frozenset()
    """Addresses of learners that the schema of version 2 does not take, so that it refuses their whole batch."""
    v2_failing_emails: Mapping[str, str] = field(default_factory=dict)
    """Codes of the rows that fail, by the address of their learner."""
    v2_vendor_media_type: bool = True
    """Whether answers say `application/vnd.api+json`, as they do since September 2026, or plain JSON."""
    v2_refused_includes: Mapping[str, int] = field(default_factory=dict)
    """Statuses that refuse a list, by the objects that it is asked to include."""
    v2_counts_in_quota: bool = False
    """Whether calls of version 2 count in the quota of version 1; nobody has said."""
    clock: Callable[[], float] = field(default=time)
    """Seconds since the epoch."""
