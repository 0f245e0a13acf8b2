"""What is wrong with a row of a batch, in both languages: what, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streams.contracts.refusals import REMEDIES, Refusal

PROBLEMS: dict[str, tuple[str, str]] = {
    "is missing": ("값이 없습니다", "is missing"),
    "is too long": ("너무 깁니다", "is too long"),
    "has too many items": ("항목이 너무 많습니다", "has too many items"),
    "is an instant without a time zone": ("시간대가 없는 시각입니다", "is an instant without a time zone"),
    "is not an instant in ISO 8601 with a time zone": ("날짜와 시각이 아닙니다", "is not a date and time"),
    "is out of range": ("허용 범위를 벗어났습니다", "is out of range"),
    "holds a field that is not known": ("모르는 항목이 있습니다", "holds a field that is not known"),
    "stands twice in this batch": ("이 묶음에 두 번 있습니다", "stands twice in this batch"),
}
"""Problems of a field, by the words of the door."""

BY_CODE: dict[Refusal, tuple[str, str]] = {
    Refusal.UNKNOWN_DISTRICT: ("다른 자치구입니다", "is another district"),
    Refusal.UNKNOWN_DONG: ("이 자치구에 없는 행정동입니다", "is no dong of this district"),
    Refusal.OUTSIDE_DISTRICT: ("자치구 밖입니다", "is outside the district"),
    Refusal.POINT_IN_RIVER: ("강 위입니다", "is in the river"),
    Refusal.TIME_INVERTED: ("시작이 끝보다 늦거나 약속이 시간대 밖입니다", "begins after its end, or is due outside it"),
    Refusal.TIME_IN_PAST: ("이미 지난 시간입니다", "is over already"),
    Refusal.UNKNOWN_KITCHEN: ("모르는 조리장입니다", "is no kitchen that is known"),
    Refusal.MEAL_WITHOUT_KITCHEN: ("식사에 조리장이나 준비 시각이 없습니다", "is a meal without a kitchen or the time it is ready"),
    Refusal.ERRAND_WITHOUT_SHOP: ("가게가 없거나 그 전에 문을 닫습니다", "has no shop that is open in time"),
    Refusal.IMPOSSIBLE_GAP: ("앞 방문과의 간격을 지킬 수 없습니다", "cannot keep the gap to the visit before"),
    Refusal.UNKNOWN_VISIT: ("모르는 앞 방문입니다", "comes after a visit that is not known"),
    Refusal.IF_MATCH_MISSING: ("이미 등록되어 있고 내용이 다릅니다", "is stored already, with other contents"),
    Refusal.VERSION_CONFLICT: ("읽은 뒤에 다른 사람이 바꿨습니다", "was changed since it was read"),
    Refusal.KEY_REUSED: ("같은 접수번호로 다른 내용이 이미 있습니다", "was filed before with other contents"),
}
FIELDS: dict[Refusal, str] = {
    Refusal.UNKNOWN_DONG: "dong", Refusal.OUTSIDE_DISTRICT: "place", Refusal.POINT_IN_RIVER: "place",
    Refusal.TIME_INVERTED: "window_start_at", Refusal.TIME_IN_PAST: "window_end_at", Refusal.UNKNOWN_KITCHEN: "kitchen_id",
    Refusal.MEAL_WITHOUT_KITCHEN: "kitchen_id", Refusal.KEY_REUSED: "reference", Refusal.SERVICE_NOT_SUPPLIED: "service",
    Refusal.ERRAND_WITHOUT_SHOP: "kitchen_id", Refusal.IMPOSSIBLE_GAP: "after_visit_id", Refusal.UNKNOWN_VISIT: "after_visit_id",
    Refusal.DIET_NOT_COOKED: "diet", Refusal.ALLERGEN_IN_MEAL: "avoid_allergens", Refusal.KITCHEN_CUT_OFF: "ready_at",
}  # fmt: skip
"""The field that a rule is about, where it is one."""


def row_error(row: int, field: str, code: Refusal, problem: str = "") -> dict[str, Any]:
    """`row` counts from 0."""
    remedy = REMEDIES[code]
    ko, en = BY_CODE.get(code) or PROBLEMS.get(problem) or ("형식이나 값이 맞지 않습니다", problem or "breaks a rule")
    return {
        "row": row, "field": field or FIELDS.get(code, ""), "code": code.value, "problem": {"ko": ko, "en": en},
        "remedy": {"ko": remedy.ko, "en": remedy.en},
    }  # fmt: skip


def rows_of_codes(rows: Iterable[tuple[int, str]]) -> list[dict[str, Any]]:
    """What the core refused, by row."""
    known = {code.value for code in Refusal}
    return [row_error(row, "", Refusal(code) if code in known else Refusal.BAD_REQUEST) for row, code in rows]
