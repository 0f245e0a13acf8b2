"""What a disruption (a provider that fails, weather) does to visits: they go to others, in chunks, soonest promise first.

The first chunk is decided with the input that brought the disruption, each further one with the next tick: other inputs
come in between, so the stream is never held up. What nobody can take climbs the ladder. Recipients whose promise changes
are told once. When it is over, what moved stays where it is, and who still has nobody is looked at once more.
"""

from __future__ import annotations

from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.disruptions import DisruptionEnded, PickupPutOff, PromiseChanged, VisitsMoved
from streams.contracts.inputs import EndDisruption
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.actors import CORE
from streams.core.begins import expected_at
from streams.core.disruption_record import MODE, DisruptionRecord, closed_until, going_on
from streams.core.kitchens import Load, supply_instead
from streams.core.offer_ends import withdraw_offers
from streams.core.placing import place_or_wait, retime, take_out
from streams.core.state import VisitRecord
from streams.core.staying_fresh import had_sooner, stay_as_planned
from streams.core.turn import Turn

NEXT_CHUNK_S = 1  # strictly later, so that what came in meanwhile goes first
NOT_BEGUN = frozenset({VisitState.PLANNED, VisitState.OFFERED, VisitState.ACCEPTED})
"""States in which a visit still may change hands: who is on the way goes on."""

NO_BOX_YET = NOT_BEGUN | {VisitState.WAITING, VisitState.EN_ROUTE}

LATE, ANOTHER_MEAL, ANOTHER_PROVIDER, NOT_SURE_YET = "late", "another_meal", "another_provider", "not_sure_yet"
TIME_OVER, ENDED = "time_over", "ended"
FAILED = "provider_failed"


def whom_it_hits(turn: Turn, record: DisruptionRecord) -> tuple[str, ...]:
    """Visits that cannot be served as planned, soonest promise first. One walk over the day, when it begins."""
    found = [(v.spec.due_at, v.spec.priority, id_) for id_, v in turn.state.visits.items() if is_hit(turn, record, v)]
    return tuple(visit_id for _, _, visit_id in sorted(found))


def is_hit(turn: Turn, record: DisruptionRecord, visit: VisitRecord) -> bool:
    """Does this visit lose its meal or its worker? What somebody beyond the district has or is about to have stays theirs."""
    if visit.held_by:
        return False
    return loses_meal(turn, record, visit) or _loses_worker(turn, record, visit)


def loses_meal(turn: Turn, record: DisruptionRecord, visit: VisitRecord) -> bool:
    """Its kitchen does not make it: not yet picked up, and it was to be ready before the kitchen is back."""
    kitchen_id = visit.spec.kitchen_id
    if record.kind == MODE or not kitchen_id or visit.pickup_worker or visit.state not in NO_BOX_YET:
        return False
    kitchen = turn.state.runtime.geography.kitchens[kitchen_id]
    if kitchen.provider_id != record.provider_id or record.kitchen_id not in ("", kitchen_id):
        return False
    return visit.picked_up_at is None and (visit.ready_at or visit.spec.window_start_at) < record.until_at


def _loses_worker(turn: Turn, record: DisruptionRecord, visit: VisitRecord) -> bool:
    """Whoever has it cannot come: not begun, and planned to begin before the end."""
    if visit.state not in NOT_BEGUN or record.area_id not in ("", visit.spec.area_id):
        return False
    stopped = turn.state.runtime.workers_of(record)
    begin_at = expected_at(turn.state, visit)
    return any(w in stopped for w in visit.worker_ids) and (begin_at or turn.now_at) < record.until_at


def move_chunk(turn: Turn, disruption_id: str) -> None:
    """Look at the next visits of a disruption; the rest comes with the next tick."""
    record = turn.state.disruptions[disruption_id]
    chunk = tuple(record.todo[: turn.policy.disruption_chunk])
    load = Load(turn) if record.kind != MODE and chunk else None
    moved, waiting = 0, []
    for visit_id in chunk:
        visit = turn.state.visits[visit_id]
        if record.ended_at is None:
            if is_hit(turn, record, visit):
                moved += _move(turn, record, visit_id, load)
                if visit.state is VisitState.WAITING:
                    waiting.append(visit_id)
        elif visit.state is VisitState.WAITING:
            place_or_wait(turn, visit_id)
            moved += visit.state is not VisitState.WAITING
    if chunk:
        turn.emit(VisitsMoved(disruption_id=disruption_id, visit_ids=chunk, moved=moved, waiting=tuple(waiting)))
    if record.todo:
        turn.alarm(f"moving:{disruption_id}", NEXT_CHUNK_S)


