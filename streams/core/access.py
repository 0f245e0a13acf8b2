"""When a worker is told how to get in: shortly before the door, not when the visit is taken, and nobody else."""

from __future__ import annotations

from datetime import timedelta

from streams.contracts import decisions as d
from streams.core.lifecycle import ON_THE_WAY
from streams.core.state import VisitRecord
from streams.core.turn import Turn


def open_due(turn: Turn, worker_id: str) -> None:
    """The door code of each visit that this worker should begin soon."""
    soon = turn.now_at + timedelta(seconds=turn.policy.door_code_lead_s)
    for stop in list(turn.state.workers[worker_id].stops):
        if stop.begin_at > soon:
            break
        if stop.kind == "visit":
            open_now(turn, turn.state.visits[stop.visit_id], worker_id)


def open_now(turn: Turn, visit: VisitRecord, worker_id: str) -> None:
    """Once for each time that the worker takes the visit; a worker who is early has it when setting out."""
    if visit.state in ON_THE_WAY and worker_id in visit.accepted_ids and worker_id not in visit.access_ids:
        turn.emit(d.AccessOpened(visit_id=visit.spec.visit_id, worker_id=worker_id, at=turn.now_at))
