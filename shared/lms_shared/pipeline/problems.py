"""How a command of `lms-sync` ends."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What cron, systemd and CI see."""

    DONE = 0
    FAILED = 1
    """Trouble on the way, a bug, or stopped from outside. The next run goes on where this one left off."""
    CONFIG = 2
    """Something in the folder, or a permission, has to be changed first."""
    TOO_MANY_REJECTS = 3
    """The good records are written, but more were rejected than `max_rejected` or `max_rejected_share` allow."""


class PipelineError(Exception):
    """A command cannot go on. The text says why and what to change; `exit_code` is what the shell sees."""

    exit_code = ExitCode.FAILED


class PipelineConfigError(PipelineError):
    """Something in the folder, or a permission, has to be changed first."""

    exit_code = ExitCode.CONFIG


class TooManyRejects(PipelineError):
    """The destination ended because more records were rejected than its config allows."""

    exit_code = ExitCode.TOO_MANY_REJECTS
