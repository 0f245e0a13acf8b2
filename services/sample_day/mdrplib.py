"""A Grubhub city-day of mdrplib (Reyes et al. 2018) as a day folder. The instance is read where it is, nothing is kept.

Orders become single meals on a plane in metres: placed = filed, ready = ready, due = placed + target click-to-door, at
the latest placed + maximum click-to-door. Couriers become riders of one co-operative with their own shifts, at the
instance's speed in a straight line, with its service times. What differs from the paper, on purpose: travel times are
not rounded up to whole minutes; the door counts when the courier is there and begins (the drop-off service follows); a
courier must have delivered by the end of the shift (in the paper: have picked up). There is no freshness limit, because the
maximum click-to-door is the benchmark's only limit. The benchmark names no box size either: ten orders fit.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from services.sample_day import day_format as form
from services.sample_day.day import Text

SERVICE_DATE = "2026-03-03"
START_MIN = 5 * 60  # minute 0 is 05:00: the longest instance (1,115 minutes to its last door) still ends before midnight
LAST_MIN = 24 * 60 - 1
DISTRICT, DONG, AREA = "11440", "1144000000", "ALL"  # a district code that the default set-up serves; an invented dong
COOP, RESTAURANTS = "COURIERS", "RESTAURANTS"
BOX_CAPACITY = 10
CELL_MARGIN_M = 500
FILES = {
    "instance_parameters.txt": (
        "meters_per_minute", "pickup service minutes", "dropoff service minutes", "target click-to-door",
        "maximum click-to-door",
    ),
    "orders.txt": ("order", "x", "y", "placement_time", "restaurant", "ready_time"),
    "restaurants.txt": ("restaurant", "x", "y"),
    "couriers.txt": ("courier", "x", "y", "on_time", "off_time"),
}  # fmt: skip
POLICY = {
    "single_offers": "yes",
    "solve_iterations": 0,  # on-demand: placed at once by insertion, and matched with riders anew until it must be offered
    "match_interval_s": 60,
    "offer_lead_s": 240,  # before the rider has to set out: time for two to answer
    "offer_expiry_s": 120,  # couriers of an on-demand service answer at once or not at all
}


class MdrplibInvalid(Exception):
    """The source is no mdrplib instance; `text` says where."""

    def __init__(self, ko: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(ko, en)


def _rows(source: Path, name: str) -> list[dict[str, str]]:
    path = source / name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise MdrplibInvalid(
            f"{name}: 읽을 수 없습니다. mdrplib 인스턴스 폴더를 지정하세요.",
            f"{name} cannot be read; name the folder of an mdrplib instance.",
        ) from None
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
    missing = [column for column in FILES[name] if not rows or column not in rows[0]]
    if missing:
        raise MdrplibInvalid(f"{name}: {missing[0]} 열이 없습니다.", f"{name} has no column {missing[0]}.")
    return rows


def _number(row: dict[str, str], column: str, name: str, line: int) -> float:
    try:
        return float(row[column])
    except (TypeError, ValueError):
        raise MdrplibInvalid(
            f"{name} {line}행 {column}: 숫자가 아닙니다.", f"{name} line {line}, {column} is not a number."
        ) from None


def _numbers(source: Path, name: str, texts: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Rows with every column as a number but the named texts."""
    return [
        {
            column: row[column] if column in texts else _number(row, column, name, line)
            for column in FILES[name]
        }
        for line, row in enumerate(_rows(source, name), 2)
    ]  # fmt: skip


def _hhmm(minute: float) -> str:
    """Minute of the instance as local time of day, to the second."""
    seconds = min(round((START_MIN + minute) * 60), LAST_MIN * 60)
    hour, rest = divmod(seconds, 3600)
    return f"{hour:02d}:{rest // 60:02d}" + (f":{rest % 60:02d}" if rest % 60 else "")


def _cell(points: list[tuple[float, float]]) -> str:
    west, east = min(p[0] for p in points) - CELL_MARGIN_M, max(p[0] for p in points) + CELL_MARGIN_M
    south, north = min(p[1] for p in points) - CELL_MARGIN_M, max(p[1] for p in points) + CELL_MARGIN_M
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return "POLYGON ((" + ", ".join(f"{x:g} {y:g}" for x, y in corners) + "))"


