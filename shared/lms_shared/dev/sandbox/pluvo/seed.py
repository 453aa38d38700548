"""Believable contents of an organization."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lms_shared.dev.sandbox.names import FIRST_NAMES, LAST_NAMES, SUBJECTS, TEAM_NAMES, TITLES, ascii_name
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.records import (
    ChoiceOption,
    Enrollment,
    EventDate,
    ExtraCategory,
    Group,
    Offer,
    OfferEvent,
    PortfolioItem,
    ReportLine,
    Training,
    User,
)

# The data ends on this day, whatever the real date, so that runs can be repeated.
LAST_DAY = datetime(2026, 9, 1, 8, tzinfo=UTC)
_ACHIEVEMENTS = ("First aid", "Forklift licence", "Working at height", "Bachelor of Science", "ISO 27001 awareness")
_SITES = ("Utrecht", "Gent", "Köln")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is to be."""

    users: int
    trainings: int
    portfolio_items: int


def seed_organization(organization: Organization, seed: int, sizes: Sizes) -> None:
    """Fill an organization that has nothing yet. Equal seeds and sizes give equal contents, ids included.

    Portfolio items need users, and are left out without any.
    """
    ground = _Ground(organization, random.Random(f"{seed}/pluvo"))  # noqa: S311 - made-up data, no secret
    users = [ground.user(index) for index in range(sizes.users)]
    trainings = [ground.training(index) for index in range(sizes.trainings)]
    if users:
        ground.groups(users, trainings)
        ground.extra_categories(users)
        for index in range(sizes.portfolio_items):
            ground.portfolio_item(users[index * 7 % len(users)], index)
    if users and trainings:
        ground.participants(users, trainings)
        ground.offers(users, trainings)


