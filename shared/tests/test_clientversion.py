"""The `clientversion` header is well-formed, or the configuration is refused."""

from __future__ import annotations

import pytest
import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException
from hypothesis import given
from hypothesis import strategies as st

from lms_shared.clientversion import client_version


@pytest.mark.parametrize(
    ("partner", "kind", "header"),
    [
        ("Acme", "content_catalog", "Acme content_catalog connector"),
        ("Acme", "skillIQ assessment", "Acme skillIQ_assessment connector"),
        ("  Acme   Learning\tLtd ", " skills  data ", "Acme_Learning_Ltd skills_data connector"),
        ("Acme\u00a0Learning", "x", "Acme_Learning x connector"),
        ("Acme\u2003Learning", "x", "Acme_Learning x connector"),
        ("Café & Söhne", "x", "Café_&_Söhne x connector"),
        ("Acme_Inc", "x", "Acme_Inc x connector"),
    ],
)
def test_words_of_a_part_are_joined_with_underscores(partner: str, kind: str, header: str) -> None:
    assert client_version(partner, kind) == header


@pytest.mark.parametrize("key", ["partner_name", "connector_type"])
@pytest.mark.parametrize(
    "bad",
    [
        "",
        "   ",
        "\t",
        "\u2003",
        "Acme\r\nX-Evil: 1",
        "Acme\nInc",
        "Acme\x00",
        "Acme\x7f",
        "Acme\x85",
        "株式会社",
        "Acme™",
    ],
)
def test_a_part_that_cannot_stand_in_the_header_is_a_configuration_error(key: str, bad: str) -> None:
    parts = {"partner_name": "Acme", "connector_type": "skills_data", key: bad}
    with pytest.raises(AirbyteTracedException) as raised:
        client_version(**parts)
    assert raised.value.failure_type is FailureType.config_error
    assert key in (raised.value.message or "")


@given(st.text(), st.text())
def test_whatever_is_accepted_is_three_parts_that_an_http_client_takes(partner: str, kind: str) -> None:
    try:
        header = client_version(partner, kind)
    except AirbyteTracedException:
        return
    assert len(header.split(" ")) == 3
    assert header.endswith(" connector")
    header.encode("latin-1")
    requests.Request("POST", "http://localhost/", headers={"clientversion": header}).prepare()
