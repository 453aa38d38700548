"""Where the values of `${NAME}` come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms_shared.pipeline.problems import PipelineConfigError
from lms_shared.pipeline.secrets import filled, known_values


def test_names_are_filled_in_at_any_depth_and_nothing_else_is_touched() -> None:
    config = {"key": "${A}", "list": [{"inner": "x-${B}-${A}"}], "number": 3, "flag": None, "plain": "$A {B} ${}"}
    assert filled(config, {"A": "one", "B": "two"}) == {
        "key": "one",
        "list": [{"inner": "x-two-one"}],
        "number": 3,
        "flag": None,
        "plain": "$A {B} ${}",
    }


def test_a_value_that_looks_like_a_name_stays_as_it_is() -> None:
    assert filled({"key": "${A}"}, {"A": "${B}", "B": "no"}) == {"key": "${B}"}


def test_all_missing_names_are_said_at_once_and_blank_is_missing() -> None:
    with pytest.raises(PipelineConfigError, match="A, C are not set"):
        filled({"a": "${C}", "b": ["${A}"], "c": "${B}"}, {"A": " ", "B": "x"})


def test_the_environment_wins_over_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = tmp_path / ".env"
    env.write_text("# a comment\nexport FIRST='quoted $value'\nSECOND=file\nEMPTY\n")
    monkeypatch.setenv("SECOND", "environment")
    values = known_values(env)
    assert (values["FIRST"], values["SECOND"]) == ("quoted $value", "environment")
    assert "EMPTY" not in values


def test_a_folder_without_an_env_file_takes_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY_THERE", "x")
    assert known_values(tmp_path / ".env")["ONLY_THERE"] == "x"
