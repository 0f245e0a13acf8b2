"""The solver pool: follows the decisions, solves what the core asks for in processes of its own, and proposes the plans.

It decides nothing: a proposal enters through the inbox like everything else, and the core adopts what still fits. Its
envelope's id comes from the solve's, so a second answer to the same question is known as such.

Run as `python -m streams.adapters.solver_pool`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import routing
from streams import topics
from streams.adapters.end_tasks import end_tasks
from streams.adapters.kafka_out import KafkaOut, Out, event_id
from streams.adapters.process_pool import JobLost, ProcessPool
from streams.adapters.solver_job import BrokenPlan, Solved, join_parts, parts_of, proposal_of, set_up_process, solve, warm
from streams.contracts.decisions import SolveRequested
from streams.contracts.envelope import seal
from streams.contracts.inputs import Payload, SolveFailed
from streams.core.chain import REAL_CORE
from streams.core.expected import expected_visits
from streams.core.planning import build_problem

if TYPE_CHECKING:
    from datetime import datetime

    from streams.adapters.positions import Position
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.chain import PartitionState
    from streams.core.state import DistrictState
    from streams.settings import Settings

logger = logging.getLogger(__name__)

SAFETY_S = 20.0  # a solve takes a second or two; in live mode a slow machine gets a worse plan rather than a late one
KEPT_RECORDS = 100  # until a state is packed anew
CAUGHT_UP_AFTER_S = 1.0  # nothing more came for so long: what is pending now is still asked for


@dataclass(frozen=True)
class _Asked:
    """A solve as the core asked for it."""

    district: str
    solve_id: str
    based_on: int
    at: datetime
    iterations: int
    matching: bool
    problem: Any
    running: Any
    expected: Any = None


@dataclass(frozen=True)
class _Before:
    """A district's state, packed, and what was decided there since: packing it for every record would cost a day some seconds."""

    state: bytes
    since: list[DecisionsRecord]