def import_mdrplib(source: str | Path, out_folder: str | Path) -> Path:
    """Write the day folder of an instance folder and return it. Raises `MdrplibInvalid`."""
    source, out = Path(source), Path(out_folder)
    parameters = _numbers(source, "instance_parameters.txt")[0]
    orders = _numbers(source, "orders.txt", ("order", "restaurant"))
    restaurants = _numbers(source, "restaurants.txt", ("restaurant",))
    couriers = _numbers(source, "couriers.txt", ("courier",))
    points = [(row["x"], row["y"]) for row in (*orders, *restaurants, *couriers)]
    target, maximum = parameters["target click-to-door"], parameters["maximum click-to-door"]
    last_door = max(order["placement_time"] + maximum for order in orders)
    day_end = max(last_door, max(courier["off_time"] for courier in couriers)) + 30
    middle_x = round(sum(p[0] for p in points) / len(points), 1)
    middle_y = round(sum(p[1] for p in points) / len(points), 1)
    tables: list[tuple[form.Table, list[dict[str, Any]]]] = [
        (form.DISTRICT, [
            {
                "district": DISTRICT, "name_ko": f"mdrplib {source.name}", "name_en": f"mdrplib {source.name}",
                "service_date": SERVICE_DATE, "day_start": _hhmm(0), "day_end": _hhmm(day_end), "coordinates": "plane_m",
                "speed_factor": 1, "config_version": 1, "seed": 1,
            }
        ]),
        (form.AREAS, [
            {"area_id": AREA, "name_ko": "전체", "name_en": "Everywhere", "responsible_enterprise": COOP, "helpers": ""}
        ]),
        (form.DONGS, [
            {
                "code": DONG, "name_ko": "전체", "name_en": "Everywhere", "area_id": AREA, "population_65": 0,
                "x_m": middle_x, "y_m": middle_y, "cell_wkt": _cell(points),
            }
        ]),
        (form.TRAVEL, [
            {"mode": "courier", "detour": 1, "speed_m_per_s": round(parameters["meters_per_minute"] / 60, 6), "access_s": 0}
        ]),
        (form.PROVIDERS, [
            {"provider_id": COOP, "name_ko": "배달원 협동조합", "name_en": "Couriers", "kind": "rider_coop",
             "services": "meal_support", "own_staff": "no"},
            {"provider_id": RESTAURANTS, "name_ko": "식당", "name_en": "Restaurants", "kind": "kitchen",
             "services": "meal_support", "own_staff": "no"},
        ]),
        (form.KITCHENS, [
            {
                "kitchen_id": row["restaurant"], "provider_id": RESTAURANTS, "name_ko": row["restaurant"],
                "name_en": row["restaurant"], "x_m": row["x"], "y_m": row["y"],
                "load_min": parameters["pickup service minutes"],
            }
            for row in restaurants
        ]),
        (form.WORKERS, [
            {
                "worker_id": row["courier"], "kind": "rider", "provider_id": COOP, "area_id": AREA, "mode": "courier",
                "shift_start": _hhmm(row["on_time"]), "shift_end": _hhmm(row["off_time"]), "capacity_boxes": BOX_CAPACITY,
                "skills": "meal_support", "start_x_m": row["x"], "start_y_m": row["y"],
            }
            for row in couriers
        ]),
        (form.VISITS, [
            {
                "reference": row["order"], "file_at": _hhmm(row["placement_time"]), "recipient_id": f"P-{row['order']}",
                "service": "meal_support", "dong": DONG, "x_m": row["x"], "y_m": row["y"],
                "window_start": _hhmm(row["placement_time"]), "due": _hhmm(row["placement_time"] + target),
                "window_end": _hhmm(row["placement_time"] + maximum),
                "service_min": parameters["dropoff service minutes"], "kitchen_id": row["restaurant"],
                "meal_kind": "single", "ready": _hhmm(row["ready_time"]), "freshness_min": 0, "boxes": 1,
            }
            for row in sorted(orders, key=lambda order: (order["placement_time"], int("0" + order["order"][1:])))
        ]),
        (form.POLICY, [{"name": name, "value": value} for name, value in POLICY.items()]),
    ]  # fmt: skip
    form.write_day(out, "plane_m", tables)
    return out
