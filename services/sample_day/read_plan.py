"""What the plan's own columns of visits.csv say: a part of a visit's body, and which visit comes after which."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.sample_day.day_table import Table
from services.sample_day.read_table import Row
from services.sample_day.reading import Reading


def plan_body(row: Row) -> dict[str, Any]:
    """What the row says, in a body's words; what is empty stays out."""
    seconds = {"gap_min_s": row["gap_min"], "gap_max_s": row["gap_max"], "access_s": row["access_min"]}
    said = {
        "preferred_workers": list(row["preferred_workers"] or ()), "after_reference": row["after"],
        **{name: round(minutes * 60) for name, minutes in seconds.items() if minutes},
        **{name: row[name] for name in ("gap_other_worker", "boxes_back", "round_id", "round_rank")},
    }  # fmt: skip
    price = row["leave_out_price"]
    return {name: value for name, value in said.items() if value} | ({} if price is None else {"leave_out_price": price})


def check_plan(reading: Reading, visits: Table, workers: Table) -> None:
    """Who is preferred is a worker; the visit before is one of the same recipient, filed no later, and the gap can be kept."""
    reading.refer(visits, "preferred_workers", "unknown_worker", workers, "worker_id")
    reading.refer(visits, "after", "unknown_visit", visits, "reference")
    rows = {row["reference"]: row for row in reading.of(visits)}
    for row in reading.of(visits):
        first = rows.get(row["after"])
        if row["after"] is None or first is None:
            if row["after"] is None and any(row[name] for name in ("gap_min", "gap_max", "gap_other_worker")):
                reading.report(
                    visits, row, "after", "gap_without_visit", "간격만 있고 앞 방문이 없습니다.",
                    "There is a gap, and no visit before.",
                    "after에 앞 방문의 접수번호를 쓰세요.", "Write the reference of the visit before into after.",
                )  # fmt: skip
            continue
        if not _possible(first, row):
            reading.report(
                visits, row, "after", "impossible_gap", "앞 방문과의 간격을 지킬 수 없습니다.",
                "The gap to the visit before cannot be kept.",
                "같은 이용자의 먼저 접수된 방문인지, 두 시간대와 간격이 맞는지 확인하세요.",
                "It must be the same recipient's, filed no later; check both time windows and the gap.",
            )  # fmt: skip


def _possible(first: Row, row: Row) -> bool:
    if first["recipient_id"] != row["recipient_id"] or first["reference"] == row["reference"]:
        return False
    names = ("file_at", "window_start", "window_end")
    if not (first.good(*names) and row.good(*names)):
        return True  # told where they are wrong
    least, most = row["gap_min"] or 0, row["gap_max"] or 1440
    return bool(
        first["file_at"] <= row["file_at"] and least <= most
        and row["window_end"] >= first["window_start"] + timedelta(minutes=least)
        and row["window_start"] <= first["window_end"] + timedelta(minutes=most)
    )  # fmt: skip


def filing_order(rows: list[Row]) -> dict[str, int]:
    """How many visits each comes after: of those filed at one moment, the first goes first."""
    before = {row["reference"]: row["after"] for row in rows}

    def depth(reference: str) -> int:
        seen: list[str] = []
        while before.get(reference) and reference not in seen:
            seen.append(reference)
            reference = before[reference]
        return len(seen)

    return {reference: depth(reference) for reference in before}
