"""Makes up Skill IQ assessments, their results and summaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from lms_shared.dev.sandbox.names import SUBJECTS
from lms_shared.dev.sandbox.pluralsight.dice import dice, instant, make_uuid, past

Row = dict[str, Any]

QUINTILE_LEVELS = (
    "novice",
    "proficient-emerging",
    "proficient-average",
    "proficient-above-average",
    "expert",
)
# "retake" is known; what a first take is called is a guess.
FIRST_TAKE, RETAKE = "initial", "retake"


def make_assessments(seed: int) -> list[Row]:
    """One assessment for each subject; every fourth is not on the plan."""
    return [
        {
            "id": make_uuid(dice(seed, "assessment", index)),
            "name": subject.tool,
            "imageUrl": None if index % 5 == 4 else f"https://pluralsight.imgix.net/skills/{index}.png",
            "domain": subject.domain,
            "state": "active",
            "updatedOn": None if index % 13 == 12 else instant(past(dice(seed, "assessment-date", index), 600)),
            "isOnPlan": index % 4 != 3,
            "stackOverflowTags": [],
        }
        for index, subject in enumerate(SUBJECTS)
    ]


def make_results(seed: int, users: Sequence[Row], assessments: Sequence[Row]) -> list[Row]:
    """Takes of the users, every third of whom took a skill twice; only the latest take counts."""
    results: list[Row] = []
    for index, user in enumerate(users):
        luck = dice(seed, "result", index)
        skill = assessments[luck.randrange(len(assessments))]
        takes = 2 if index % 3 == 2 else 1
        started = past(luck, 500, 60)
        for take in range(takes):
            start = started + timedelta(days=30 * take)
            done = None if index % 20 == 19 else instant(start + timedelta(minutes=20))
            results.append(
                {
                    "id": f"{user['psUserId']}-{take}",
                    "psUserId": user["psUserId"],
                    "userId": user["id"],
                    "skillName": skill["name"],
                    "quintileLevel": None if done is None else luck.choice(QUINTILE_LEVELS),
                    "measurementType": RETAKE if take else FIRST_TAKE,
                    "startedOn": instant(start),
                    "completedOn": done,
                    "createdOn": instant(start),
                    "isCurrentScore": take == takes - 1,
                }
            )
    return results


def summarize(results: Sequence[Row], assessments: Sequence[Row]) -> list[Row]:
    """How many learners stand at which level, for each skill that somebody took."""
    ids = {assessment["name"]: assessment["id"] for assessment in assessments}
    levels: dict[str, Counter[str]] = {}
    for result in results:
        if result["isCurrentScore"] and result["quintileLevel"]:
            levels.setdefault(result["skillName"], Counter())[result["quintileLevel"]] += 1
    return [
        {
            "skillAssessmentId": ids[skill],
            "skillName": skill,
            "learners": counts.total(),
            "levels": [{"quintileLevel": level, "learners": counts[level]} for level in QUINTILE_LEVELS],
        }
        for skill, counts in sorted(levels.items())
    ]
