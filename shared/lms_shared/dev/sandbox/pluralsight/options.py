"""The behaviors of the API that are known only in part, as switches, and the keys that it accepts.

The defaults are the likelier readings; a client must live with the others as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from lms_shared.dev.sandbox.pluralsight.tampering import Tampering


class ReleaseStage(IntEnum):
    """Stage of a key or of a field; a less stable key may use the more stable fields."""

    GR = 0
    BETA = 1
    ALPHA = 2


class PlanTier(StrEnum):
    """Professional or Enterprise."""

    PRO = "PRO"
    ENT = "ENT"


class KeyState(StrEnum):
    """An expired key works and brings a warning; a deleted one is refused."""

    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the plan."""

    value: str
    stage: ReleaseStage = ReleaseStage.GR
    tier: PlanTier = PlanTier.ENT
    state: KeyState = KeyState.ACTIVE


DEMO_KEY = "demo-pluralsight-key"
BETA_KEY = "demo-pluralsight-beta-key"
ALPHA_KEY = "demo-pluralsight-alpha-key"
PROFESSIONAL_KEY = "demo-pluralsight-professional-key"
EXPIRED_KEY = "demo-pluralsight-expired-key"
DELETED_KEY = "demo-pluralsight-deleted-key"

DEFAULT_KEYS = (
    ApiKey(DEMO_KEY),
    ApiKey(BETA_KEY, stage=ReleaseStage.BETA),
    ApiKey(ALPHA_KEY, stage=ReleaseStage.ALPHA),
    ApiKey(PROFESSIONAL_KEY, tier=PlanTier.PRO),
    ApiKey(EXPIRED_KEY, state=KeyState.EXPIRED),
    ApiKey(DELETED_KEY, state=KeyState.DELETED),
)


class Refusal(StrEnum):
    """How something that the key may not do is refused."""

    ERRORS = "errors"
    """`errors` in an answer of status 200."""
    FORBIDDEN = "forbidden"
    """HTTP 403 with `errors`."""


class RowOrder(StrEnum):
    """Order of the rows of `courseProgress`."""

    ASCENDING = "ascending"
    DESCENDING = "descending"
    SHUFFLED = "shuffled"


class WarningShape(StrEnum):
    """Shape of the elements of `extensions.warnings`."""

    STRING = "string"
    OBJECT = "object"


class ExtensionsShape(StrEnum):
    """Shape of `extensions` of an error: the vendor's prose and its sample differ (reference 1.3)."""

    OBJECT = "object"
    ARRAY = "array"


class FilterDates(StrEnum):
    """Which forms of dates a filter takes (reference 6, items 5 and 6)."""

    INSTANTS = "instants"
    DAYS = "days"
    BOTH = "both"


class EndDate(StrEnum):
    """What `endDate` of `courseProgress` does; that it exists is inferred."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"
    IGNORED = "ignored"
    REFUSED = "refused"
    BY_COMPLETION = "by completion"
    """Cuts by `completedOn`."""


@dataclass(frozen=True)
class FailingField:
    """A field that the API fails to give: of every nth row, with an error beside the data.

    `has_path` is whether the error says where. `times` limits how many answers are spoilt, None for no limit.
    """

    every: int = 1
    code: str | None = "INTERNAL_SERVER_ERROR"
    has_path: bool = True
    times: int | None = None


@dataclass(frozen=True)
class PluralsightOptions:
    """Switches of the pretend API.

    `beta_fields`, `alpha_fields`, `enterprise_queries`, `dropped_fields` hold coordinates such as
    `Course.averageRating` or `Query.labCatalog`. `repeat_cursor` and `null_nodes` name root queries, the first of
    which hand out a cursor twice, the second of which mix nulls into `nodes`; `short_rows` maps a root query to the
    number of promised rows that never come; `failing_queries` maps one to the message of the error it ends in.
    `failing_fields` maps coordinates to how they fail, `rows_without_key` a root query to the field that is null in
    every seventh of its rows. `future_rows` and `undated_rows` are numbers of the newest progress rows that are dated
    2099, or not at all. `vanished_channels` are so many of the channels in the list that no other query finds.
    `clock` is what the header `Date` says; without it there is none, as with many a proxy in front.
    """

    keys: tuple[ApiKey, ...] = DEFAULT_KEYS
    start_date_inclusive: bool = True
    progress_order: RowOrder = RowOrder.ASCENDING
    default_page_size: int | None = 1000
    """Rows when `first` is missing; None means all."""
    page_cap: int = 10_000
    validation_error_status: int = 400
    legacy_fields: bool = False
    stage_refusal: Refusal = Refusal.ERRORS
    tier_refusal: Refusal = Refusal.ERRORS
    client_version_required: bool = False
    introspection_refusal: Refusal | None = None
    row_moves_between_pages: bool = False
    warning_shape: WarningShape = WarningShape.STRING
    dropped_fields: frozenset[str] = frozenset()
    start_date_is_string: bool = False
    content_types_are_strings: bool = False
    channel_id_required: bool = False
    repeat_cursor: frozenset[str] = frozenset()
    short_rows: Mapping[str, int] = field(default_factory=dict)
    null_nodes: frozenset[str] = frozenset()
    failing_queries: Mapping[str, str] = field(default_factory=dict)
    beta_fields: frozenset[str] = frozenset({"Query.contentProgress"})
    alpha_fields: frozenset[str] = frozenset({"Query.playgroundUserSummary"})
    enterprise_queries: frozenset[str] = frozenset({"Query.skillAssessmentResults"})
    error_extensions: ExtensionsShape = ExtensionsShape.OBJECT
    filter_dates: FilterDates = FilterDates.INSTANTS
    day_zone_hours: int = 0
    """Hours that the zone of days in filters is ahead of UTC."""
    end_date: EndDate = EndDate.INCLUSIVE
    stage_refusal_names_fields: bool = True
    """Whether the refusal of a Beta field says which one it is."""
    cap_is_an_error: bool = False
    """Whether a `first` above the cap brings an error beside the rows instead of a warning."""
    payload_limit: int | None = None
    """Most rows of an answer; more are refused with PAYLOAD_LIMIT_EXCEEDED."""
    vanished_channels: int = 0
    future_rows: int = 0
    undated_rows: int = 0
    failing_fields: Mapping[str, FailingField] = field(default_factory=dict)
    rows_without_key: Mapping[str, str] = field(default_factory=dict)
    clock: datetime | None = None
    tampering: tuple[Tampering, ...] = ()
