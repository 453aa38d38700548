"""Reads a config by its form, or says what is wrong with it: which key, and why, without its secrets.

The CDK's own check says why and not where, and quotes whatever stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from airbyte_cdk.utils.airbyte_secrets_utils import get_secrets
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import validator_for
from pydantic import ValidationError as ModelError

from lms_shared import privacy
from lms_shared.config.model import ConfigModel
from lms_shared.config.nearest import did_you_mean
from lms_shared.config.tidy import tidied
from lms_shared.config.unknown import unknown_keys_problem
from lms_shared.errors import config_error
from lms_shared.privacy import mask_emails, mask_secrets

Model = TypeVar("Model", bound=ConfigModel)
_LISTED = 8
"""Choices that a message lists; of more it names the nearest alone."""


def hide_secrets(form: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Has the secrets of a config masked from now on, also where they stand in JSON."""
    privacy.hide_secrets(str(one) for one in get_secrets(form, config) if one)


def hidden(text: str) -> str:
    """A text without the secrets of the config, and without e-mail addresses."""
    return mask_emails(mask_secrets(text))


def read_config(model: type[Model], form: Mapping[str, Any], config: Mapping[str, Any]) -> Model:
    """The config, read by a model whose form this is.

    Raises AirbyteTracedException (config_error) that names the keys which are wrong or unknown.
    """
    tidy = tidied(form, config)
    problem = config_problem(form, tidy)
    if problem is not None:
        raise config_error(problem)
    try:
        return model.model_validate(tidy)
    except ModelError as error:
        said = error.errors(include_input=False, include_url=False)[0]
        raise config_error(hidden(f"Config validation error: {said['msg'].removeprefix('Value error, ')}.")) from None


def config_problem(form: Mapping[str, Any], config: Mapping[str, Any]) -> str | None:
    """What is wrong with a config that is tidied up, or None."""
    unknown = unknown_keys_problem(form, config)
    if unknown is not None:
        return hidden(f"Config validation error: {unknown}")
    error = _worst(validator_for(form)(form).iter_errors(config))
    if error is None:
        return None
    place = ".".join(map(str, error.absolute_path))
    return hidden(f"Config validation error: {place + ': ' if place else ''}{_reason(error)}")


def _worst(errors: Iterable[ValidationError]) -> ValidationError | None:
    error: ValidationError | None = best_match(errors)
    while error is not None and error.validator == "oneOf" and error.context:
        error = _of_variant(error.context)
    return error


def _of_variant(errors: Iterable[ValidationError]) -> ValidationError:
    """The error of the variant that is meant: the one whose `const` is given, if any is."""
    variants: dict[object, list[ValidationError]] = {}
    for error in errors:
        variants.setdefault(error.relative_schema_path[0], []).append(error)
    meant = [some for some in variants.values() if not any(one.validator == "const" for one in some)]
    worst: ValidationError = best_match(meant[0] if meant else next(iter(variants.values())))
    return worst


def _reason(error: ValidationError) -> str:
    if error.validator == "const":
        others = error.parent.context or () if error.parent is not None else ()
        choices = [str(one.validator_value) for one in others if one.validator == "const"]
        return _no_choice(str(error.instance), list(dict.fromkeys(choices)))
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    if error.validator == "enum":
        return _no_choice(str(error.instance), [str(one) for one in schema["enum"]])
    if error.validator == "pattern" and "pattern_descriptor" in schema:
        given = "the value" if schema.get("airbyte_secret") else repr(error.instance)
        return f"{given} must be {schema['pattern_descriptor']}"
    if schema.get("airbyte_secret") or isinstance(error.instance, dict | list):
        return error.message.replace(repr(error.instance), "the value")
    return error.message


def _no_choice(value: str, choices: list[str]) -> str:
    listed = f" The choices are: {', '.join(choices)}." if len(choices) <= _LISTED else ""
    return f"'{value}' is not one of the choices.{did_you_mean(value, choices)}{listed}"
