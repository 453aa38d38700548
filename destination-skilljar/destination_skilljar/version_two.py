"""The client of version 2: a sync writes nothing before it is sure that the client may do what it is there for.

Version 1 never steps in for it. Whoever entered a client counts on what version 1 does not have: due dates, and
completions without a mail.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from destination_skilljar.settings import Settings
from lms_shared.errors import config_error
from lms_shared.http.client import MAX_ATTEMPTS, JsonClient, Limits
from lms_shared.skilljar_v2.api import SkilljarV2, V2Credentials
from lms_shared.skilljar_v2.documents import BatchRow, Row

ENROLLMENTS = "enrollments/"
NEEDED_SCOPES = ("enrollments:read", "enrollments:write")
"""Skilljar API version 2, streams and writes: what lists, makes, changes and completes enrollments."""
_REFUSALS = frozenset({403})


class VersionTwo(SkilljarV2):
    """Version 2, whose client is proven once before its first call. Safe for threads."""

    def __init__(self, credentials: V2Credentials, limits: Limits, **how: Any) -> None:
        super().__init__(credentials, limits, **how)
        self._proven = False
        self._proving = threading.Lock()

    def prove(self) -> None:
        """Raises AirbyteTracedException (config_error) where the client is refused, or lacks a scope."""
        with self._proving:
            if not self._proven:
                self._prove()
                self._proven = True

    def _prove(self) -> None:
        scopes = self.scopes()
        # What a token allows may be unreadable; then the list itself shows the half of it.
        missing = [one for one in NEEDED_SCOPES if scopes and one not in scopes]
        if not missing:
            response = self.client.call("GET", ENROLLMENTS, params={"page[size]": "1"}, judged=_REFUSALS)
            if response.status_code == 403:
                missing = [NEEDED_SCOPES[0]]
            elif not response.ok:
                raise config_error(
                    f"There is no version 2 of Skilljar's API at {self.client.base_url} (status "
                    f"{response.status_code}). Correct v2_base_url; it ends with /v2."
                )
        if missing:
            raise config_error(
                f"The client of version 2 lacks the scope{'s' if len(missing) > 1 else ''} {' and '.join(missing)}, so "
                "assignments and completions are left out: version 1 does not step in for it. Give the client what it "
                "lacks in Skilljar, or remove v2_client_id and v2_client_secret to write them by version 1."
            )

    def pages(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[list[Row]]:
        self.prove()
        yield from super().pages(path, params)

    def batch(self, method: str, path: str, rows: Sequence[Row], **envelope: Any) -> list[BatchRow]:
        self.prove()
        return super().batch(method, path, rows, **envelope)


def version_two(settings: Settings, version_one: JsonClient, max_attempts: int = MAX_ATTEMPTS) -> VersionTwo | None:
    """Version 2 for the client of a config, or None without one. Its calls count in the quota of version 1, unless the
    config says otherwise."""
    credentials = settings.v2_credentials
    if credentials is None:
        return None
    return VersionTwo(
        credentials,
        Limits(settings.requests_per_minute, settings.requests_per_hour),
        connections=settings.num_workers,
        max_attempts=max_attempts,
        budget=version_one.budget if settings.v2_shares_quota else None,
        beside=version_one,
    )
