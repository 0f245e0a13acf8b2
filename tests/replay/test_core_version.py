"""The version of the core says what it decides: a core that decides otherwise has another number."""

from __future__ import annotations

from streams.core.dispatch import CORE_VERSION
from tests.replay.core_version import decided, digests, journal

HOW = (
    "the core decides otherwise on the golden journal than its version did: raise CORE_VERSION in streams/core/dispatch.py and run "
    "`python -m tests.replay.core_version` (docs/decisions/0013-decisions-outlive-their-core.md)"
)


def test_a_core_that_decides_otherwise_has_another_version() -> None:
    digest, types = decided()
    known = digests()
    assert digest == known.get(CORE_VERSION), HOW
    assert len(set(known.values())) == len(known), "two versions that decide the same are one"
    assert {"OfferSettled", "HelpMoved", "ClaimSettled", "ProviderFailed", "NeedSupplied", "StopFinished"} <= types


def test_the_golden_journal_holds_what_can_come_in() -> None:
    records = journal()
    assert len({record.envelope.district for record in records}) == 2
    assert len({record.envelope.type for record in records}) >= 25
