"""The command `lms-sync`: keeps one LMS in step with a content provider, from a folder that holds the pipeline."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lms_shared.pipeline.catalog import KNOWN
from lms_shared.pipeline.connector import CommandContext, Containers
from lms_shared.pipeline.examine import examine
from lms_shared.pipeline.folder import Folder
from lms_shared.pipeline.json_lines import JsonLines
from lms_shared.pipeline.problems import ExitCode, PipelineConfigError, PipelineError
from lms_shared.pipeline.progress import Reporter
from lms_shared.pipeline.report import last_page
from lms_shared.pipeline.run import Options, opened, run
from lms_shared.pipeline.setup import Question, complete_catalog, set_up

SOURCES = tuple(name.removeprefix("source-") for name in KNOWN)
DESTINATIONS = ("skilljar", "pluvo")


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code (`ExitCode`)."""
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except PipelineError as error:
        print(f"lms-sync: {error}", file=sys.stderr)
        return int(error.exit_code)
    except (KeyboardInterrupt, EOFError):
        print("lms-sync: stopped.", file=sys.stderr)
        return int(ExitCode.FAILED)
    except BrokenPipeError:
        # Whoever read the output is gone; there is nobody left to tell.
        sys.stdout = None
        return int(ExitCode.FAILED)
    except OSError as error:
        print(f"lms-sync: {error.filename}: {error.strerror}.", file=sys.stderr)
        return int(ExitCode.FAILED)


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(
        "lms-sync",
        description=__doc__,
        epilog="Exit codes: 0 done, 1 failed or stopped, 2 something in the folder or a permission has to be changed, "
        "3 done, but more records were rejected than the limits allow.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = commands.add_parser("init", help="write a folder for a new pipeline")
    _add_folder(init)
    init.add_argument("--source", choices=SOURCES, help="where the data comes from")
    init.add_argument("--destination", choices=DESTINATIONS, help="the LMS that is written to")
    init.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="ROLE.KEY=VALUE",
        help="a setting, such as source.partner_name=Acme or destination.domain_name=learn.acme.com; may be repeated",
    )
    init.add_argument("--force", action="store_true", help="overwrite the files of a pipeline that is there")
    init.set_defaults(command=_init)

    run_it = commands.add_parser("run", help="check both sides, then sync")
    _add_folder(run_it)
    run_it.add_argument("--dry-run", action="store_true", help="plan and report, but write nothing and keep no state")
    run_it.add_argument("--full-refresh", action="store_true", help="read everything again, also incremental streams")
    run_it.add_argument("--streams", default="", metavar="A,B", help="only these streams of catalog.json")
    run_it.add_argument(
        "--limit", type=_count, metavar="N", help="only the first N records of each stream; keeps no state"
    )
    run_it.add_argument("--json", action="store_true", help="tell the progress as JSON lines on a terminal too")
    _add_image(run_it)
    run_it.set_defaults(command=_run)

    report = commands.add_parser("report", help="open the report page of the last run")
    _add_folder(report)
    report.set_defaults(command=_report)

    doctor = commands.add_parser("doctor", help="find out what of the API references holds on these accounts")
    _add_folder(doctor)
    _add_image(doctor)
    doctor.set_defaults(command=_doctor)
    return parser


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=lambda text: Folder(Path(text)), metavar="FOLDER", help="the pipeline's folder")


