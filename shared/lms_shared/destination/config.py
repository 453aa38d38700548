"""Says what is wrong with a config by the form: which key, and why, without its secrets.

The CDK's own check says why and not where, and quotes whatever stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets, get_secrets, update_secrets
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import validator_for

from lms_shared.privacy import mask_emails


def hide_secrets(form: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Has the secrets of a config masked from now on, also where they stand in JSON."""
    found = [str(one) for one in get_secrets(form, config) if one]
    update_secrets([*found, *(orjson.dumps(one).decode()[1:-1] for one in found)])


def hidden(text: str) -> str:
    """A text without the secrets of the config, and without e-mail addresses."""
    return mask_emails(filter_secrets(text))


def config_problem(form: Mapping[str, Any], config: Mapping[str, Any]) -> str | None:
    """What is wrong with the config, or None."""
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
        return "there is no variant of this name"
    secret = isinstance(error.schema, Mapping) and error.schema.get("airbyte_secret")
    if secret or isinstance(error.instance, dict | list):
        return error.message.replace(repr(error.instance), "the value")
    return error.message