class SolverPool:
    """The `solver` projection. It keeps no position: what is pending stands in the state."""

    name = "solver"

    def __init__(self, settings: Settings, out: KafkaOut | None = None, pool: ProcessPool | None = None) -> None:
        self._settings = settings
        self._out = out or KafkaOut(settings.bootstrap, "dolbom-solver")
        self._pool = pool or ProcessPool(settings.solver_processes, set_up_process, warm)
        self._taken: dict[str, str] = {}  # district -> solve_id taken last
        self._jobs: set[asyncio.Task[None]] = set()
        self._answers: list[tuple[str, str, Out]] = []
        self._before: dict[str, _Before] = {}  # in lock-step: each district as it was at the end of the last batch
        self._asked_then: dict[str, tuple[str, DistrictState, int]] = {}  # in lock-step: what history asked for last, and of what
        self._states: dict[int, PartitionState] = {}
        self._look_again: asyncio.TimerHandle | None = None

    async def open(self, partition: int) -> Position | None:
        self._pool.start()
        for district, own in self._settings.districts.items():
            if own == partition:
                self._taken.pop(district, None)
                self._before.pop(district, None)
                self._asked_then.pop(district, None)
        return None

    async def handle(
        self, partition: int, records: list[DecisionsRecord], ps: PartitionState, position: Position, rebuilding: bool
    ) -> None:
        """Take up what is asked for. Catching up, only what is still pending at the end."""
        self._states[partition] = ps
        if self._look_again is not None:
            self._look_again.cancel()
            self._look_again = None
        if rebuilding and self._settings.lockstep:
            self._note_asked(ps, records)
        elif rebuilding:
            loop = asyncio.get_running_loop()
            self._look_again = loop.call_later(CAUGHT_UP_AFTER_S, self._take_pending, ps, records, False)
        else:
            self._take_pending(ps, records, self._settings.lockstep)
        if self._settings.lockstep:
            self._keep_before(ps, records)

    def _keep_before(self, ps: PartitionState, records: list[DecisionsRecord]) -> None:
        for district in {record.district for record in records} & ps.districts.keys():
            before = self._before.get(district)
            if before is None or len(before.since) >= KEPT_RECORDS:
                self._before[district] = _Before(REAL_CORE.encode_state(ps.districts[district]), [])
            else:
                before.since.extend(record for record in records if record.district == district)

    async def caught_up(self, partition: int) -> None:
        """In lock-step a token that the door still waits for is not through before what is pending is answered: how soon after
        its start this process looks would decide when the answer enters the log."""
        if self._settings.lockstep and partition in self._states:
            self._take_pending(self._states[partition], [], True)

    async def settle(self, token: str) -> None:
        """Everything asked for is solved, and the answers are in the log, in an order that no machine's speed decides."""
        while self._jobs:
            await asyncio.wait(set(self._jobs))
        answers, self._answers = sorted(self._answers, key=lambda answer: answer[:2]), []
        await self._out.send([out for _, _, out in answers])

    async def close(self) -> None:
        if self._look_again is not None:
            self._look_again.cancel()
        await end_tasks(self._jobs)
        self._pool.close()
        await self._out.close()

    def _take_pending(self, ps: PartitionState, records: list[DecisionsRecord], exactly: bool) -> None:
        for district, state in ps.districts.items():
            pending = state.solve_pending
            if not pending or self._taken.get(district) == pending:
                continue
            self._taken[district] = pending
            based_on = ps.next_journal_offset
            if exactly:
                state, based_on = self._as_asked(district, pending, records, ps)
            problem, running = build_problem(state)
            asked = _Asked(
                district=district, solve_id=pending, based_on=based_on, at=state.now_at,
                iterations=state.config.policy.solve_iterations, matching=state.config.policy.match_interval_s > 0,
                problem=problem, running=running, expected=expected_visits(state),
            )  # fmt: skip
            job = asyncio.create_task(self._answer(asked))
            self._jobs.add(job)
            job.add_done_callback(self._jobs.discard)

    def _note_asked(self, ps: PartitionState, records: list[DecisionsRecord]) -> None:
        asked = {one.solve_id: record.district for record in records for one in record.decisions if isinstance(one, SolveRequested)}
        for solve_id, district in asked.items():
            if (state := ps.districts.get(district)) is not None and state.solve_pending == solve_id:
                self._asked_then[district] = (solve_id, *self._as_asked(district, solve_id, records, ps))

    def _as_asked(
        self, district: str, solve_id: str, records: list[DecisionsRecord], ps: PartitionState
    ) -> tuple[DistrictState, int]:
        """The state as it was when the solve was asked for, and the offset after it. A batch may reach further, how far is
        a matter of timing, and in lock-step two runs must solve the same problem."""
        then = self._asked_then.get(district)
        if then is not None and then[0] == solve_id:
            return then[1], then[2]
        before = self._before.get(district)
        state = REAL_CORE.new_state(district) if before is None else REAL_CORE.decode_state(before.state)
        for record in [*(before.since if before is not None else ()), *records]:
            if record.district != district or record.skipped:
                continue
            state.now_at = record.now_at
            for decision in record.decisions:
                REAL_CORE.apply(state, decision)
            if any(isinstance(one, SolveRequested) and one.solve_id == solve_id for one in record.decisions):
                return state, record.journal_offset + 1
        return ps.districts[district], ps.next_journal_offset

    async def _answer(self, asked: _Asked) -> None:
        out = self._envelope(asked, await self._solve(asked))
        if self._settings.lockstep:
            self._answers.append((asked.district, asked.solve_id, out))
        else:
            await self._out.send([out])

    async def _solve(self, asked: _Asked) -> Payload:
        # In lock-step the iterations alone decide: a safety stop would let the machine's speed into the day.
        seconds = 0.0 if self._settings.lockstep else SAFETY_S
        try:
            solved = await self._solved(asked, seconds)
        except BrokenPlan as error:
            logger.error("solve %s broke rules: %s", asked.solve_id, error)
            return SolveFailed(solve_id=asked.solve_id, reason=f"broke_rule:{error}")
        except JobLost:
            logger.error("solve %s lost its process too often", asked.solve_id)
            return SolveFailed(solve_id=asked.solve_id, reason="process_died")
        except Exception as error:  # ours or the solver's fault: the day goes on with the running plan
            logger.exception("solve %s failed", asked.solve_id)
            return SolveFailed(solve_id=asked.solve_id, reason=type(error).__name__)
        return proposal_of(asked.solve_id, asked.based_on, solved)

    async def _solved(self, asked: _Asked, seconds: float) -> Solved:
        """A large district's living areas side by side, then the borders; anything else in one piece."""
        question = (asked.solve_id, asked.problem, asked.running)
        limits = (asked.iterations, seconds)
        run = self._pool.run
        if asked.matching or not routing.is_large(asked.problem):
            solved: Solved = await run(solve, *question, *limits, asked.matching, asked.expected)
            return solved
        jobs = await run(parts_of, *question, *limits, asked.expected, self._settings.solver_processes)
        plans = await asyncio.gather(*(run(routing.solve_job, job) for job in jobs))
        joined: Solved = await run(join_parts, *question, plans, *limits, asked.expected)
        return joined

    def _envelope(self, asked: _Asked, payload: Payload) -> Out:
        envelope = seal(
            payload, id=event_id(asked.solve_id), district=asked.district, actor="solver", at=asked.at,
            cause=asked.solve_id,
        )  # fmt: skip
        partition = self._settings.partition_of(asked.district)
        assert partition is not None  # it came from a partition of ours
        return Out(topics.PLANS, partition, envelope)


def main() -> int:
    """Until SIGTERM (0) or any trouble (1): the supervisor starts it again, and what is pending stands in the state."""
    from streams.adapters.log_reader import run_projection_plain
    from streams.settings import read_settings

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("aiokafka", "kafka"):
        logging.getLogger(noisy).setLevel(logging.ERROR)

    async def run() -> None:
        settings = read_settings()
        await run_projection_plain(SolverPool(settings), settings)

    try:
        asyncio.run(run())
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]  # where, without the message: it may quote what was sent
        logger.error("solver pool ends: %s at %s:%s", type(error).__name__, frame.name, frame.lineno)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
