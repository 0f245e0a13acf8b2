"""Looking back: the board as it was at a time, and one visit's story, from the decisions alone. Effects are off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from streams.contracts import decisions as d
from streams.contracts.envelope import DecisionsRecord
from streams.contracts.read_decisions import read_decisions
from streams.core.chain import PartitionState, apply_record


@dataclass(frozen=True)
class StoryEvent:
    """One decision about a visit, with what brought it."""

    at: datetime
    what: str
    worker_id: str
    actor: str
    reason: str
    cause: str
    journal_offset: int


def fold(decisions: Iterable[bytes], until: datetime | None = None) -> PartitionState:
    """The state of a partition at service time `until` (inclusive), or at the end."""
    ps = PartitionState()
    for _ in folded(ps, decisions, until):
        pass
    return ps


def folded(ps: PartitionState, decisions: Iterable[bytes], until: datetime | None = None) -> Iterator[DecisionsRecord]:
    """Fold record by record into `ps`, giving each valid one."""
    for raw in decisions:
        if until is not None and read_decisions(raw).now_at > until:
            return
        record = apply_record(ps, raw)
        if record is not None:
            yield record


def story(decisions: Iterable[bytes], visit_id: str) -> list[StoryEvent]:
    """Every decision about a visit, in order."""
    events: list[StoryEvent] = []
    for record in folded(PartitionState(), decisions):
        for decision in record.decisions:
            event = _about(decision, visit_id, record)
            if event is not None:
                events.append(event)
    return events


def _about(decision: d.Decision, visit_id: str, record: DecisionsRecord) -> StoryEvent | None:
    what = worker_id = reason = ""
    actor = record.actor
    match decision:
        case d.VisitRequested(visit_id=v) if v == visit_id:
            what = "requested"
        case d.VisitChanged(visit_id=v, event=event) if v == visit_id:
            what, worker_id, reason, actor = event.value, decision.worker_id, decision.reason, decision.actor
        case d.RungClimbed(visit_id=v, rung=rung) if v == visit_id:
            what = f"rung {rung}"
        case d.OfferMade(visit_ids=visits) if visit_id in visits:
            what, worker_id = f"offer {decision.kind} to {decision.organisation}", decision.worker_id
        case d.ExceptionRaised(subject=subject) if subject == visit_id:
            what, reason = f"needs {decision.owner}", decision.kind
        case d.PickupMoved(visit_id=v) if v == visit_id:
            what, worker_id = "to be collected from a worker", decision.worker_id
        case d.NoticeDue(visit_id=v) if v == visit_id:
            what = f"notice {decision.kind}"
        case _:
            return None
    return StoryEvent(record.now_at, what, worker_id, actor, reason, record.cause, record.journal_offset)
