"""Diet and allergens against the kitchen's menu, its cut-off, and how many boxes it takes after that."""

from __future__ import annotations

from streams.contracts.district import Kitchen, MealKind
from streams.contracts.eligibility import CutOff, MenuLine
from streams.contracts.inputs import RequestVisit
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.cut_offs import late_key, passed_cut_off
from streams.core.eligibility import MEALS
from streams.core.lifecycle import CLOSED
from streams.core.state import DistrictState
from streams.core.turn import Turn

REGULAR = "regular"
KIND = "menu_conflict"
CONFLICTS = (Refusal.DIET_NOT_COOKED, Refusal.ALLERGEN_IN_MEAL)


def diet_refusal(kitchen: Kitchen, meal_kind: MealKind | None, diet: str, avoid: tuple[str, ...]) -> Refusal | None:
    """Why the kitchen has no meal for this diet without these allergens, or None. Where a menu does not say, there may be
    anything in the regular diet."""
    lines = [line for line in kitchen.menu or (MenuLine(),) if line.meal_kind in ("", meal_kind or "")]
    lines = [line for line in lines if line.diet == (diet or REGULAR)]
    if not lines:
        return Refusal.DIET_NOT_COOKED
    if avoid and (not kitchen.menu or all(set(line.allergens) & set(avoid) for line in lines)):
        return Refusal.ALLERGEN_IN_MEAL
    return None


def kitchens_that_cook(state: DistrictState, request: RequestVisit) -> tuple[str, ...]:
    """Other kitchens that have such a meal and may supply it, as "kitchen:<id>"."""
    geography, rules = state.runtime.geography, state.runtime.rules
    return tuple(
        f"kitchen:{kitchen_id}" for kitchen_id, kitchen in sorted(geography.kitchens.items())
        if not kitchen.shop and rules.may_supply(kitchen.provider_id, MEALS)
        and diet_refusal(kitchen, request.meal_kind, request.diet, request.avoid_allergens) is None
    )  # fmt: skip


def judge_meal(turn: Turn, request: RequestVisit) -> Refusal | None:
    """Can this kitchen cook it, and does it still take it?"""
    kitchen = turn.state.runtime.geography.kitchens[request.kitchen_id]
    if not turn.state.runtime.rules.may_supply(kitchen.provider_id, MEALS):
        return Refusal.SERVICE_NOT_SUPPLIED
    code = diet_refusal(kitchen, request.meal_kind, request.diet, request.avoid_allergens)
    if code is not None:
        return code
    missed = missed_cut_off(turn, request)
    if missed is None:
        return None
    late = turn.state.late_boxes.get(late_key(kitchen.kitchen_id, missed.meal_kind), 0)
    return Refusal.KITCHEN_CUT_OFF if late + request.boxes > missed.late_boxes else None


def missed_cut_off(turn: Turn, request: RequestVisit) -> CutOff | None:
    """The cut-off that came before this request."""
    return passed_cut_off(turn.state.runtime.geography.kitchens[request.kitchen_id], request.meal_kind, turn.now_at)


def recheck_menus(turn: Turn) -> None:
    """The menus may be others now: a meal that is filed and not cooked for is the coordinator's to look at."""
    kitchens = turn.state.runtime.geography.kitchens
    for visit_id, visit in turn.state.visits.items():
        spec = visit.spec
        if not (spec.diet or spec.avoid_allergens) or visit.state in CLOSED or visit.picked_up_at is not None:
            continue
        kitchen = kitchens.get(spec.kitchen_id)
        if kitchen is None:
            continue
        code = diet_refusal(kitchen, spec.meal_kind, spec.diet, spec.avoid_allergens)
        for other in CONFLICTS:
            exception_id = exceptions.find_open(turn, KIND, visit_id, other.value)
            if exception_id is not None and other is not code:
                exceptions.settle_exception(turn, exception_id, exceptions.RESOLVED_ITSELF)
        if code is not None:
            exceptions.raise_about(turn, KIND, visit_id, exceptions.COORDINATOR, detail=code.value)
