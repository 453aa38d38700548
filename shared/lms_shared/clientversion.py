"""The `clientversion` header by which Pluralsight tells partners' traffic apart.

Pluralsight, building integrations: `<partner_name> <type_of_connector> connector`, three parts with one blank
between, the words inside a part joined with underscores.
"""

from __future__ import annotations

import unicodedata

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

HEADER_NAME = "clientversion"
LAST_PART = "connector"


def client_version(partner_name: str, connector_type: str) -> str:
    """The value of the header, such as `Acme content_catalog connector`.

    Raises AirbyteTracedException (config_error) for a part that is blank or cannot stand in a header.
    """
    parts = (_part("partner_name", partner_name), _part("connector_type", connector_type), LAST_PART)
    return " ".join(parts)


def _part(key: str, text: str) -> str:
    """One part with its words joined by underscores. A line break is refused, since it would end the header."""
    blank_separated = "".join(" " if _is_blank(character) else character for character in text)
    if any(unicodedata.category(character) == "Cc" for character in blank_separated):
        raise _refused(key, "holds a control character or a line break; retype it as plain text")
    try:
        blank_separated.encode("latin-1")
    except UnicodeEncodeError:
        raise _refused(key, "holds a character that an HTTP header cannot carry; use Latin letters") from None
    joined = "_".join(blank_separated.split())
    if not joined:
        raise _refused(key, "is blank; enter a name")
    return joined


def _is_blank(character: str) -> bool:
    return character == "\t" or unicodedata.category(character) == "Zs"


def _refused(key: str, why: str) -> AirbyteTracedException:
    message = f"The value of {key} {why}. Pluralsight requires it in the {HEADER_NAME} header of every request."
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.config_error)
