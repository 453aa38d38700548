"""The configured domain: a sync writes nothing before it is sure that there is one.

Most of what a sync writes belongs to the organization, so a wrong domain would show only when courses are made already
and cannot be published.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import requests

from destination_skilljar.api import SkilljarApi
from lms_shared.errors import config_error
from lms_shared.http.client import JsonClient


def prove_domain(api: SkilljarApi, domain: str) -> None:
    """Raises AirbyteTracedException (config_error) where the organization has no such domain."""
    if api.get(f"domains/{domain}") is not None:
        return
    known = sorted(str(row.get("name")) for row in api.rows("domains"))
    # Skilljar API, errors: some documented endpoints are not served everywhere, and look like unknown rows.
    if domain not in known:
        raise config_error(
            f"The organization has no domain '{domain}'. Correct domain_name; the domains are: "
            f"{', '.join(known) or 'none'}."
        )


class DomainClient(JsonClient):
    """A client that reads the domain before its first write, unless a read of something in it has shown it already."""

    before_writes: Callable[[], None] | None = None
    """What else is to be proven before the first write; it raises what ends the sync."""

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._domain = domain
        self._proven = False
        self._proving = threading.Lock()

    def call(self, method: str, path: str, **content: Any) -> requests.Response:
        if method != "GET":
            self._prove()
            if self.before_writes is not None:
                self.before_writes()
        response = super().call(method, path, **content)
        # Below the domain and not the domain itself, which is what the proof reads.
        if not self._proven and unquote(path).startswith(f"domains/{self._domain}/"):
            if response.ok:
                self._proven = True
            elif response.status_code == 404:
                self._prove()
        return response

    def _prove(self) -> None:
        with self._proving:
            if not self._proven:
                prove_domain(SkilljarApi(self), self._domain)
                self._proven = True
