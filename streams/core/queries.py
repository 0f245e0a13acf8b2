"""Answers to questions about the state: why this worker, who else, and what an input would do. Nothing moves."""

from __future__ import annotations

import msgspec

import routing
from streams.contracts.queries import Answer, Query
from streams.contracts.refusals import Refusal
from streams.core.eligibility import forbidden_counts
from streams.core.lifecycle import CLOSED
from streams.core.phone import promises_of
from streams.core.planning import build_problem
from streams.core.previews import preview
from streams.core.state import DistrictState, copy_of
from streams.core.why_words import CLOSED_WORDS, UNDER_WAY_WORDS, explained, forbidding, settled


def answer(state: DistrictState, query: Query) -> Answer:
    """Answer `query` from `state`, which is left as it is."""
    refused = Answer(query_id=query.query_id, now_at=state.now_at, code=Refusal.NOT_CONFIGURED.value)
    if state.config is None:
        return refused
    if query.kind == "why":
        return _why(state, query)
    if query.kind == "preview" and query.envelope is not None:
        return preview(state, query)
    if query.kind == "call":
        return Answer(query_id=query.query_id, now_at=state.now_at, promises=promises_of(state, query.recipient_ids))
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
        return settled(given, CLOSED_WORDS)
    problem, plan = build_problem(copy_of(state))
    in_route = any(stop.visit_id == query.visit_id for route in plan.routes.values() for stop in route.stops)
    if query.visit_id not in problem.visits or (visit.worker_ids and not in_route):
        return settled(given, UNDER_WAY_WORDS)  # at the door: there is no choice any more
    told = explained(given, routing.explain(problem, plan, query.visit_id), state.runtime.geography.areas)
    return forbidding(told, forbidden_counts(state, visit), state.runtime.rules)
