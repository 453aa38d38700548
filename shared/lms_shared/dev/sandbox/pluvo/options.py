"""The behaviors of the API that are known only in part, as switches, and the clients that it knows.

The defaults are the likelier readings, or the stricter where none is likelier; a client must live with the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from time import time

from lms_shared.dev.sandbox.kept_texts import KeptTexts

ALL_SCOPES = frozenset(
    {
        "users.read",
        "users.write",
        "trainings.read",
        "trainings.write",
        "groups.read",
        "groups.write",
        "events.read",
        "events.write",
        "extra_categories.write",
    }
)

DEMO_CLIENT_ID = "demo-pluvo-client"
DEMO_CLIENT_SECRET = "demo-pluvo-secret"  # noqa: S105 - of a pretend server
READER_CLIENT_ID = "demo-pluvo-reader"
DEMO_CERTIFICATE_ID = "c0ffee00-0000-4000-8000-000000000001"
"""A certificate template that every pretend organization has."""


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A client of the organization and the scopes that it may ask for."""

    id: str
    secret: str
    scopes: frozenset[str] = ALL_SCOPES


DEFAULT_CLIENTS = (
    ApiClient(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET),
    ApiClient(READER_CLIENT_ID, DEMO_CLIENT_SECRET, frozenset(name for name in ALL_SCOPES if name.endswith(".read"))),
)


class AuthRefusal(StrEnum):
    """Answer to a call with a missing or expired token. The API's pages tell of both."""

    UNAUTHORIZED = "unauthorized"
    """HTTP 401."""
    GRAPHQL_ERROR = "graphql_error"
    """Status 200 with an error whose `extensions.code` contains `Auth`."""


class SlashlessAnswer(StrEnum):
    """Answer to an address without its final slash."""

    NOT_FOUND = "not_found"
    REDIRECT = "redirect"


class LookupMiss(StrEnum):
    """What a query by id, ref or e-mail answers when nothing fits."""

    NULL = "null"
    ERROR = "error"


class PageOverrun(StrEnum):
    """What `first` above the largest page size does."""

    ERROR = "error"
    CUT = "cut"


class DuplicateAnswer(StrEnum):
    """The error for a ref or e-mail address that another object has."""

    EXPLAINED = "explained"
    """Says which field of what is taken."""
    UNEXPLAINED = "unexplained"
    """A bare server error without a code."""


class BulkTwins(StrEnum):
    """Which of the lists of ids and of refs in a bulk result name a user."""

    BOTH = "both"
    AS_ASKED = "as_asked"
    """Only the one that matches how the user was asked for."""


