"""Random histories of two districts: whatever happens in whatever order, what must hold holds after every step. The other half
of them is in test_histories_second.py, for the second lane.

How many histories and steps were played is printed at the end of the run.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.histories.played import play

# A run plays an eighth more histories than it is asked for (in 40 blocks of 500: 22,647 in all, 541 at least): 40 of 450 are over
# 20,000, and the night has 80 minutes.
HALF, BLOCK, BLOCKS_OF_HALF = 250, 450, 20

COMES_ABOUT = (
    # offers, substitutes, claims, and who supplied
    "OfferMade", "OfferSettled", "OfferReminded", "SubstituteCalled", "NeedOpened", "ClaimMade", "ClaimSettled", "NeedSupplied",
    "UnmetNeedRecorded", "FeeRaised", "DeclinesLifted",
    # what breaks
    "ProviderFailed", "ModePaused", "VisitsMoved", "PromiseChanged", "KitchenChanged", "WorkerAsked", "WorkerHeard",
    "ExceptionEscalated", "EndpointChanged",
    # people, rules, plans
    "IntakeRecorded", "FirstVisitSettled", "CareAuthorised",
    "ProgrammeBooked", "CredentialChanged", "PairExcluded", "StopFinished", "SolveSettled",
    # between districts
    "asker offered", "asker accepted", "asker confirmed", "asker closed", "helper declined", "helper reserved", "helper confirmed",
    "helper withdrawn", "helper ended",
)  # fmt: skip


@pytest.mark.timeout(900)
def test_the_first_half_of_five_hundred_histories_of_a_hundred_steps(tell: Callable[[str], None]) -> None:
    reached = play(1, HALF, tell)
    assert not [one for one in COMES_ABOUT if not reached[one]], "the histories do not come to what they are to try"


@pytest.mark.nightly
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("block", range(BLOCKS_OF_HALF))
def test_the_first_half_of_twenty_thousand_histories(block: int, tell: Callable[[str], None]) -> None:
    play(1000 + block, BLOCK, tell)
