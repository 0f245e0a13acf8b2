"""`dolbom day generate|check|load|expect|import-mdrplib`: folders of CSV files that a day is run from."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.cli.help_texts import told
from services.cli.speech import CommandFailed, language, remedy_for, say
from services.sample_day.day import Day, DayInvalid, RowError

if TYPE_CHECKING:
    from services.sample_day.load import LoadFailed

KINDS = ("busy", "mapo")
GREATEST_SEED = 10_000_000  # what district.csv takes
SHOWN = 1_000  # errors printed; a file with more has one mistake in all of its rows


def register(subparsers: Any) -> None:
    """Add the commands to `dolbom`."""
    parser = subparsers.add_parser("day", help=told("make, check or import a day folder (docs/day-format.md)"))
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    generate = actions.add_parser("generate", help=told("make a sample day from a seed"))
    generate.add_argument("kind", choices=KINDS)
    generate.add_argument("--seed", type=_seed, default=1)
    generate.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    generate.set_defaults(run=_generate)
    check = actions.add_parser("check", help=told("list every bad row of a day folder; nothing is loaded"))
    check.add_argument("folder", type=Path)
    check.set_defaults(run=_check)
    load = actions.add_parser("load", help=told("bring a day folder into the running system: district and people"))
    load.add_argument("folder", type=Path)
    load.add_argument("--visits", action="store_true", help=told("file all its visits too, now"))
    load.set_defaults(run=_load)
    expect = actions.add_parser("expect", help=told("write a day's expected.csv from what past days needed"))
    expect.add_argument("folder", type=Path, help=told("the day to come"))
    expect.add_argument("past", type=Path, nargs="+", metavar="PAST", help=told("folders of days like it"))
    expect.set_defaults(run=_expect)
    mdrplib = actions.add_parser("import-mdrplib", help=told("turn a Grubhub city-day (mdrplib) into a day folder"))
    mdrplib.add_argument("source", type=Path, metavar="SRC")
    mdrplib.add_argument("out", type=Path, metavar="OUT")
    mdrplib.set_defaults(run=_import_mdrplib)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) > GREATEST_SEED:
        en = f"write a number from 0 to {GREATEST_SEED}"
        raise argparse.ArgumentTypeError(say(f"0부터 {GREATEST_SEED}까지의 수를 쓰세요.", en))
    return int(text)


def print_errors(errors: list[RowError]) -> None:
    """Every bad row on stderr, one a line, then how many."""
    for error in errors[:SHOWN]:
        print(error.in_language(language()), file=sys.stderr)
    files = len({error.file for error in errors})
    counted = f"{len(errors)} error{'s' * (len(errors) > 1)} in {files} file{'s' * (files > 1)}"
    print(
        say(
            f"잘못된 곳 {len(errors)}건(파일 {files}개). 아무것도 불러오지 않았습니다.",
            f"{counted}. Nothing was loaded.",
        ),
        file=sys.stderr,
    )


def summary(day: Day) -> str:
    """One line of what is in a day: counts only, no names."""
    services = Counter(visit.body["service"] for visit in day.visits)
    kinds = Counter(worker.kind.value for worker in day.config.workers)
    meals = services.pop("meal_support", 0)
    rest = sum(services.values())
    config = day.config
    troubles = f"{len(day.troubles)} trouble{'s' * (len(day.troubles) != 1)}"
    return say(
        f"{config.name_ko} {config.service_date}: 식사 {meals}건, 방문 {rest}건, 라이더 {kinds['rider']}명, "
        f"제공인력 {kinds['carer']}명, 생활권 {len(config.areas)}곳, 행정동 {len(config.dongs)}곳, 돌발 {len(day.troubles)}건",
        f"{config.name_en} {config.service_date}: {meals} meals, {rest} care visits, {kinds['rider']} riders, "
        f"{kinds['carer']} carers, {len(config.areas)} areas, {len(config.dongs)} dongs, {troubles}",
    )


def _read(folder: Path) -> Day | None:
    from services.sample_day.read_day import read_day

    try:
        return read_day(folder)
    except DayInvalid as invalid:
        print_errors(invalid.errors)
        return None


def _generate(args: argparse.Namespace) -> int:
    from services.sample_day.generate import generate_day

    folder = generate_day(args.kind, args.seed, args.out)
    day = _read(folder)
    if day is None:
        return 1
    print(summary(day))
    return 0


def _check(args: argparse.Namespace) -> int:
    day = _read(args.folder)
    if day is None:
        return 1
    print(summary(day))
    return 0


def _load(args: argparse.Namespace) -> int:
    from services.sample_day.load import LoadFailed, file_visits, load_day
    from streams.settings import read_settings

    day = _read(args.folder)
    if day is None:
        return 1
    settings = read_settings()
    api_url = f"http://{settings.api_host}:{settings.api_port}"
    try:
        token = (settings.state_dir / "token").read_text(encoding="utf-8").strip()
    except OSError:
        raise CommandFailed(
            say("실행 중인 시스템이 없습니다. 먼저 make run을 하세요.", "Nothing runs here. Start it first: make run NO_WORLD=1")
        ) from None
    try:
        load_day(day, api_url, token, None)
        filed = file_visits(day, api_url, token) if args.visits else 0
    except LoadFailed as failed:
        raise CommandFailed(_not_taken(failed)) from None
    print(summary(day))
    loaded = "The running system has the district's configuration and its people now."
    print(say("실행 중인 시스템에 자치구 설정과 이용자·제공인력을 넣었습니다.", loaded))
    if args.visits:
        print(say(f"제공 건 {filed}건을 접수했습니다.", f"{filed} visits filed."))
    return 0


def _not_taken(failed: LoadFailed) -> str:
    """What the system answered, and what to do about it."""
    do = f" {remedy}" if (remedy := remedy_for(failed.code)) else ""
    return say(f"시스템이 받지 않았습니다({failed}).{do}", f"The system did not take it ({failed}).{do}")


def _expect(args: argparse.Namespace) -> int:
    from services.sample_day.expect import expect

    days = [_read(folder) for folder in (args.folder, *args.past)]
    if any(day is None for day in days):
        return 1
    to_come, *past = (day for day in days if day is not None)
    lines = expect(past, args.folder, to_come.config.travel.coordinates)
    if _read(args.folder) is None:  # the past days had areas that this one has not
        return 1
    days_ko, days_en = f"지난 {len(past)}일", f"{len(past)} past days"
    print(say(f"{days_ko}로 expected.csv {lines}줄을 썼습니다.", f"expected.csv: {lines} lines from {days_en}."))
    return 0


def _import_mdrplib(args: argparse.Namespace) -> int:
    from services.sample_day.mdrplib import MdrplibInvalid, import_mdrplib

    try:
        folder = import_mdrplib(args.source, args.out)
    except MdrplibInvalid as invalid:
        raise CommandFailed(invalid.text.in_language(language())) from None
    day = _read(folder)
    if day is None:
        return 1
    print(summary(day))
    return 0
