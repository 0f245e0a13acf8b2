"""`dolbom webhooks check URL --secret …`: a co-operative proves its endpoint before it goes live."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from typing import Any
from urllib.parse import urlsplit

from services.cli.speech import CommandFailed, language, say
from services.conformance.play import NO_ANSWER, Played, play

SECRET_VARIABLE = "DOLBOM_WEBHOOK_SECRET"  # a secret on the command line is seen by every user of the machine


def register(subparsers: Any) -> None:
    """Add the commands to `dolbom`."""
    parser = subparsers.add_parser("webhooks", help="check an organisation's endpoint")
    actions = parser.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", help="play a scripted day against an endpoint: good, forged, repeated, old, huge, slow")
    check.add_argument("url")
    check.add_argument("--secret", default="", help=f"whsec_…, the secret we sign with; or in {SECRET_VARIABLE}")
    check.add_argument("--json", action="store_true", help="one JSON object for each case instead of the table")
    check.set_defaults(run=_check)


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
