"""`dolbom areas import FILE.geojson [--day FOLDER]`: real boundaries instead of cells around centroids."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from services.cli.day import print_errors
from services.cli.help_texts import told
from services.cli.speech import language, say
from services.sample_day.day import DayInvalid


def register(subparsers: Any) -> None:
    """Add the command to `dolbom`."""
    parser = subparsers.add_parser("areas", help=told("import real boundaries of dongs or living areas"))
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    importing = actions.add_parser("import", help=told("check a GeoJSON file and, with --day, put it into a day folder"))
    importing.add_argument("file", type=Path, metavar="FILE.geojson")
    importing.add_argument("--day", type=Path, metavar="FOLDER")
    importing.set_defaults(run=_import)


def _import(args: argparse.Namespace) -> int:
    from services.sample_day.areas_import import import_areas, read_boundaries

    try:
        found = import_areas(args.file, args.day) if args.day else read_boundaries(args.file)
    except DayInvalid as invalid:
        print_errors(invalid.errors)
        return 1
    if found.errors:
        print_errors(found.errors)
        return 1
    for note in found.notes:
        print(note.in_language(language()))
    dongs, areas = len(found.of("dong")), len(found.of("area"))
    if args.day:
        done = f"Boundaries of {dongs} dongs and {areas} areas are in."
        print(say(f"행정동 {dongs}곳, 생활권 {areas}곳의 경계를 넣었습니다.", done))
    else:
        print(
            say(
                f"행정동 {dongs}곳, 생활권 {areas}곳: 이상 없음. --day 폴더를 주면 넣습니다.",
                f"{dongs} dongs, {areas} areas: no errors. Name a folder with --day to put them in.",
            )
        )
    return 0
