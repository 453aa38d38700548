"""Pluvo as the write engine sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from destination_pluvo import native, unified
from destination_pluvo.access_token import PluvoToken, TokenDesk
from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.content.collections import CollectionItemsSink
from destination_pluvo.content.content import ContentSink
from destination_pluvo.content.offers import OfferRows, OffersSink
from destination_pluvo.content.trainings import TrainingRows, TrainingsSink
from destination_pluvo.extra_categories.extra_fields import ExtraCategories, ExtraFields
from destination_pluvo.extra_categories.extra_values import ExtraValuesSink
from destination_pluvo.generated_refs import UUID_FORM
from destination_pluvo.groups.sink import MANAGER, PARTICIPANT, GroupLinksSink, GroupsOfUsers, GroupsSink
from destination_pluvo.hooks import HOOKS, Beside
from destination_pluvo.learning.assignments import AssignmentsSink, OfferAssigner, TrainingAssigner
from destination_pluvo.learning.certifying import Certifying
from destination_pluvo.learning.completions import CompletionsSink
from destination_pluvo.learning.enrollments import EnrollmentsSink
from destination_pluvo.learning.portfolio import Portfolio
from destination_pluvo.settings import ContentObject, Settings
from destination_pluvo.users.sink import UsersSink
from lms_shared.adapter.adapter import Adapter, EntitySink, ObjectSink
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.http.client import MAX_ATTEMPTS, JsonClient, Limits
from lms_shared.http.outcome import CallFailed
from lms_shared.resources.graphql import GraphqlTransport
from lms_shared.resources.sink import ResourceSink

CHECK_ATTEMPTS = 5
"""A check answers soon; a sync is more patient."""


class PluvoAdapter(Adapter):
    """One organization."""

    lms = "Pluvo"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.site = urlsplit(settings.address).netloc
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
        trainings, offers = TrainingRows(self._api), OfferRows(self._api)
        content: ContentSink
        declared = unified.declare_content(settings)
        # Content writes the same rows as `trainings`, or as `offers` and their `offer_events`.
        if settings.content_object is ContentObject.TRAINING:
            extra = ExtraFields(self._api, categories, "TRAINING")
            content = TrainingsSink(declared, self._api, trainings, extra, settings.namespace)
        else:
            extra = ExtraFields(self._api, categories, "OFFER")
            content = OffersSink(declared, self._api, offers, extra, settings.namespace)
        sinks = (
            *self._people(categories, groups),
            content,
            *self._learning(),
            *self._links(groups),
            CollectionItemsSink(native.COLLECTION_ITEMS, content),
            *self._native(categories, {"trainings": trainings, "offers": offers}),
        )
        for sink in sinks:
            if isinstance(sink, EntitySink):
                sink.id_form = UUID_FORM
        self._sinks = {sink.declaration.name: sink for sink in sinks}

    def _people(self, categories: ExtraCategories, groups: GroupsOfUsers) -> tuple[ObjectSink, ...]:
        api, notify = self._api, self._settings.send_notifications
        of_users, of_groups = (ExtraFields(api, categories, one) for one in ("USER", "GROUP"))
        return (
            UsersSink(unified.declare_users(self._settings), api, of_users, notify=notify),
            GroupsSink(unified.declare_groups(self._settings), api, of_groups),
            GroupLinksSink(unified.declare_group_members(), api, groups, PARTICIPANT),
        )

    def _learning(self) -> tuple[ObjectSink, ...]:
        api, settings, portfolio = self._api, self._settings, Portfolio(self._api)
        of_trainings = settings.content_object is ContentObject.TRAINING
        assigner = (TrainingAssigner if of_trainings else OfferAssigner)(api, notify=settings.send_notifications)
        template = settings.certificate_id
        certifying = Certifying(api, portfolio, template, of_trainings) if template else None
        return (
            AssignmentsSink(unified.declare_assignments(settings), assigner),
            CompletionsSink(unified.declare_completions(settings), portfolio, assigner, certifying, settings.namespace),
        )

    def _links(self, groups: GroupsOfUsers) -> tuple[ObjectSink, ...]:
        api, notify = self._api, self._settings.send_notifications
        participants, trainers = (
            TrainingAssigner(api, notify=notify, reference="training", role=role) for role in ("PARTICIPANT", "TRAINER")
        )
        return (
            GroupLinksSink(native.GROUP_MANAGERS, api, groups, MANAGER),
            AssignmentsSink(native.TRAINING_PARTICIPANTS, participants),
            AssignmentsSink(native.TRAINING_TRAINERS, trainers),
            EnrollmentsSink(native.ENROLLMENTS, api, notify=notify),
        )

    def _native(self, categories: ExtraCategories, shared: Mapping[str, RemoteIndex[Row]]) -> Iterator[ObjectSink]:
        """`shared`: where the rows are looked up that content writes too."""
        declared = native.declarations()
        for name, resource in native.RESOURCES.items():
            if name == "extra_category_values":
                yield ExtraValuesSink(declared[name], self._api, categories)
                continue
            hooks = HOOKS[resource.hooks](Beside(self._api, resource, categories, shared["offers"]))
            transport = GraphqlTransport(resource, self._api, hooks, notify=self._settings.send_notifications)
            yield ResourceSink(resource, declared[name], transport, hooks, lms=self.lms, rows=shared.get(name))

    @property
    def sinks(self) -> Mapping[str, ObjectSink]:
        return self._sinks

    def check(self) -> None:
        """Proves address, client, scopes, operations and what the config names. Reads only."""
        from destination_pluvo.connection_check import check_connection  # noqa: PLC0415 - brings GraphQL's parser

        client, token = connect(self._settings, max_attempts=CHECK_ATTEMPTS)
        check_connection(PluvoApi(client, fields=1, callers=1, documents=1), token.token().scopes, self._settings)

    def moment(self) -> int:
        return self._client.successes.mark()

    def went_well_since(self, failure: CallFailed) -> bool:
        return self._client.successes.since(failure.mark, failure.operation)

    def requests_made(self, label: str) -> int:
        return self._client.counter.made(label)

    def parallelism(self, num_workers: int) -> int:
        """As many as fill all documents that are on their way."""
        return self._settings.callers


def connect(settings: Settings, max_attempts: int = MAX_ATTEMPTS) -> tuple[JsonClient, PluvoToken]:
    """A client of the GraphQL API and its token, which is fetched when it is first needed."""
    unlimited = JsonClient("Pluvo", settings.address, None, Limits(), connections=1, max_attempts=max_attempts)
    token = PluvoToken(TokenDesk(unlimited, settings.client_id, settings.client_secret).fetch)
    limits = Limits(settings.requests_per_minute)
    client = JsonClient(
        "Pluvo", settings.address, token, limits, connections=settings.num_workers, max_attempts=max_attempts
    )
    return client, token
