"""What must hold of a district's state after every step."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import routing
from streams.contracts import decisions as d
from streams.contracts.crisis import PostingState
from streams.contracts.decisions import Decision, VisitState
from streams.core.as_routing import route_of
from streams.core.authorised_books import USED_UP, short_of
from streams.core.between_districts import HELD
from streams.core.doorstep import STEPS
from streams.core.first_visits import ALARM, NEAR
from streams.core.ledger import ledger
from streams.core.lifecycle import CLOSED, TAKEN
from streams.core.state import DistrictState, VisitRecord
from streams.core.tables import CLAIM_STATES, OFFER_STATES, OPEN
from streams.core.tallies import Tallies

S = VisitState
Broken = Counter[tuple[routing.Rule, str]]
POSTED = frozenset({PostingState.ASSIGNED, PostingState.UNDER_WAY})
UNDER_WAY = frozenset({S.EN_ROUTE, S.PICKED_UP, S.ARRIVED, S.IN_SERVICE})

BY_TIME = frozenset({
    routing.Rule.TIME_WINDOW, routing.Rule.FRESHNESS, routing.Rule.SHIFT, routing.Rule.ROUND_DEPARTURE, routing.Rule.TOGETHER,
    routing.Rule.PICKUP_WINDOW, routing.Rule.CREDENTIAL_OLD,  # by then it has lapsed
    routing.Rule.BREAK, routing.Rule.ACTIVE_LIMIT, routing.Rule.DISTANCE_LIMIT, routing.Rule.GAP, routing.Rule.PARCEL_DELAYS,
})  # fmt: skip
"""What a day breaks by running late, without anybody's decision."""


def check_visits(state: DistrictState) -> None:
    """Each visit is in one state, and everything else about it says the same."""
    routes: dict[str, dict[str, list[str]]] = {}
    for worker_id, worker in state.workers.items():
        for stop in worker.stops:
            routes.setdefault(stop.visit_id, {}).setdefault(worker_id, []).append(stop.kind)
    for visit_id, visit in state.visits.items():
        on = routes.get(visit_id, {})
        where = Told(state, visit_id)
        assert visit.state is not S.REQUESTED, where
        assert all(kinds in (["visit"], ["pickup", "visit"]) for kinds in on.values()), f"a route visits twice: {where}"
        assert set(on) <= set(visit.worker_ids), f"on the route of somebody who does not have it: {where}"
        if visit.state in CLOSED:
            assert not on, f"closed and still in a route: {where}"
            assert visit.state is not S.HANDED_OVER or visit.owner, f"handed over to nobody: {where}"
        elif visit.state is S.WAITING:
            assert not {*on, *visit.worker_ids, *visit.accepted_ids}, where
        elif is_helped(state, visit):
            assert not {*on, *visit.worker_ids, *visit.accepted_ids}, f"another district has it, and so have we: {where}"
            continue
        elif visit.state is not S.NO_ANSWER:
            assert len(visit.worker_ids) == visit.spec.worker_count, where
            assert on, f"somebody's, and in no route: {where}"
            if visit.state in (S.PLANNED, S.OFFERED, S.ACCEPTED):
                assert set(on) == set(visit.worker_ids), where
        assert visit.state not in TAKEN or len(visit.accepted_ids) == visit.spec.worker_count, where
        assert len(set(visit.accepted_ids)) == len(visit.accepted_ids) <= visit.spec.worker_count, where
        assert set(visit.accepted_ids) <= set(visit.worker_ids), where


def is_helped(state: DistrictState, visit: VisitRecord) -> bool:
    """Another district has it, as far as this one knows."""
    return any(state.asks[ask_id].state in HELD for ask_id in visit.ask_ids)


def check_deadlines(state: DistrictState) -> None:
    """Every open visit is looked at again at a time, by the core or by an owner; nothing that is due was left."""
    deadlines = state.deadlines
    overdue = [key for key, at in deadlines.items() if at <= state.now_at]
    assert not overdue, f"due and not fired: {overdue}"
    first = state.runtime.queue.peek()
    assert (first[0] if first else None) == min(deadlines.values(), default=None)
    watched: set[tuple[str, str]] = set()
    for exception_id, record in state.exceptions.items():
        if record.outcome:
            assert f"exception:{exception_id}" not in deadlines
            continue
        assert record.owner, f"{record.raised.kind} is nobody's"
        assert deadlines.get(f"exception:{exception_id}") == record.due_at, f"{record.raised.kind} has no deadline"
        watched.add((record.raised.kind, record.raised.subject))
    offered = {
        (visit_id, offer.made.worker_id)
        for offer_id, offer in state.offers.items() if not offer.outcome and f"offer:{offer_id}" in deadlines
        for visit_id in offer.made.visit_ids
    }  # fmt: skip
    for visit_id, visit in state.visits.items():
        if visit.state not in CLOSED:
            _check_one(state, visit_id, visit, watched, offered)


