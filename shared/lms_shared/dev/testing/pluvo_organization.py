"""The organization of a pretend Pluvo: what syncs and an administrator do in it, and what it holds then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import requests

from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.sandbox.pluvo import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.testing.syncs import Run, Stream, sync

Row = dict[str, Any]
UNLIMITED = 1_000_000


class PluvoOrganization:
    """One organization behind HTTP."""

    def __init__(
        self,
        sandbox: PluvoSandbox,
        server: SandboxServer,
        connector: Callable[[], ActivationDestination],
        folder: Path,
    ) -> None:
        """`folder` takes the rejects and plans of the syncs."""
        self.sandbox = sandbox
        self.server = server
        self._connector = connector
        self._storage = {"storage_type": "LOCAL", "path": str(folder)}
        self._token: str | None = None

    def config(self, **keys: Any) -> Row:
        """A working config, with a quota that no test uses up."""
        return {
            "client_id": DEMO_CLIENT_ID,
            "client_secret": DEMO_CLIENT_SECRET,
            "base_url": self.server.url,
            "requests_per_minute": UNLIMITED,
            "object_storage_config": self._storage,
            **keys,
        }

    # Syncs

    def sync(self, streams: Iterable[Stream], sent: Iterable[Mapping[str, Any]] | None = None, **config: Any) -> Run:
        """A sync by a new process."""
        return sync(self._connector(), self.config(**config), list(streams), sent)

    def try_to_write(
        self, object_name: str, *records: Mapping[str, Any], sync_mode: str = "append_dedup", **config: Any
    ) -> Run:
        """Writes records of one object; failures are in the run. `mode` is one of a mapping."""
        mode, fields = config.pop("mode", None), config.pop("fields", None)
        if mode is not None or fields is not None:
            mapping = {"stream": object_name, "object": object_name, "mode": mode, "fields": fields or []}
            config["stream_mappings"] = [{key: value for key, value in mapping.items() if value is not None}]
        return self.sync([Stream(object_name, records, sync_mode)], **config)

    def write(self, object_name: str, *records: Mapping[str, Any], **how: Any) -> Run:
        """Writes records of one object, all of which must be taken."""
        run = self.try_to_write(object_name, *records, **how)
        assert run.error is None, run.error
        assert run.total("rejected") == 0, run.rejects
        return run

    def rejected(self, object_name: str, record: Mapping[str, Any], **how: Any) -> Row:
        """Writes a record that must be rejected; its line of the rejects file."""
        run = self.try_to_write(object_name, record, **how)
        assert run.error is None, run.error
        (reject,) = run.rejects
        return reject

    # What an administrator does

    def admin(self, query: str, **variables: Any) -> Any:
        """The `data` of a document that must succeed."""
        if self._token is None:
            form = {
                "grant_type": "client_credentials",
                "client_id": DEMO_CLIENT_ID,
                "client_secret": DEMO_CLIENT_SECRET,
            }
            self._token = requests.post(f"{self.server.url}/oauth/token/", form, timeout=60).json()["access_token"]
        answer = requests.post(
            f"{self.server.url}/graphql/",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=60,
        ).json()
        assert not answer.get("errors"), answer
        return answer["data"]

    def add_user(self, email: str, name: str = "Made by hand", **fields: Any) -> str:
        """A user made in the interface; the id."""
        query = "mutation($user: CreateUserInput!) { createUser(sendInvite: false, user: $user) { user { id } } }"
        made = self.admin(query, user={"email": email, "name": name, **fields})
        return str(made["createUser"]["user"]["id"])

    def add_training(self, title: str, **fields: Any) -> str:
        """A training made in the interface; the id."""
        query = "mutation($training: CreateTrainingInput!) { createTraining(training: $training) { training { id } } }"
        made = self.admin(query, training={"title": title, "isActive": True, **fields})
        return str(made["createTraining"]["training"]["id"])

    # What is in it

    def rows(self, kind: str) -> list[Row]:
        """All records of a kind, links and ids included."""
        rows: list[Row] = self.sandbox.state()[kind]
        return rows

    def held(self, kind: str) -> list[Row]:
        """The comparable contents of a kind."""
        rows: list[Row] = self.sandbox.canonical()[kind]
        return rows

    def only(self, kind: str) -> Row:
        """The only one of the comparable contents."""
        (row,) = self.held(kind)
        return row

    @property
    def mails(self) -> list[str]:
        """What kinds of mails were sent."""
        return [row["kind"] for row in self.rows("mails")]

    @property
    def writes(self) -> int:
        """Documents with mutations that came in."""
        return self.server.requests.writes

    @property
    def reads(self) -> int:
        """Other requests that came in."""
        return self.server.requests.reads

    def documents(self, field: str) -> int:
        """Documents that ask for a root field."""
        routes = self.server.requests.by_route
        return sum(count for label, count in routes.items() if field in label.rpartition(" ")[2].split("+"))
