"""Random histories with everything that a district may lay down for its workers and ask of its visits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.histories.played import play
from tests.histories.with_terms import HistoriesWithTerms, such_towns


@pytest.mark.timeout(300)
def test_no_history_with_rests_gaps_and_errands_breaks_what_holds(tell: Callable[[str], None]) -> None:
    with such_towns():
        reached = play(31, 25, tell, of=HistoriesWithTerms)
    assert reached["WorkerRested"], "nobody ever rests in them"


@pytest.mark.nightly
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(40, 48))
def test_a_thousand_more_of_them(seed: int, tell: Callable[[str], None]) -> None:
    with such_towns():
        play(seed, 125, tell, of=HistoriesWithTerms)
