"""Somebody else comes (대체인력): an organisation sends another of its own, up to the last minute, and answers for it; and a
sick call before a shift goes to the substitute pool first."""

from __future__ import annotations

import routing
from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.inputs import WorkerReported
from streams.contracts.refusals import Refusal
from streams.core import rungs
from streams.core.eligibility import excluded, ruled_out
from streams.core.placing import can_take, place, place_named, room_for, take_out
from streams.core.state import VisitRecord
from streams.core.turn import Turn

THEIRS_TO_DECIDE = (None, routing.Rule.PINNED, routing.Rule.AREA, routing.Rule.EXCLUDED)
"""What may stand in the way of a plan and not of an organisation that answers for it; standing exclusions are no part."""

MAY_CHANGE = (VisitState.ACCEPTED, VisitState.EN_ROUTE)


def substitute(turn: Turn, report: WorkerReported) -> None:
    """The organisation that accepted sends `worker_id` instead of whom it had named."""
    for visit_id in report.visit_ids:
        visit = turn.state.visits.get(visit_id)
        refusal = _refusal(turn, report, visit)
        if refusal is not None:
            turn.refuse_report(report.report_id, refusal, visit_id)
        elif visit is not None and report.worker_id not in visit.accepted_ids:
            _send_other(turn, visit_id, visit, report.worker_id)


def _refusal(turn: Turn, report: WorkerReported, visit: VisitRecord | None) -> Refusal | None:
    if visit is None:
        return Refusal.UNKNOWN_VISIT
    workers = turn.state.workers
    if not visit.accepted_ids or workers[visit.accepted_ids[0]].profile.organisation != turn.received.organisation:
        return Refusal.NOT_YOUR_VISIT
    if report.worker_id in visit.accepted_ids:
        return None  # said twice
    if visit.state not in MAY_CHANGE:
        return Refusal.STARTED_STAYS
    if visit.spec.worker_count > 1:
        return Refusal.TWO_WORKERS_NEEDED
    if not _is_able(turn, visit, report.worker_id):
        return Refusal.WORKER_NOT_ABLE
    return None if can_take(turn, visit.spec.visit_id, report.worker_id) else Refusal.NO_WORKER_FREE


def _is_able(turn: Turn, visit: VisitRecord, worker_id: str) -> bool:
    """Skill, gender and exclusions hold whoever answers for it; the area is the organisation's to decide."""
    runtime = turn.state.runtime
    runtime.catch_up()
    worker = runtime.problem.workers.get(worker_id)
    if worker is None:
        return False
    in_the_way = routing.obstacle(worker, runtime.problem.visits[visit.spec.visit_id])
    return worker_id not in ruled_out(turn.state, visit) and in_the_way in THEIRS_TO_DECIDE


def _send_other(turn: Turn, visit_id: str, visit: VisitRecord, worker_id: str) -> None:
    before, organisation = visit.accepted_ids[0], turn.received.organisation
    room = room_for(turn, visit_id, worker_id)
    actor, on_the_way = f"organisation:{organisation}", visit.state is VisitState.EN_ROUTE
    take_out(turn, visit_id, why="offer")
    turn.change(visit_id, VisitEvent.RELIEVED, worker_id=before, reason="substituted")  # by us: the first one's app is told
    if not place_named(turn, visit_id, worker_id, room):
        raise RuntimeError("a substitute's room is gone within one turn")
    turn.change(visit_id, VisitEvent.ACCEPTED, actor=actor, worker_id=worker_id, reason="substituted")
    turn.emit(
        d.WorkerSubstituted(
            visit_id=visit_id, organisation=organisation, worker_id=before, by_worker_id=worker_id,
            last_minute=on_the_way, at=turn.now_at,
        )
    )  # fmt: skip


def cover_from_pool(turn: Turn, sick_id: str, visit_ids: list[str]) -> list[str]:
    """Give a sick worker's visits to the substitute pool: first the same organisation's, then the same area's. Returns
    what nobody of the pool could take."""
    rest = list(visit_ids)
    for worker_id in _pool(turn, sick_id):
        if not rest:
            break
        turn.emit(d.SubstituteCalled(worker_id=worker_id, for_worker_id=sick_id, at=turn.now_at))
        left = [visit_id for visit_id in rest if not _goes_to(turn, visit_id, worker_id)]
        if left == rest:
            turn.emit(d.SubstituteCalled(worker_id=worker_id, for_worker_id="", at=turn.now_at))
        rest = left
    return rest


def _goes_to(turn: Turn, visit_id: str, worker_id: str) -> bool:
    visit = turn.state.visits[visit_id]
    if visit.state is not VisitState.WAITING or visit.spec.worker_count > 1 or visit.pinned_id not in ("", worker_id):
        return False
    rung = rungs.rung_for(turn, visit, turn.state.workers[worker_id].profile.area_id)
    if rung is None or worker_id in excluded(turn.state, visit) or not _is_able(turn, visit, worker_id):
        return False
    if not can_take(turn, visit_id, worker_id):
        return False
    if rung > visit.rung:
        turn.emit(d.RungClimbed(visit_id=visit_id, rung=rung))  # they come from farther, by the plan's rules too
    return place(turn, visit_id, only_worker_id=worker_id)


def _pool(turn: Turn, sick_id: str) -> list[str]:
    """Who stands by in the sick worker's trade, nearest in organisation, then in area."""
    workers = turn.state.workers
    sick = workers[sick_id].profile
    pool = [
        worker_id for worker_id, worker in workers.items()
        if worker.profile.substitute and not worker.called_in_for and worker.status in ("off", "on")
        and worker.profile.kind is sick.kind and turn.now_at < worker.profile.shift_end_at
    ]  # fmt: skip
    return sorted(
        pool, key=lambda one: (
            workers[one].profile.organisation != sick.organisation, workers[one].profile.area_id != sick.area_id, one
        )
    )  # fmt: skip
