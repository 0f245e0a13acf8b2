"""`dolbom dead-letters list|show|redrive`: what could not be read, why, and sending it again."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from services.cli.help_texts import told
from services.cli.registry import opened_registry
from services.cli.speech import CommandFailed, remedy_for, run_on_the_log, say, seoul
from streams.dead_letters import DeadLetter, list_dead_letters
from streams.settings import Settings, read_settings


def register(subparsers: Any) -> None:
    """Add the commands to `dolbom`."""
    parser = subparsers.add_parser("dead-letters", help=told("messages that could not be read: list, show ID, redrive ID"))
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help=told("all of them, oldest first")).set_defaults(run=_list)
    show = actions.add_parser("show", help=told("origin and reason; with --bytes what was in it (a logged read)"))
    show.add_argument("dead_letter_id")
    show.add_argument("--bytes", action="store_true", help=told("unseal the bytes to stdout"))
    show.add_argument("--why", default="inspect a dead letter", help=told("reason for the access log"))
    show.set_defaults(run=_show)
    redrive = actions.add_parser("redrive", help=told("send it again to the inbox it came from"))
    redrive.add_argument("dead_letter_id")
    redrive.add_argument("--file", type=Path, help=told("send these corrected bytes instead"))
    redrive.set_defaults(run=_redrive)


def _letters(settings: Settings) -> list[DeadLetter]:
    return run_on_the_log(list_dead_letters(settings.bootstrap, settings.partitions))


def _find(settings: Settings, dead_letter_id: str) -> DeadLetter:
    for letter in _letters(settings):
        if letter.dead_letter_id == dead_letter_id:
            return letter
    raise CommandFailed(say("그런 번호가 없습니다. list로 확인하세요.", "There is no such dead letter; `list` shows all."))


def _list(args: argparse.Namespace) -> int:
    letters = _letters(read_settings())
    for letter in letters:
        print(f"{letter.dead_letter_id}  {seoul(letter.at)}  {letter.topic}/{letter.partition}@{letter.offset}  "
              f"{letter.size} B  {letter.code}")  # fmt: skip
    print(say(f"모두 {len(letters)}건", f"{len(letters)} dead letter{'s' * (len(letters) != 1)}"), file=sys.stderr)
    return 0


def _show(args: argparse.Namespace) -> int:
    settings = read_settings()
    letter = _find(settings, args.dead_letter_id)
    if args.bytes:
        sys.stdout.buffer.write(_unseal(letter, args.why))
        return 0
    print(letter.dead_letter_id)
    print(f"  {letter.topic}/{letter.partition}@{letter.offset}, {letter.size} B, {seoul(letter.at)}")
    print(f"  {letter.code}: {letter.detail}\n  {remedy_for(letter.code)}")
    return 0


def _unseal(letter: DeadLetter, why: str) -> bytes:
    with opened_registry() as (_, registry):
        try:
            registry.log_read("operator", letter.dead_letter_id, "dead_letter", why)
            return registry.load_dead_letter(letter.dead_letter_id)
        except KeyError:
            raise CommandFailed(say("내용이 보관되어 있지 않습니다.", "Its bytes are not in the registry.")) from None


def _redrive(args: argparse.Namespace) -> int:
    settings = read_settings()
    letter = _find(settings, args.dead_letter_id)
    raw = args.file.read_bytes() if args.file else _unseal(letter, "redrive")
    offset = run_on_the_log(_append(settings, letter, raw))
    print(f"{letter.topic}/{letter.partition}@{offset}")
    return 0


async def _append(settings: Settings, letter: DeadLetter, raw: bytes) -> int:
    from streams.adapters.kafka_log import append, start_producer

    producer = await start_producer(settings.bootstrap, "dolbom-redrive")
    try:
        return (await append(producer, letter.topic, letter.partition, [raw]))[0]
    finally:
        await producer.stop()
