"""What an answer means: a table of conditions, read from top to bottom, the first that holds decides.

Pluralsight publishes no list of error codes. Known are the 401 body `{"error": …}`, GraphQL `errors` with status 200,
and 429; the rest of the table accepts every reading of what is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets

from lms_shared.privacy import mask_emails

MANAGE_KEYS = "a plan admin makes keys on Pluralsight's Manage Keys page"
_SHOWN_ERRORS = 3
_SHOWN_LENGTH = 500


class Retry(Enum):
    """How often a request is sent again."""

    NEVER = "never"
    FEW = "few"
    """For `errors` that may pass: some are transient, and nothing tells which."""
    MANY = "many"
    RATE_LIMITED = "rate limited"


class Trouble(Enum):
    """What is affected."""

    KEY = "key"
    """Every request fails."""
    QUERY = "query"
    """This query fails; others may work."""
    SERVICE = "service"
    """Nothing can be said about the query."""


@dataclass(frozen=True)
class Answer:
    """An answer as far as the table looks at it. `body` is None when it is not JSON."""

    status: int
    body: Any

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def errors(self) -> list[Any]:
        """GraphQL `errors`; empty when there are none."""
        errors = self.body.get("errors") if isinstance(self.body, dict) else None
        if not errors:
            return []
        return errors if isinstance(errors, list) else [errors]

    @property
    def has_data(self) -> bool:
        return isinstance(self.body, dict) and isinstance(self.body.get("data"), dict)

    @property
    def error_text(self) -> str:
        """All messages and codes, for matching."""
        parts = [f"{_message(error)} {_code(error)}" for error in self.errors]
        if isinstance(self.body, dict) and isinstance(self.body.get("error"), str):
            parts.append(self.body["error"])
        return " | ".join(parts)

    @property
    def detail(self) -> str:
        """What the API said, for people: short, without e-mail addresses and the key."""
        texts = [_message(error) for error in self.errors[:_SHOWN_ERRORS]]
        if isinstance(self.body, dict) and isinstance(self.body.get("error"), str):
            texts.append(self.body["error"])
        text = "; ".join(text for text in texts if text) or f"HTTP {self.status}"
        return mask_emails(filter_secrets(text))[:_SHOWN_LENGTH].rstrip(". ")


@dataclass(frozen=True)
class Verdict:
    """What to do about an answer that is no good.

    `message` is a sentence for the user; `detail` is only what the API said.
    """

    trouble: Trouble
    retry: Retry
    failure_type: FailureType
    message: str
    detail: str = ""


@dataclass(frozen=True)
class Rule:
    """A row of the table. `message` may hold {detail} and {status}."""

    name: str
    applies: Callable[[Answer], bool]
    trouble: Trouble
    retry: Retry
    failure_type: FailureType
    message: str

    def verdict(self, answer: Answer) -> Verdict:
        """The verdict for this answer."""
        message = self.message.replace("{status}", str(answer.status)).replace("{detail}", answer.detail)
        return Verdict(self.trouble, self.retry, self.failure_type, message, answer.detail)


def _message(error: Any) -> str:
    if isinstance(error, dict):
        return str(error.get("message", ""))
    return str(error)


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) else ""


def _says(pattern: str) -> Callable[[Answer], bool]:
    expression = re.compile(pattern, re.IGNORECASE)
    return lambda answer: expression.search(answer.error_text) is not None


_says_bad_key = _says(r"AuthenticationError|invalid api key|UNAUTHENTICATED")
_says_too_many = _says(r"rate.?limit|too many requests|throttl")
_says_invalid = _says(
    r"cannot query field|unknown (argument|type|field|directive)|is not defined (by|on) type|expected (value of )?type"
    r"|is required, but it was not provided|field .* of required type|must (not )?have a selection|syntax error"
    r'|variable "?\$|cannot represent|does not exist in .* enum'
    r"|GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|BAD_USER_INPUT"
)
_says_beyond = _says(
    r"\b(beta|alpha|release stage|enterprise|professional|plan tier|your plan|this plan|entitle\w*|permissions?"
    r"|forbidden|unauthori[sz]ed|access denied|introspection)\b"
    r"|not (be )?(allowed|authori[sz]ed|permitted|enabled|available)"
)

CONFIG, TRANSIENT = FailureType.config_error, FailureType.transient_error

RULES: tuple[Rule, ...] = (
    Rule(
        "the key is refused",
        lambda answer: answer.status == 401 or (answer.status < 500 and _says_bad_key(answer)),
        Trouble.KEY,
        Retry.NEVER,
        CONFIG,
        f"Pluralsight refused the API key ({{detail}}). Enter an active key in api_key; {MANAGE_KEYS}.",
    ),
    Rule(
        "too many requests",
        lambda answer: answer.status == 429 or (answer.is_success and _says_too_many(answer)),
        Trouble.SERVICE,
        Retry.RATE_LIMITED,
        TRANSIENT,
        "Pluralsight limits the rate of requests ({detail}). Sync again later, or lower num_workers.",
    ),
    Rule(
        "server trouble",
        lambda answer: answer.status >= 500 or answer.status in (408, 425),
        Trouble.SERVICE,
        Retry.MANY,
        TRANSIENT,
        "Pluralsight had trouble answering (HTTP {status}). Sync again later.",
    ),
    Rule(
        "forbidden",
        lambda answer: answer.status == 403,
        Trouble.QUERY,
        Retry.NEVER,
        CONFIG,
        "Pluralsight refuses this query to the API key ({detail}). The plan or the release stage of the key does not "
        "include it: deselect the stream, or enter a key that may read it in api_key.",
    ),
    Rule(
        "nothing there",
        lambda answer: answer.status in (404, 405, 410),
        Trouble.KEY,
        Retry.NEVER,
        CONFIG,
        "There is no Pluralsight API at the configured address (HTTP {status}). Correct endpoint, or remove it to use "
        "the public one.",
    ),
    Rule(
        "the query is not valid",
        lambda answer: answer.status in (200, 400, 422) and _says_invalid(answer),
        Trouble.QUERY,
        Retry.NEVER,
        CONFIG,
        "Pluralsight rejected the query: {detail}. The API may have changed: refresh the source schema, and update the "
        "connector if that does not help.",
    ),
    Rule(
        "beyond the key's stage, the plan or a permission",
        lambda answer: bool(answer.errors) and _says_beyond(answer),
        Trouble.QUERY,
        Retry.NEVER,
        CONFIG,
        "Pluralsight refuses this query to the API key ({detail}). Deselect the stream, or enter a key in api_key "
        "whose release stage and plan include it.",
    ),
    Rule(
        "errors that may pass",
        lambda answer: answer.is_success and bool(answer.errors),
        Trouble.QUERY,
        Retry.FEW,
        TRANSIENT,
        "Pluralsight could not answer the query: {detail}. Sync again later.",
    ),
    Rule(
        "no JSON",
        lambda answer: answer.is_success and answer.body is None,
        Trouble.SERVICE,
        Retry.MANY,
        TRANSIENT,
        "The answer is not JSON. Check that endpoint is the Pluralsight API and that no proxy answers in its place.",
    ),
    Rule(
        "no data",
        lambda answer: answer.is_success and not answer.has_data,
        Trouble.SERVICE,
        Retry.FEW,
        TRANSIENT,
        "The answer is no GraphQL answer ({detail}). Check that endpoint is the Pluralsight API.",
    ),
    Rule(
        "any other refusal",
        lambda answer: not answer.is_success,
        Trouble.QUERY,
        Retry.NEVER,
        CONFIG,
        "Pluralsight rejected the request (HTTP {status}: {detail}). Check partner_name, connector_type and endpoint.",
    ),
)

_UNSENDABLE = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)


def judge(answer: Answer) -> Verdict | None:
    """The verdict on an answer, None when it is good."""
    return next((rule.verdict(answer) for rule in RULES if rule.applies(answer)), None)


def judge_exception(error: Exception) -> Verdict:
    """The verdict on a request that got no whole answer."""
    if isinstance(error, _UNSENDABLE):
        message = "endpoint is not an http or https address. Correct it, or remove it to use the public one."
        return Verdict(Trouble.KEY, Retry.NEVER, CONFIG, message)
    if isinstance(error, requests.exceptions.Timeout):
        message = "Pluralsight did not answer in time. Sync again later, or lower page_size."
    elif isinstance(error, requests.exceptions.SSLError):
        message = (
            "The secure connection to Pluralsight failed. Check endpoint and the certificates of any proxy in between."
        )
    elif isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        message = "The connection to Pluralsight broke in the middle of an answer. Sync again later."
    else:
        message = "Pluralsight could not be reached. Check endpoint, the network and any proxy in between."
    return Verdict(Trouble.SERVICE, Retry.MANY, TRANSIENT, message)
