"""Answers to questions about the state: why this worker, who else, and what an input would do. Nothing moves."""

from __future__ import annotations

from dataclasses import replace

import msgspec

import routing
from streams.contracts import decisions as d
from streams.contracts.queries import Answer, Candidate, Preview, Query
from streams.contracts.refusals import Refusal
from streams.core.dispatch import decide
from streams.core.lifecycle import CLOSED
from streams.core.planning import build_problem
from streams.core.runtime import instant
from streams.core.state import DistrictState

CANDIDATES = 3  # the chosen one and the next two are what a coordinator compares


def copy_of(state: DistrictState) -> DistrictState:
    """A state of one's own, for thought experiments."""
    return msgspec.json.decode(msgspec.json.encode(state), type=DistrictState)


def answer(state: DistrictState, query: Query) -> Answer:
    """Answer `query` from `state`, which is left as it is."""
    refused = Answer(query_id=query.query_id, now_at=state.now_at, code=Refusal.NOT_CONFIGURED.value)
    if state.config is None:
        return refused
    if query.kind == "why":
        return _why(state, query)
    if query.kind == "preview" and query.envelope is not None:
        return _preview(state, query)
    return msgspec.structs.replace(refused, code=Refusal.BAD_REQUEST.value)


def _why(state: DistrictState, query: Query) -> Answer:
    visit = state.visits.get(query.visit_id)
    if visit is None:
        return Answer(query_id=query.query_id, now_at=state.now_at, code=Refusal.UNKNOWN_VISIT.value)
    given = Answer(
        query_id=query.query_id, now_at=state.now_at, visit_id=query.visit_id, state=visit.state.value,
        worker_ids=tuple(visit.worker_ids),
    )  # fmt: skip
    if visit.state in CLOSED:
        return given
    problem, plan = build_problem(copy_of(state))
    spec = problem.visits.get(query.visit_id)
    if spec is None or visit.picked_up_at is not None:
        return given  # at the door or in the box: there is no choice any more
    free = replace(spec, pinned_worker_ids=frozenset(), worker_count=1)
    routes = {worker_id: _without(route, query.visit_id) for worker_id, route in plan.routes.items()}
    problem = replace(problem, visits={**problem.visits, query.visit_id: free})
    index = routing.PlanIndex(problem, routing.Plan(routes))
    found = []
    for worker_id in sorted(problem.workers):
        placed = index.insert(replace(free, pinned_worker_ids=frozenset({worker_id})))
        if isinstance(placed, routing.Insertion):
            found.append(Candidate(worker_id=worker_id, price=round(placed.price), begin_at=instant(int(placed.begin_s))))
    found.sort(key=lambda candidate: (candidate.worker_id not in visit.worker_ids, candidate.price, candidate.worker_id))
    explained = routing.explain_in(index, query.visit_id)
    return msgspec.structs.replace(
        given, candidates=tuple(found[:CANDIDATES]),
        obstacles=tuple((rule.value, count) for rule, count in explained.counts),
    )  # fmt: skip


def _without(route: routing.Route, visit_id: str) -> routing.Route:
    stops = tuple(stop for stop in route.stops if stop.visit_id != visit_id)
    locked = sum(1 for stop in route.stops[: route.locked_count] if stop.visit_id != visit_id)
    return replace(route, stops=stops, locked_count=locked)


def _preview(state: DistrictState, query: Query) -> Answer:
    assert query.envelope is not None
    imagined = copy_of(state)
    decisions = decide(imagined, query.envelope, state.now_at)
    settled = next((x for x in decisions if isinstance(x, d.CommandSettled)), None)
    return Answer(
        query_id=query.query_id, now_at=state.now_at, visit_id=settled.visit_id if settled else "",
        preview=Preview(
            outcome=settled.outcome if settled else "", code=settled.code if settled else "",
            changes=tuple((x.visit_id, x.event.value, x.worker_id) for x in decisions if isinstance(x, d.VisitChanged)),
            refused_reports=tuple(x.code for x in decisions if isinstance(x, d.ReportRefused)),
        ),
    )  # fmt: skip
