"""Faults on demand: which request meets which trouble. Deciding only; `gate.py` carries it out."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from typing import Any, Self


class FaultKind(StrEnum):
    """The troubles that a client of an HTTP API meets."""

    TOO_MANY_REQUESTS = "429"
    TOO_MANY_REQUESTS_RETRY_AFTER = "429_retry_after"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    DROP_BEFORE = "drop_before"
    """The connection is aborted and the request is not executed."""
    DROP_AFTER = "drop_after"
    """The request is executed, then the connection is aborted without a byte of the answer."""
    ERROR_AFTER = "error_after"
    """The request is executed, then answered with 500."""
    CUT_BODY = "cut_body"
    """The request is executed; half of the announced body is sent with status 200, then nothing more."""
    HTML = "html"
    """A web page with status 200 in place of JSON; the request is not executed."""
    HTML_503 = "html_503"
    SLOW = "slow"
    """The request is executed after `delay` seconds."""
    NOT_FOUND = "404"
    """What is asked for was deleted meanwhile; the request is not executed."""

    # The request is executed and answered with status 200, and what is said of a list is not what there is: see
    # `spoiling.py`.
    EMPTY_BODY = "empty_body"
    NO_CONTENT = "no_content"
    """Status 204."""
    NULL = "null"
    """The body is `null`."""
    DATA_NULL = "data_null"
    """GraphQL: `data` is null, beside an error that names neither field nor place."""
    ROOT_NULL = "root_null"
    """GraphQL: a root list or connection is null, without an error. A REST list: its rows are null."""
    ROWS_NULL = "rows_null"
    ROWS_MISSING = "rows_missing"
    """The envelope has no rows at all."""
    ROWS_TEXT = "rows_text"
    """The rows are a text."""
    ROWS_HALF = "rows_half"
    """Half of the page's rows are left out."""
    ROWS_GONE = "rows_gone"
    """All of the page's rows are left out, and the next page is named."""
    PAGE_REPEATS = "page_repeats"
    """The page names itself as the next one."""


SPOILED = frozenset(
    {
        FaultKind.EMPTY_BODY,
        FaultKind.NO_CONTENT,
        FaultKind.NULL,
        FaultKind.DATA_NULL,
        FaultKind.ROOT_NULL,
        FaultKind.ROWS_NULL,
        FaultKind.ROWS_MISSING,
        FaultKind.ROWS_TEXT,
        FaultKind.ROWS_HALF,
        FaultKind.ROWS_GONE,
        FaultKind.PAGE_REPEATS,
    }
)
"""Troubles of an answer that looks like a success."""
REFUSING = frozenset({FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN, FaultKind.NOT_FOUND})
"""What no client gets over by trying again."""


