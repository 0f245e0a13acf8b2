"""People overrule the machine: assign by hand, forbid a worker, lock a stop, swap two visits, let the plan decide again, undo.

A hand assignment names every hard rule that it would break. Some of them a coordinator may waive with a reason
(`Policy.breakable_rules`); the others are refused. What is soft and broken all the same is told as a warning. The visit
then stays with that worker through every re-plan; another employer's worker is still *asked*, as always.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

import routing
from streams.contracts import decisions as d
from streams.contracts.inputs import AssignVisit, ForbidWorker, LetPlanDecide, LockStop, SwapVisits
from streams.contracts.refusals import Refusal
from streams.core import eligibility, exceptions
from streams.core.as_routing import routing_visit
from streams.core.begins import begin_of
from streams.core.moving import find_movable, free
from streams.core.offer_ends import withdraw_from
from streams.core.placing import find_room, place, place_or_wait, put_in
from streams.core.state import VisitRecord
from streams.core.turn import Turn
from streams.core.undo import remember
from streams.core.waived import waive

LATE, FROM_ANOTHER_AREA, CHANGES_A_PROMISE = "late", "from_another_area", "changes_a_promise"
OTHER_GENDER = "other_gender"
"""Soft rules, told as warnings."""


def assign_visit(turn: Turn, command: AssignVisit) -> None:
    """A coordinator gives a visit to a worker."""
    visit = find_movable(turn, command.command_id, command.visit_id)
    if visit is None:
        return
    if command.worker_id not in turn.state.workers:
        _refuse(turn, command.command_id, command.visit_id, Refusal.UNKNOWN_WORKER)
        return
    if visit.pinned_id == command.worker_id:
        turn.settle(command.command_id, "duplicate", command.visit_id)
        return
    if visit.spec.worker_count > 1:
        _refuse(turn, command.command_id, command.visit_id, Refusal.TWO_WORKERS_NEEDED)
        return
    broken = hard_rules(turn, visit, command.worker_id)
    may_waive = set(command.waive) & set(turn.policy.breakable_rules) if command.reason else set[str]()
    if set(broken) - may_waive:
        _refuse(turn, command.command_id, command.visit_id, Refusal.WORKER_NOT_ABLE, broken)
        return
    room = _room_for(turn, visit, command.worker_id, broken)
    if room is None:
        _refuse(turn, command.command_id, command.visit_id, Refusal.NO_WORKER_FREE, (routing.Rule.NO_ROOM.value,))
        return
    remember(turn, command.command_id, [command.visit_id])
    free(turn, visit)
    _overrule(turn, visit, command.worker_id, list(visit.forbidden_ids), broken, command.reason)
    if visit.held_by:
        place_or_wait(turn, command.visit_id)  # another district has yet to let it go
    elif not place(turn, command.visit_id):
        put_in(turn, command.visit_id, room)
    exceptions.settle_if_open(turn, "unserved", command.visit_id)
    turn.settle(command.command_id, "accepted", command.visit_id, rules=soft_rules(turn, visit))
    turn.dirty()


def forbid_worker(turn: Turn, command: ForbidWorker) -> None:
    """This worker is never to serve this visit; if they have it, it goes to somebody else."""
    visit = find_movable(turn, command.command_id, command.visit_id)
    if visit is None:
        return
    if command.worker_id not in turn.state.workers:
        _refuse(turn, command.command_id, command.visit_id, Refusal.UNKNOWN_WORKER)
        return
    if command.worker_id in visit.forbidden_ids:
        turn.settle(command.command_id, "duplicate", command.visit_id)
        return
    remember(turn, command.command_id, [command.visit_id])
    had_it = command.worker_id in visit.worker_ids
    if had_it:
        free(turn, visit)
    pinned_id = "" if visit.pinned_id == command.worker_id else visit.pinned_id
    forbidden = [*visit.forbidden_ids, command.worker_id]
    stays = command.visit_id in turn.state.locked
    _overrule(turn, visit, pinned_id, forbidden, tuple(visit.waived_rules), command.reason, locked=stays)
    if had_it:
        place_or_wait(turn, command.visit_id)
    else:
        withdraw_from(turn, command.visit_id, command.worker_id, reason="overruled")
    turn.settle(command.command_id, "accepted", command.visit_id)
    turn.dirty()


def lock_stop(turn: Turn, command: LockStop) -> None:
    """This stop stays where it is: with who has it, and no re-plan or new visit moves anything on the way up to it."""
    visit = find_movable(turn, command.command_id, command.visit_id)
    if visit is None:
        return
    if not any(stop.visit_id == command.visit_id for w in visit.worker_ids for stop in turn.state.workers[w].stops):
        _refuse(turn, command.command_id, command.visit_id, Refusal.NOTHING_TO_LOCK)
        return
    if command.visit_id in turn.state.locked:
        turn.settle(command.command_id, "duplicate", command.visit_id)
        return
    remember(turn, command.command_id, [command.visit_id])
    pinned_id = visit.worker_ids[0] if visit.spec.worker_count == 1 else visit.pinned_id
    _overrule(turn, visit, pinned_id, list(visit.forbidden_ids), tuple(visit.waived_rules), command.reason, locked=True)
    turn.settle(command.command_id, "accepted", command.visit_id, rules=soft_rules(turn, visit))


def let_plan_decide(turn: Turn, command: LetPlanDecide) -> None:
    """Take back what people had said about a visit: the plan may move it again."""
    visit = find_movable(turn, command.command_id, command.visit_id)
    if visit is None:
        return
    if not (visit.pinned_id or visit.forbidden_ids or command.visit_id in turn.state.locked):
        turn.settle(command.command_id, "duplicate", command.visit_id)
        return
    remember(turn, command.command_id, [command.visit_id])
    by_waiver = bool(visit.waived_rules)
    if by_waiver:
        free(turn, visit)  # without the person's word the rules hold again, and the worker may not be able
    _overrule(turn, visit, "", [], (), "")
    if by_waiver:
        place_or_wait(turn, command.visit_id)
    turn.settle(command.command_id, "accepted", command.visit_id)
    turn.dirty()


def swap_visits(turn: Turn, command: SwapVisits) -> None:
    """Two workers exchange one visit each; both stay where they are put. Both fit, or nothing moves."""
    one = find_movable(turn, command.command_id, command.visit_id)
    if one is None:
        return
    other = find_movable(turn, command.command_id, command.other_visit_id)
    if other is None:
        return
    if len(one.worker_ids) != 1 or len(other.worker_ids) != 1 or one.worker_ids == other.worker_ids:
        _refuse(turn, command.command_id, command.visit_id, Refusal.NOTHING_TO_SWAP)
        return
    theirs = {command.visit_id: other.worker_ids[0], command.other_visit_id: one.worker_ids[0]}
    pair = {command.visit_id: one, command.other_visit_id: other}
    for visit_id, visit in pair.items():
        broken = hard_rules(turn, visit, theirs[visit_id])
        if broken:
            _refuse(turn, command.command_id, visit_id, Refusal.WORKER_NOT_ABLE, broken)
            return
    if not _both_fit(turn, pair, theirs):
        _refuse(turn, command.command_id, command.visit_id, Refusal.NO_WORKER_FREE, (routing.Rule.NO_ROOM.value,))
        return
    remember(turn, command.command_id, list(pair))
    for visit in pair.values():
        free(turn, visit)
    for visit_id, visit in pair.items():
        _overrule(turn, visit, theirs[visit_id], list(visit.forbidden_ids), (), command.reason)
    for visit_id in pair:
        place_or_wait(turn, visit_id)
    warnings = tuple(dict.fromkeys((*soft_rules(turn, one), *soft_rules(turn, other))))
    turn.settle(command.command_id, "accepted", command.visit_id, rules=warnings)
    turn.dirty()


def hard_rules(turn: Turn, visit: VisitRecord, worker_id: str) -> tuple[str, ...]:
    """Every hard rule that this worker would break with this visit, whatever the time; empty when none."""
    turn.state.runtime.catch_up()
    worker = turn.state.runtime.problem.workers.get(worker_id)
    if worker is None:
        return (eligibility.POSTED if turn.state.workers[worker_id].posting_id else routing.Rule.SHIFT.value,)
    if visit.waived_rules and worker_id != visit.pinned_id:
        visit = msgspec.structs.replace(visit, pinned_id="", waived_rules=[])  # waived for somebody else
        wanted = replace(routing_visit(turn.state, visit), pinned_worker_ids=frozenset())
    else:
        wanted = replace(_as_if_free(turn, visit), pinned_worker_ids=frozenset())
    found: list[str] = []
    while (rule := routing.obstacle(worker, wanted)) is not None:
        found.append(rule.value)
        relaxed = waive(wanted, (rule.value,), worker_id, worker.area_id)
        if relaxed == wanted:
            break
        wanted = relaxed
    return tuple(found)


def soft_rules(turn: Turn, visit: VisitRecord) -> tuple[str, ...]:
    """What is not as one would wish about where the visit is now."""
    found: list[str] = []
    for worker_id in visit.worker_ids:
        worker = turn.state.workers[worker_id]
        if worker.profile.area_id != visit.spec.area_id:
            found.append(FROM_ANOTHER_AREA)
        begin_at = begin_of(worker.stops, visit.spec.visit_id)
        if begin_at is not None and begin_at > visit.spec.due_at:
            found.append(LATE)
        if visit.spec.preferred_gender not in ("", worker.profile.gender):
            found.append(OTHER_GENDER)
        lacks = eligibility.warnings(turn.state, visit, worker_id, begin_at or turn.now_at)
        found += [f"{lack.rule}:{lack.about}" for lack in lacks]
        if any(s.kind == "visit" and s.begin_at > turn.state.visits[s.visit_id].spec.due_at
               for s in worker.stops if s.visit_id != visit.spec.visit_id):  # fmt: skip
            found.append(CHANGES_A_PROMISE)
    return tuple(dict.fromkeys(found))


def _as_if_free(turn: Turn, visit: VisitRecord) -> routing.Visit:
    known = turn.state.runtime.problem.visits.get(visit.spec.visit_id)
    return known if known is not None else routing_visit(turn.state, visit)


def _room_for(turn: Turn, visit: VisitRecord, worker_id: str, waived: tuple[str, ...]) -> routing.Insertion | None:
    """A place in the worker's route that keeps every promise, their own if they have the visit; looked up before anything moves."""
    runtime = turn.state.runtime
    worker = runtime.problem.workers[worker_id]
    wanted = replace(waive(_as_if_free(turn, visit), waived, worker_id, worker.area_id), pinned_worker_ids=frozenset({worker_id}))
    if worker_id in visit.worker_ids:
        return routing.Insertion(visit.spec.visit_id, (runtime.index.route(worker_id),), 0, 0)
    return find_room(turn, wanted)


