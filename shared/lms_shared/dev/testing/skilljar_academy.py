"""The academy of a pretend Skilljar: what syncs do to it, what an administrator does in it, and what is in it then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import requests

from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import DEMO_KEY, DEMO_V2_CLIENT_ID, DEMO_V2_CLIENT_SECRET, SkilljarSandbox
from lms_shared.dev.testing.syncs import Run, Stream, sync

DOMAIN, OTHER_DOMAIN = "academy.example.com", "partners.example.com"

Row = dict[str, Any]


class Academy:
    """One organization behind HTTP, with the domain that syncs write to."""

    def __init__(
        self,
        sandbox: SkilljarSandbox,
        server: SandboxServer,
        connector: Callable[[], ActivationDestination],
        folder: Path,
    ) -> None:
        """`folder` takes the rejects and plans of the syncs."""
        self.sandbox = sandbox
        self._storage = {"storage_type": "LOCAL", "path": str(folder)}
        self.server = server
        self._connector = connector
        self._admin = requests.Session()
        self._admin.auth = (DEMO_KEY, "")

    def client(self, **keys: Any) -> Row:
        """The keys of a config that name the client of version 2."""
        client = {"v2_client_id": DEMO_V2_CLIENT_ID, "v2_client_secret": DEMO_V2_CLIENT_SECRET}
        return {**client, "v2_base_url": f"{self.server.url}/v2", **keys}

    def config(self, **keys: Any) -> Row:
        """A working config, with a quota that no test uses up."""
        return {
            "api_key": DEMO_KEY,
            "domain_name": DOMAIN,
            "base_url": f"{self.server.url}/v1",
            "requests_per_minute": 1_000_000,
            "requests_per_hour": 1_000_000,
            "object_storage_config": self._storage,
            **keys,
        }

    # Syncs

    def sync(self, streams: Iterable[Stream], sent: Iterable[Mapping[str, Any]] | None = None, **config: Any) -> Run:
        """A sync by a new process."""
        return sync(self._connector(), self.config(**config), list(streams), sent)

    def try_to_write(
        self,
        object_name: str,
        *records: Mapping[str, Any],
        mode: str | None = None,
        sync_mode: str = "append_dedup",
        **config: Any,
    ) -> Run:
        """Writes records of one object, in a mode of a mapping or in an Airbyte sync mode; failures are in the run."""
        if mode is not None:
            config["stream_mappings"] = [{"stream": object_name, "mode": mode}]
        return self.sync([Stream(object_name, records, sync_mode)], **config)

    def write(self, object_name: str, *records: Mapping[str, Any], **how: Any) -> Run:
        """Writes records of one object, all of which must be taken."""
        run = self.try_to_write(object_name, *records, **how)
        assert run.error is None, repr(run.error)
        assert run.total("rejected") == 0, run.log
        return run

    def rejected(self, object_name: str, record: Mapping[str, Any], **how: Any) -> Row:
        """Writes a record that must be rejected; its line of the rejects file."""
        run = self.try_to_write(object_name, record, **how)
        assert run.error is None, repr(run.error)
        (reject,) = run.rejects
        return reject

    def counting(self) -> Counted:
        """Counts the requests from now on."""
        return Counted(self.server)

    # What an administrator does

    def admin(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """A call of the API that must succeed; paths are relative to `/v1`."""
        url = f"{self.server.url}/v1/{path}"
        answer = self._admin.request(method, url, json=body, params=query)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def add_course(self, title: str, *labels: str, published: bool = True, hidden: bool = False) -> str:
        """A course that the administrator made; its id."""
        body = {
            "title": title,
            "short_description": "Made by hand",
            "enforce_sequential_navigation": True,
        }
        course: str = self.admin("POST", "courses", body)["id"]
        for label in labels:
            self.label(course, label)
        if published:
            self.publish(course, hidden=hidden)
        return course

    def label(self, course: str, name: str) -> None:
        """Links a label, which is made if it is missing."""
        known = {row["name"]: row["id"] for row in self.rows("labels")}
        label = known.get(name) or self.admin("POST", "labels", {"name": name})["id"]
        self.admin("POST", f"courses/{course}/labels", {"label": {"id": label}})

    def publish(self, course: str, *, hidden: bool = False) -> str:
        """Publishes a course on the domain; the id of the publication."""
        body = {"course": {"id": course}, "hidden": hidden}
        publication: str = self.admin("POST", f"domains/{DOMAIN}/published-courses", body)["id"]
        return publication

    def add_member(self, email: str, domain: str = DOMAIN, **names: str) -> str:
        """A learner on a domain; the user's id."""
        body = {"user": {"email": email, **names}}
        user: str = self.admin("POST", f"domains/{domain}/users", body)["user"]["id"]
        return user

    def enroll(self, email: str, title: str, **fields: Any) -> str:
        """An enrollment that the administrator made; its id."""
        path = f"domains/{DOMAIN}/published-courses/{self.publication(title)['id']}/enrollments"
        enrollment: str = self.admin("POST", path, {"user": {"id": self.user(email)["id"]}, **fields})["id"]
        return enrollment

    def set_progress(self, email: str, title: str, **progress: Any) -> None:
        """Progress that the administrator entered."""
        path = f"users/{self.user(email)['id']}/published-courses/{self.publication(title)['id']}"
        self.admin("PATCH", path, {"course_progress": progress})

    def edit(self, table: str, row_id: str, **fields: Any) -> None:
        """Sets what the API does not let an administrator set."""
        rows = self.sandbox.store[table]
        rows.update(rows.rows[row_id], fields)

    # What is in it

    def rows(self, table: str) -> list[Row]:
        """All rows of a table of the organization."""
        rows: list[Row] = self.sandbox.state()[table]
        return rows

    def row(self, table: str, **fields: Any) -> Row:
        """The only row of a table that has these fields."""
        found = [row for row in self.rows(table) if all(row.get(name) == value for name, value in fields.items())]
        assert len(found) == 1, f"{len(found)} rows of {table} with {fields}"
        return found[0]

    def user(self, email: str) -> Row:
        return self.row("users", email=email)

    def publication(self, title: str) -> Row:
        """The publication of the only course with a title."""
        return self.row("published_courses", course_id=self.row("courses", title=title)["id"], domain_name=DOMAIN)

    def held(self, kind: str) -> list[Row]:
        """Rows of the comparable contents: courses, users, groups, enrollments, progress."""
        rows: list[Row] = self.sandbox.canonical()[kind]
        return rows

    def only(self, kind: str) -> Row:
        """The only row of the comparable contents."""
        (row,) = self.held(kind)
        return row

    def course(self, title: str) -> Row:
        """The only course with a title, as in `held`."""
        (row,) = [row for row in self.held("courses") if row["title"] == title]
        return row

    @property
    def mails(self) -> list[str]:
        """Whom mails were sent to."""
        return [row["to"] for row in self.rows("mails")]

    def close(self) -> None:
        self._admin.close()


class Counted:
    """Requests that came in since it was made."""

    def __init__(self, server: SandboxServer) -> None:
        self._requests = server.requests
        self._reads, self._writes = server.requests.reads, server.requests.writes
        self._routes = server.requests.by_route

    @property
    def reads(self) -> int:
        return self._requests.reads - self._reads

    @property
    def writes(self) -> int:
        return self._requests.writes - self._writes

    def of(self, label: str) -> int:
        """Requests of one route, for example `GET /v1/courses`."""
        return self._requests.count(label) - self._routes.get(label, 0)
