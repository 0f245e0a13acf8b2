"""The day's ledger (일일 마감표) as text, and the one JSON object that a headless run ends with."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.local.texts import words
from streams.contracts.day_points import POINTS, Words
from streams.terminal import language, say

RESULT_KEYS = (
    "visits", "done", "cancelled", "failed", "handed_over", "unaccounted", "journal_records", "state_hash",
    "replayed_state_hash", "on_time_share", "click_to_door_mean_min", "ready_to_pickup_mean_min",
    "orders_per_busy_hour", "plans_adopted", "wall_s",
)  # fmt: skip

ROWS = (
    ("visits", "전체 요청", "requests", "count"),
    ("done", "완료", "done", "count"),
    ("cancelled", "취소", "cancelled", "count"),
    ("failed", "미이행 (사유 있음)", "failed, with a reason", "count"),
    ("handed_over", "담당자 인계", "in a named role's hands", "count"),
    ("unaccounted", "미확인", "unaccounted", "count"),
    ("unmet_needs", "미충족 수요", "needs unmet when they should have been met", "count"),
    ("on_time_share", "정시율", "on time", "share"),
    ("lateness_mean_min", "평균 지연", "lateness, mean", "minutes"),
    ("lateness_p95_min", "지연 p95", "lateness, p95", "minutes"),
    ("travel_per_visit_min", "건당 이동", "travel per visit", "minutes"),
    ("helped_share", "타 권역 지원", "helped from another area", "share"),
    ("plans_proposed", "제안된 계획", "plans proposed", "count"),
    ("plans_adopted", "채택된 계획", "plans adopted", "count"),
    ("visits_moved", "최적화로 옮긴 건", "visits moved by the optimizer", "count"),
)
"""(key of the result, Korean, English, how to show it)"""

WIDTHS = {"ko": (22, 18, 22), "en": (46, 32, 30)}
"""Columns of a row's title, of a point, and of what happened at it."""


def merged(world: Mapping[str, Any], replay: Mapping[str, Any], wall_s: float) -> dict[str, Any]:
    """The world's result and the replay's in one object, the promised keys first. The run's own hash is the one the
    world was told, else the fold of the decisions; the replay's is the one of deciding every input again."""
    both = {**world, "journal_records": replay.get("journal_records"), "wall_s": round(wall_s, 1)}
    both["state_hash"] = world.get("state_hash") or replay.get("applied_state_hash")
    both["replayed_state_hash"] = replay.get("replayed_state_hash")
    both["replay_dropped"] = replay.get("dropped")
    return {key: both.get(key) for key in RESULT_KEYS} | {k: v for k, v in both.items() if k not in RESULT_KEYS}


def what_is_wrong(result: Mapping[str, Any]) -> list[str]:
    """Why a headless run may not end with exit code 0; empty: the books balance and the replay agrees."""
    wrong = []
    if result.get("unaccounted") != 0:
        wrong.append(words("wrong_unaccounted", count=result.get("unaccounted")))
    for mismatch in result.get("mismatches") or []:
        wrong.append(words("wrong_books", what=", ".join(str(value) for value in mismatch.values() if value)))
    if not wrong and not result.get("balanced", True):
        wrong.append(words("wrong_balance"))
    if not result.get("state_hash") or result.get("state_hash") != result.get("replayed_state_hash"):
        wrong.append(words("wrong_hash", replayed=result.get("replayed_state_hash"), ours=result.get("state_hash")))
    return wrong


def table(result: Mapping[str, Any]) -> str:
    """In the user's language; figures that the day does not have are left out."""
    title_wide, _, _ = WIDTHS[language()]
    lines = [words("ledger")]
    for key, korean, english, form in ROWS:
        if result.get(key) is not None:
            lines.append(f"  {_wide(say(korean, english), title_wide)}{_right(_shown(result[key], form), 10)}")
    for key, title in (("failed_by_reason", "ledger_failed"), ("handed_over_to", "ledger_handed_over")):
        for name, count in sorted((result.get(key) or {}).items()):
            lines.append(f"  {_wide('  ' + words(title, name=name), title_wide)}{count:>10,}")
    if "balanced" in result:
        said = words("ledger_agree" if result["balanced"] else "ledger_differ")
        lines.append(f"  {_wide(words('ledger_books'), title_wide)}{_right(said, 10)}")
    if result.get("by_point"):
        lines.append(f"  {words('ledger_happened')}")
        lines += _happened(result["by_point"])
    return "\n".join(lines)


def _happened(by_point: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Each point with the counts of what happened at it; what did not happen is left out."""
    _, point_wide, what_wide = WIDTHS[language()]
    for name, point in POINTS.items():
        title = _here(point.words)
        counted = by_point.get(name) or {}
        for what, told in point.counts.items():
            if counted.get(what):
                yield f"    {_wide(title, point_wide)}{_wide(_here(told), what_wide)}{counted[what]:>6,}"
                title = ""


def _here(told: Words) -> str:
    return say(told.ko, told.en)


def _shown(value: float, form: str) -> str:
    if form == "share":
        return f"{100 * value:.1f} %"
    return words("ledger_minutes", value=value) if form == "minutes" else f"{value:,}"


def _wide(text: str, columns: int) -> str:
    return text + " " * (columns - _columns(text))


def _right(text: str, columns: int) -> str:
    return " " * (columns - _columns(text)) + text


def _columns(text: str) -> int:
    """What a terminal takes for it: a Korean letter takes two columns."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
