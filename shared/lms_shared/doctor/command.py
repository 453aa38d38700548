"""The command line of a doctor: `python -m source_pluralsight.doctor --config config.json`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.doctor.examination import A, Doctor, examine
from lms_shared.doctor.report import DoctorReport, depersonalized, report_lines
from lms_shared.doctor.session import AccessRefused, NoAnswer

EXAMINED, FAILED, CONFIG = 0, 1, 2
"""Exit codes. Findings are not failures: an account where a guess does not hold is examined all the same."""


def run_doctor(doctor: Doctor[A], argv: Sequence[str] | None = None) -> int:
    """Examines the account of `--config`, prints the report, and writes it to `--output`; returns the exit code."""
    arguments = _arguments(doctor.connector, argv)
    try:
        config = _config(arguments.config)
        account = doctor.connect(config)
    except AccessRefused as refused:
        return _end(CONFIG, depersonalized(str(refused)))
    except NoAnswer as trouble:
        return _end(FAILED, str(trouble))
    except AirbyteTracedException as error:
        code = CONFIG if error.failure_type == FailureType.config_error else FAILED
        return _end(code, depersonalized(error.message or "The account could not be opened."))
    readings = examine(doctor, account)
    session = account.session
    report = DoctorReport(
        doctor.connector, version(doctor.connector), readings, session.calls, session.seconds, config
    ).as_json()
    if arguments.output is not None:
        arguments.output.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print("\n".join(report_lines(report)))
    return EXAMINED


def _arguments(connector: str, argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        f"python -m {connector.replace('-', '_')}.doctor",
        description="Finds out what of the API's reference holds on a real account. It only reads: at most 60 calls "
        "and 5 minutes. The report names no people, addresses, keys or ids, and may be sent to the maintainers.",
    )
    parser.add_argument("--config", type=Path, required=True, help="the connector's config, as for check")
    parser.add_argument("--output", type=Path, help="file to write the report to, as JSON")
    return parser.parse_args(argv)


def _config(path: Path) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AccessRefused(f"The config file cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise AccessRefused("The config file is not valid JSON.") from error
    if not isinstance(config, dict):
        raise AccessRefused("The config file must hold a JSON object.")
    return config


def _end(code: int, sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return code
