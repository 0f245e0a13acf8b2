"""What an input would do: it is decided on a state of its own, and compared with the one there is. Nothing moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import routing
from streams.contracts import decisions as d
from streams.contracts.queries import Answer, Moved, Preview, Query
from streams.core.dispatch import decide
from streams.core.placing import RETIME_S
from streams.core.planning import build_problem
from streams.core.state import EPOCH, DistrictState, copy_of
from streams.core.why_words import changed_terms

SAME = timedelta(seconds=RETIME_S)  # less is no change to whoever waits, as in a route's times


@dataclass(frozen=True)
class _Held:
    """Where a visit stands: with whom, and when it begins (a visit for two when both are there); None: nobody comes."""

    begin_at: datetime | None
    worker_ids: tuple[str, ...]


def preview(state: DistrictState, query: Query) -> Answer:
    """What `query.envelope` would do to `state`, which is left as it is. What the next plan would make of it is not in it."""
    assert query.envelope is not None
    imagined = copy_of(state)
    held, price = _held(imagined), _price_by_term(imagined)  # its index serves the decision too
    decisions = decide(imagined, query.envelope, state.now_at)
    settled = next((x for x in decisions if isinstance(x, d.CommandSettled)), None)
    visit_id = settled.visit_id if settled else ""
    visit = imagined.visits.get(visit_id)
    then = _held(imagined)
    return Answer(
        query_id=query.query_id, now_at=state.now_at, visit_id=visit_id,
        preview=Preview(
            outcome=settled.outcome if settled else "", code=settled.code if settled else "",
            rows=settled.rows if settled else (), rules=settled.rules if settled else (),
            changes=tuple((x.visit_id, x.event.value, x.worker_id) for x in decisions if isinstance(x, d.VisitChanged)),
            refused_reports=tuple(x.code for x in decisions if isinstance(x, d.ReportRefused)),
            price_by_term=changed_terms(price, _price_by_term(imagined)),
            state=visit.state.value if visit else "", worker_ids=tuple(visit.worker_ids) if visit else (),
            begin_at=then[visit_id].begin_at if visit_id in then else None,
            moved=_moved(held, then, first=visit_id),
        ),
    )  # fmt: skip


def _moved(before: dict[str, _Held], after: dict[str, _Held], first: str) -> tuple[Moved, ...]:
    """The visit itself first, then in the order in which they would begin; who comes to nobody any more, last."""
    found = [
        Moved(
            visit_id=visit_id, from_at=was.begin_at, until_at=now.begin_at, from_worker_ids=was.worker_ids,
            until_worker_ids=now.worker_ids,
        )
        for visit_id, now in after.items()
        if visit_id in before and _differ(was := before[visit_id], now)
    ]  # fmt: skip
    return tuple(
        sorted(
            found,
            key=lambda one: (one.visit_id != first, one.until_at is None, one.until_at or one.from_at or EPOCH, one.visit_id),
        )
    )


def _differ(was: _Held, now: _Held) -> bool:
    if set(was.worker_ids) != set(now.worker_ids) or (was.begin_at is None) != (now.begin_at is None):
        return True
    return was.begin_at is not None and now.begin_at is not None and abs(now.begin_at - was.begin_at) > SAME


def _held(state: DistrictState) -> dict[str, _Held]:
    """Visits by id, as their workers' routes and the visits themselves have them."""
    begins: dict[str, datetime] = {}
    for worker in state.workers.values():
        for stop in worker.stops:
            if stop.kind == "visit":
                begins[stop.visit_id] = max(stop.begin_at, begins.get(stop.visit_id, stop.begin_at))
    return {visit_id: _Held(begins.get(visit_id), tuple(visit.worker_ids)) for visit_id, visit in state.visits.items()}


def _price_by_term(state: DistrictState) -> dict[str, float]:
    return routing.price_by_term(*build_problem(state))
