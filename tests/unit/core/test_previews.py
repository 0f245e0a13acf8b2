"""A preview of an order about a visit that is there: who would have it, who else would come later, and what is in the way."""

from datetime import timedelta
from typing import Any

import pytest

from streams.contracts.decisions import CommandSettled, VisitState
from streams.contracts.district import Place
from streams.contracts.envelope import seal
from streams.contracts.inputs import AssignVisit, CancelVisit, ForbidWorker, LetPlanDecide, LockStop, Payload, SwapVisits
from streams.contracts.queries import Preview, Query
from streams.core.queries import answer
from streams.core.state import VisitRecord, state_hash
from tests.core_world import DISTRICT, CoreWorld, at
from tests.unit.core.test_overrule import care

MINUTE = timedelta(minutes=1)


def preview(world: CoreWorld, payload: Payload, **more: Any) -> Preview:
    before = state_hash(world.state)
    envelope = seal(payload, id="asked", district=DISTRICT, actor="coordinator", at=world.now_at, **more)
    given = answer(world.state, Query(query_id="q", district=DISTRICT, kind="preview", envelope=envelope, expires_wall_s=0.0))
    assert state_hash(world.state) == before
    assert given.preview is not None
    return given.preview


def assign(visit: VisitRecord, worker_id: str, **more: Any) -> AssignVisit:
    command_id = f"assign-{visit.spec.reference}-{worker_id}"
    return AssignVisit(command_id=command_id, visit_id=visit.spec.visit_id, worker_id=worker_id, **more)


def busy_world() -> tuple[CoreWorld, VisitRecord, VisitRecord]:
    """carer-1 has a visit at 13:00; a longer one with an earlier window is with carer-2."""
    world = CoreWorld()
    window: dict[str, Any] = dict(window_start_at=at("12:30"), window_end_at=at("12:50"), due_at=at("12:50"))
    later, early = care(world, "later"), care(world, "early", **window, service_duration_s=3600)
    world.send(assign(later, "carer-1"), actor="coordinator")
    world.send(assign(early, "carer-2"), actor="coordinator")
    return world, later, early


def test_who_would_come_later_is_told_with_both_times() -> None:
    world, later, early = busy_world()
    told = preview(world, assign(early, "carer-1"))
    assert (told.outcome, told.code, told.state, told.worker_ids) == ("accepted", "", "planned", ("carer-1",))
    itself, other = told.moved
    assert (itself.visit_id, itself.from_worker_ids, itself.until_worker_ids) == (early.spec.visit_id, ("carer-2",), ("carer-1",))
    assert itself.until_at == told.begin_at
    assert (other.visit_id, other.from_worker_ids, other.until_worker_ids) == (later.spec.visit_id, ("carer-1",), ("carer-1",))
    assert other.from_at == at("13:00")
    assert other.until_at is not None
    assert other.until_at >= at("13:30")


def test_what_begins_within_the_same_minute_has_not_moved() -> None:
    world, later, early = busy_world()
    far = care(world, "far", window_start_at=at("16:00"), window_end_at=at("18:00"), due_at=at("18:00"))
    told = preview(world, assign(far, "carer-1"))
    assert {one.visit_id for one in told.moved} <= {far.spec.visit_id}
    assert {later.spec.visit_id, early.spec.visit_id}.isdisjoint(one.visit_id for one in told.moved)


def test_a_refusal_names_every_rule_and_nothing_moves() -> None:
    world = CoreWorld()
    visit = care(world, "a", required_skills=("insulin",), gender="female")
    told = preview(world, assign(visit, "carer-3"))
    assert (told.outcome, told.code, told.rules) == ("refused", "worker_not_able", ("skill", "gender", "area"))
    assert (told.moved, told.changes, told.worker_ids) == ((), (), tuple(visit.worker_ids))


def test_a_soft_rule_that_would_be_broken_is_told_of_what_would_be_accepted() -> None:
    world = CoreWorld()
    visit = care(world, "a")
    told = preview(world, assign(visit, "carer-3", waive=("area",), reason="known_face"))
    assert (told.outcome, told.rules) == ("accepted", ("from_another_area",))