def _add_image(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--image", action="store_true", help="run the connectors as containers of the images in pipeline.json"
    )
    parser.add_argument(
        "--image-option",
        action="append",
        default=[],
        metavar="OPTION",
        help="a further option of docker run, such as --image-option=--network=host; may be repeated",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _containers(arguments: argparse.Namespace) -> Containers | None:
    return Containers(tuple(arguments.image_option)) if arguments.image else None


def _init(arguments: argparse.Namespace) -> ExitCode:
    folder: Folder = arguments.folder
    if folder.pipeline_file.exists() and not arguments.force:
        raise PipelineConfigError(f"{folder.path} holds a pipeline already. --force overwrites it.")
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    source = arguments.source or _choice("source", SOURCES, interactive)
    destination = arguments.destination or _choice("destination", DESTINATIONS, interactive)
    folder.path.mkdir(parents=True, exist_ok=True)
    with opened(folder) as session:
        missing = set_up(
            folder,
            f"source-{source}",
            f"destination-{destination}",
            _given(arguments.set),
            _ask if interactive else None,
            session,
        )
        print(f"{folder.path} is written.")
        if not missing.names:
            print(f"Asking source-{source} for the columns of its streams.", flush=True)
            _complete(folder, session)
    if missing.names:
        print(f"Copy {folder.path / '.env.example'} to {folder.env_file} and fill in: {', '.join(missing.names)}")
    for key in missing.keys:
        print(f"Enter {key}.")
    print(f"Look before it writes:  lms-sync run {folder.path} --dry-run")
    print(f"Then sync:              lms-sync run {folder.path}")
    return ExitCode.DONE


def _complete(folder: Folder, session: CommandContext) -> None:
    try:
        complete_catalog(folder, session)
    except PipelineError as problem:
        print(f"catalog.json has no schemas yet, because the source could not be asked: {problem}")


def _choice(role: str, choices: Sequence[str], interactive: bool) -> str:
    if not interactive:
        raise PipelineConfigError(f"--{role} is needed: {' or '.join(choices)}.")
    from rich.prompt import Prompt  # noqa: PLC0415 - only where a person is asked

    return Prompt.ask(role.capitalize(), choices=list(choices))


def _ask(question: Question) -> str:
    from rich.prompt import Prompt  # noqa: PLC0415 - only where a person is asked

    print(f"\n[{question.role}] {question.help}")
    hint = f"Enter leaves it out, if {question.unless} is to be set" if question.unless else "Enter leaves it to .env"
    return Prompt.ask(f"{question.title} ({hint})", password=question.secret, default="", show_default=False)


def _given(settings: Sequence[str]) -> dict[str, dict[str, Any]]:
    given: dict[str, dict[str, Any]] = {"source": {}, "destination": {}}
    for setting in settings:
        name, equals, value = setting.partition("=")
        role, dot, key = name.partition(".")
        if not (equals and dot and key) or role not in given:
            raise PipelineConfigError(f"--set {name} must look like source.KEY=VALUE or destination.KEY=VALUE.")
        given[role][key] = value
    return given


def _run(arguments: argparse.Namespace) -> ExitCode:
    names = tuple(name.strip() for name in arguments.streams.split(",") if name.strip())
    options = Options(arguments.dry_run, arguments.full_refresh, names, _containers(arguments), arguments.limit)
    return ExitCode(run(arguments.folder, options, _reporter(arguments.json)).exit_code)


def _reporter(json_lines: bool) -> Reporter:
    if json_lines or not sys.stdout.isatty():
        return JsonLines(sys.stdout.buffer)
    from rich.console import Console  # noqa: PLC0415 - only on a terminal

    from lms_shared.pipeline.terminal import Terminal  # noqa: PLC0415

    return Terminal(Console(highlight=False))


def _report(arguments: argparse.Namespace) -> ExitCode:
    page = last_page(arguments.folder)
    print(page)
    if sys.stdout.isatty() and not page.startswith("s3://"):
        webbrowser.open(Path(page).as_uri())
    return ExitCode.DONE


def _doctor(arguments: argparse.Namespace) -> ExitCode:
    from rich.console import Console  # noqa: PLC0415 - only this command and a terminal need rich

    from lms_shared.pipeline.examine import findings_table, proposals  # noqa: PLC0415

    folder: Folder = arguments.folder
    with opened(folder) as session:
        examination = examine(folder, _containers(arguments), session)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    for role, report in examination.reports.items():
        console.print(findings_table(report))
        for line in proposals(role, report):
            console.print(line)
    if examination.reports:
        told = f"The report is in {folder.doctor_file}. It names no people, addresses, keys or ids."
        console.print(told, soft_wrap=True)
    for problem in examination.problems:
        print(f"lms-sync: {problem}", file=sys.stderr)
    return max((problem.exit_code for problem in examination.problems), default=ExitCode.DONE)


if __name__ == "__main__":
    sys.exit(main())
