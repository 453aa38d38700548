"""The command line of a destination."""

from __future__ import annotations

import pytest

from lms_shared.destination.command_line import COMMANDS, parse


def test_help_names_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(["--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    for name, (does, _) in COMMANDS.items():
        assert name in shown
        assert does in " ".join(shown.split())


@pytest.mark.parametrize("arguments", [[], ["read"], ["check"], ["write", "--config", "a"], ["spec", "--config", "a"]])
def test_what_cannot_be_understood_ends_with_2_and_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parse(arguments)
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_each_command_takes_its_files() -> None:
    parsed = parse(["write", "--config", "a.json", "--catalog", "b.json"])
    assert (parsed.command, parsed.config, parsed.catalog) == ("write", "a.json", "b.json")
    assert parse(["discover", "--config", "a.json"]).command == "discover"
