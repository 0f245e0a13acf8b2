"""An index that was brought to another time ahead, rightly or wrongly guessed, changes no decision."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings, strategies as st

from streams.contracts.codec import encode
from streams.core.dispatch import decide
from streams.core.state import new_state, state_hash
from tests.core_world import DISTRICT, CoreWorld
from tests.property.test_core import play, steps, town


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, max_size=40), st.lists(st.integers(-60, 43_200), min_size=1, max_size=20))
def test_preparing_for_any_time_changes_no_decision(script: list[tuple], guesses: list[int]) -> None:
    world = CoreWorld(town(()))
    for step in script:
        play(world, step)
    world.close()

    prepared = new_state(DISTRICT)
    decisions = []
    for number, (envelope, recorded_at) in enumerate(world.inputs):
        # exactly right, a little off, and far off in turns
        guess_s = (0, 1, guesses[number % len(guesses)])[number % 3]
        prepared.runtime.prepare(recorded_at.replace(microsecond=0) + timedelta(seconds=guess_s))
        decisions += decide(prepared, envelope, recorded_at)
    assert [encode(decision) for decision in decisions] == [encode(decision) for decision in world.log]
    assert state_hash(prepared) == state_hash(world.state)
