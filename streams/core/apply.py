"""`apply`: the fold. What a decision makes of the state, and nothing else; no judgement here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from streams.contracts import decisions as d
from streams.core import apply_help, day_points, fairness
from streams.core.apply_batches import APPLY_BATCHES
from streams.core.apply_crisis import APPLY_CRISIS
from streams.core.apply_disruptions import APPLY_DISRUPTIONS
from streams.core.apply_exceptions import APPLY_EXCEPTIONS
from streams.core.apply_exclusions import APPLY_EXCLUSIONS, take_listed
from streams.core.apply_intake import APPLY_INTAKE
from streams.core.apply_offers import APPLY_OFFERS
from streams.core.apply_visits import APPLY_VISITS
from streams.core.apply_workers import APPLY_WORKERS, arm_worker
from streams.core.deadlines import clear_deadline, set_deadline
from streams.core.holdings import hold_as_listed
from streams.core.lifecycle import CLOSED
from streams.core.state import CommandRecord, DistrictState, RefusalsRecord, WorkerRecord


def apply(state: DistrictState, decision: d.Decision) -> None:
    """Advance `state` by one decision, in place. Raises IllegalTransition on a step that the table forbids."""
    _APPLY[type(decision)](state, decision)
    day_points.note(state, decision)


def advance(state: DistrictState, now_at: datetime) -> None:
    """The core's clock never runs back."""
    if now_at > state.now_at:
        state.now_at = now_at


def _configured(state: DistrictState, decision: d.DistrictConfigured) -> None:
    config = decision.config
    fairness.begin_week(state, config.service_date)
    state.config = config
    state.closed_date = ""
    for profile in config.workers:
        known = state.workers.get(profile.worker_id)
        if known is None:
            state.workers[profile.worker_id] = WorkerRecord(
                profile=profile, place=profile.start, free_at=profile.shift_start_at
            )
        else:
            known.profile = profile
        record = state.workers[profile.worker_id]
        for credential in profile.credentials:
            hold_as_listed(record, credential)
    take_listed(state, config.exclusions)
    state.runtime.configured()


def _fair_shares(state: DistrictState, decision: d.FairSharesSet) -> None:
    state.fair_date = decision.service_date
    state.fair_shares = dict(decision.shares)
    for worker_id in state.fair_shares:
        state.runtime.worker_changed(worker_id)


def _climbed(state: DistrictState, decision: d.RungClimbed) -> None:
    state.visits[decision.visit_id].rung = decision.rung
    state.runtime.visit_changed(decision.visit_id)


def _kitchen_delayed(state: DistrictState, decision: d.KitchenDelayed) -> None:
    for visit_id, visit in state.visits.items():
        if (
            visit.spec.kitchen_id == decision.kitchen_id and visit.picked_up_at is None and visit.state not in CLOSED
            and visit.ready_at is not None and visit.ready_at < decision.ready_at
        ):  # fmt: skip
            visit.ready_at = decision.ready_at
            state.runtime.visit_changed(visit_id)


def _pickup_moved(state: DistrictState, decision: d.PickupMoved) -> None:
    visit = state.visits[decision.visit_id]
    visit.pickup_worker = decision.worker_id
    visit.ready_at = decision.ready_at
    state.runtime.visit_changed(decision.visit_id)


def _solve_requested(state: DistrictState, decision: d.SolveRequested) -> None:
    assert state.config is not None
    policy = state.config.policy
    state.solve_pending = decision.solve_id
    state.plan_dirty = False
    state.totals.solves += 1
    set_deadline(state, "replan:", decision.at + timedelta(seconds=policy.match_interval_s or policy.replan_interval_s))
    set_deadline(state, f"solve:{decision.solve_id}", decision.at + timedelta(seconds=policy.replan_timeout_s))


def _solve_settled(state: DistrictState, decision: d.SolveSettled) -> None:
    if state.solve_pending == decision.solve_id:
        state.solve_pending = ""
    clear_deadline(state, f"solve:{decision.solve_id}")
    if decision.outcome not in ("lost", "failed", "stale"):
        state.totals.plans_proposed += 1
    if decision.outcome == "adopted":
        state.totals.plans_adopted += 1
        state.totals.visits_moved += decision.moved_count


def _areas_balanced(state: DistrictState, decision: d.AreasBalanced) -> None:
    state.helps, state.shorts = decision.helps, decision.shorts


