"""The solver pool answers what is asked for and still open: once, from the state it was asked in, in a fixed order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import routing
from streams import topics
from streams.adapters.kafka_out import Out
from streams.adapters.solver_job import BrokenPlan, seed_of, solve
from streams.adapters.solver_pool import SolverPool
from streams.contracts.decisions import SolveRequested
from streams.contracts.inputs import PlanProposed, SolveFailed
from streams.core.planning import build_problem
from tests.core_world import DISTRICT, CoreWorld, at
from tests.unit.projections.board_contract import run_async
from tests.unit.projections.feeding import Feed, decisions_of, records_of, settings


class FakeOut:
    def __init__(self) -> None:
        self.sent: list[Out] = []

    async def send(self, outs: Sequence[Out]) -> None:
        self.sent += outs

    async def close(self) -> None:
        pass


class InlinePool:
    """Solves here and now; `asked` holds the arguments."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._error = error

    def start(self) -> None:
        pass

    async def run(self, job: Callable[..., Any], *args: Any) -> Any:
        self.asked.append(args)
        if self._error is not None:
            raise self._error
        return job(*args)

    def close(self) -> None:
        pass


def asking_world() -> CoreWorld:
    """Six lunches and three cares planned; the first solve is asked for and not answered."""
    world = CoreWorld(solve_iterations=4)
    for number in range(6):
        world.file(f"lunch-{number}")
    world.until("07:20")
    return world


def solve_records(raws: list[bytes]) -> list[int]:
    """Offsets at which solves were asked for."""
    return [
        record.journal_offset
        for record in decisions_of(raws)
        if any(isinstance(decision, SolveRequested) for decision in record.decisions)
    ]


def run_pool(
    tmp_path: Path, scenario: Callable[[SolverPool], Awaitable[None]], *, pool: InlinePool, lockstep: bool = True
) -> FakeOut:
    out = FakeOut()

    async def go() -> None:
        solver = SolverPool(settings(tmp_path, lockstep=lockstep), out, pool)  # type: ignore[arg-type]
        await scenario(solver)
        await solver.close()

    run_async(go)
    return out


def test_a_solve_is_answered_once_with_a_plan_that_keeps_the_rules(tmp_path: Path) -> None:
    world = asking_world()
    raws = records_of(world)
    (asked_at,) = solve_records(raws)

    async def scenario(solver: SolverPool) -> None:
        feed = Feed(raws)
        await feed.open(solver, end=0)
        await feed.hand_over(solver)
        await solver.settle("token")
        await solver.settle("token again")

    (out,) = run_pool(tmp_path, scenario, pool=InlinePool()).sent
    assert (out.topic, out.partition) == (topics.PLANS, 0)
    assert (out.envelope.district, out.envelope.actor) == (DISTRICT, "solver")
    proposal = out.envelope.read_payload()
    assert isinstance(proposal, PlanProposed)
    assert (proposal.solve_id, proposal.based_on) == (f"{DISTRICT}-s1", asked_at + 1)
    world.send(proposal, actor="solver")
    assert world.state.solve_pending == ""
    assert world.state.totals.plans_proposed == 1


def test_batches_do_not_change_the_answer_in_lock_step(tmp_path: Path) -> None:
    world = asking_world()
    world.file("later", window_start_at=at("11:00"), window_end_at=at("12:00"), due_at=at("12:00"))
    raws = records_of(world)
    answers = []
    for batch in (1, 4, 1000):
        pool = InlinePool()

        async def scenario(solver: SolverPool, batch: int = batch) -> None:
            feed = Feed(raws)
            await feed.open(solver, end=0)
            await feed.hand_over(solver, batch=batch)
            await solver.settle("token")

        (out,) = run_pool(tmp_path, scenario, pool=pool).sent
        answers.append((out.envelope, sorted(pool.asked[0][1].visits)))
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0][1]) == 6


def test_catching_up_only_what_is_still_open_is_solved(tmp_path: Path) -> None:
    world = CoreWorld(solve_iterations=4, replan_timeout_s=600)
    for number in range(6):
        world.file(f"lunch-{number}")
        world.until(f"{8 + number // 2:02d}:{20 * (number % 2 + 1):02d}")
    raws = records_of(world)
    assert len(solve_records(raws)) > 2
    expected = world.state.solve_pending
    for lockstep, news in ((False, 1), (True, 0)):
        pool = InlinePool()

        async def scenario(solver: SolverPool, news: int = news) -> None:
            feed = Feed(raws)
            await feed.open(solver, end=len(raws) - news)
            await feed.hand_over(solver)
            await solver.settle("token")

        out = run_pool(tmp_path, scenario, pool=pool, lockstep=lockstep)
        assert [one.envelope.read_payload().solve_id for one in out.sent] == ([expected] if expected else [])  # type: ignore[attr-defined]
        assert len(pool.asked) == len(out.sent)


