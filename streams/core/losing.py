"""A worker may not serve any more what is planned for them: it goes to others, and somebody is told."""

from __future__ import annotations

from datetime import datetime

from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.eligibility import OnLapse
from streams.core import exceptions
from streams.core.eligibility import NOT_BEGUN, PUBLIC_ONLY, Reason, forbidden_by, kept_away, lacking
from streams.core.offer_ends import withdraw_offers
from streams.core.placing import place_or_wait, take_out
from streams.core.state import VisitRecord, WorkerRecord
from streams.core.turn import Turn

KIND = "no_longer_eligible"


def recheck(turn: Turn, worker_id: str, recipient_id: str = "") -> None:
    """Look at what is planned for a worker (for one recipient) and has not begun. What the rules forbid now is taken from
    them and placed anew; what a programme only warns about stays. Either is somebody's to look at, once for each reason; so
    is what has begun with a recipient whom the worker is not to meet any more."""
    worker = turn.state.workers[worker_id]
    told: dict[Reason, None] = {}
    freed: list[str] = []
    for stop in list(worker.stops):
        visit = turn.state.visits[stop.visit_id]
        if stop.kind != "visit" or (recipient_id and visit.spec.recipient_id != recipient_id):
            continue
        at = max(stop.begin_at, turn.now_at)
        reason = forbidden_by(turn.state, visit, worker, at) if visit.state in NOT_BEGUN or recipient_id else None
        if visit.state not in NOT_BEGUN:
            told.update({reason: None} if reason is not None else {})  # on the way or in the house: that is for a person
        elif reason is not None:
            take_from(turn, stop.visit_id, reason.rule)
            freed.append(stop.visit_id)
            told[reason] = None
        else:
            told.update(dict.fromkeys(_warned(turn, visit, worker, at)))
    for visit_id in freed:
        if turn.state.visits[visit_id].state is VisitState.WAITING:
            place_or_wait(turn, visit_id)
    area_id = worker.profile.area_id
    for reason in told:
        exceptions.raise_exception(
            turn, KIND, worker_id, exceptions.enterprise_of(turn, area_id), area_id=area_id, detail=reason.about or reason.rule
        )
    if freed:
        turn.dirty()


def _warned(turn: Turn, visit: VisitRecord, worker: WorkerRecord, at: datetime) -> list[Reason]:
    wanted = turn.state.runtime.rules.requirements(visit.spec)
    return list(lacking(worker.credentials, wanted, at, OnLapse.WARN)) if wanted else []


def take_from(turn: Turn, visit_id: str, reason: str) -> None:
    """Out of its route and waiting, because of a rule."""
    visit = turn.state.visits[visit_id]
    worker_ids = ",".join(visit.worker_ids)
    withdraw_offers(turn, visit_id, reason=reason)
    take_out(turn, visit_id, why="relief")
    turn.change(visit_id, VisitEvent.RELIEVED, worker_id=worker_ids, reason=reason)


def move_to_public(turn: Turn, recipient_id: str) -> None:
    """What is planned for this recipient with private providers, and has not been promised yet, goes to public ones."""
    for visit_id in list(turn.state.runtime.visits_of.get(recipient_id, ())):
        visit = turn.state.visits[visit_id]
        away = kept_away(turn.state, visit)
        if visit.state in NOT_BEGUN and not visit.accepted_ids and away & set(visit.worker_ids):
            take_from(turn, visit_id, PUBLIC_ONLY)
            place_or_wait(turn, visit_id)
