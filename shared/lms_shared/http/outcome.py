"""How a call can end that is neither an answer nor a refusal."""

from __future__ import annotations


class UnknownOutcome(Exception):
    """A call that must not be repeated blindly got no answer: it may have been carried out or not."""


class UnreadableAnswer(Exception):
    """A success whose body is not what the call answers with. Says what it is instead, without quoting it."""
