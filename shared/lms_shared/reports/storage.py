"""Config key `object_storage_config`: where rejected records, plans and the report page are kept.

The key and the names of its S3 part are Airbyte's own (data activation, rejected records), so that the link to the
rejected records in its user interface works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class LocalStorage:
    """A folder of the machine that runs the connector."""

    folder: Path


@dataclass(frozen=True)
class S3Storage:
    """A path in a bucket of Amazon S3, or of a server that speaks its protocol."""

    bucket: str
    region: str
    path: str
    """Without slashes at its ends; empty for the root of the bucket."""
    access_key_id: str | None = field(repr=False)
    """Without it, what the machine offers counts: environment variables, a profile, an instance role."""
    secret_access_key: str | None = field(repr=False)
    endpoint: str | None

    def key(self, name: str) -> str:
        """The object's key of a file."""
        return f"{self.path}/{name}" if self.path else name


Storage = LocalStorage | S3Storage


def parse_storage(config: Mapping[str, Any]) -> Storage | None:
    """Reads the value of `object_storage_config`, which passed the spec's validation; None where nothing is kept."""
    match config.get("storage_type"):
        case "LOCAL":
            return LocalStorage(Path(config["path"]))
        case "S3":
            return S3Storage(
                bucket=config["s3_bucket_name"].strip(),
                region=config["s3_bucket_region"].strip(),
                path=str(config.get("bucket_path") or "").strip().strip("/"),
                access_key_id=config.get("access_key_id") or None,
                secret_access_key=config.get("secret_access_key") or None,
                endpoint=str(config.get("s3_endpoint") or "").strip() or None,
            )
        case _:
            return None


def storage_form() -> dict[str, Any]:
    """The key's part of the form."""
    return {
        "type": "object",
        "title": "Rejected records and reports",
        "description": "Where each sync keeps its rejected records, its plan and a report page to read.",
        "oneOf": [_variant("None", "None", {}), _local(), _s3()],
    }


def _variant(title: str, storage_type: str, keys: Mapping[str, Mapping[str, Any]], *required: str) -> dict[str, Any]:
    numbered = {name: {"type": "string", **key, "order": order} for order, (name, key) in enumerate(keys.items(), 1)}
    return {
        "title": title,
        "type": "object",
        "required": ["storage_type", *required],
        "properties": {"storage_type": {"type": "string", "const": storage_type, "order": 0}, **numbered},
    }


def _local() -> dict[str, Any]:
    path = {
        "title": "Folder",
        "description": "Folder for rejects-<stream>.jsonl, plan-<stream>.jsonl and report.html. It is made if missing; "
        "the files of earlier syncs are moved to its folder earlier.",
        "examples": ["/local/rejects"],
    }
    return _variant("Local folder", "LOCAL", {"path": path}, "path")


def _s3() -> dict[str, Any]:
    keys: dict[str, dict[str, Any]] = {
        "s3_bucket_name": {
            "title": "Bucket",
            "description": "Name of the bucket. The key needs s3:ListBucket on it, and s3:GetObject, s3:PutObject, "
            "s3:DeleteObject and s3:AbortMultipartUpload on the objects below the path.",
            "examples": ["learning-syncs"],
        },
        "s3_bucket_region": {
            "title": "Region",
            "description": "Region of the bucket.",
            "examples": ["eu-central-1", "us-east-1"],
        },
        "bucket_path": {
            "title": "Path",
            "description": "Path in the bucket, one for each connection, for rejects-<stream>.jsonl, "
            "plan-<stream>.jsonl and report.html. The files of earlier syncs are moved to earlier/ below it.",
            "examples": ["airbyte/learning"],
        },
        "access_key_id": {
            "title": "Access key id",
            "description": "Empty: the credentials of the machine that runs the connector, such as an instance role.",
            "airbyte_secret": True,
        },
        "secret_access_key": {
            "title": "Secret access key",
            "description": "The secret that belongs to the access key id.",
            "airbyte_secret": True,
        },
        "s3_endpoint": {
            "title": "Endpoint",
            "description": "Address of another server that speaks the S3 protocol. Empty: Amazon S3.",
            "examples": ["https://minio.example.com"],
            "pattern": "^(\\s*https?://.+)?$",
            "pattern_descriptor": "an address that begins with http:// or https://",
        },
    }
    return _variant("S3", "S3", keys, "s3_bucket_name", "s3_bucket_region", "bucket_path")
