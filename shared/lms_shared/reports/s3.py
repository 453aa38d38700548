"""What boto3 has no call for: credentials of a role that are renewed, and an object that grows by lines.

S3 can only replace objects. What is new waits in a temporary file. A small object is replaced whole; of a large one the
server copies what it has and gets only what is new (Amazon S3 API, UploadPartCopy), so that many small additions to a
large file stay cheap. The object is replaced in one step either way: a reader, or the next sync after a crash, never
sees half a line.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError

from lms_shared.reports.storage import S3Storage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EXTERNAL_ID = "AWS_ASSUME_ROLE_EXTERNAL_ID"
"""Environment variable in which Airbyte names the external id that the trust policies of its users' roles ask for."""
_SESSION_NAME = "lms-connector-reports"


def session_of(storage: S3Storage) -> boto3.Session:
    """A session for the bucket. The credentials of a role are fetched at the first call, and again before they end."""
    own = boto3.Session(
        region_name=storage.s3_bucket_region,
        aws_access_key_id=storage.access_key_id,
        aws_secret_access_key=storage.secret_access_key,
    )
    if storage.role_arn is None:
        return own
    external = os.environ.get(EXTERNAL_ID)
    # boto3 has no call for this: profiles of a config file are its only way to a role that is renewed.
    core = own._session
    fetcher = AssumeRoleCredentialFetcher(
        core.create_client,
        core.get_credentials(),
        storage.role_arn,
        extra_args={"RoleSessionName": _SESSION_NAME, **({"ExternalId": external} if external else {})},
    )
    assumed = botocore.session.get_session()
    renewed = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
    assumed._credentials = renewed  # type: ignore[attr-defined]  # botocore has no public way to give renewed ones
    return boto3.Session(botocore_session=assumed, region_name=storage.s3_bucket_region)


PART = 5 * 1024 * 1024
"""Bytes from which on an object is copied by the server: no part but the last may be smaller (Amazon S3, multipart
upload limits). A copied part is 5 GiB at most, and so is an object that still grows."""
_IN_MEMORY = 65_536
_BLOCK = 1_000_000


class AppendedObject:
    """One object, of which `size` bytes are in the bucket already."""

    def __init__(self, client: S3Client, bucket: str, key: str, size: int = 0) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._copied = size if size >= PART else 0
        """Bytes at the object's begin that are only in the bucket."""
        # Lives as long as the sync; close() ends it.
        self._tail = tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="lms-report-")  # noqa: SIM115
        self._uploaded = 0 if self._copied else size
        """Bytes of the tail that are in the bucket as well."""
        if self._uploaded:
            shutil.copyfileobj(client.get_object(Bucket=bucket, Key=key)["Body"], self._tail)

    @property
    def empty(self) -> bool:
        """Whether the object has no line yet, in the bucket or waiting."""
        return not self._copied and not self._tail.seek(0, 2)

    @property
    def waiting(self) -> int:
        """Bytes that are not in the bucket yet."""
        return self._tail.seek(0, 2) - self._uploaded

    def append(self, line: bytes) -> None:
        """Adds a line, without its end."""
        self._tail.seek(0, 2)
        self._tail.write(line + b"\n")

    def upload(self) -> None:
        """Brings what waits into the bucket, and keeps no more of it than the next upload needs."""
        if not self.waiting:
            return
        size = self._tail.seek(0, 2)
        self._tail.seek(0)
        if self._copied:
            self._extend()
        else:
            self._client.put_object(Bucket=self._bucket, Key=self._key, Body=self._tail)
        self._uploaded = size
        if self._copied or size >= PART:
            self._copied += size
            self._uploaded = 0
            self._tail.seek(0)
            self._tail.truncate()

    def _extend(self) -> None:
        upload = self._client.create_multipart_upload(Bucket=self._bucket, Key=self._key)["UploadId"]
        try:
            copied = self._client.upload_part_copy(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=upload,
                PartNumber=1,
                CopySource={"Bucket": self._bucket, "Key": self._key},
                CopySourceRange=f"bytes=0-{self._copied - 1}",
            )["CopyPartResult"]
            added = self._client.upload_part(
                Bucket=self._bucket, Key=self._key, UploadId=upload, PartNumber=2, Body=self._tail
            )
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=upload,
                MultipartUpload={
                    "Parts": [
                        {"PartNumber": 1, "ETag": copied["ETag"]},
                        {"PartNumber": 2, "ETag": added["ETag"]},
                    ]
                },
            )
        except (BotoCoreError, ClientError):
            # The first failure is the one to tell; parts that stay behind are removed by the bucket's own rules.
            with contextlib.suppress(BotoCoreError, ClientError):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=upload)
            raise

    def lines(self) -> Iterator[bytes]:
        """The lines that are in the bucket already."""
        if self._copied:
            yield from self._client.get_object(Bucket=self._bucket, Key=self._key)["Body"].iter_lines(_BLOCK)
        else:
            self._tail.seek(0)
            yield from self._tail

    def close(self) -> None:
        """Removes the temporary file."""
        self._tail.close()
