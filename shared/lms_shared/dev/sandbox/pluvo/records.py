"""What the pretend organization holds, one frozen record for each object; a change is a new record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class User:
    """Anyone who can sign in. `ref_was_given` tells an integrator's ref from one that the server made."""

    id: str
    ref: str
    ref_was_given: bool
    name: str
    created_at: datetime
    email: str | None = None
    roles: tuple[str, ...] = ("PARTICIPANT",)
    language: str = "NL"
    archived_at: datetime | None = None
    invited_on: datetime | None = None
    last_login: datetime | None = None
    afas_employee_id: str | None = None
    afas_person_id: str | None = None

    @property
    def archived(self) -> bool:
        """The soft-delete flag; `is_active` is its older inverse."""
        return self.archived_at is not None

    @property
    def is_active(self) -> bool:
        """Whether the user is not archived."""
        return self.archived_at is None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of users. `max_users` 0 means no limit."""

    id: str
    ref: str
    ref_was_given: bool
    name: str
    max_users: int = 0
    enable_chat: bool = False
    is_editable: bool = True


@dataclass(frozen=True, slots=True)
class Training:
    """A learning journey: published or not by `is_active`, soft-deleted by `archived`."""

    id: str
    ref: str
    ref_was_given: bool
    title: str
    subtitle: str | None = None
    introduction: str | None = None
    is_active: bool = False
    archived: bool = False
    start_date: date | None = None
    end_date: date | None = None
    show_participants: bool = False
    show_shared_files: bool = False
    enable_chat: bool = False


@dataclass(frozen=True, slots=True)
class ListedTraining:
    """A training in a list, with the user whose progress was asked for."""

    training: Training
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry of the catalogue."""

    id: str
    ref: str
    ref_was_given: bool
    title: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    is_active: bool = True
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventDate:
    """One session of an offer event."""

    id: str
    start_date: datetime
    end_date: datetime


@dataclass(frozen=True, slots=True)
class OfferEvent:
    """What can be enrolled in. `max_subscriptions` None or 0 means no limit."""

    id: str
    ref: str
    ref_was_given: bool
    offer_id: str
    type: str
    title: str | None = None
    dates: tuple[EventDate, ...] = ()
    max_subscriptions: int | None = None
    min_subscriptions: int | None = None
    waiting_list: bool = False
    closing_date: datetime | None = None
    price: Decimal | None = None
    cancelled: bool = False
    publish: bool = False
    trainers: tuple[str, ...] = ()
    access_trainings: tuple[str, ...] = ()
    certificate_id: str | None = None
    score_threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A user's registration for one offer event."""

    id: str
    user_id: str
    offer_event_id: str
    status: str
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class PortfolioItem:
    """An achievement of one user."""

    id: str
    user_id: str
    title: str
    start_date: datetime
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    end_date: datetime | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate template, made in the admin interface."""

    id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate that a user got, with the portfolio item that came with it."""

    id: str
    certificate_id: str
    user_id: str
    portfolio_item_id: str
    issue_date: datetime
    training_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """Progress of a user in a training, as the LMS computes it. `progress` and `score` go from 0 to 1."""

    user_id: str
    training_id: str
    progress: float
    score: float | None
    completion_date: datetime | None
    seconds_spent: int


@dataclass(frozen=True, slots=True)
class ChoiceOption:
    """An option of a SELECT or MULTISELECT category."""

    id: str
    ref: str | None
    string_value: str
    color: str | None = None


@dataclass(frozen=True, slots=True)
class ExtraCategory:
    """A custom field and what it can be attached to."""

    id: str
    ref: str
    ref_was_given: bool
    title: str
    category_type: str = "TEXT"
    for_model_types: tuple[str, ...] = ("USER",)
    choice_options: tuple[ChoiceOption, ...] = ()
    color: str | None = None
    filter: bool = False
    show_label: bool = True
    multiple_choices: bool = False
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that would have been sent."""

    kind: str
    to: str | None
    about: str
    sent_at: datetime
