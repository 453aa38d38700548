"""Whose rights a bucket is used with: an access key's, the machine's, or those of a role that either may assume."""

from __future__ import annotations

import os

import boto3
import botocore.session
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

from lms_shared.reports.storage import S3Storage

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
