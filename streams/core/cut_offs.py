"""A kitchen's cut-off (조리 마감): which one a meal has missed, and where late additions are counted. Pure."""

from __future__ import annotations

from datetime import datetime

from streams.contracts.district import Kitchen, MealKind
from streams.contracts.eligibility import CutOff


def passed_cut_off(kitchen: Kitchen, meal_kind: MealKind | None, at: datetime) -> CutOff | None:
    """The cut-off that this meal has missed. One of its own kind goes before one for every kind."""
    own = [cut for cut in kitchen.cut_offs if cut.meal_kind == (meal_kind or "")]
    cut = next(iter(own or [cut for cut in kitchen.cut_offs if not cut.meal_kind]), None)
    return cut if cut is not None and at > cut.at else None


def late_key(kitchen_id: str, meal_kind: str) -> str:
    """Where late additions are counted: with the cut-off that they missed."""
    return f"{kitchen_id}/{meal_kind}"
