"""Random histories of the core: whatever happens in whatever order, what must hold holds after every step.

How many histories and steps were played is printed at the end of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories import counted
from tests.histories.machine import Histories

HUNDRED_STEPS = settings(stateful_step_count=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
BLOCK = 500


@pytest.fixture(autouse=True)
def told(tell: Callable[[str], None]) -> Iterator[None]:
    before = counted.now()
    yield
    histories, steps, inputs = (now - then for now, then in zip(counted.now(), before, strict=True))
    tell(f"{histories} histories, {steps} steps, {inputs} inputs decided")


def test_five_hundred_histories_of_a_hundred_steps() -> None:
    run_state_machine_as_test(Histories, settings=settings(HUNDRED_STEPS, max_examples=BLOCK, derandomize=True))


@pytest.mark.nightly
@pytest.mark.parametrize("block", range(40))
def test_twenty_thousand_histories(block: int) -> None:
    run_state_machine_as_test(seed(block)(type("Block", (Histories,), {})), settings=settings(HUNDRED_STEPS, max_examples=BLOCK))