def _check_one(
    state: DistrictState, visit_id: str, visit: VisitRecord, watched: set[tuple[str, str]], offered: set[tuple[str, str]]
) -> None:
    where = f"{visit.spec.reference} {visit.state}"
    assert f"give_up:{visit_id}" in state.deadlines, f"nobody looks at the end of the time: {where}"
    match visit.state:
        case S.WAITING:
            next_chunk = visit_id in state.to_place and "place:" in state.deadlines
            assert next_chunk or f"rung:{visit_id}" in state.deadlines, f"waits without a next look: {where}"
            held = not visit.held_by or f"claim:{visit.held_by}" in state.deadlines or is_helped(state, visit)
            assert held, f"held without end: {where}"
        case S.OFFERED:
            missing = {w for w in visit.worker_ids if w not in visit.accepted_ids and (visit_id, w) not in offered}
            assert not missing, f"offered, and nobody need answer: {where} {missing}"
        case S.NO_ANSWER:
            steps = any((step, visit_id) in watched for step in STEPS)
            assert steps or f"retry:{visit_id}" in state.deadlines, f"a closed door that nobody looks at: {where}"
        case S.PLANNED if not state.closed_date and not visit.reserved:
            ahead = {w for w in visit.worker_ids if f"lead:{w}" in state.deadlines}
            assert ahead, f"planned, and never offered: {where}"
        case _:
            pass


def check_steps(ends: dict[str, str], decisions: list[Decision]) -> None:
    """Offers and claims end by their tables; `ends` is how they have ended so far."""
    for one in decisions:
        if isinstance(one, d.OfferSettled | d.ClaimSettled):
            key, table = (one.offer_id, OFFER_STATES) if isinstance(one, d.OfferSettled) else (one.claim_id, CLAIM_STATES)
            before = ends.get(key, OPEN)
            assert one.outcome in table[before], f"{key} was {before} and is {one.outcome}"
            ends[key] = one.outcome


def check_offers(state: DistrictState) -> None:
    """Whoever is asked without an app, or through one that is out of reach, is somebody's to call; nobody is called about
    what is over; an offer asks for something."""
    calls = {x.raised.detail for x in state.exceptions.values() if x.raised.kind == "no_app_call" and not x.outcome}
    still = {key for key, offer in state.offers.items() if not offer.outcome}
    made_of = {key: state.offers[key].made for key in still}
    unheard = {key for key, made in made_of.items() if made.by_call or state.organisations_down.get(made.organisation)}
    assert unheard <= calls <= still, f"calls {calls}, to be called {unheard}, open offers {still}"
    for offer_id in still:
        made = state.offers[offer_id].made
        assert f"offer:{offer_id}" in state.deadlines, f"an offer to {made.worker_id} that never expires"
        asked = any(state.visits[visit_id].state is S.OFFERED for visit_id in made.visit_ids)
        assert asked, f"{made.worker_id} is asked for nothing: {[told(state, visit_id) for visit_id in made.visit_ids]}"


def check_index(running: DistrictState, rebuilt: DistrictState) -> None:
    """What a running core has beside its state is what one that has just started makes of it: both decide the same."""
    if running.config is None:
        return
    mine, fresh = running.runtime, rebuilt.runtime
    mine.catch_up()
    fresh.catch_up()
    for what in ("visits", "workers"):
        ours, theirs = dict(getattr(mine.problem, what)), dict(getattr(fresh.problem, what))
        differ = {key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)}
        assert not differ, f"{what}: {[(ours.get(key), theirs.get(key)) for key in sorted(differ)]}"
    assert {k: v for k, v in mine.visits_of.items() if v} == {k: v for k, v in fresh.visits_of.items() if v}
    assert mine.open_exceptions == fresh.open_exceptions
    for worker_id in mine.problem.workers:
        assert mine.index.route(worker_id) == fresh.index.route(worker_id), f"the route of {worker_id}"


