"""`dolbom crisis on|off|list`: an operator opens a crisis programme for dates with a budget and a stock, or ends it."""

from __future__ import annotations

import argparse
from typing import Any

import httpx

from services.cli.help_texts import told
from services.cli.speech import CommandFailed, api_away, language, refusal_words, say
from services.cli.visits import open_api, url_help

WAIT = {"Prefer": "wait=10"}


def register(subparsers: Any) -> None:
    """Add the commands to `dolbom`."""
    parser = subparsers.add_parser("crisis", help=told("crisis programmes: open for dates, end, list (docs/crisis.md)"))
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    on = actions.add_parser("on", help=told("open one for dates, or set its budget and stock anew"))
    off = actions.add_parser("off", help=told("nothing new under it; what was promised goes on"))
    for action in (on, off):
        action.add_argument("programme", metavar="PROGRAMME_ID")
    on.add_argument("--from", dest="from_date", required=True, metavar="DATE")
    on.add_argument("--until", dest="until_date", required=True, metavar="DATE", help=told("the last day"))
    on.add_argument("--budget", type=int, required=True, metavar="WON")
    was = on.add_mutually_exclusive_group()
    was.add_argument("--version", type=int, metavar="N", help=told("of one that was opened before, as `list` shows it"))
    was.add_argument("--anyway", action="store_true", help=told("change it whatever it is set to now"))
    on.add_argument("--stock", action="append", default=[], metavar="ITEM=COUNT", type=_item, help=told("so many in all"))
    off.add_argument("--reason", default="", help=told("a code"))
    shown = actions.add_parser("list", help=told("those that were opened, and what is left"))
    for action in (on, off, shown):
        action.add_argument("--district", required=True)
        action.add_argument("--url", default="", help=url_help())
    on.set_defaults(run=lambda args: _run(args, switch_on))
    off.set_defaults(run=lambda args: _run(args, switch_off))
    shown.set_defaults(run=lambda args: _run(args, show))


def _item(text: str) -> tuple[str, int]:
    name, _, count = text.partition("=")
    if not name or not count.isdigit():
        raise argparse.ArgumentTypeError(say("품목=수량으로 쓰세요(예: mask=200)", "write ITEM=COUNT, mask=200"))
    return name, int(count)


def _run(args: argparse.Namespace, action: Any) -> int:
    try:
        with open_api(args.url, "operator") as api:
            return int(action(api, args))
    except httpx.HTTPError:
        raise api_away() from None


def switch_on(api: httpx.Client, args: argparse.Namespace) -> int:
    """Open it. The exit code; raises `CommandFailed` with the refusal's words."""
    body = {
        "district": args.district, "from_date": args.from_date, "until_date": args.until_date, "budget_krw": args.budget,
        "stock": dict(args.stock),
    }  # fmt: skip
    match = "*" if args.anyway else f'"{args.version}"' if args.version is not None else ""
    _order(api, f"/v1/programmes/{args.programme}/switch-on", body, {"If-Match": match} if match else {})
    print(say(f"{args.programme}: {args.from_date}~{args.until_date}, 예산 {args.budget:,}원으로 열었습니다.",
              f"{args.programme} is open from {args.from_date} to {args.until_date} with {args.budget:,} won."))  # fmt: skip
    return 0


def switch_off(api: httpx.Client, args: argparse.Namespace) -> int:
    _order(api, f"/v1/programmes/{args.programme}/switch-off", {"district": args.district, "reason": args.reason})
    print(say(f"{args.programme}: 닫았습니다. 약속한 것은 그대로 제공합니다.",
              f"{args.programme} is closed. What was promised goes on."))  # fmt: skip
    return 0


def show(api: httpx.Client, args: argparse.Namespace) -> int:
    """Each with its dates and what is booked of the budget."""
    for one in _answer(api.get("/v1/programmes", params={"district": args.district})).get("items", []):
        name = one["name_ko"] if language() == "ko" else one["name_en"]
        state = say("열림", "open") if one["is_on"] else say("닫힘", "closed")
        print(f"{one['programme_id']}  {name}  {state}  {one['from_date']}~{one['until_date']}  "
              f"{one['booked_krw']:,}/{one['budget_krw']:,}  {say('판', 'version')} {one['version']}")  # fmt: skip
    return 0


def _order(api: httpx.Client, path: str, body: dict[str, Any], match: dict[str, str] | None = None) -> None:
    answer = _answer(api.post(path, json=body, headers=WAIT | (match or {})))
    if answer.get("outcome") not in (None, "accepted", "duplicate", "pending"):
        raise CommandFailed(refusal_words(answer))


def _answer(response: httpx.Response) -> dict[str, Any]:
    try:
        said = dict(response.json())
    except ValueError:
        said = {}
    if response.status_code >= 300:
        raise CommandFailed(refusal_words(said) or str(response.status_code))
    return said