def test_a_pool_that_was_killed_lets_no_token_pass_before_the_answer_that_it_owes(tmp_path: Path) -> None:
    """In lock-step: as many records as there may be behind the question when it is back, the answer is the undisturbed one."""
    world = asking_world()
    world.file("later", window_start_at=at("11:00"), window_end_at=at("12:00"), due_at=at("12:00"))
    raws = records_of(world)
    (asked_at,) = solve_records(raws)
    answers = []
    for found in (0, asked_at + 1, len(raws)):

        async def scenario(solver: SolverPool, found: int = found) -> None:
            feed = Feed(raws)
            await feed.open(solver, end=found)
            if not found:
                await feed.hand_over(solver)
            await solver.settle("the token that the door waits for")

        (out,) = run_pool(tmp_path, scenario, pool=InlinePool()).sent
        answers.append(out.envelope)
    assert answers[0] == answers[1] == answers[2]


def test_what_is_open_after_catching_up_is_solved_without_further_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.adapters.solver_pool.CAUGHT_UP_AFTER_S", 0.01)
    raws = records_of(asking_world())

    async def scenario(solver: SolverPool) -> None:
        import asyncio

        await Feed(raws).open(solver)
        while not solver._taken:
            await asyncio.sleep(0.01)
        while solver._jobs:
            await asyncio.sleep(0.01)

    out = run_pool(tmp_path, scenario, pool=InlinePool(), lockstep=False)
    assert [type(one.envelope.read_payload()) for one in out.sent] == [PlanProposed]


@pytest.mark.parametrize(
    ("error", "reason"), [(BrokenPlan("freshness"), "broke_rule:freshness"), (RuntimeError("name of somebody"), "RuntimeError")]
)
def test_a_solve_that_fails_is_said_to_have_failed(tmp_path: Path, error: Exception, reason: str) -> None:
    world = asking_world()
    raws = records_of(world)

    async def scenario(solver: SolverPool) -> None:
        feed = Feed(raws)
        await feed.open(solver, end=0)
        await feed.hand_over(solver)
        await solver.settle("token")

    (out,) = run_pool(tmp_path, scenario, pool=InlinePool(error)).sent
    failed = out.envelope.read_payload()
    assert isinstance(failed, SolveFailed)
    assert failed.reason == reason
    world.send(failed, actor="solver")
    assert world.state.solve_pending == ""


def test_the_same_question_has_the_same_answer_and_id() -> None:
    world = asking_world()
    problem, running = build_problem(world.state)
    assert solve("11440-s1", problem, running, 4, 0.0) == solve("11440-s1", problem, running, 4, 0.0)
    assert seed_of("11440-s1") != seed_of("11440-s2")


def test_a_large_district_is_solved_by_areas_with_the_plan_of_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Side by side in the pool or one after the other: the same routes. What is large is told small here."""
    monkeypatch.setattr("routing.decompose.LEAST_VISITS", 4)
    world = asking_world()
    raws = records_of(world)
    pool = InlinePool()

    async def scenario(solver: SolverPool) -> None:
        feed = Feed(raws)
        await feed.open(solver, end=0)
        await feed.hand_over(solver)
        await solver.settle("token")

    (out,) = run_pool(tmp_path, scenario, pool=pool).sent
    assert len(pool.asked) == 2 + 2  # split, an area each, joined
    problem, running = build_problem(world.state)
    alone = solve(f"{DISTRICT}-s1", problem, running, 4, 0.0)
    proposal = out.envelope.read_payload()
    assert isinstance(proposal, PlanProposed)
    assert (proposal.routes, proposal.price, proposal.helps) == (alone.routes, alone.price, alone.helps)


def test_a_plan_that_breaks_a_rule_does_not_leave_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    world = asking_world()
    problem, running = build_problem(world.state)
    overloaded = routing.Route("rider-1", tuple(routing.Stop(v, "visit") for v in sorted(problem.visits)))
    monkeypatch.setattr(routing, "solve", lambda *_: routing.Plan({"rider-1": overloaded}))
    with pytest.raises(BrokenPlan):
        solve("11440-s1", problem, running, 4, 0.0)
