"""`python -m tests.benchmark.burner`: one solver process that is always busy, with solves as the solver pool runs them."""

from __future__ import annotations

import itertools
import os

from streams.adapters.solver_job import BrokenPlan, set_up_process, solve, warm
from streams.core.dispatch import decide, new_state
from streams.core.planning import build_problem
from tests.benchmark.districts import DISTRICT, MORNING, Filing, Size, make_district

VISITS = 140


def main() -> None:
    parent = os.getppid()
    set_up_process()
    warm()
    config = make_district(Size(riders=20, carers=12), 1)
    filing, state = Filing(config, 1), new_state(DISTRICT)
    for envelope in (filing.configure(), *filing.shifts(), *(filing.visit() for _ in range(VISITS))):
        decide(state, envelope, MORNING)
    problem, running = build_problem(state)
    for number in itertools.count():
        if os.getppid() != parent:  # nobody needs the heat any more
            return
        try:
            solve(f"burn-{number}", problem, running, config.policy.solve_iterations, 2.0)
        except BrokenPlan:
            continue


if __name__ == "__main__":
    main()
