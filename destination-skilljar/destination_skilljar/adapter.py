"""Skilljar as the write engine sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from airbyte_cdk.sources.streams.http.requests_native_auth import BasicHttpAuthenticator

from destination_skilljar import native, unified
from destination_skilljar.api import SkilljarApi
from destination_skilljar.content.publications import Publications
from destination_skilljar.content.sink import ContentSink
from destination_skilljar.domain import DomainClient, prove_domain
from destination_skilljar.groups.sink import GroupMembersSink, GroupsSink
from destination_skilljar.hooks import HOOKS
from destination_skilljar.learning.batch_writer import BatchWriter
from destination_skilljar.learning.batched_sinks import (
    BATCH_SIZE,
    BatchedAccess,
    BatchedAssignments,
    BatchedCompletions,
)
from destination_skilljar.learning.enrollment_lists import EnrollmentLists
from destination_skilljar.learning.learner_courses import LearnerCourses
from destination_skilljar.learning.sink import AssignmentsSink, CompletionsSink
from destination_skilljar.settings import Settings
from destination_skilljar.users.sink import UsersSink
from destination_skilljar.version_two import version_two
from lms_shared.adapter.adapter import Adapter, ObjectSink
from lms_shared.adapter.withdrawals import Withdrawals
from lms_shared.errors import config_error
from lms_shared.http.client import MAX_ATTEMPTS, Limits
from lms_shared.http.outcome import CallFailed
from lms_shared.resources.rest import RestTransport
from lms_shared.resources.sink import ResourceSink

CHECK_ATTEMPTS = 3
"""A check answers soon; a sync is more patient."""


class SkilljarAdapter(Adapter):
    """One organization and domain."""

    lms = "Skilljar"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.site = settings.domain
        self.limits = _limits(settings)
        self._client = _client(settings)
        api, v2 = SkilljarApi(self._client), version_two(settings, self._client)
        self._client.before_writes = None if v2 is None else v2.prove
        domain, namespace = settings.domain, settings.namespace
        publications = Publications(api, domain)
        courses, withdrawals = LearnerCourses(api, domain), Withdrawals()
        users = UsersSink(unified.declare_users(settings), api, settings)
        self._batches = v2 is not None
        assignments = unified.declare_assignments(batches=self._batches)
        completions = unified.declare_completions(batches=self._batches)
        learning: tuple[ObjectSink, ...] = (
            AssignmentsSink(assignments, publications, courses, withdrawals),
            CompletionsSink(completions, publications, courses, withdrawals),
        )
        if v2 is not None:
            lists = EnrollmentLists(v2, domain)
            writer = BatchWriter(v2, lists, courses, send_notifications=settings.send_notifications)
            how = BatchedAccess(lists, writer, users)
            learning = (
                BatchedAssignments(assignments, publications, courses, withdrawals, how),
                BatchedCompletions(completions, publications, courses, withdrawals, how),
            )
        sinks: tuple[ObjectSink, ...] = (
            users,
            GroupsSink(unified.declare_groups(), api),
            GroupMembersSink(unified.declare_group_members(), api),
            ContentSink(unified.declare_content(namespace), api, publications, namespace),
            *learning,
            *_native_sinks(api, settings),
        )
        self._sinks = {sink.declaration.name: sink for sink in sinks}

    @property
    def sinks(self) -> Mapping[str, ObjectSink]:
        return self._sinks

    def check(self) -> None:
        """Proves key, address, domain, signup field and client of version 2.

        Reads only, so a read-only key is not found out here.
        """
        settings = self._settings
        client = _client(settings, max_attempts=CHECK_ATTEMPTS)
        api, v2 = SkilljarApi(client), version_two(settings, client, CHECK_ATTEMPTS)
        if not api.client.call("GET", "ping").ok:
            raise config_error(f"There is no Skilljar API at {settings.base_url}. Correct base_url; it ends with /v1.")
        prove_domain(api, settings.domain)
        UsersSink(unified.declare_users(settings), api, settings).prove()
        if v2 is not None:
            v2.prove()

    def batch_size(self, configured: int) -> int:
        default = type(self._settings).model_fields["batch_size"].default
        return BATCH_SIZE if self._batches and configured == default else configured

    def moment(self) -> int:
        return self._client.successes.mark()

    def went_well_since(self, failure: CallFailed) -> bool:
        return self._client.successes.since(failure.mark, failure.operation)

    def requests_made(self, label: str) -> int:
        return self._client.counter.made(label)


def _native_sinks(api: SkilljarApi, settings: Settings) -> Iterator[ResourceSink]:
    declared = native.declarations()
    for resource in (*native.RESOURCES, *native.READ_ONLY):
        yield ResourceSink(
            resource,
            declared[resource.name],
            RestTransport(resource, api),
            HOOKS[resource.hooks](api, settings),
            lms=SkilljarAdapter.lms,
            known={"domain_name": settings.domain},
            moves_rows=not settings.only_creates,
        )


def _limits(settings: Settings) -> Limits:
    return Limits(settings.requests_per_minute, settings.requests_per_hour)


def _client(settings: Settings, max_attempts: int = MAX_ATTEMPTS) -> DomainClient:
    return DomainClient(
        "Skilljar",
        settings.base_url,
        # Skilljar API, authentication: the key is the user name, the password is empty.
        BasicHttpAuthenticator(settings.api_key, ""),
        _limits(settings),
        connections=settings.num_workers,
        max_attempts=max_attempts,
        domain=settings.domain,
    )
