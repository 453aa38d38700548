"""E-mail addresses never get out as they are."""

from __future__ import annotations

import logging

import pytest

from lms_shared.privacy import MaskEmails, mask_emails


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ada.lovelace@example.com", "a***@***"),
        ("'ada@example.com', \"bob+x@mail.example.co.uk\"", "'a***@***', \"b***@***\""),
        ("?email=ada%40example.com&page=2", "?email=a***@***&page=2"),
        ("<ada@example.com>: no", "<a***@***>: no"),
        ("jörg.müller@exämple.de!", "j***@***!"),
        ("o'brien@example.com", "o***@***"),
        ("nothing here @ all", "nothing here @ all"),
        ("", ""),
    ],
)
def test_an_address_is_masked_wherever_it_stands(text: str, masked: str) -> None:
    assert mask_emails(text) == masked


def test_a_long_text_is_masked_without_a_visible_rest() -> None:
    text = f"{'x' * 100_000}@example.com " + "y." * 50_000
    assert "@example" not in mask_emails(text)


def test_a_log_record_is_masked_in_message_arguments_and_exception() -> None:
    try:
        raise ValueError("ada@example.com is taken")
    except ValueError as error:
        record = logging.LogRecord(
            "airbyte", logging.ERROR, "", 1, "failed for %s", ("bob@example.com",), (type(error), error, None)
        )
    assert MaskEmails().filter(record)
    text = logging.Formatter().format(record)
    assert "failed for b***@***" in text
    assert "a***@*** is taken" in text
    assert "example.com" not in text
