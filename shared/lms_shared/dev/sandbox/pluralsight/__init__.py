"""A pretend Pluralsight: the GraphQL API over a made-up plan, executed by graphql-core."""

from lms_shared.dev.sandbox.pluralsight.options import (
    ALPHA_KEY,
    BETA_KEY,
    DEFAULT_KEYS,
    DELETED_KEY,
    DEMO_KEY,
    EXPIRED_KEY,
    PROFESSIONAL_KEY,
    ApiKey,
    KeyState,
    PlanTier,
    PluralsightOptions,
    Refusal,
    ReleaseStage,
    RowOrder,
    WarningShape,
)
from lms_shared.dev.sandbox.pluralsight.sandbox import PluralsightSandbox

__all__ = [
    "ALPHA_KEY",
    "BETA_KEY",
    "DEFAULT_KEYS",
    "DELETED_KEY",
    "DEMO_KEY",
    "EXPIRED_KEY",
    "PROFESSIONAL_KEY",
    "ApiKey",
    "KeyState",
    "PlanTier",
    "PluralsightOptions",
    "PluralsightSandbox",
    "Refusal",
    "ReleaseStage",
    "RowOrder",
    "WarningShape",
]