def test_what_is_taken_back_comes_to_nobody_and_lets_others_come_earlier() -> None:
    world, later, early = busy_world()
    world.send(assign(early, "carer-1", reason="again"), actor="coordinator")
    told = preview(world, CancelVisit(command_id="c", visit_id=early.spec.visit_id, reason="office"))
    itself, other = told.moved
    assert (told.state, told.begin_at, itself.until_at) == (VisitState.CANCELLED, None, None)
    assert itself.from_at is not None
    assert (other.visit_id, other.until_at) == (later.spec.visit_id, at("13:00"))


def test_a_visit_that_nobody_could_take_instead_waits() -> None:
    world = CoreWorld()
    visit = care(world, "a", excluded_workers=("carer-2", "carer-3"))
    told = preview(world, ForbidWorker(command_id="f", visit_id=visit.spec.visit_id, worker_id="carer-1", reason="asked"))
    (itself,) = told.moved
    assert (told.outcome, told.state, told.worker_ids, told.begin_at) == ("accepted", "waiting", (), None)
    assert (itself.from_worker_ids, itself.until_worker_ids, itself.until_at) == (("carer-1",), (), None)


def test_a_version_that_is_over_is_told_as_the_order_would_be() -> None:
    world, _, early = busy_world()
    assert preview(world, assign(early, "carer-1"), expected_version=99).code == "version_conflict"


@pytest.mark.parametrize("order", ["assign", "forbid", "lock", "swap", "let_plan_decide", "cancel", "refused"])
def test_the_order_then_does_what_its_preview_said(order: str) -> None:
    world, later, early = busy_world()
    other = care(world, "other", place=Place(0.0, 900.0))
    world.send(assign(other, "carer-2"), actor="coordinator")
    visit_id = early.spec.visit_id
    orders: dict[str, Payload] = {
        "assign": assign(early, "carer-1"),
        "forbid": ForbidWorker(command_id="o", visit_id=visit_id, worker_id="carer-2", reason="asked"),
        "lock": LockStop(command_id="o", visit_id=visit_id, reason="office"),
        "swap": SwapVisits(command_id="o", visit_id=other.spec.visit_id, other_visit_id=later.spec.visit_id),
        "let_plan_decide": LetPlanDecide(command_id="o", visit_id=visit_id),
        "cancel": CancelVisit(command_id="o", visit_id=visit_id, reason="office"),
        "refused": assign(early, "rider-1"),
    }
    told = preview(world, orders[order])
    was = {id_: (begins(world, id_), tuple(visit.worker_ids)) for id_, visit in world.state.visits.items()}
    world.send(orders[order], actor="coordinator")
    settled = next(one for one in world.decisions if isinstance(one, CommandSettled))
    visit = world.state.visits[settled.visit_id]
    assert (told.outcome, told.code, told.rules) == (settled.outcome, settled.code, settled.rules)
    assert (told.state, told.worker_ids, told.begin_at) == (
        visit.state, tuple(visit.worker_ids), begins(world, settled.visit_id),
    )  # fmt: skip
    now = {id_: (begins(world, id_), tuple(visit.worker_ids)) for id_, visit in world.state.visits.items()}
    moved = {one.visit_id: ((one.from_at, one.from_worker_ids), (one.until_at, one.until_worker_ids)) for one in told.moved}
    assert moved == {id_: (was[id_], now[id_]) for id_ in now if is_other(was[id_], now[id_])}


def begins(world: CoreWorld, visit_id: str) -> Any:
    found = [
        stop.begin_at for worker in world.state.workers.values() for stop in worker.stops
        if (stop.visit_id, stop.kind) == (visit_id, "visit")
    ]  # fmt: skip
    return max(found, default=None)


def is_other(was: Any, now: Any) -> bool:
    if was[1] != now[1] or None in (was[0], now[0]):
        return bool(was != now)
    return bool(abs(now[0] - was[0]) > MINUTE)
