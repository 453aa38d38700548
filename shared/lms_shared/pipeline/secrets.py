"""`${NAME}` in a config: the value comes from the environment, or from `.env` beside the config."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from lms_shared.pipeline.problems import PipelineConfigError

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def known_values(env_file: Path) -> dict[str, str]:
    """What `${NAME}` may stand for: the lines of `.env`, and over them the environment."""
    try:
        lines = dotenv_values(env_file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineConfigError(f"{env_file} cannot be read ({type(error).__name__}).") from error
    return {name: value for name, value in {**lines, **os.environ}.items() if value is not None}


def names_in(value: Any) -> Iterator[str]:
    """The names that a config refers to, in its order."""
    if isinstance(value, str):
        yield from _NAME.findall(value)
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from names_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from names_in(member)


def filled(config: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The config with each `${NAME}` replaced.

    Raises PipelineConfigError naming all names that are not set or blank.
    """
    missing = sorted({name for name in names_in(config) if not values.get(name, "").strip()})
    if missing:
        raise PipelineConfigError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set. Write a line NAME=value for each "
            "into .env in the pipeline's folder, or set it in the environment."
        )
    return {key: _filled(value, values) for key, value in config.items()}


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _NAME.sub(lambda found: values[found[1]], value)
    if isinstance(value, Mapping):
        return {key: _filled(member, values) for key, member in value.items()}
    return [_filled(member, values) for member in value] if isinstance(value, list) else value
