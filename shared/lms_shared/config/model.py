"""Declares the keys of a config: one model gives the form, the defaults and the parsed values.

The models are pydantic's, which the CDK brings along; what Airbyte's form knows beyond JSON schema (order, groups,
secrets, descriptions of patterns) stands beside each key as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from lms_shared.config.form import form_of
from lms_shared.config.tidy import tidied


@dataclass(frozen=True)
class Group:
    """A part of the form with a heading (Airbyte connector specification, `groups`)."""

    id: str
    title: str


class ConfigModel(BaseModel):
    """A config, or an object in one. `title` of a model's `model_config` is its heading in the form."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    form_groups: ClassVar[tuple[Group, ...]] = ()
    """The parts of the form in their order; keys of no part come last."""

    @classmethod
    def form(cls) -> dict[str, Any]:
        """The form, as a JSON schema that Airbyte can show."""
        return deepcopy(_form(cls))

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> Self:
        """Reads a config that fits the form. Raises pydantic's ValidationError (a ValueError) for one that does not."""
        return cls.model_validate(tidied(cls.form(), config))


@cache
def _form(model: type[ConfigModel]) -> dict[str, Any]:
    return form_of(model.model_json_schema(), [(one.id, one.title) for one in model.form_groups])


def key(
    title: str,
    description: str,
    *,
    default: Any = ...,
    group: Group | None = None,
    order: int | None = None,
    always_show: bool = False,
    secret: bool | None = None,
    examples: Sequence[str] = (),
    pattern: str = "",
    pattern_descriptor: str = "",
    text_format: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    types: Sequence[str] = (),
    unless: str = "",
) -> Any:
    """A key of a config.

    Without a default it is required. `order` moves a key within its group, the default being 50; equal ones stay as
    they are declared. `always_show` keeps an optional key out of the fold of optional ones. `secret` is None for a key
    that does not look like a secret. A pattern has a description, which the form shows in its place.
    `text_format` is a JSON schema format such as `date-time`, for which the form has a widget.
    `types` are the JSON types of a key that may hold anything. `unless` names the key that may be given instead of an
    optional one: the form, which cannot show such a choice, asks for this one.
    """
    extra: dict[str, Any] = {
        "group": group.id if group else None,
        "order": order,
        "always_show": always_show or None,
        "airbyte_secret": secret,
        "examples": list(examples) or None,
        "pattern": pattern or None,
        "pattern_descriptor": pattern_descriptor or None,
        "format": text_format or None,
        "minimum": minimum,
        "maximum": maximum,
        "type": list(types) or None,
        "unless": unless or None,
    }
    return Field(
        default,
        title=title,
        description=description,
        repr=not secret,
        json_schema_extra={name: value for name, value in extra.items() if value is not None},
    )
