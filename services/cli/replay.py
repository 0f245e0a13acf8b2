"""`dolbom replay verify|show|visit`: look at the logs again. Reads only; nothing is written to the live topics."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from typing import Any

from services.cli.help_texts import told
from services.cli.speech import SEOUL, CommandFailed, run_on_the_log, say
from streams import topics
from streams.adapters.kafka_log import read_list
from streams.settings import Settings, read_settings


def register(subparsers: Any) -> None:
    """Add the commands to `dolbom`."""
    parser = subparsers.add_parser("replay", help=told("replay the logs: verify, show --as-of TIME, visit ID"))
    actions = parser.add_subparsers(dest="action", required=True)
    verify = actions.add_parser("verify", help=told("apply and decide everything again; the first divergence is shown"))
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=_verify)
    show = actions.add_parser("show", help=told("the board as it was"))
    show.add_argument("--as-of", required=True, metavar="TIME", help=told("ISO instant, or HH:MM of the service day in Seoul"))
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=_show)
    visit = actions.add_parser("visit", help=told("one visit's story"))
    visit.add_argument("visit_id")
    visit.set_defaults(run=_visit)


def _verify(args: argparse.Namespace) -> int:
    from streams.replay.verify import print_report, verify_topics

    found = run_on_the_log(verify_topics(read_settings()))
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print_report(found)
    return 0 if found["ok"] else 1


async def _decisions(settings: Settings) -> list[list[bytes]]:
    return [
        [record.value or b"" for record in await read_list(settings.bootstrap, topics.DECISIONS, partition, 0)]
        for partition in range(settings.partitions)
    ]


def _show(args: argparse.Namespace) -> int:
    from streams.contracts import codec
    from streams.core.board import counters, visit_row
    from streams.replay.history import fold

    logs = run_on_the_log(_decisions(read_settings()))
    until = _instant(args.as_of, logs)
    if not any(logs):
        raise CommandFailed(say("기록이 아직 비어 있습니다.", "The log is still empty."))
    if until is None:
        print(say("시각을 읽을 수 없습니다(예: 11:30, 2026-03-03T11:30+09:00).",
                  "The time is not understood: write 11:30, or 2026-03-03T11:30+09:00."), file=sys.stderr)  # fmt: skip
        return 2
    shown = 0
    for log in logs:
        for code, state in sorted(fold(log, until).districts.items()):
            if state.config is None:
                continue
            shown += 1
            rows = [visit_row(state, visit_id) for visit_id in state.visits]
            if args.json:
                print(codec.encode({"district": code, "counters": counters(state), "visits": rows}).decode())
                continue
            print(f"{state.config.name_ko} ({code}) {until.astimezone(SEOUL):%Y-%m-%d %H:%M}")
            by_state = {name: n for name, n in counters(state).by_state.items() if n}
            print("  " + ", ".join(f"{name} {n}" for name, n in by_state.items()) + f" = {len(rows)}")
            for row in sorted(rows, key=lambda r: (r.due_at, r.visit_id)):
                worker = ",".join(row.worker_ids) or "-"
                print(f"  {row.due_at.astimezone(SEOUL):%H:%M} {row.state:<12} {row.area_id:<6} {row.service:<20} "
                      f"{worker:<24} {row.reference} {row.visit_id}")  # fmt: skip
    if not shown:
        when = f"{until.astimezone(SEOUL):%Y-%m-%d %H:%M}"
        raise CommandFailed(say(f"{when}에는 아직 아무것도 없었습니다.", f"There was nothing yet at {when}."))
    return 0


def _instant(text: str, logs: list[list[bytes]]) -> datetime | None:
    from streams.contracts.read_decisions import read_decisions

    try:
        if len(text) <= 5:
            last = max((read_decisions(log[-1]).now_at for log in logs if log), default=None)
            if last is None:
                return None
            clock = datetime.strptime(text, "%H:%M")
            return last.astimezone(SEOUL).replace(hour=clock.hour, minute=clock.minute, second=59)
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=SEOUL)


def _visit(args: argparse.Namespace) -> int:
    from streams.replay.history import story

    for log in run_on_the_log(_decisions(read_settings())):
        events = story(log, args.visit_id)
        for event in events:
            who = f" {event.worker_id}" if event.worker_id else ""
            why = f" ({event.reason})" if event.reason else ""
            print(f"{event.at.astimezone(SEOUL):%H:%M:%S} {event.what}{who}{why} {say('행위자', 'by')} {event.actor} "
                  f"<- {event.cause} @{event.journal_offset}")  # fmt: skip
        if events:
            return 0
    en = "There is no such visit in the log. Check the id."
    raise CommandFailed(say("기록에 그런 제공 건이 없습니다. 번호를 확인하세요.", en))
