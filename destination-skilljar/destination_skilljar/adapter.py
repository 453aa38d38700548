"""Skilljar as the write engine sees it."""

from __future__ import annotations

from collections.abc import Mapping

from airbyte_cdk.sources.streams.http.requests_native_auth import BasicHttpAuthenticator

from destination_skilljar import objects
from destination_skilljar.api import SkilljarApi
from destination_skilljar.domain import DomainClient, prove_domain
from destination_skilljar.native.port import NativePort
from destination_skilljar.native.table import load_resources
from destination_skilljar.ports.content import ContentPort
from destination_skilljar.ports.groups import GroupMembersPort, GroupsPort
from destination_skilljar.ports.learner_courses import LearnerCourses
from destination_skilljar.ports.learning import AssignmentsPort, CompletionsPort
from destination_skilljar.ports.publications import Publications
from destination_skilljar.ports.users import UsersPort
from destination_skilljar.settings import Settings
from lms_shared.http.client import MAX_ATTEMPTS, Limits
from lms_shared.upsert.adapter import Adapter, ObjectPort
from lms_shared.upsert.routing import config_error

CHECK_ATTEMPTS = 3
"""A check answers soon; a sync is more patient."""


class SkilljarAdapter(Adapter):
    """One organisation and domain."""

    lms = "Skilljar"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.limits = _limits(settings)
        self._client = _client(settings)
        api = SkilljarApi(self._client)
        domain, namespace = settings.domain, settings.namespace
        publications = Publications(api, domain)
        courses = LearnerCourses(api, domain)
        users = UsersPort(objects.declare_users(settings), api, settings)
        ports: tuple[ObjectPort, ...] = (
            users,
            GroupsPort(objects.declare_groups(), api),
            GroupMembersPort(objects.declare_group_members(), api),
            ContentPort(objects.declare_content(namespace), api, publications, namespace),
            AssignmentsPort(objects.declare_assignments(), publications, courses),
            CompletionsPort(objects.declare_completions(), publications, courses),
            *(NativePort(resource, api, settings) for resource in load_resources()),
        )
        self._ports = {port.declaration.name: port for port in ports}

    @property
    def ports(self) -> Mapping[str, ObjectPort]:
        return self._ports

    def check(self) -> None:
        """Proves key, address, domain and signup field. Reads only, so a read-only key is not found out here."""
        settings = self._settings
        api = SkilljarApi(_client(settings, max_attempts=CHECK_ATTEMPTS))
        if not api.client.call("GET", "ping").ok:
            raise config_error(f"There is no Skilljar API at {settings.base_url}. Correct base_url; it ends with /v1.")
        prove_domain(api, settings.domain)
        UsersPort(objects.declare_users(settings), api, settings).prove()

    def requests_made(self, label: str) -> int:
        return self._client.counter.made(label)


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
