"""Pluvo as the write engine sees it."""

from __future__ import annotations

from collections.abc import Mapping

from destination_pluvo import objects
from destination_pluvo.access_token import PluvoToken, TokenDesk
from destination_pluvo.api import PluvoApi
from destination_pluvo.connection_check import check_connection
from destination_pluvo.native import objects as native
from destination_pluvo.native.enrollments import EnrollmentsPort
from destination_pluvo.native.extra_categories import ExtraCategoriesPort, ExtraValuesPort
from destination_pluvo.native.offers import NativeOffersPort, OfferEventsPort
from destination_pluvo.native.portfolio import CertificatesPort, PortfolioItemsPort
from destination_pluvo.native.trainings import NativeTrainingsPort
from destination_pluvo.ports.assignments import AssignmentsPort, OfferAssigner, TrainingAssigner
from destination_pluvo.ports.certifying import Certifying
from destination_pluvo.ports.completions import CompletionsPort
from destination_pluvo.ports.extra_fields import ExtraCategories, ExtraFields
from destination_pluvo.ports.groups import MANAGER, PARTICIPANT, GroupLinksPort, GroupsOfUsers, GroupsPort
from destination_pluvo.ports.offers import OfferRows, OffersPort
from destination_pluvo.ports.portfolio import Portfolio
from destination_pluvo.ports.trainings import TrainingRows, TrainingsPort
from destination_pluvo.ports.users import UsersPort
from destination_pluvo.settings import ContentObject, Settings
from lms_shared.http.client import MAX_ATTEMPTS, JsonClient, Limits
from lms_shared.upsert.adapter import Adapter, EntityPort, ObjectPort

CHECK_ATTEMPTS = 5
"""A check answers soon; a sync is more patient."""


class PluvoAdapter(Adapter):
    """One organization."""

    lms = "Pluvo"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.limits = Limits(settings.requests_per_minute)
        self.writes_per_call = settings.operations_per_document
        self._client, _ = connect(settings)
        self._api = PluvoApi(
            self._client,
            fields=settings.operations_per_document,
            callers=settings.callers,
            documents=settings.num_workers,
        )
        categories, groups = ExtraCategories(self._api), GroupsOfUsers(self._api)
        events = OfferEventsPort(native.OFFER_EVENTS, self._api, notify=settings.send_notifications)
        trainings, offers = TrainingRows(self._api), OfferRows(self._api)
        content: EntityPort
        # Content writes the same rows as `trainings`, or as `offers` and their `offer_events`.
        if settings.content_object is ContentObject.TRAINING:
            extra = ExtraFields(self._api, categories, "TRAINING")
            content = TrainingsPort(objects.declare_content(settings), self._api, trainings, extra)
        else:
            extra = ExtraFields(self._api, categories, "OFFER")
            content = OffersPort(objects.declare_content(settings), self._api, offers, extra, events.made_elsewhere)
        native_content = (
            NativeTrainingsPort(native.TRAININGS, self._api, trainings),
            NativeOffersPort(native.OFFERS, self._api, offers),
            events,
        )
        ports = (
            *self._people(categories, groups),
            content,
            *self._learning(),
            *native_content,
            *self._native(categories, groups),
        )
        self._ports = {port.declaration.name: port for port in ports}

    def _people(self, categories: ExtraCategories, groups: GroupsOfUsers) -> tuple[ObjectPort, ...]:
        api, notify = self._api, self._settings.send_notifications
        of_users, of_groups = (ExtraFields(api, categories, one) for one in ("USER", "GROUP"))
        return (
            UsersPort(objects.declare_users(self._settings), api, of_users, notify=notify),
            GroupsPort(objects.declare_groups(self._settings), api, of_groups),
            GroupLinksPort(objects.declare_group_members(), api, groups, PARTICIPANT),
        )

    def _learning(self) -> tuple[ObjectPort, ...]:
        api, settings, portfolio = self._api, self._settings, Portfolio(self._api)
        of_trainings = settings.content_object is ContentObject.TRAINING
        assigner = (TrainingAssigner if of_trainings else OfferAssigner)(api, notify=settings.send_notifications)
        template = settings.certificate_id
        certifying = Certifying(api, portfolio, template, of_trainings) if template else None
        return (
            AssignmentsPort(objects.declare_assignments(settings), assigner),
            CompletionsPort(objects.declare_completions(settings), portfolio, assigner, certifying, settings.namespace),
        )

    def _native(self, categories: ExtraCategories, groups: GroupsOfUsers) -> tuple[ObjectPort, ...]:
        api, notify = self._api, self._settings.send_notifications
        participants, trainers = (
            TrainingAssigner(api, notify=notify, reference="training", role=role) for role in ("PARTICIPANT", "TRAINER")
        )
        return (
            GroupLinksPort(native.GROUP_MANAGERS, api, groups, MANAGER),
            AssignmentsPort(native.TRAINING_PARTICIPANTS, participants),
            AssignmentsPort(native.TRAINING_TRAINERS, trainers),
            EnrollmentsPort(native.ENROLLMENTS, api, notify=notify),
            ExtraCategoriesPort(native.EXTRA_CATEGORIES, api, categories),
            ExtraValuesPort(native.EXTRA_CATEGORY_VALUES, api, categories),
            PortfolioItemsPort(native.PORTFOLIO_ITEMS, api),
            CertificatesPort(native.CERTIFICATES, api),
        )

    @property
    def ports(self) -> Mapping[str, ObjectPort]:
        return self._ports

    def check(self) -> None:
        """Proves address, client, scopes, operations and what the config names. Reads only."""
        client, token = connect(self._settings, max_attempts=CHECK_ATTEMPTS)
        check_connection(PluvoApi(client, fields=1, callers=1, documents=1), token.token().scopes, self._settings)

    def requests_made(self, label: str) -> int:
        return self._client.counter.made(label)

    def parallelism(self, num_workers: int) -> int:
        """As many as fill all documents that are on their way."""
        return self._settings.callers


def connect(settings: Settings, max_attempts: int = MAX_ATTEMPTS) -> tuple[JsonClient, PluvoToken]:
    """A client of the GraphQL API and its token, which is fetched when it is first needed."""
    unlimited = JsonClient("Pluvo", settings.base_url, None, Limits(), connections=1, max_attempts=max_attempts)
    token = PluvoToken(TokenDesk(unlimited, settings.client_id, settings.client_secret).fetch)
    limits = Limits(settings.requests_per_minute)
    client = JsonClient(
        "Pluvo", settings.base_url, token, limits, connections=settings.num_workers, max_attempts=max_attempts
    )
    return client, token
