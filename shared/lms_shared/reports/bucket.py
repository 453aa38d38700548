"""Keeps rejects, plans and the report page in a bucket of Amazon S3, or of a server that speaks its protocol."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError
from botocore.parsers import ResponseParserError

from lms_shared.errors import config_error
from lms_shared.reports.s3 import AppendedObject, session_of
from lms_shared.reports.storage import S3Storage
from lms_shared.reports.store import (
    EARLIER,
    PAGE,
    UNFINISHED,
    encoded,
    file_name,
    is_durable,
    is_of,
    is_report,
    page_bytes,
    read_lines,
)
from lms_shared.upsert.account.store import FileKind

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

_IN_MEMORY = 1_000_000
PLAN_EVERY = 1_000_000
"""Bytes of a plan that are collected before they are uploaded: no state waits for a plan, as one does for rejects."""

_REGION = "The bucket is in another region. Correct object_storage_config.s3_bucket_region."
_TO_CORRECT = {
    "NoSuchBucket": "The bucket does not exist. Correct object_storage_config.s3_bucket_name.",
    "InvalidBucketName": "This is not a valid bucket name. Correct object_storage_config.s3_bucket_name.",
    "InvalidAccessKeyId": "The access key is unknown. Correct object_storage_config.access_key_id.",
    "SignatureDoesNotMatch": "The secret does not belong to the access key. Correct "
    "object_storage_config.secret_access_key.",
    "ExpiredToken": "The machine's credentials have expired. Renew them, or set object_storage_config.access_key_id.",
    "AccessDenied": "The access key or role may not do that. Allow it s3:ListBucket on the bucket, and s3:GetObject, "
    "s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload below the path.",
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
}
"""Amazon S3 API, error responses: what the user can do about them. Everything else is trouble on the way."""


class BucketStore:
    """The files of one sync below a path of a bucket.

    Raises AirbyteTracedException: config_error where the config must be changed, transient_error for any other trouble.
    """

    keeps = True

    def __init__(self, storage: S3Storage, sync_id: str = "") -> None:
        """`sync_id` is the folder below the path to which Airbyte's link to the rejected records of a sync leads.

        Without one, the files lie directly below the path.
        """
        self._storage = storage
        self._folder = f"{sync_id}/" if sync_id else ""
        self._objects: dict[str, AppendedObject] = {}
        with _talking(storage):
            self._client = _client(storage)
            found = dict(_files(self._client, storage, self._folder))
            if self._folder:
                lasting = dict(_files(self._client, storage, ""))
                found |= {name: size for name, size in lasting.items() if is_of(name, FileKind.KEPT)}
            goes_on = UNFINISHED in found
            if not goes_on:
                self._put_away([name for name in found if is_report(name)])
                self._put(UNFINISHED, b"")
            for name, size in found.items():
                if any(is_of(name, kind) and (goes_on or not kind.of_one_sync) for kind in FileKind):
                    self._objects[name] = self._open(name, size)

    def _open(self, name: str, size: int = 0) -> AppendedObject:
        return AppendedObject(self._client, self._storage.s3_bucket_name, self._key(name), size)

    def _key(self, name: str) -> str:
        """Where a file lies: what belongs to one sync is in its folder, what lasts is in the path itself."""
        return self._storage.key_of(name if is_of(name, FileKind.KEPT) else f"{self._folder}{name}")

    def _put(self, name: str, content: bytes, content_type: str = "binary/octet-stream") -> None:
        self._client.put_object(
            Bucket=self._storage.s3_bucket_name, Key=self._key(name), Body=content, ContentType=content_type
        )

    def _delete(self, name: str) -> None:
        self._client.delete_object(Bucket=self._storage.s3_bucket_name, Key=self._key(name))

    def _put_away(self, names: list[str]) -> None:
        bucket, key = self._storage.s3_bucket_name, self._key
        # S3 knows times to the second only; named by the moment of the move, no two syncs share a folder.
        earlier = f"{EARLIER}/{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        for name in names:
            source: CopySourceTypeDef = {"Bucket": bucket, "Key": key(name)}
            self._client.copy_object(CopySource=source, Bucket=bucket, Key=key(f"{earlier}/{name}"))
            self._delete(name)

    def kept(self, kind: FileKind) -> Iterator[dict[str, Any]]:
        for name, one in self._objects.items():
            if is_of(name, kind):
                with _talking(self._storage):
                    yield from read_lines(name, one.lines())

    def append(self, kind: FileKind, stream: str, line: Mapping[str, Any]) -> None:
        name = file_name(kind, stream)
        with _talking(self._storage):
            if name not in self._objects:
                self._objects[name] = self._open(name)
            grown = self._objects[name]
            grown.append(encoded(kind, line, first=grown.empty))

    def replace(self, kind: FileKind, stream: str, lines: Iterable[Mapping[str, Any]]) -> None:
        name = file_name(kind, stream)
        if name in self._objects:
            self._objects[name].upload()
        with _talking(self._storage), tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="lms-report-") as new:
            for number, line in enumerate(lines):
                new.write(encoded(kind, line, first=number == 0) + b"\n")
            grown = self._objects.pop(name, None)
            if grown is not None:
                grown.close()
            if not new.tell():
                self._delete(name)
                return
            new.seek(0)
            self._client.put_object(Bucket=self._storage.s3_bucket_name, Key=self._key(name), Body=new)

    def flush(self) -> None:
        with _talking(self._storage):
            for name, one in self._objects.items():
                if is_durable(name) or one.waiting >= PLAN_EVERY:
                    one.upload()

    def put_page(self, page: str) -> None:
        with _talking(self._storage):
            self._put(PAGE, page_bytes(page), "text/html; charset=utf-8")

    def close(self, *, finished: bool) -> None:
        with _talking(self._storage):
            for one in self._objects.values():
                one.upload()
                one.close()
            self._objects.clear()
            if finished:
                self._delete(UNFINISHED)


def prove_bucket(storage: S3Storage) -> None:
    """Proves that a sync can keep its files there: writes, lists, reads and removes a small object.

    Raises AirbyteTracedException with a sentence that says what to change.
    """
    with _talking(storage):
        client = _client(storage)
        bucket, key = storage.s3_bucket_name, storage.key_of(f".check-{uuid.uuid4().hex}")
        client.put_object(Bucket=bucket, Key=key, Body=b"ok")
        try:
            dict(_files(client, storage))
            client.get_object(Bucket=bucket, Key=key)["Body"].read()
        finally:
            client.delete_object(Bucket=bucket, Key=key)


def _client(storage: S3Storage) -> S3Client:
    return session_of(storage).client(
        "s3",
        endpoint_url=storage.s3_endpoint,
        config=Config(
            connect_timeout=10,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 5},
            # Servers other than Amazon's seldom have a host name for each bucket, or know its newer checksums.
            s3={"addressing_style": "path" if storage.s3_endpoint else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _files(client: S3Client, storage: S3Storage, folder: str = "") -> Iterator[tuple[str, int]]:
    """Name and size of the files that are directly below the path, or below a folder in it."""
    prefix = storage.key_of(folder)
    for page in client.get_paginator("list_objects_v2").paginate(
        Bucket=storage.s3_bucket_name, Prefix=prefix, Delimiter="/"
    ):
        for one in page.get("Contents", ()):
            yield one["Key"].removeprefix(prefix), one["Size"]


@contextmanager
def _talking(storage: S3Storage) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "unknown error"))
        raise _failed(storage, code, _TO_CORRECT.get(code)) from error
    except NoCredentialsError as error:
        remedy = "No credentials were found. Enter access_key_id and secret_access_key in object_storage_config."
        raise _failed(storage, type(error).__name__, remedy) from error
    except ParamValidationError as error:
        raise _failed(storage, type(error).__name__, _TO_CORRECT["InvalidBucketName"]) from error
    except (BotoCoreError, Boto3Error, ResponseParserError) as error:
        raise _failed(storage, type(error).__name__, None) from error
    except ValueError as error:  # botocore: an endpoint that is not a URL
        raise _failed(storage, "invalid", "Correct object_storage_config.s3_endpoint.") from error


def _failed(storage: S3Storage, what: str, remedy: str | None) -> AirbyteTracedException:
    place = f"s3://{storage.s3_bucket_name}/{storage.path}" + (
        f" at {storage.s3_endpoint}" if storage.s3_endpoint else ""
    )
    message = f"The place for rejected records, {place}, cannot be used ({what})."
    if remedy is not None:
        return config_error(f"{message} {remedy}")
    message += " Check object_storage_config, or run the sync again later."
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.transient_error)
