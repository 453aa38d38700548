"""The special rules of the API, by topic."""

from lms_shared.dev.sandbox.skilljar.rulebook import Rulebook
from lms_shared.dev.sandbox.skilljar.rules import (
    catalog,
    commerce,
    courses,
    enrollments,
    groups,
    lessons,
    paths,
    progress,
    publications,
    quizzes,
    signup,
    training,
    users,
    webhooks,
)

RULEBOOK = Rulebook().including(
    catalog.RULES,
    commerce.RULES,
    courses.RULES,
    enrollments.RULES,
    groups.RULES,
    lessons.RULES,
    paths.RULES,
    progress.RULES,
    publications.RULES,
    quizzes.RULES,
    signup.RULES,
    training.RULES,
    users.RULES,
    webhooks.RULES,
)