def _move(turn: Turn, record: DisruptionRecord, visit_id: str, load: Load | None) -> bool:
    """Take a visit from whoever cannot, and give it to others. True when somebody has it now."""
    visit = turn.state.visits[visit_id]
    kitchen_id, promised = visit.spec.kitchen_id, _organisations(turn, visit) if visit.accepted_ids else frozenset[str]()
    had_late = _is_late(turn, visit)
    no_meal = loses_meal(turn, record, visit)
    free(turn, visit_id, record.kind if record.kind == MODE else FAILED)
    if not (no_meal and load is not None and supply_instead(turn, visit_id, load)):
        place_or_wait(turn, visit_id)
    now_by = _organisations(turn, visit)
    if visit.state is VisitState.WAITING:
        _tell(turn, record, visit, NOT_SURE_YET)
    elif _is_late(turn, visit) and not had_late:
        _tell(turn, record, visit, LATE)
    elif visit.spec.kitchen_id != kitchen_id:
        _tell(turn, record, visit, ANOTHER_MEAL)
    elif not kitchen_id and promised and promised != now_by:
        _tell(turn, record, visit, ANOTHER_PROVIDER)
    return visit.state is not VisitState.WAITING


def free(turn: Turn, visit_id: str, reason: str) -> None:
    """Out of its route and waiting."""
    visit = turn.state.visits[visit_id]
    if visit.state is VisitState.WAITING:
        return
    withdraw_offers(turn, visit_id, reason=reason)
    take_out(turn, visit_id, why="relief")
    turn.change(visit_id, VisitEvent.RELIEVED, worker_id=",".join(visit.worker_ids), reason=reason)


def _organisations(turn: Turn, visit: VisitRecord) -> frozenset[str]:
    return frozenset(turn.state.workers[w].profile.organisation for w in visit.worker_ids)


def _is_late(turn: Turn, visit: VisitRecord) -> bool:
    begin_at = expected_at(turn.state, visit)
    return begin_at is not None and begin_at > visit.spec.due_at


def _tell(turn: Turn, record: DisruptionRecord, visit: VisitRecord, kind: str) -> None:
    visit_id = visit.spec.visit_id
    if visit_id not in record.told:
        turn.emit(
            PromiseChanged(
                visit_id=visit_id, disruption_id=record.disruption_id, kind=kind, due_at=visit.spec.due_at,
                expected_at=expected_at(turn.state, visit), at=turn.now_at,
            )
        )  # fmt: skip


def divert(turn: Turn, visit_id: str) -> bool:
    """A new meal is asked of a kitchen that has failed: another one supplies. True when that is settled."""
    visit = turn.state.visits[visit_id]
    if not visit.spec.kitchen_id or not turn.state.disruptions:
        return False
    back_at = closed_until(turn.state, visit.spec.kitchen_id)
    if back_at is None or (visit.ready_at or visit.spec.window_start_at) >= back_at:
        return False
    return supply_instead(turn, visit_id, Load(turn))


def end_disruption(turn: Turn, command: EndDisruption) -> None:
    """Somebody says that it is over."""
    if command.command_id in turn.state.commands:
        return
    record = turn.state.disruptions.get(command.disruption_id)
    if record is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_DISRUPTION)
        return
    if record.ended_at is not None:
        turn.settle(command.command_id, "duplicate")
        return
    end(turn, command.disruption_id, ENDED, turn.received.actor)
    turn.settle(command.command_id, "accepted")


def time_over(turn: Turn, disruption_id: str) -> None:
    """The hour, the meal, the day or the weather is over."""
    if turn.state.disruptions[disruption_id].ended_at is None:
        end(turn, disruption_id, TIME_OVER, CORE)


def end(turn: Turn, disruption_id: str, why: str, by: str) -> None:
    """What moved stays; who has nobody yet is looked at again; new visits go there again. Meals are fetched earlier than from a
    kitchen that was to be back later, where their plan allows it."""
    record = turn.state.disruptions[disruption_id]
    sooner = had_sooner(turn, record)
    as_planned = stay_as_planned(turn, sooner)
    turn.emit(DisruptionEnded(disruption_id=disruption_id, why=why, by=by, at=turn.now_at))
    for visit_id in as_planned:
        turn.emit(PickupPutOff(visit_id=visit_id, ready_at=record.until_at))
    for worker_id in sorted({w for visit_id in sooner for w in turn.state.visits[visit_id].worker_ids}):
        retime(turn, worker_id, why="kitchen")
    if record.kind != MODE:
        exceptions.settle_if_open(turn, FAILED, subject_of(record), record.span)
    move_chunk(turn, disruption_id)
    turn.dirty()


def subject_of(record: DisruptionRecord) -> str:
    return record.kitchen_id or record.provider_id


def ended_by_person(turn: Turn, subject: str, by: str) -> None:
    """The coordinator's answer to `provider_failed` is that it is back."""
    for record in going_on(turn.state):
        if record.kind != MODE and subject_of(record) == subject:
            end(turn, record.disruption_id, ENDED, by)