class OfferRef(StrEnum):
    """What `ref` in the creation of an offer does, and in its change; no page shows it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """The input type has no such field."""
    IGNORED = "ignored"
    NEVER_TAKEN = "never_taken"
    """Neither the input type of the creation nor that of a change has it."""
    NEVER_KEPT = "never_kept"
    """Creation and change ignore it."""


class DatesOnUpdate(StrEnum):
    """What `dates` in the update of an offer event do with those that it has."""

    REPLACE = "replace"
    ADD = "add"


class Unenrollment(StrEnum):
    """What unenrolling does with the row; the page names both."""

    CANCELLED = "cancelled"
    REMOVED = "removed"


class UnknownEnrollees(StrEnum):
    """What a bulk enrollment does with users who do not exist; its result has no list of failures."""

    SKIPPED = "skipped"
    ERROR = "error"


class CertificateTitle(StrEnum):
    """Title of the portfolio item that comes with a certificate."""

    GIVEN = "given"
    TEMPLATE = "template"
    """That of the template, whatever title is given."""
    PREFIXED = "prefixed"


class EnrollmentSelectors(StrEnum):
    """What a bulk enrollment names event and users by; the recipes show refs alone."""

    BOTH = "both"
    REFS = "refs"
    IDS = "ids"


class InstantStyle(StrEnum):
    """How a DateTime is written."""

    ZULU = "zulu"
    OFFSET = "offset"


@dataclass(frozen=True, slots=True)
class MutationTrouble:
    """Mutations that fail without being carried out: those whose arguments hold a text."""

    text: str
    code: str | None = "INTERNAL_SERVER_ERROR"
    """`extensions.code` of the error; None: it has none."""
    message: str = "Something went wrong"
    skip: int = 0
    """Fitting mutations that pass before the first that fails."""
    times: int | None = None
    """How many fail; None: all."""


@dataclass(frozen=True, slots=True)
class PluvoOptions:
    """Behavior of one pretend organization.

    `dropped_fields` holds coordinates such as `Query.offers` or `UpdateTrainingInput.ref` that the schema is to lack;
    an argument goes with its field alone, as in `offerEvent.ref`. Numbers of requests count calls of `/graphql/`.
    """

    clients: tuple[ApiClient, ...] = DEFAULT_CLIENTS
    token_life_seconds: int = 86_400
    auth_refusal: AuthRefusal = AuthRefusal.UNAUTHORIZED
    slashless: SlashlessAnswer = SlashlessAnswer.NOT_FOUND
    portfolio_scopes: str = "users"
    """Family of scopes that portfolio items, reports and certificates fall under: `users` or `trainings`."""
    introspection: bool = True
    dropped_fields: frozenset[str] = frozenset()
    validation_error_status: int = 400
    """HTTP status of errors that keep a document from being executed."""
    error_codes: bool = True
    """False: errors other than those of authentication have no `extensions.code`."""
    max_mutations_per_document: int | None = None
    max_queries_per_document: int | None = None
    requests_per_minute: int | None = None
    """None: not counted. A limit exists, its numbers are unpublished."""

    lookup_miss: LookupMiss = LookupMiss.NULL
    duplicates: DuplicateAnswer = DuplicateAnswer.EXPLAINED
    refs_ignore_case: bool = False
    max_ref_length: int | None = None
    """Characters that a ref may have; None: any number. Its length is undocumented."""
    max_page_size: int = 50
    default_page_size: int = 50
    page_overrun: PageOverrun = PageOverrun.ERROR
    lists_show_archived: bool = False
    """Whether lists that are not told `archived` hold archived objects too."""
    bulk_twins: BulkTwins = BulkTwins.BOTH
    trim_names: bool = True
    """Blanks around names and titles are cut."""
    kept_texts: KeptTexts = KeptTexts.AS_SENT
    """What becomes of the titles and introductions of trainings."""
    null_clears: bool = True
    """False: an explicit null in an update changes nothing."""
    instant_style: InstantStyle = InstantStyle.ZULU

    selector_copied_on_create: bool = False
    """Whether `updateOrCreateUser` gives a new user the selector that `user` lacks."""
    emails_lowered: bool = False
    membership_lag_requests: int = 0
    """Requests that are answered before a change of group members or managers shows."""
    group_size_enforced: bool = True
    """Whether users beyond `maxUsers` (0: no limit) fail to be added."""
    progress_full: float = 1.0
    """What `progress` says of something completed: 1 or 100."""

    trainings_of_users_shown: bool = True
    """Whether an API client counts as a manager, to whom `paginatedTrainings(userId)` is limited."""
    offer_ref: OfferRef = OfferRef.ACCEPTED
    offers_list_archived: bool = False
    offers_list_inactive: bool = True
    archived_offers_found: bool = True
    """Whether `offer(ref)` finds an archived one."""
    dates_on_update: DatesOnUpdate = DatesOnUpdate.REPLACE
    unenrollment: Unenrollment = Unenrollment.CANCELLED
    enrollment_selectors: EnrollmentSelectors = EnrollmentSelectors.BOTH
    unknown_enrollees: UnknownEnrollees = UnknownEnrollees.SKIPPED
    existing_enrollments_returned: bool = True
    send_mail_default: bool = True
    """What a bulk enrollment without `sendMail` does."""

    portfolio_dates_lose_time: bool = False
    """Whether portfolio items keep the day alone, as the page's example suggests."""
    foreign_files: bool = False
    """Whether `files` takes addresses outside the vendor's store."""
    certificates_mailed: bool = True
    certificate_title: CertificateTitle = CertificateTitle.GIVEN
    unlisted_values_stay: bool = True
    """Whether values of extra categories that an update does not list stay."""

    mutation_trouble: MutationTrouble | None = None

    clock: Callable[[], float] = field(default=time)
    """Seconds since the epoch."""
