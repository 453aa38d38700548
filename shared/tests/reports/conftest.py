"""A bucket of a pretend S3 server behind real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from lms_shared.dev.testing.s3_server import REGION, Key, S3Server, s3_server


@pytest.fixture(autouse=True, scope="package")
def _descriptions_read_once() -> Iterator[None]:
    """Each session of botocore reads the descriptions of its services anew, a tenth of a second each."""
    read = cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


@dataclass(frozen=True)
class Bucket:
    """A bucket for the reports of syncs, and the config that names it."""

    server: S3Server
    name: str = "learning-syncs"
    path: str = "lms/memory"

    def storage(self, key: Key | None = None, **keys: Any) -> dict[str, Any]:
        """The value of `object_storage_config`."""
        key = key or Key("some-key-id", "some-secret")
        return {
            "storage_type": "S3",
            "s3_bucket_name": self.name,
            "s3_bucket_region": REGION,
            "bucket_path": self.path,
            "access_key_id": key.id,
            "secret_access_key": key.secret,
            "s3_endpoint": self.server.url,
            **keys,
        }

    def files(self) -> dict[str, bytes]:
        """The files below the path, by name."""
        prefix = f"{self.path}/"
        return {key.removeprefix(prefix): content for key, content in self.server.files(self.name).items()}


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as one:
        yield one


@pytest.fixture
def bucket(server: S3Server) -> Iterator[Bucket]:
    """An empty bucket; everybody may do everything."""
    one = Bucket(server)
    server.add_bucket(one.name)
    yield one
    server.reset()