@dataclass(frozen=True)
class FaultRule:
    """One trouble and the requests it befalls.

    `method` is compared without case; `path`, `query` and `body` are regular expressions searched in the path, the
    query string and the body; None fits all. `field` is the root field of a GraphQL document whose answer is spoiled,
    None for all of them; it does not choose requests. The first `skip` fitting requests pass, then `times` of them
    (None: without end) are hit with `probability`. `retry_after` and `delay` are seconds.
    """

    kind: FaultKind
    method: str | None = None
    path: str | None = None
    query: str | None = None
    body: str | None = None
    field: str | None = None
    probability: float = 1.0
    times: int | None = None
    skip: int = 0
    retry_after: int | None = None
    delay: float = 0.0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Build a rule from a JSON object; raises ValueError on an unknown key or kind, or a bad pattern."""
        unknown = value.keys() - {field.name for field in fields(cls)}
        if unknown or "kind" not in value:
            raise ValueError(f"a fault rule needs a kind and knows no {sorted(unknown)}")
        rule = cls(**{**value, "kind": FaultKind(value["kind"])})
        try:
            _ = rule._patterns
        except re.error as error:
            raise ValueError(f"a fault rule holds an invalid regular expression: {error}") from error
        return rule

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str] | None, ...]:
        return tuple(None if one is None else re.compile(one) for one in (self.path, self.query, self.body))

    def fits(self, method: str, path: str, query: bytes = b"", body: bytes = b"") -> bool:
        """Whether the rule is about this kind of request."""
        if self.method is not None and self.method.upper() != method:
            return False
        texts = (path, query.decode("utf-8", "replace"), body.decode("utf-8", "replace"))
        return all(one is None or one.search(text) for one, text in zip(self._patterns, texts, strict=True))


# What `--faults RATE` means: the share of each trouble among all faults. Waits of a second are seldom, so
# that a run with faults stays quick.
MIXED_SHARES: Mapping[tuple[FaultKind, int | None], float] = {
    (FaultKind.TOO_MANY_REQUESTS, None): 0.20,
    (FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER, 0): 0.10,
    (FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER, 1): 0.01,
    (FaultKind.SERVER_ERROR, None): 0.15,
    (FaultKind.UNAVAILABLE, None): 0.14,
    (FaultKind.DROP_BEFORE, None): 0.10,
    (FaultKind.DROP_AFTER, None): 0.10,
    (FaultKind.ERROR_AFTER, None): 0.08,
    (FaultKind.CUT_BODY, None): 0.07,
    (FaultKind.HTML_503, None): 0.05,
}
MIXED_MAX_IN_A_ROW = 3


class FaultPlan:
    """Rules in force, with a seeded random generator.

    One number is drawn for each request, and the probabilities of the rules that fit it add up in order; so
    a rule of probability 1 hides those after it until its `times` are used up. One and the same request
    (method, path with query, body) is not hit more than `max_in_a_row` times in succession (None: no limit).
    """

    def __init__(self, rules: Sequence[FaultRule] = (), *, seed: int = 0, max_in_a_row: int | None = None) -> None:
        self.rules = tuple(rules)
        self.seed = seed
        self.max_in_a_row = max_in_a_row
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._fitting: Counter[int] = Counter()
        self._hits: Counter[int] = Counter()
        self._in_a_row: dict[bytes, int] = {}
        self._lock = threading.Lock()

    @classmethod
    def mixed(cls, rate: float, seed: int = 0) -> Self:
        """A blend of all troubles that befalls `rate` (0 to 1) of the requests, where retries get through."""
        if not 0 <= rate <= 1:
            raise ValueError(f"a fault rate lies between 0 and 1, not at {rate}")
        rules = [
            FaultRule(kind, probability=rate * share, retry_after=retry_after)
            for (kind, retry_after), share in MIXED_SHARES.items()
        ]
        return cls(rules, seed=seed, max_in_a_row=MIXED_MAX_IN_A_ROW)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Build a plan from `{"rate": …, "seed": …}` or `{"rules": […], "seed": …, "max_in_a_row": …}`.

        Raises ValueError when it is neither.
        """
        seed = int(value.get("seed", 0))
        if "rate" in value:
            return cls.mixed(float(value["rate"]), seed)
        rules = [FaultRule.from_json(rule) for rule in value.get("rules", [])]
        return cls(rules, seed=seed, max_in_a_row=value.get("max_in_a_row"))

    def to_json(self) -> dict[str, Any]:
        """The plan and how often each rule has struck."""
        rules = [{**asdict(rule), "hits": self._hits[index]} for index, rule in enumerate(self.rules)]
        return {"seed": self.seed, "max_in_a_row": self.max_in_a_row, "rules": rules}

    def decide(self, method: str, path: str, query: bytes, body: bytes) -> FaultRule | None:
        """The rule that this request falls under, or None."""
        if not self.rules:
            return None
        with self._lock:
            rule_index = self._draw(method, path, query, body)
            if self.max_in_a_row is not None:
                digest = blake2b(b"\0".join((method.encode(), path.encode(), query, body)), digest_size=16).digest()
                struck = self._in_a_row.pop(digest, 0)
                if rule_index is not None and struck < self.max_in_a_row:
                    self._in_a_row[digest] = struck + 1
                else:
                    rule_index = None
            if rule_index is None:
                return None
            self._hits[rule_index] += 1
            return self.rules[rule_index]

    def _draw(self, method: str, path: str, query: bytes, body: bytes) -> int | None:
        drawn = self._random.random()
        bound = 0.0
        chosen: int | None = None
        for index, rule in enumerate(self.rules):
            if not rule.fits(method, path, query, body):
                continue
            self._fitting[index] += 1
            if self._fitting[index] <= rule.skip or (rule.times is not None and self._hits[index] >= rule.times):
                continue
            bound += rule.probability
            if chosen is None and drawn < bound:
                chosen = index
        return chosen
