"""Who may ask what: keys, release stages and plan tiers."""

from __future__ import annotations

from collections.abc import Iterable

from lms_shared.dev.sandbox.pluralsight.options import ApiKey, KeyState, PlanTier, PluralsightOptions, ReleaseStage

EXPIRY_WARNING = "The API key has expired; it will be deleted after 90 days without use."


def find_key(authorization: str | None, options: PluralsightOptions) -> ApiKey | None:
    """The key of an Authorization header, or None when there is none that is good."""
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    keys = (key for key in options.keys if key.value == value.strip())
    return next((key for key in keys if key.state is not KeyState.DELETED), None)


def fields_beyond_stage(fields: Iterable[str], key: ApiKey, options: PluralsightOptions) -> list[str]:
    """Selected fields whose release stage the key does not cover.

    One of them, at whatever depth, makes the whole call fail ("Release stages" page).
    """
    stages = dict.fromkeys(options.beta_fields, ReleaseStage.BETA)
    stages |= dict.fromkeys(options.alpha_fields, ReleaseStage.ALPHA)
    return sorted(field for field in fields if stages.get(field, ReleaseStage.GR) > key.stage)


def queries_beyond_tier(fields: Iterable[str], key: ApiKey, options: PluralsightOptions) -> list[str]:
    """Selected root queries that the plan of the key does not have."""
    return [] if key.tier is PlanTier.ENT else sorted(options.enterprise_queries.intersection(fields))
