"""The ledger of unmet need: who needed what, when, how high it climbed, and why nobody could. Never overwritten."""

from __future__ import annotations

import routing
from streams.contracts import decisions as d
from streams.core.turn import Turn

LADDER_TOP = "ladder_top"  # every rung was asked and nobody could
NOT_SERVED_IN_TIME = "not_served_in_time"
OPEN_AT_DAY_END = "open_at_day_end"


def record_unmet(turn: Turn, visit_id: str, stage: str) -> None:
    """Write a need down as unmet, once for each stage it reached, with the reasons as `explain` gives them."""
    state = turn.state
    if any(need.visit_id == visit_id and need.stage == stage for need in state.unmet_needs):
        return
    visit = state.visits[visit_id]
    if visit.guest_of:
        return  # it is in the ledger of the district whose recipient it is
    spec = visit.spec
    runtime = state.runtime
    runtime.catch_up()
    known = visit_id in runtime.problem.visits
    # Riders for a bath, carers for a meal: no reason that anybody could do something about.
    counts = routing.explain_in(runtime.index, visit_id).counts if known else ()
    turn.emit(
        d.UnmetNeedRecorded(
            need_id=f"{state.district}-n{len(state.unmet_needs) + 1}", visit_id=visit_id, recipient_id=spec.recipient_id,
            service=spec.service, dong=spec.dong, area_id=spec.area_id, rung=visit.rung, stage=stage,
            reasons=tuple((rule.value, workers) for rule, workers in counts if rule is not routing.Rule.KIND), at=turn.now_at,
        )
    )  # fmt: skip
