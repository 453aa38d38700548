"""What it means that a request got no whole answer: a table, the first row that fits decides."""

from __future__ import annotations

from dataclasses import dataclass

import requests
from airbyte_cdk.models import FailureType

from lms_shared.http.bounded import AnswerTooLarge
from source_pluralsight.api.errors import ErrorResolution, Retry, Trouble


@dataclass(frozen=True)
class ConnectionRule:
    """A row of the table of requests that got no whole answer. `named` is looked for in the exception's text."""

    kinds: tuple[type[Exception], ...]
    named: str
    message: str
    trouble: Trouble = Trouble.SERVICE
    """Of the service it may pass; anything else is the same when it is asked again."""


CONNECTION_RULES: tuple[ConnectionRule, ...] = (
    ConnectionRule(
        (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL, requests.exceptions.MissingSchema),
        "",
        "endpoint must be an http(s) URL. Correct it, or remove it to use the public one.",
        Trouble.KEY,
    ),
    ConnectionRule(
        (AnswerTooLarge,),
        "",
        "Pluralsight's answer is too large, or never ends. Check endpoint and any proxy in between; lower page_size if "
        "they are right.",
        Trouble.TOO_LARGE,
    ),
    ConnectionRule(
        (requests.exceptions.ProxyError,),
        "",
        "The proxy in front of Pluralsight could not be used. Check the proxy settings of the machine.",
    ),
    ConnectionRule(
        (requests.exceptions.SSLError,),
        "",
        "The secure connection to Pluralsight failed (TLS). Check endpoint and the certificates of any proxy in "
        "between.",
    ),
    ConnectionRule(
        (requests.exceptions.ConnectTimeout,),
        "",
        "No connection to Pluralsight was made in time. Check endpoint, the network and any firewall in between.",
    ),
    ConnectionRule(
        (requests.exceptions.Timeout,),
        "",
        "Pluralsight did not answer in time. Check endpoint and any proxy in between; sync again later, or lower "
        "page_size.",
    ),
    ConnectionRule(
        (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError),
        "",
        "The connection to Pluralsight broke in the middle of an answer. Sync again later.",
    ),
    ConnectionRule(
        (requests.exceptions.ConnectionError,),
        "NameResolutionError",
        "The host name in endpoint cannot be resolved (DNS). Check its spelling and the network.",
    ),
    ConnectionRule(
        (requests.exceptions.ConnectionError,),
        "NewConnectionError",
        "Pluralsight refused the connection. Check the host and port in endpoint, and the network.",
    ),
    ConnectionRule(
        (Exception,),
        "",
        "The connection to Pluralsight was lost. Sync again later; check the network and any proxy in between.",
    ),
)


def judge_exception(error: Exception) -> ErrorResolution:
    """The resolution of a request that got no whole answer."""
    text = repr(error)
    rule = next(one for one in CONNECTION_RULES if isinstance(error, one.kinds) and one.named in text)
    if rule.trouble is Trouble.SERVICE:
        return ErrorResolution(rule.trouble, Retry.MANY, FailureType.transient_error, rule.message)
    return ErrorResolution(rule.trouble, Retry.NEVER, FailureType.config_error, rule.message)
