"""`check`: what can be said of a config before the first record, reading only."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Set

from graphql import GraphQLError, GraphQLSchema, build_client_schema, get_introspection_query

from destination_pluvo.access_token import SCOPES
from destination_pluvo.api import PluvoApi
from destination_pluvo.operations import OPERATIONS
from destination_pluvo.ports.extra_fields import ExtraCategories
from destination_pluvo.settings import ContentObject, Settings
from lms_shared.upsert.routing import config_error

logger = logging.getLogger("airbyte")

_NAMED = 5
"""Missing parts of the schema that a message names."""


def check_connection(api: PluvoApi, scopes: Set[str], settings: Settings) -> None:
    """Raises AirbyteTracedException (config_error) with what to change."""
    families = _families(settings)
    _check_scopes(scopes, families)
    schema = _schema(api)
    if schema is None:
        logger.info("Pluvo does not show its schema to this client; the operations were not compared with it.")
        next(api.nodes("GroupsByText", q=""), None)
    else:
        _check_operations(schema, families)
    if settings.certificate_id:
        _check_certificate(api, settings.certificate_id)
    categories = ExtraCategories(api)
    for name in settings.extra_fields:
        categories.named(name)


def _families(settings: Settings) -> list[str]:
    """The parts of the API that the unified objects need."""
    content = "trainings" if settings.content_object is ContentObject.TRAINING else "offers"
    return ["users", "groups", content, "portfolio", *(["extra_categories"] if settings.extra_fields else [])]


def _check_scopes(scopes: Set[str], families: Iterable[str]) -> None:
    missing = [scope for scope in SCOPES if scope not in scopes]
    if not missing:
        return
    if not any(scope.endswith(".write") for scope in scopes):
        raise config_error(f"The client may only read. Ask Pluvo for the scopes {', '.join(missing)}.")
    logger.warning("The client lacks the scopes %s; objects that need them cannot be written.", ", ".join(missing))


def _schema(api: PluvoApi) -> GraphQLSchema | None:
    answer = api.introspect(get_introspection_query(descriptions=False))
    if not isinstance(answer, dict):
        return None
    try:
        return build_client_schema(answer)  # type: ignore[arg-type]  # its shape is what the call finds out
    except (TypeError, GraphQLError):
        return None


def _check_operations(schema: GraphQLSchema, families: Iterable[str]) -> None:
    needed: dict[str, None] = {}
    others: dict[str, None] = {}
    for one in OPERATIONS.values():
        (needed if one.family in families else others).update(dict.fromkeys(one.missing_in(schema)))
    if others:
        logger.warning("Pluvo lacks what some of the other objects need: %s", _listed(others))
    if needed:
        raise config_error(
            f"Pluvo lacks what this connector needs: {_listed(needed)} Update the connector, or tell its maintainers."
        )


def _listed(messages: Iterable[str]) -> str:
    texts = list(messages)
    more = f" And {len(texts) - _NAMED} more." if len(texts) > _NAMED else ""
    return " ".join(texts[:_NAMED]) + more


def _check_certificate(api: PluvoApi, certificate: str) -> None:
    known = {str(row["id"]): row.get("name") for row in api.nodes("Certificates")}
    if certificate not in known:
        names = ", ".join(f"{name} ({key})" for key, name in sorted(known.items())) or "none"
        raise config_error(
            f"There is no certificate template {certificate}. Correct certificate_id to one of: {names}."
        )
