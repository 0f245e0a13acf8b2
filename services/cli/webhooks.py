"""`dolbom webhooks check|log|resend|recover`: a co-operative proves its endpoint, and what was sent is seen and sent again."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from services.cli.help_texts import told
from services.cli.registry import opened_registry
from services.cli.speech import SEOUL, CommandFailed, language, say, seoul
from services.conformance.play import NO_ANSWER, Played, play

if TYPE_CHECKING:
    from streams.adapters.delivery_log import DeliveryLog

SECRET_VARIABLE = "DOLBOM_WEBHOOK_SECRET"  # a secret on the command line is seen by every user of the machine


def register(subparsers: Any) -> None:
    """Add the commands to `dolbom`."""
    parser = subparsers.add_parser("webhooks", help=told("check an organisation's endpoint"))
    actions = parser.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", help=told("play a scripted day against an endpoint: sound, forged, repeated, old, huge"))
    check.add_argument("url")
    secret = say("whsec_…, 서명하는 비밀키; 또는 ", "whsec_…, the secret we sign with; or in ") + SECRET_VARIABLE
    check.add_argument("--secret", default="", help=secret)
    check.add_argument("--json", action="store_true", help=told("one JSON object for each case instead of the table"))
    check.set_defaults(run=_check)
    log = actions.add_parser("log", help=told("what was sent, the newest first; with ID each attempt and what was answered"))
    log.add_argument("organisation", nargs="?", default="")
    log.add_argument("id", nargs="?", default="")
    log.add_argument("--status", default="", choices=["pending", "delivered", "given_up"])
    log.add_argument("--since", default="", help=told("6h, 2d or an instant"))
    log.add_argument("--limit", type=_some, default=100)
    log.add_argument("--json", action="store_true", help=told("one JSON object for each"))
    log.set_defaults(run=_log)
    resend = actions.add_parser("resend", help=told("send one webhook again under its id"))
    resend.add_argument("organisation")
    resend.add_argument("id")
    resend.set_defaults(run=_resend)
    recover = actions.add_parser("recover", help=told("send an organisation all again that was not delivered since then"))
    recover.add_argument("organisation")
    recover.add_argument("--since", required=True, help=told("6h, 2d or an instant"))
    recover.set_defaults(run=_recover)


def _check(args: argparse.Namespace) -> int:
    secret = args.secret or os.environ.get(SECRET_VARIABLE, "")
    if not secret:
        raise CommandFailed(say("비밀키가 필요합니다(--secret).", f"A secret is needed: --secret or {SECRET_VARIABLE}."))
    if urlsplit(args.url).scheme not in ("http", "https") or not urlsplit(args.url).hostname:
        raise CommandFailed(say("http(s) 주소가 필요합니다.", "The address has to begin with http:// or https://."))
    try:
        played = asyncio.run(_all(args.url, secret, args.json))
    except ValueError:
        raise CommandFailed(say("비밀키가 whsec_와 base64가 아닙니다.", "The secret is not whsec_ and base64.")) from None
    failed = [one for one in played if not one.passed]
    if not args.json:
        print(_verdict(played, failed))
    return 1 if failed else 0


async def _all(url: str, secret: str, as_json: bool) -> list[Played]:
    played = []
    async for one in play(url, secret):
        print(_as_json(one) if as_json else _as_row(one), flush=True)
        played.append(one)
    return played


def _as_json(one: Played) -> str:
    case = one.case
    return json.dumps(
        {
            "case": case.name, "passed": one.passed, "wanted": case.wanted, "statuses": one.statuses,
            "slowest_ms": one.slowest_ms,
        }
    )  # fmt: skip


def _as_row(one: Played) -> str:
    case, korean = one.case, language() == "ko"
    mark = ("통과" if korean else "passed") if one.passed else ("실패" if korean else "FAILED")
    none = "응답 없음" if korean else "no answer"
    answers = " ".join(none if status == NO_ANSWER else str(status) for status in one.statuses)
    row = f"{mark}  {case.ko if korean else case.en}  [{answers}]  {one.slowest_ms} ms"
    return row if one.passed else f"{row}\n      -> {case.remedy_ko if korean else case.remedy_en}"


def _verdict(played: list[Played], failed: list[Played]) -> str:
    if not failed:
        return say(f"{len(played)}가지 모두 통과했습니다.", f"All {len(played)} cases passed.")
    return say(f"{len(played)}가지 가운데 {len(failed)}가지가 실패했습니다.", f"{len(failed)} of {len(played)} cases failed.")


def _log(args: argparse.Namespace) -> int:
    with _delivery_log() as log:
        if args.id:
            attempts = log.attempts(args.organisation, args.id)
            if not attempts:
                ko = "이 기관에 보낸 그런 webhook-id가 없거나 아직 보내지 않았습니다. 번호 없이 log로 확인하세요."
                raise CommandFailed(say(ko, "This organisation was sent no webhook with that id, or not yet; `log` shows all."))
            for one in attempts:
                at = seoul(one.at)
                print(f"{one.attempt}  {at}  {one.endpoint}  {one.answer}  {one.latency_ms} ms  {one.response}".rstrip())
            return 0
        since = _since(args.since) if args.since else 0.0
        rows = log.list(args.organisation, status=args.status, since=since, limit=args.limit)
        if not rows:
            print(say("보낸 것이 없습니다.", "Nothing was sent."), file=sys.stderr)
        for row in rows:
            if args.json:
                print(msgspec.json.encode(row).decode())
            else:
                made = f"{seoul(row.made_at)}  {row.organisation}/{row.endpoint}  {row.effect_id}  {row.type}"
                print(f"{made}  {row.status}  {row.answer or '-'}  {row.attempts}")
    return 0


def _resend(args: argparse.Namespace) -> int:
    with _delivery_log() as log:
        marked = log.resend(args.organisation, args.id)
    if not marked:
        raise CommandFailed(say("그런 webhook-id가 없습니다. log로 확인하세요.", "There is no such webhook; `log` shows all."))
    print(say("1초 안에 다시 보냅니다.", "It goes out again within a second."))
    return 0


def _recover(args: argparse.Namespace) -> int:
    since = _since(args.since)
    with _delivery_log() as log:
        marked = log.recover(args.organisation, since)
    print(say(f"전달되지 않은 {marked}건을 다시 보냅니다.", f"{marked} that were not delivered go out again."))
    return 0


def _since(text: str) -> float:
    """An instant, or so many minutes, hours or days ago ("90m", "6h", "2d"). Raises CommandFailed."""
    units = {"m": 60, "h": 3600, "d": 86_400}
    if text[:-1].isdigit() and text[-1:] in units:
        return time.time() - int(text[:-1]) * units[text[-1]]
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandFailed(
            say("시각을 읽을 수 없습니다(예: 6h, 2026-11-03T09:00+09:00).", "No time: write 6h, 2d or 2026-11-03T09:00+09:00.")
        ) from None
    return (at if at.tzinfo else at.replace(tzinfo=SEOUL)).timestamp()


def _some(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(say("1 이상의 수를 쓰세요.", "write a number of 1 or more"))
    return int(text)


@contextmanager
def _delivery_log() -> Iterator[DeliveryLog]:
    from streams.adapters.delivery_log import DeliveryLog

    with opened_registry() as (_, registry):
        yield DeliveryLog(registry)
