"""Makes up channels, what they hold, who is in them and how those people advance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lms_shared.dev.sandbox.pluralsight.dice import dice, instant, make_uuid, past

Row = dict[str, Any]

_CHANNELS = 8
_CONTENTS = 5


def make_channels(seed: int, users: Sequence[Row]) -> list[Row]:
    """A few channels, each owned by a user; none when there are no users."""
    return [
        {
            "id": make_uuid(dice(seed, "channel", index)),
            "name": f"Channel {index + 1} – Größe & Mehr",  # noqa: RUF001 - titles do have dashes
            "description": None if index % 4 == 3 else f"What team {index + 1} should know",
            "ownerPsUserId": users[index % len(users)]["psUserId"],
            "createdOn": instant(past(dice(seed, "channel-date", index), 700)),
        }
        for index in range(_CHANNELS if users else 0)
    ]


def make_channel_contents(channels: Sequence[Row], contents: Sequence[Row]) -> list[Row]:
    """Up to five items for each channel; the last channel is empty."""
    rows = []
    for index, channel in enumerate(channels[:-1]):
        start = index * 3 % max(len(contents), 1)
        for order, content in enumerate(contents[start : start + _CONTENTS], 1):
            rows.append(
                {
                    "channelId": channel["id"],
                    "contentId": content["contentId"],
                    "contentType": content["contentType"],
                    "order": order,
                }
            )
    return rows


def make_channel_members(channels: Sequence[Row], users: Sequence[Row]) -> list[Row]:
    """Every fourth user, in one channel or two, and never in the last."""
    rows = []
    for index, user in enumerate(users):
        if index % 4 == 0:
            for number in sorted({index // 4 % (len(channels) - 1), index // 8 % (len(channels) - 1)}):
                role = "owner" if channels[number]["ownerPsUserId"] == user["psUserId"] else "member"
                rows.append({"channelId": channels[number]["id"], "psUserId": user["psUserId"], "role": role})
    return rows


def make_channel_progress(members: Sequence[Row], contents: Sequence[Row]) -> list[Row]:
    """One row for each member and the first item of the channel."""
    first: dict[str, str] = {}
    for content in contents:
        first.setdefault(content["channelId"], content["contentId"])
    return [
        {
            "channelId": member["channelId"],
            "psUserId": member["psUserId"],
            "contentId": first[member["channelId"]],
            "percentComplete": float(index * 37 % 101),
        }
        for index, member in enumerate(members)
        if member["channelId"] in first
    ]
