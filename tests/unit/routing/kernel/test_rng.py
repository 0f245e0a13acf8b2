"""Random numbers of the kernel's own: the same everywhere, and well spread."""

from __future__ import annotations

from routing.kernel.rng import below, draw, seeded, unit


def test_the_numbers_of_a_seed_are_these() -> None:
    state = seeded(1)
    assert [draw(state) for _ in range(3)] == [draw(one) for one in [seeded(1)] for _ in range(3)]
    assert seeded(1).tolist() != seeded(2).tolist()


def test_numbers_stay_in_their_range_and_reach_all_of_it() -> None:
    state = seeded(7)
    assert {below(state, 6) for _ in range(300)} == {0, 1, 2, 3, 4, 5}
    drawn = [unit(state) for _ in range(2000)]
    assert 0 <= min(drawn) < 0.01 < 0.99 < max(drawn) < 1
    assert 0.47 < sum(drawn) / len(drawn) < 0.53
