"""The form of `object_storage_config`: Airbyte's rules for choices, its key names, and what it takes for a secret."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from airbyte_cdk.models import Status
from airbyte_cdk.utils.airbyte_secrets_utils import get_secrets
from jsonschema import Draft7Validator

from lms_shared.config.problems import config_problem
from lms_shared.destination.settings import DestinationConfig
from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.storage import parse_storage
from lms_shared.reports.storage import LocalStorage, S3Storage

S3 = {
    "storage_type": "S3",
    "s3_bucket_name": " learning-syncs ",
    "s3_bucket_region": "eu-central-1",
    "bucket_path": "/lms/skilljar/",
    "access_key_id": "an-id",
    "secret_access_key": "a-secret",
}


FORM = MemoryDestination.form()
PLACE = FORM["properties"]["object_storage_config"]


def variants() -> dict[str, dict[str, Any]]:
    return {one["properties"]["storage_type"]["const"]: one for one in PLACE["oneOf"]}


def test_the_s3_keys_are_those_that_airbyte_links_rejected_records_by() -> None:
    names = {"storage_type", "s3_bucket_name", "s3_bucket_region", "bucket_path", "access_key_id", "secret_access_key"}
    assert set(variants()["S3"]["properties"]) == names | {"role_arn", "s3_endpoint"}


def test_each_choice_keeps_to_airbytes_rules() -> None:
    assert list(variants()) == ["None", "LOCAL", "S3"]
    for variant in variants().values():
        properties = variant["properties"]
        assert variant["type"] == "object"
        assert sorted(one["order"] for one in properties.values()) == list(range(len(properties)))
        assert set(variant["required"]) <= set(properties)
        shown = [one for name, one in properties.items() if name != "storage_type"]
        assert all(one["title"] and one["description"] for one in shown)


@pytest.mark.parametrize("storage", [{"storage_type": "None"}, {"storage_type": "LOCAL", "path": "/x"}, S3])
def test_a_config_fits_exactly_its_own_choice(storage: dict[str, Any]) -> None:
    validator = Draft7Validator(PLACE)
    assert validator.is_valid(storage)
    assert not validator.is_valid({"storage_type": "S3"})
    assert not validator.is_valid({**S3, "s3_endpoint": "minio.example.com"})


def test_the_credentials_are_secrets_to_the_cdk() -> None:
    assert sorted(get_secrets(FORM, {"object_storage_config": S3})) == ["a-secret", "an-id"]


def test_blanks_and_slashes_around_names_do_not_matter_and_secrets_are_not_shown() -> None:
    storage = parse_storage(S3)
    assert isinstance(storage, S3Storage)
    assert (storage.s3_bucket_name, storage.path) == ("learning-syncs", "lms/skilljar")
    assert (storage.access_key_id, storage.secret_access_key) == ("an-id", "a-secret")
    assert "a-secret" not in repr(storage)
    assert "an-id" not in repr(storage)


def test_a_choice_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    problem = str(
        config_problem(FORM, {"api_key": "k", "object_storage_config": {"storage_type": "local", "path": "/x"}})
    )
    assert "'local' is not one of the choices. Did you mean 'LOCAL'?" in problem
    assert "None, LOCAL, S3" in problem


def test_none_and_nothing_keep_nothing() -> None:
    assert parse_storage({"storage_type": "None"}) is None
    assert DestinationConfig.parse({}).storage is None
    local = parse_storage({"storage_type": "LOCAL", "path": "/x"})
    assert isinstance(local, LocalStorage)


@pytest.mark.parametrize(
    ("given", "lacking"), [("access_key_id", "secret_access_key"), ("secret_access_key", "access_key_id")]
)
def test_half_a_key_is_refused_with_the_other_half_named(given: str, lacking: str) -> None:
    place = {name: value for name, value in S3.items() if name != lacking}
    status = MemoryDestination().check(logging.getLogger("airbyte"), {"api_key": "k", "object_storage_config": place})
    assert status.status is Status.FAILED
    assert f"object_storage_config.{lacking} is missing" in str(status.message)
    assert str(S3[given]) not in str(status.message)
