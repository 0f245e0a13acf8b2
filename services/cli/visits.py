"""`dolbom visits import FILE`: file a table of visits through the API. One bad row, and nothing is filed."""

from __future__ import annotations

import argparse
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

from services.cli.help_texts import told
from services.cli.speech import CommandFailed, api_away, language, refusal_words, say
from services.sample_day.day import RowError, Text
from services.visit_files import COLUMNS, VisitFile, read_visits
from streams.settings import read_settings

WAIT_S = 10
PATIENCE_S = 60.0
TOKEN_VARIABLE = "DOLBOM_TOKEN"
SHOWN = 1_000


def register(subparsers: Any) -> None:
    """Add the commands to `dolbom`."""
    parser = subparsers.add_parser("visits", help=told("file visits from a table (CSV or XLSX)"))
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    columns = say("열: ", "Columns: ") + ", ".join(f"{name} ({ko})" for name, ko in COLUMNS.items())  # a header is either
    load = actions.add_parser("import", help=told("file every row as a visit: all or none"), epilog=columns)
    load.add_argument("file", type=Path)
    load.add_argument("--dry-run", action="store_true", help=told("only say what is wrong and what would be filed"))
    load.add_argument("--district", default="", help=told("for files without that column"))
    load.add_argument("--actor", default="operator", help=told("for whom: care_manager:1144066000"))
    load.add_argument("--url", default="", help=url_help())
    load.set_defaults(run=_import)


def _import(args: argparse.Namespace) -> int:
    found = read_visits(args.file, args.district)
    if found.errors:
        return _say_errors(found.errors)
    with open_api(args.url, args.actor) as api:
        return import_file(api, found, args.dry_run)


def url_help() -> str:
    """What `--url` is."""
    return say(
        f"API의 주소; 토큰은 {TOKEN_VARIABLE}에 (없으면 이 컴퓨터의 시스템)",
        f"of the API; its token in {TOKEN_VARIABLE} (default: this machine's system)",
    )


def open_api(url: str, actor: str) -> httpx.Client:
    """A client of the system of this machine, or of the one that is named."""
    settings = read_settings()
    token, kept = os.environ.get(TOKEN_VARIABLE, ""), settings.state_dir / "token"
    if not token and kept.is_file():
        token = kept.read_text(encoding="utf-8").strip()
    headers = {"Authorization": f"Bearer {token}", "X-Dolbom-Actor": actor}
    return httpx.Client(base_url=url or f"http://127.0.0.1:{settings.api_port}", headers=headers, timeout=30 + WAIT_S)


def import_file(api: httpx.Client, found: VisitFile, dry_run: bool) -> int:
    """File it in one request, which is one record of the log: all of it, or nothing, whatever dies meanwhile. The exit code."""
    answer = _outcome(api, _send(api, found, dry_run))
    if answer.get("code") or answer.get("outcome") == "refused":
        if answer.get("rows"):
            return _say_errors(_in_file(found, answer["rows"]))
        raise _refusal(answer)
    before = len(answer.get("filed_before", ()))
    count = len(found.bodies) - before
    if dry_run:
        print(say(f"접수할 건 {count}건, 이미 있는 건 {before}건. 아무것도 접수하지 않았습니다.",
                  f"{count} to be filed, {before} there already. Nothing was filed."))  # fmt: skip
    else:
        print(say(f"{count}건을 접수했습니다. 이미 있던 건 {before}건.", f"{count} filed, {before} were there already."))
    return 0


def _send(api: httpx.Client, found: VisitFile, dry_run: bool) -> dict[str, Any]:
    # A key of this run's: what was refused before may be sound now. What was filed before is told, not filed again.
    headers = {"Prefer": f"wait={WAIT_S}", "Idempotency-Key": str(uuid.uuid4())}
    try:
        return dict(api.post("/v1/visits:batch", json={"visits": found.bodies, "dry_run": dry_run}, headers=headers).json())
    except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL):  # it never left
        raise api_away() from None
    except (httpx.HTTPError, ValueError):
        raise api_away() if dry_run else _unknown() from None


def _outcome(api: httpx.Client, answer: dict[str, Any]) -> dict[str, Any]:
    """What became of it, when it took longer than the API waits."""
    end = time.monotonic() + PATIENCE_S
    while "status_url" in answer and "outcome" not in answer and "code" not in answer:
        if time.monotonic() > end:
            raise _unknown()
        time.sleep(0.5)
        try:
            told = dict(api.get(answer["status_url"]).json())
        except (httpx.HTTPError, ValueError):
            raise _unknown() from None
        answer = told if told.get("outcome") not in (None, "pending") else answer
    return answer


def _unknown() -> CommandFailed:
    return CommandFailed(
        say("시스템이 응답하지 않아 접수되었는지 알 수 없습니다. 전부 접수되었거나 전혀 접수되지 않았습니다. "
            "같은 파일로 다시 하세요(두 번 접수되지 않습니다).",
            "The system went away, so whether it was filed is not known: all of it was, or nothing. "
            "Run it again with the same file; nothing is filed twice.")
    )  # fmt: skip


def _in_file(found: VisitFile, rows: list[dict[str, Any]]) -> list[RowError]:
    """Row errors of the API with the file's lines and headers."""
    errors = []
    for one in rows:
        name = one["field"].partition(".")[0].partition("[")[0]
        name = "lon" if name == "place" and "lon" in found.headers else "x_m" if name == "place" else name
        line, column = found.lines[one["row"]], found.headers.get(name, name)
        errors.append(RowError(found.name, line, column, Text(**one["problem"]), Text(**one["remedy"]), one["code"]))
    return errors


def _say_errors(errors: list[RowError]) -> int:
    for error in errors[:SHOWN]:
        print(error.in_language(language()), file=sys.stderr)
    verdict = say(f"잘못된 곳 {len(errors)}건. 아무것도 접수하지 않았습니다.", f"{len(errors)} wrong. Nothing was filed.")
    print(verdict, file=sys.stderr)
    return 1


def _refusal(answer: dict[str, Any]) -> CommandFailed:
    return CommandFailed(refusal_words(answer, say("결과를 알 수 없습니다.", "The outcome is not known.")))
