"""The contents of a pretend LMS, saved and loaded: the other one holds the same, and goes on by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from lms_shared.dev.sandbox.pluvo import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import DEMO_KEY, SkilljarSandbox


def make_course(server: SandboxServer, title: str) -> None:
    body = {"title": title, "short_description": "Made by hand", "enforce_sequential_navigation": True}
    made = requests.post(f"{server.url}/v1/courses", json=body, auth=(DEMO_KEY, ""), timeout=60)
    made.raise_for_status()


def make_group(server: SandboxServer, name: str) -> None:
    client = {"client_id": DEMO_CLIENT_ID, "client_secret": DEMO_CLIENT_SECRET}
    form = {"grant_type": "client_credentials", **client}
    token = requests.post(f"{server.url}/oauth/token/", form, timeout=60).json()["access_token"]
    query = "mutation($group: CreateGroupInput!) { createGroup(group: $group) { group { id } } }"
    made = requests.post(
        f"{server.url}/graphql/",
        json={"query": query, "variables": {"group": {"name": name, "ref": name}}},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    ).json()
    assert not made.get("errors"), made


@pytest.mark.parametrize(
    ("sandbox", "make"), [(SkilljarSandbox, make_course), (PluvoSandbox, make_group)], ids=["skilljar", "pluvo"]
)
def test_what_was_saved_is_held_by_another_one_and_changes_in_each_alone(
    sandbox: type[SkilljarSandbox] | type[PluvoSandbox], make: Callable[[SandboxServer, str], None]
) -> None:
    one, other = sandbox(), sandbox.empty()
    assert other.state() != one.state()
    before = one.saved()
    other.load(before)
    assert other.state() == one.state()
    with SandboxServer(other) as server:
        make(server, "Made later")
    assert "Made later" in str(other.state())
    assert "Made later" not in str(one.state())
    other.load(before)
    assert other.state() == one.state()


def test_background_work_cannot_be_saved() -> None:
    academy = SkilljarSandbox.empty()
    academy.store.run_later(1, lambda: None)
    with pytest.raises(RuntimeError, match="Background work"):
        academy.saved()