def _dirtied(state: DistrictState, decision: d.PlanDirtied) -> None:
    state.plan_dirty = True


def _undo_kept(state: DistrictState, decision: d.UndoKept) -> None:
    for command_id in [key for key, kept in state.undo.items() if kept.until_at < state.now_at]:
        del state.undo[command_id]
    state.undo[decision.command_id] = decision


def _undo_spent(state: DistrictState, decision: d.UndoSpent) -> None:
    state.undo.pop(decision.command_id, None)


def _command_settled(state: DistrictState, decision: d.CommandSettled) -> None:
    state.commands[decision.command_id] = CommandRecord(decision.outcome, decision.visit_id, decision.code)


def _help_moved(state: DistrictState, moved: d.HelpMoved) -> None:
    for worker_id in apply_help.help_moved(state, moved):
        arm_worker(state, state.workers[worker_id])


def _watermark(state: DistrictState, decision: d.WatermarkRaised) -> None:
    state.watermarks[decision.sender] = decision.index


OVER_WITH_THE_DAY = ("replan:", "lead:", "silence:", "asked:", "moving:", "disruption:", "access:")


def _endpoint_changed(state: DistrictState, decision: d.EndpointChanged) -> None:
    if decision.status == "up":
        state.organisations_down.pop(decision.organisation, None)
    else:
        state.organisations_down[decision.organisation] = decision.status


def _day_closed(state: DistrictState, decision: d.DayClosed) -> None:
    state.closed_date = decision.service_date
    state.helps, state.shorts = (), ()
    for key in [key for key in state.deadlines if key.startswith(OVER_WITH_THE_DAY)]:
        clear_deadline(state, key)


def _refusal_counted(state: DistrictState, decision: d.RefusalCounted) -> None:
    record = state.refusals.setdefault(decision.recipient_id, RefusalsRecord())
    record.by_provider[decision.provider_id] = record.by_provider.get(decision.provider_id, 0) + 1
    record.public_only = record.public_only or decision.public_only
    state.runtime.recipient_changed(decision.recipient_id)


def _refusals_forgotten(state: DistrictState, decision: d.RefusalsForgotten) -> None:
    state.refusals.pop(decision.recipient_id, None)
    state.runtime.recipient_changed(decision.recipient_id)


def _nothing(state: DistrictState, decision: Any) -> None:
    """The decision is an effect alone."""


_APPLY: dict[type, Callable[[DistrictState, Any], None]] = {
    d.DistrictConfigured: _configured,
    d.FairSharesSet: _fair_shares,
    d.RungClimbed: _climbed,
    d.KitchenDelayed: _kitchen_delayed,
    d.PickupMoved: _pickup_moved,
    d.PlanDirtied: _dirtied,
    d.SolveRequested: _solve_requested,
    d.SolveSettled: _solve_settled,
    d.AreasBalanced: _areas_balanced,
    d.UndoKept: _undo_kept,
    d.UndoSpent: _undo_spent,
    d.DoorstepInstructed: _nothing,
    d.RefusalCounted: _refusal_counted,
    d.RefusalsForgotten: _refusals_forgotten,
    d.ObservationAnswered: _nothing,
    d.DeadlineSet: lambda state, decision: set_deadline(state, decision.key, decision.at),
    d.DeadlineCleared: lambda state, decision: clear_deadline(state, decision.key),
    d.CommandSettled: _command_settled,
    d.ReportRefused: _nothing,
    d.EndpointChanged: _endpoint_changed,
    d.NeedOpened: apply_help.need_opened,
    d.NeedClosed: apply_help.need_closed,
    d.ClaimMade: apply_help.claim_made,
    d.ClaimSettled: apply_help.claim_settled,
    d.NeedSupplied: apply_help.supplied,
    d.HelpAsked: apply_help.help_asked,
    d.HelpHeard: apply_help.help_heard,
    d.HelpMoved: _help_moved,
    d.DistrictMessageSent: apply_help.message_sent,
    d.WatermarkRaised: _watermark,
    d.DayClosed: _day_closed,
    **APPLY_WORKERS,
    **APPLY_VISITS,
    **APPLY_OFFERS,
    **APPLY_CRISIS,
    **APPLY_EXCEPTIONS,
    **APPLY_EXCLUSIONS,
    **APPLY_DISRUPTIONS,
    **APPLY_BATCHES,
    **APPLY_INTAKE,
}
