"""E-mail addresses never get out as they are."""

from __future__ import annotations

import logging

import pytest

from lms_shared.privacy import MaskEmails, hide_secrets, mask_emails, mask_secrets


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


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("the key 'e' is refused", "the key '****' is refused"),
        ('{"message": "e", "type": "TRACE"}', '{"message": "****", "type": "TRACE"}'),
        ('{"e": 1, "message": "{\\"key\\": \\"e\\"}"}', '{"e": 1, "message": "{\\"key\\": \\"****\\"}"}'),
        ("every message", "every message"),
    ],
)
def test_a_secret_of_a_letter_is_masked_as_a_whole_value_only(text: str, masked: str) -> None:
    hide_secrets(["e"])
    assert mask_secrets(text) == masked


def test_a_longer_secret_is_masked_wherever_its_letters_are() -> None:
    hide_secrets(["k3y!", 'quo"ted'])
    assert mask_secrets('key=k3y!&x; {"said": "quo\\"ted"}') == 'key=****&x; {"said": "****"}'
