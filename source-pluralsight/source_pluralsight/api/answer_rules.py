"""What an answer means: a table of conditions, read from top to bottom, the first that holds decides.

Codes decide first, wherever an answer has some (Pluralsight reference 1.3.1, four are documented); wording helps where
there is none. Everything else is accepted in every reading of what is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from airbyte_cdk.models import FailureType

from source_pluralsight.api.answer import NOT_JSON, Answer
from source_pluralsight.api.errors import ErrorResolution, Retry, Trouble

MANAGE_KEYS = "a plan admin makes keys on Pluralsight's Manage Keys page"


@dataclass(frozen=True)
class AnswerRule:
    """A row of the table. `message` may hold {detail} and {status}."""

    name: str
    applies: Callable[[Answer], bool]
    trouble: Trouble
    retry: Retry
    failure_type: FailureType
    message: str

    def resolution(self, answer: Answer) -> ErrorResolution:
        """The resolution for this answer."""
        message = self.message.replace("{status}", str(answer.status)).replace("{detail}", answer.detail)
        return ErrorResolution(self.trouble, self.retry, self.failure_type, message, answer.detail)


def _says(pattern: str) -> Callable[[Answer], bool]:
    expression = re.compile(pattern, re.IGNORECASE)
    return lambda answer: expression.search(answer.error_text) is not None


def _is_documented(answer: Answer) -> bool:
    return not answer.codes.isdisjoint({BAD_USER_INPUT, FORBIDDEN, PAYLOAD_LIMIT_EXCEEDED, INTERNAL_SERVER_ERROR})


def _coded(code: str, wording: Callable[[Answer], bool] | None = None) -> Callable[[Answer], bool]:
    """Errors with this code, or, where none of them has a documented one, with this wording."""
    return lambda answer: (
        code in answer.codes
        or (wording is not None and bool(answer.errors) and not _is_documented(answer) and wording(answer))
    )


BAD_USER_INPUT, FORBIDDEN = "BAD_USER_INPUT", "FORBIDDEN"
PAYLOAD_LIMIT_EXCEEDED, INTERNAL_SERVER_ERROR = "PAYLOAD_LIMIT_EXCEEDED", "INTERNAL_SERVER_ERROR"


def _is_own_failure(answer: Answer) -> bool:
    """The server says by a code that it failed, and by none that the query is wrong; the words may be any (1.3.1)."""
    return INTERNAL_SERVER_ERROR in answer.codes and answer.codes.isdisjoint({BAD_USER_INPUT, FORBIDDEN})


_says_bad_key = _says(r"AuthenticationError|invalid api key|UNAUTHENTICATED")
_says_too_many = _says(r"rate.?limit|too many requests|throttl")
_says_not_a_date = _says(r"is not a valid date")
_says_gone = _says(r"did not return an? \w+")
_says_first = _says(r"'first' parameter|\bfirst\b.*limit")
_says_too_large = _says(r"payload.{0,20}(limit|too large)")
_says_trouble = _says(r"internal.?(server.?)?error|time.?out|timed out|overload|temporarily|unavailable")
_says_invalid = _says(
    r"cannot query field|unknown (argument|type|field|directive)|is not defined (by|on) type|expected (value of )?type"
    r"|is required, but it was not provided|field .* of required type|must (not )?have a selection|syntax error"
    r'|variable "?\$|cannot represent|does not exist in .* enum|GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED'
)
_says_beyond = _says(
    r"\b(beta|alpha|release stage|enterprise|professional|plan tier|your plan|this plan|entitle\w*|permissions?"
    r"|forbidden|unauthori[sz]ed|access denied|introspection)\b"
    r"|not (be )?(allowed|authori[sz]ed|permitted|enabled|available)"
)


def is_about_first(answer: Answer) -> bool:
    """Whether the only errors are about a `first` above the cap, which come beside the rows (reference 1.4)."""
    return bool(answer.errors) and all(
        BAD_USER_INPUT in error.codes and _says_first(Answer(200, {"errors": [{"message": error.message}]}))
        for error in answer.errors
    )


CONFIG, TRANSIENT = FailureType.config_error, FailureType.transient_error
_REFUSED = (
    "Pluralsight refuses this query to the API key ({detail}). The release stage of the key, the plan or a permission "
    "does not include it: deselect the stream, or enter a key in api_key that may read it."
)
_TROUBLE = "Pluralsight could not answer the query: {detail}. Sync again later."

RULES: tuple[AnswerRule, ...] = (
    AnswerRule(
        "the key is refused",
        lambda answer: (
            answer.status == 401 or (answer.status < 500 and _says_bad_key(answer) and not _is_own_failure(answer))
        ),
        Trouble.KEY,
        Retry.NEVER,
        CONFIG,
        f"Pluralsight refused the API key ({{detail}}). Enter an active key in api_key; {MANAGE_KEYS}.",
    ),
    AnswerRule(
        "too many requests",
        lambda answer: (
            answer.status == 429 or (answer.is_success and _says_too_many(answer) and not _is_documented(answer))
        ),
        Trouble.SERVICE,
        Retry.RATE_LIMITED,
        TRANSIENT,
        "Pluralsight limits the rate of requests ({detail}). Sync again later, or lower num_workers.",
    ),
    AnswerRule(
        "the answer would be too large",
        _coded(PAYLOAD_LIMIT_EXCEEDED, _says_too_large),
        Trouble.TOO_LARGE,
        Retry.NEVER,
        CONFIG,
        "Pluralsight does not send an answer of this size, not even a single row ({detail}). Deselect the stream.",
    ),
    AnswerRule(
        "the key may not use it",
        _coded(FORBIDDEN),
        Trouble.FORBIDDEN,
        Retry.NEVER,
        CONFIG,
        _REFUSED,
    ),
    AnswerRule(
        "trouble of the server's own by its code",
        lambda answer: answer.status < 500 and _is_own_failure(answer),
        Trouble.SERVICE,
        Retry.FEW,
        TRANSIENT,
        _TROUBLE,
    ),
    AnswerRule(
        "a date that the API does not take",
        lambda answer: bool(answer.errors) and answer.status < 500 and _says_not_a_date(answer),
        Trouble.DATE,
        Retry.NEVER,
        CONFIG,
        "Pluralsight does not take the date of the filter, neither as an instant nor as a day ({detail}). Correct "
        "start_date, or remove it.",
    ),
    AnswerRule(
        "an id that is gone",
        lambda answer: bool(answer.errors) and answer.status < 500 and _says_gone(answer),
        Trouble.GONE,
        Retry.NEVER,
        TRANSIENT,
        "Pluralsight no longer finds what the query names ({detail}). Sync again.",
    ),
    AnswerRule(
        "the query is not valid",
        lambda answer: answer.status in (200, 400, 422) and _says_invalid(answer),
        Trouble.INVALID,
        Retry.NEVER,
        CONFIG,
        "Pluralsight rejected the query: {detail}. The API may have changed: refresh the source schema, and update the "
        "connector if that does not help.",
    ),
    AnswerRule(
        "an input that the API does not take",
        _coded(BAD_USER_INPUT),
        Trouble.QUERY,
        Retry.NEVER,
        CONFIG,
        "Pluralsight does not take an argument of the query: {detail}. Correct the setting that it comes from "
        "(content_types, start_date, page_size), or deselect the stream.",
    ),
    AnswerRule(
        "server trouble",
        lambda answer: answer.status >= 500 or answer.status in (408, 425),
        Trouble.SERVICE,
        Retry.MANY,
        TRANSIENT,
        "Pluralsight had trouble answering (HTTP {status}). Sync again later.",
    ),
    AnswerRule(
        "a redirect",
        lambda answer: 300 <= answer.status < 400,
        Trouble.KEY,
        Retry.NEVER,
        CONFIG,
        "The configured address answers with a redirect (HTTP {status}), not as the Pluralsight API does. A login page "
        "or a proxy may stand in between: correct endpoint, or remove it to use the public one.",
    ),
    AnswerRule(
        "forbidden",
        lambda answer: answer.status == 403,
        Trouble.FORBIDDEN,
        Retry.NEVER,
        CONFIG,
        _REFUSED,
    ),
    AnswerRule(
        "nothing there",
        lambda answer: answer.status in (404, 405, 410),
        Trouble.KEY,
        Retry.NEVER,
        CONFIG,
        "There is no Pluralsight API at the configured address (HTTP {status}). Correct endpoint, or remove it to use "
        "the public one.",
    ),
    AnswerRule(
        "trouble of the server's own by its words",
        lambda answer: answer.is_success and bool(answer.errors) and _says_trouble(answer),
        Trouble.SERVICE,
        Retry.FEW,
        TRANSIENT,
        _TROUBLE,
    ),
    AnswerRule(
        "beyond the key's stage, the plan or a permission",
        lambda answer: bool(answer.errors) and _says_beyond(answer),
        Trouble.FORBIDDEN,
        Retry.NEVER,
        CONFIG,
        _REFUSED,
    ),
    AnswerRule(
        "errors that may pass",
        lambda answer: answer.is_success and bool(answer.errors),
        Trouble.QUERY,
        Retry.FEW,
        TRANSIENT,
        _TROUBLE,
    ),
    AnswerRule(
        "a web page",
        lambda answer: answer.is_success and answer.is_web_page,
        Trouble.SERVICE,
        Retry.MANY,
        TRANSIENT,
        "A web page answers instead of the Pluralsight API (HTTP {status}). A proxy or a login page may stand in "
        "between; check endpoint and the network.",
    ),
    AnswerRule(
        "not JSON",
        lambda answer: answer.is_success and answer.body is NOT_JSON,
        Trouble.SERVICE,
        Retry.MANY,
        TRANSIENT,
        "The answer is not valid JSON. Check that endpoint is the Pluralsight API and that no proxy answers in its "
        "place.",
    ),
    AnswerRule(
        "no data",
        lambda answer: answer.is_success and answer.data is None,
        Trouble.SERVICE,
        Retry.FEW,
        TRANSIENT,
        "The answer is not a GraphQL answer ({detail}). Check that endpoint is the Pluralsight API.",
    ),
    AnswerRule(
        "any other refusal",
        lambda answer: not answer.is_success,
        Trouble.QUERY,
        Retry.NEVER,
        CONFIG,
        "Pluralsight rejected the request (HTTP {status}: {detail}). Check partner_name, connector_type and endpoint.",
    ),
)


def judge(answer: Answer) -> ErrorResolution | None:
    """The resolution of an answer, None when it is good."""
    return next((rule.resolution(answer) for rule in RULES if rule.applies(answer)), None)


def unreadable(what: str) -> ErrorResolution:
    """The resolution of an answer that is not what was asked for."""
    message = f"Pluralsight's answer cannot be read: {what}. Nothing is taken as complete; sync again later."
    return ErrorResolution(Trouble.SERVICE, Retry.FEW, TRANSIENT, message, what)