def _both_fit(turn: Turn, pair: dict[str, VisitRecord], theirs: dict[str, str]) -> bool:
    """Both exchanged visits find a place, one after the other, when each has left its route."""
    runtime = turn.state.runtime
    runtime.catch_up()
    routes = dict(runtime.index.plan().routes)
    for visit_id, visit in pair.items():
        route = runtime.index.route(visit.worker_ids[0])
        routes[route.worker_id] = replace(route, stops=tuple(s for s in route.stops if s.visit_id != visit_id))
    imagined = routing.PlanIndex(runtime.problem, routing.Plan(routes))
    for visit_id, visit in pair.items():
        wanted = replace(_as_if_free(turn, visit), pinned_worker_ids=frozenset({theirs[visit_id]}))
        room = find_room(turn, wanted, imagined)
        if room is None:
            return False
        for made in room.routes:
            imagined.set_route(made)
    return True


def _overrule(
    turn: Turn, visit: VisitRecord, pinned_id: str, forbidden_ids: list[str], waived: tuple[str, ...], reason: str, *,
    locked: bool = False,
) -> None:  # fmt: skip
    turn.emit(
        d.VisitOverruled(
            visit_id=visit.spec.visit_id, pinned_id=pinned_id, forbidden_ids=tuple(forbidden_ids), waived_rules=waived,
            by=turn.received.actor, reason=reason, at=turn.now_at, locked=locked,
        )
    )  # fmt: skip


def _refuse(turn: Turn, command_id: str, visit_id: str, code: Refusal, rules: tuple[str, ...] = ()) -> None:
    turn.settle(command_id, "refused", visit_id, code, rules=rules)