def check_books(state: DistrictState) -> None:
    """What is booked of a programme is the sum of its bookings; a posted worker has one posting, which is theirs."""
    for programme_id, record in state.programmes.items():
        booked: Counter[str] = Counter()
        for one in record.bookings.values():
            booked.update(one.equipment)
        assert record.booked_krw == sum(one.krw for one in record.bookings.values()), programme_id
        assert {k: n for k, n in record.booked_equipment.items() if n} == {k: n for k, n in booked.items() if n}, programme_id
    has = {w: p for p, posting in state.postings.items() if posting.state in POSTED for w in (posting.worker_id,)}
    assert {w: worker.posting_id for w, worker in state.workers.items() if worker.posting_id} == has
    for posting_id, posting in state.postings.items():
        assert posting.state not in POSTED or posting.worker_id, f"{posting_id} is {posting.state} with nobody"
        assert posting.state is not PostingState.WAITING or not posting.worker_id, f"{posting_id} waits, and has somebody"


def check_intakes(state: DistrictState) -> None:
    """Whoever was referred is seen, or somebody has it by a time; whose care is said to be used up has too little left."""
    near = {record.raised.subject for record in state.exceptions.values() if record.raised.kind == NEAR and not record.outcome}
    for recipient_id, intake in state.intakes.items():
        where = f"the first visit to {recipient_id}"
        if intake.outcome:
            assert recipient_id not in near, f"{where} was made, and is still asked for"
            assert f"{ALARM}:{recipient_id}" not in state.deadlines, f"{where} was made, and is waited for"
        else:
            assert recipient_id in near or f"{ALARM}:{recipient_id}" in state.deadlines, f"{where} is nobody's"
    for record in state.exceptions.values():
        if record.raised.kind == USED_UP and not record.outcome:
            left = record.raised.subject, record.raised.detail
            assert record.raised.detail in short_of(state, record.raised.subject), f"{left}: enough is left"


def check_ledger(state: DistrictState) -> None:
    """Every visit is in one class, the classes add up, and what is kept of them while they change is what they are."""
    drawn = ledger(state)
    kept, counted_now = state.runtime.tallies, Tallies(state)
    assert kept.counts == counted_now.counts
    assert (kept.missed, kept.done) == (counted_now.missed, counted_now.done)
    assert drawn.visits == len(state.visits)
    assert drawn.open + drawn.done + drawn.cancelled + drawn.failed + drawn.handed_over == drawn.visits
    assert sum(drawn.failed_by_reason.values()) == drawn.failed
    assert sum(drawn.handed_over_to.values()) == drawn.handed_over
    assert "" not in drawn.handed_over_to


class Told:
    """`told`, when somebody reads it."""

    def __init__(self, state: DistrictState, visit_id: str) -> None:
        self.state, self.visit_id = state, visit_id

    def __str__(self) -> str:
        return told(self.state, self.visit_id)


def told(state: DistrictState, visit_id: str) -> str:
    """A visit in one line, for whoever reads a failure."""
    visit = state.visits.get(visit_id)
    if visit is None:
        return visit_id
    on = {w: [s.kind for s in worker.stops if s.visit_id == visit_id] for w, worker in state.workers.items()}
    routes = {worker_id: kinds for worker_id, kinds in on.items() if kinds}
    return f"{visit.spec.reference} {visit.state} workers={visit.worker_ids} routes={routes} reason={visit.reason}"


class PlanCheck:
    """What a running plan breaks, by the independent checker, who is not asked twice about the same."""

    def __init__(self) -> None:
        self._asked: Any = None
        self._said: Broken = Counter()

    def broken(self, state: DistrictState) -> Broken:
        if state.config is None:
            return Counter()
        runtime = state.runtime
        runtime.catch_up()
        problem = runtime.problem
        plan = routing.Plan({w: route_of(state, state.workers[w]) for w in sorted(problem.workers)})
        asked = dict(problem.visits), dict(problem.workers), replace(problem, visits={}, workers={}), plan
        if asked != self._asked:
            refused = [one for one in routing.validate(problem, plan) if one.code is not routing.Code.NO_WORKER]
            assert refused == []  # else the solver would refuse the whole day (with nobody there it has nothing to solve)
            self._said = Counter((violation.rule, violation.visit_id) for violation in routing.check(problem, plan))
            self._asked = asked
        return _but_begun(state, self._said.copy())


def _but_begun(state: DistrictState, found: Broken) -> Broken:
    """What has begun goes on, whatever is said on the way or in the house."""
    for visit_id, visit in state.visits.items():
        if visit.spec.worker_count > 1 and visit.state in (*UNDER_WAY, S.NO_ANSWER):
            found.pop((routing.Rule.HALF_ASSIGNED, visit_id), None)  # one of the two has finished and gone
        if visit.state in (*UNDER_WAY, S.NO_ANSWER):
            for rule in (routing.Rule.EXCLUDED, routing.Rule.CREDENTIAL, routing.Rule.CREDENTIAL_OLD):
                found.pop((rule, visit_id), None)
    return found
