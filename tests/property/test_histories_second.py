"""The second half of the random histories of two districts (see test_histories.py)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.histories.played import play
from tests.property.test_histories import BLOCK, BLOCKS_OF_HALF, COMES_ABOUT, HALF


@pytest.mark.timeout(900)
def test_the_second_half_of_five_hundred_histories_of_a_hundred_steps(tell: Callable[[str], None]) -> None:
    reached = play(2, HALF, tell)
    assert not [one for one in COMES_ABOUT if not reached[one]], "the histories do not come to what they are to try"


@pytest.mark.nightly
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("block", range(BLOCKS_OF_HALF, 2 * BLOCKS_OF_HALF))
def test_the_second_half_of_twenty_thousand_histories(block: int, tell: Callable[[str], None]) -> None:
    play(1000 + block, BLOCK, tell)
