"""Makes up the users, teams and administrators of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from lms_shared.dev.sandbox.names import FIRST_NAMES, LAST_NAMES, TEAM_NAMES, ascii_name
from lms_shared.dev.sandbox.pluralsight.dice import LAST_LOAD, dice, instant, make_uuid, past

Row = dict[str, Any]

PLAN_ID = "demo-plan"
_TEAM_COUNT = len(TEAM_NAMES)


def make_teams(seed: int) -> list[Row]:
    """A tree of teams, three below each."""
    ids = [make_uuid(dice(seed, "team", index)) for index in range(_TEAM_COUNT)]
    return [
        {
            "id": ids[index],
            "parentTeamId": ids[(index - 1) // 3] if index else None,
            "name": name,
            "description": None if index % 4 == 3 else f"Everyone in {name}",
            "planId": PLAN_ID,
        }
        for index, name in enumerate(TEAM_NAMES)
    ]


def make_user(seed: int, index: int, teams: Sequence[Row]) -> Row:
    """User number `index`: one in twelve has left, one in forty has no e-mail address."""
    luck = dice(seed, "user", index)
    first_name = FIRST_NAMES[index % len(FIRST_NAMES)]
    last_name = LAST_NAMES[(index * 11 + index // len(FIRST_NAMES)) % len(LAST_NAMES)]
    created = past(luck, 1500, 400)
    started = created + timedelta(days=luck.randrange(0, 30))
    left = index % 12 == 11
    sso = luck.random() < 0.4
    email = f"{ascii_name(first_name)}.{ascii_name(last_name)}{index}@example.com"
    row = {
        "psUserId": make_uuid(luck),
        "id": f"handle-{index}",
        "email": None if index % 40 == 39 else email,
        "additionalEmails": [f"{ascii_name(first_name)}{index}@mail.example.org", None] if index % 25 == 7 else [],
        "firstName": first_name,
        "lastName": last_name,
        "startedOn": None if index % 50 == 49 else instant(started),
        "createdOn": instant(created),
        "note": f"HR-{10_000 + index}" if index % 3 == 0 else None,
        "isOnAccount": not left,
        "removedOn": instant(past(luck, 350)) if left else None,
        "lastLogin": None if index % 15 == 14 else instant(past(luck, 90)),
        "ssoIdentifiers": [f"okta|{index}"] if sso else [],
        "currentSsoIdentifier": f"okta|{index}" if sso else None,
        "ssoEnabled": sso,
        "planId": PLAN_ID,
        "mfaEnabled": luck.random() < 0.3,
        "productIds": ["skills", None] if index % 30 == 5 else ["skills"],
    }
    return row | team_fields(_membership(index, teams))


def team_fields(memberships: Sequence[tuple[Row, bool]]) -> Row:
    """The fields of a user that come from teams; each membership is a team and whether it is direct."""
    return {
        "team": memberships[0][0] if memberships else None,
        "teams": partial(_team_connection, memberships),
        "teamNames": [team["name"] for team, _ in memberships],
    }


def _team_connection(memberships: Sequence[tuple[Row, bool]], _info: object) -> Row:
    return {"edges": [{"isDirect": direct, "node": team} for team, direct in memberships]}


def _membership(index: int, teams: Sequence[Row]) -> list[tuple[Row, bool]]:
    """The team of a user and those above it; one user in ten has none."""
    if index % 10 == 9:
        return []
    by_id: Mapping[str, Row] = {team["id"]: team for team in teams}
    team = teams[index % len(teams)]
    memberships = [(team, True)]
    while team["parentTeamId"] is not None:
        team = by_id[team["parentTeamId"]]
        memberships.append((team, False))
    return memberships


def make_admins(users: Sequence[Row]) -> list[Row]:
    """Every hundredth user who is on the account, and the first."""
    return [
        {
            **{key: user[key] for key in ("psUserId", "email", "firstName", "lastName", "planId", "note")},
            "planUserId": f"plan-user-{index}",
            "userId": user["id"],
            "currentSsoIdentifier": user["currentSsoIdentifier"],
            "createdOn": user["createdOn"],
        }
        for index, user in enumerate(users)
        if index % 100 == 0 and user["isOnAccount"]
    ]


def make_invites(seed: int, users: Sequence[Row]) -> list[Row]:
    """Some invitations, half of them redeemed."""
    return [
        {
            "id": f"invite-{index}",
            "redeemedByPsUserId": user["psUserId"] if index % 2 else None,
            "email": f"invited{index}@example.com",
            "invitedOn": instant(LAST_LOAD - timedelta(days=dice(seed, "invite", index).randrange(1, 200))),
        }
        for index, user in enumerate(users[:20])
    ]
