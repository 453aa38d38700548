"""A pretend S3 server (moto's) as a process of its own: it outlives a connector that is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import boto3
import requests

REGION = "eu-central-1"
_EVERYTHING = {"Effect": "Allow", "Action": ["s3:*", "sts:*"], "Resource": "*"}


@dataclass(frozen=True)
class Key:
    """The access key of a user."""

    id: str
    secret: str


class S3Server:
    """The server, as its owner sees it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def client(self, service: Literal["s3", "iam"], key: Key | None = None) -> Any:
        """A client of the server, for the owner or the user of a key."""
        key = key or Key("owner", "owner")
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=key.id,
            aws_secret_access_key=key.secret,
        )

    def reset(self) -> None:
        """Forgets everything, and lets everyone do everything again."""
        requests.post(f"{self.url}/moto-api/reset-auth", data=b"inf", timeout=10).raise_for_status()
        requests.post(f"{self.url}/moto-api/reset", timeout=10).raise_for_status()

    def add_bucket(self, name: str) -> None:
        """Makes a bucket."""
        place: Any = {"LocationConstraint": REGION}
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)

    def add_user(self, name: str, *denied: str) -> Key:
        """Makes a user who may do everything with S3 but some actions."""
        iam = self.client("iam")
        statements = [_EVERYTHING, *({"Effect": "Deny", "Action": one, "Resource": "*"} for one in denied)]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="s3", PolicyDocument=document)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return Key(made["AccessKeyId"], made["SecretAccessKey"])

    def add_role(self, name: str) -> str:
        """Makes a role that may do everything with S3 and that everyone may assume; gives its ARN."""
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        policy = json.dumps({"Version": "2012-10-17", "Statement": [_EVERYTHING]})
        iam.put_role_policy(RoleName=name, PolicyName="s3", PolicyDocument=policy)
        return arn

    def enforce(self) -> None:
        """From now on every call needs the right key and the permission."""
        requests.post(f"{self.url}/moto-api/reset-auth", data=b"0", timeout=10).raise_for_status()

    def files(self, bucket: str) -> dict[str, bytes]:
        """Everything in a bucket, by key."""
        client = self.client("s3")
        keys = [
            one["Key"]
            for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            for one in page.get("Contents", ())
        ]
        return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Starts a server at a free port, and ends it."""
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        try:
            yield S3Server(process.stdout.readline().decode().strip())
        finally:
            process.terminate()


def main() -> None:
    """Serves until the standard input ends, which it does when whoever started the server is gone."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - needed in the server's own process only

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