class _Ground:
    def __init__(self, organization: Organization, luck: random.Random) -> None:
        self._org = organization
        self._luck = luck

    def user(self, index: int) -> User:
        """One in eleven is archived, one in thirteen manages, one in three has no ref of an integrator."""
        first, last = FIRST_NAMES[index % len(FIRST_NAMES)], LAST_NAMES[index * 11 % len(LAST_NAMES)]
        created = self._past(1500)
        user = User(
            **self._org.new_identity(None if index % 3 == 2 else f"HR-{10_000 + index}"),
            name=f"{first} {last}",
            email=f"{ascii_name(first)}.{ascii_name(last)}{index}@example.com",
            roles=("PARTICIPANT", "MANAGER") if index % 13 == 12 else ("PARTICIPANT",),
            language=("NL", "EN", "DE")[index % 3],
            created_at=created,
            archived_at=self._past(300) if index % 11 == 10 else None,
            invited_on=created,
            last_login=None if index % 5 == 4 else self._past(200),
        )
        return self._org.users.put(user)

    def training(self, index: int) -> Training:
        """One in nine is archived, one in seven not published."""
        subject = SUBJECTS[index % len(SUBJECTS)]
        title = TITLES[index // len(SUBJECTS) % len(TITLES)].format(subject.tool)
        round_number = index // (len(SUBJECTS) * len(TITLES))
        training = Training(
            **self._org.new_identity(None if index % 4 == 3 else f"course-{index}"),
            title=f"{title} {round_number + 1}" if round_number else title,
            subtitle=subject.topic if index % 2 else None,
            introduction=f"All about {subject.tool}.",
            is_active=index % 7 != 6,
            archived=index % 9 == 8,
            start_date=self._past(400).date() if index % 5 == 0 else None,
        )
        return self._org.trainings.put(training)

    def groups(self, users: list[User], trainings: list[Training]) -> None:
        """Teams with some of the users, each with a manager and access to one training."""
        for number, name in enumerate(TEAM_NAMES):
            ref = None if number % 4 == 3 else f"team-{number}"
            group = self._org.groups.put(Group(**self._org.new_identity(ref), name=name, enable_chat=number % 2 == 0))
            for user in users[number :: len(TEAM_NAMES)]:
                self._org.members.add(group.id, user.id)
            self._org.managers.add(group.id, users[number % len(users)].id)
            if trainings:
                self._org.group_trainings.add(group.id, trainings[number % len(trainings)].id)

    def participants(self, users: list[User], trainings: list[Training]) -> None:
        """Three trainings for each user, with the progress that the LMS has computed."""
        for index, user in enumerate(users):
            for step in range(min(3, len(trainings))):
                training = trainings[(index + step * 5) % len(trainings)]
                self._org.participants.add(training.id, user.id)
                progress = self._luck.choice((0.0, 0.25, 0.5, 1.0))
                self._org.report[user.id, training.id] = ReportLine(
                    user.id,
                    training.id,
                    progress,
                    score=round(self._luck.uniform(0.4, 1), 2) if progress == 1 else None,
                    completion_date=self._past(200) if progress == 1 else None,
                    seconds_spent=int(progress * self._luck.randrange(1_000, 200_000)),
                )
        self._org.trainers.add(trainings[0].id, users[-1].id)

    def offers(self, users: list[User], trainings: list[Training]) -> None:
        """An offer for every fourth training, with a past and a coming event; one in five is archived."""
        for number, training in enumerate(trainings[::4]):
            created = self._past(500)
            offer = Offer(
                **self._org.new_identity(None if number % 3 == 2 else f"offer-{number}"),
                title=f"{training.title}, guided",
                description="With a trainer",
                created_at=created,
                updated_at=created,
                archived_at=self._past(100) if number % 5 == 4 else None,
            )
            self._org.offers.put(offer)
            for step, start in enumerate((self._past(300), LAST_DAY + timedelta(days=30 + number))):
                self._event(offer, training, start, step, users[number + step :: 6][:8])

    def _event(self, offer: Offer, training: Training, start: datetime, step: int, users: list[User]) -> None:
        event = OfferEvent(
            **self._org.new_identity(f"{offer.ref}-{step}" if offer.ref_was_given else None),
            offer_id=offer.id,
            type="MEETING" if step else "TRAINING",
            title=f"{offer.title} ({start:%B %Y})",
            dates=(EventDate(self._org.new_id(), start, start + timedelta(hours=3)),),
            max_subscriptions=8,
            waiting_list=True,
            price=Decimal("0.00"),
            publish=True,
            access_trainings=(training.id,),
        )
        self._org.events.put(event)
        self._org.event_trainings.add(event.id, training.id)
        for place, user in enumerate(users):
            status = "CANCELLED" if place == 3 else "ENROLLED"
            row = Enrollment(self._org.new_id(), user.id, event.id, status, start - timedelta(days=20))
            self._org.enrollments.put(row)

    def portfolio_item(self, user: User, index: int) -> None:
        """An achievement, one in three with an end."""
        start = self._past(900)
        item = PortfolioItem(
            self._org.new_id(),
            user.id,
            _ACHIEVEMENTS[index % len(_ACHIEVEMENTS)],
            start,
            created_at=start,
            updated_at=start,
            description="Shown to HR" if index % 4 == 0 else None,
            end_date=start + timedelta(days=730) if index % 3 == 0 else None,
        )
        self._org.portfolio.put(item)

    def extra_categories(self, users: list[User]) -> None:
        """One custom field of each type for users, filled in for some."""
        sites = self._category("Site", "SELECT", "site", _SITES)
        self._category("Languages", "MULTISELECT", "languages", ("Dutch", "English", "German"))
        number = self._category("Employee number", "TEXT", "employee-number")
        self._category("Hours a week", "NUMBER", "hours")
        hired = self._category("Hired on", "DATE", "hired-on")
        works_council = self._category("Works council", "BOOLEAN", None)
        fill: list[tuple[ExtraCategory, Callable[[int], object]]] = [
            (sites, lambda index: sites.choice_options[index % len(_SITES)].id),
            (number, lambda index: str(10_000 + index)),
            (hired, lambda _: self._past(3000)),
            (works_council, lambda index: index % 20 == 0),
        ]
        for index, user in enumerate(users[::2]):
            self._org.values["USER", user.id] = {category.id: (value(index),) for category, value in fill}

    def _category(self, title: str, kind: str, ref: str | None, options: tuple[str, ...] = ()) -> ExtraCategory:
        choices = tuple(ChoiceOption(self._org.new_id(), None, text) for text in options)
        category = ExtraCategory(
            **self._org.new_identity(ref),
            title=title,
            category_type=kind,
            choice_options=choices,
            multiple_choices=kind == "MULTISELECT",
        )
        return self._org.categories.put(category)

    def _past(self, days: int) -> datetime:
        return LAST_DAY - timedelta(seconds=self._luck.randrange(days * 86_400))
