"""`dolbom`: the operator's command. Exit code 0: done; 1: it did not work, said in one sentence; 2: wrong usage."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from services.cli.help_texts import told
from services.cli.speech import CommandFailed, say
from streams.settings import SettingWrong
from streams.terminal import Parser

MODULES = {  # command -> the module that registers it; imported only when it is asked for, so that each starts fast
    "day": "services.cli.day",
    "areas": "services.cli.areas",
    "replay": "services.cli.replay",
    "dead-letters": "services.cli.dead_letters",
    "visits": "services.cli.visits",
    "crisis": "services.cli.crisis",
    "webhooks": "services.cli.webhooks",
    "accounts": "services.cli.accounts",
}


def _version() -> str:
    try:
        return metadata.version("dolbom-dispatch")
    except metadata.PackageNotFoundError:
        return "0.1.0"  # run from a checkout


def _register(module: str, subparsers: Any) -> None:
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return  # not built into this version: the command is unknown
    loaded.register(subparsers)


def build_parser(wanted: str | None = None) -> Parser:
    """The parser with one command's module loaded, or all of them (for --help)."""
    parser = Parser(prog="dolbom", description=told("Dispatch of meals and care visits: days, areas, replays."))
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in MODULES.items():
        if wanted in MODULES and name != wanted:
            continue
        _register(module, subparsers)
    version = subparsers.add_parser("version", help=told("print the version"))
    version.set_defaults(run=lambda _: print(_version()) or 0)
    return parser


def _find_running_system() -> None:
    """Where `make run` of this checkout has its broker and state, unless the environment says where to look."""
    running = Path(__file__).parents[2] / ".dolbom" / "running.json"
    if "DOLBOM_BOOTSTRAP" in os.environ or not running.is_file():
        return
    with contextlib.suppress(ValueError):  # written a moment ago and not whole yet, or by another version
        for name, value in json.loads(running.read_text(encoding="utf-8")).items():
            os.environ.setdefault(name, value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    _find_running_system()
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = build_parser(given[0] if given else None)
    try:
        chosen = parser.parse_args(given)
    except SystemExit as stop:  # argparse has said why: 2 for wrong usage, 0 after --help
        return int(stop.code or 0)
    try:
        return int(chosen.run(chosen) or 0)
    except CommandFailed as error:
        print(error, file=sys.stderr)
        return 1
    except SettingWrong as wrong:
        ko, en = f"{wrong.name}의 값 '{wrong.value}'을(를) 쓸 수 없습니다. {wrong.like}처럼 쓰세요.", str(wrong)
        print(say(ko, en), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `dolbom ... | head`
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - stays open until the process ends
        return 1
    except OSError as error:
        where, what = error.filename or "", error.strerror or type(error).__name__
        print(say(f"{where}: 열거나 쓸 수 없습니다({what}).", f"{where}: {what}."), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
