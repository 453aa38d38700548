"""Config key `object_storage_config`: where rejected records, plans and the report page are kept.

The key and the names of its S3 part are Airbyte's own (data activation, rejected records), so that the link to the
rejected records in its user interface works.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from lms_shared.config.model import ConfigModel, key


class NoStorage(ConfigModel):
    """Nothing is kept."""

    model_config = ConfigDict(title="Nowhere")

    storage_type: Literal["None"] = key("Kind", "Rejected records are counted and named in the log, and not kept.")


class LocalStorage(ConfigModel):
    """A folder of the machine that runs the connector."""

    model_config = ConfigDict(title="Local folder")

    storage_type: Literal["LOCAL"] = key("Kind", "Files are kept in a folder of the container that runs the sync.")
    path: str = key(
        "Folder for rejected records and reports",
        "The folder is inside the container that runs the sync: mount one that stays, or use a bucket. On Kubernetes "
        "it is gone with the pod. It is created if missing. Files of earlier syncs move to its subfolder earlier.",
        examples=["/local/rejects"],
    )

    @property
    def folder(self) -> Path:
        return Path(self.path)


class S3Storage(ConfigModel):
    """A path in a bucket of Amazon S3, or of a server that speaks its protocol."""

    model_config = ConfigDict(title="S3 bucket")

    storage_type: Literal["S3"] = key("Kind", "Files are kept in a bucket of Amazon S3 or a compatible server.")
    s3_bucket_name: str = key(
        "Bucket for rejected records and reports",
        "Name of the bucket. The credentials need s3:ListBucket on it, and s3:GetObject, s3:PutObject, s3:DeleteObject "
        "and s3:AbortMultipartUpload on the objects below the path.",
        examples=["learning-syncs"],
    )
    s3_bucket_region: str = key("Bucket region", "Region of the bucket.", examples=["eu-central-1", "us-east-1"])
    bucket_path: str = key(
        "Path in the bucket",
        "Give each connection a path of its own. A sync that Airbyte numbers has its files in a folder of that number "
        "below the path, where Airbyte's link to rejected records leads.",
        default="",
        examples=["airbyte/learning"],
    )
    access_key_id: str | None = key(
        "Access key ID",
        "Empty: the role below, or the credentials of the machine that runs the connector.",
        default=None,
        secret=True,
    )
    secret_access_key: str | None = key(
        "Secret access key", "The secret that belongs to the access key ID.", default=None, secret=True
    )
    role_arn: str | None = key(
        "Role ARN",
        "Role to assume for the bucket, with the access key above or with the credentials of the machine.",
        default=None,
        examples=["arn:aws:iam::123456789012:role/learning-syncs"],
        pattern="^\\s*arn:[a-z-]+:iam::[0-9]{12}:role/.+$",
        pattern_descriptor="an ARN of a role, such as arn:aws:iam::123456789012:role/learning-syncs",
    )
    s3_endpoint: str | None = key(
        "S3 endpoint",
        "URL of another server that speaks the S3 protocol. Empty: Amazon S3.",
        default=None,
        examples=["https://minio.example.com"],
        pattern="^\\s*https?://.+$",
        pattern_descriptor="a URL that starts with http:// or https://",
    )

    @model_validator(mode="after")
    def _key_with_secret(self) -> S3Storage:
        if bool(self.access_key_id) is not bool(self.secret_access_key):
            lacking = "secret_access_key" if self.access_key_id else "access_key_id"
            raise ValueError(f"object_storage_config.{lacking} is missing: an access key is an id and its secret")
        return self

    @property
    def path(self) -> str:
        """Without slashes at its ends; empty for the root of the bucket."""
        return self.bucket_path.strip("/")

    def key_of(self, name: str) -> str:
        """The object's key of a file."""
        return f"{self.path}/{name}" if self.path else name


Storage = LocalStorage | S3Storage
StorageChoice = Annotated[NoStorage | LocalStorage | S3Storage, Field(discriminator="storage_type")]
