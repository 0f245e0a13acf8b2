"""The fold of exclusions: what was said by hand, and what a configuration lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from streams.contracts import decisions as d
from streams.contracts.eligibility import Exclusion
from streams.core.state import DistrictState, ExclusionRecord


def take_listed(state: DistrictState, listed: Iterable[Exclusion]) -> None:
    """As a configuration lists them: what somebody recorded or lifted since it was drawn up stays. What it does not list any
    more has heard of the lifting: listed again later, it holds anew."""
    pairs = {(one.recipient_id, one.worker_id): one for one in listed}
    state.lifted = {
        recipient_id: kept
        for recipient_id, lifted in state.lifted.items()
        if (kept := {worker_id: at for worker_id, at in lifted.items() if (recipient_id, worker_id) in pairs})
    }
    for one in pairs.values():
        _take(state, one)


def _take(state: DistrictState, one: Exclusion) -> None:
    held = state.exclusions.get(one.recipient_id, {}).get(one.worker_id)
    lifted_at = state.lifted.get(one.recipient_id, {}).get(one.worker_id)
    said_at = held.since_at if held is not None and held.said else lifted_at
    if said_at is not None and not _is_later(one.since_at, said_at):
        return
    since_at = one.since_at or (held.since_at if held is not None and held.by == one.by else state.now_at)
    _exclude(state, one.recipient_id, one.worker_id, ExclusionRecord(by=one.by, since_at=since_at))


def _is_later(at: datetime | None, than: datetime) -> bool:
    return at is not None and at > than


def _exclude(state: DistrictState, recipient_id: str, worker_id: str, record: ExclusionRecord) -> None:
    state.exclusions.setdefault(recipient_id, {})[worker_id] = record
    _drop(state.lifted, recipient_id, worker_id)


def _drop(table: dict[str, dict[str, Any]], recipient_id: str, worker_id: str) -> None:
    of_recipient = table.get(recipient_id, {})
    of_recipient.pop(worker_id, None)
    if not of_recipient:
        table.pop(recipient_id, None)


def _pair_excluded(state: DistrictState, decision: d.PairExcluded) -> None:
    record = ExclusionRecord(by=decision.by, since_at=decision.at, reason=decision.reason, said=True)
    _exclude(state, decision.recipient_id, decision.worker_id, record)
    state.runtime.recipient_changed(decision.recipient_id)


def _exclusion_lifted(state: DistrictState, decision: d.ExclusionLifted) -> None:
    # Before version 10 a configuration brought back what was lifted, and logs have it lifted again: then it is not held here.
    _drop(state.exclusions, decision.recipient_id, decision.worker_id)
    state.lifted.setdefault(decision.recipient_id, {})[decision.worker_id] = decision.at
    state.runtime.recipient_changed(decision.recipient_id)


APPLY_EXCLUSIONS: dict[type, Callable[[DistrictState, Any], None]] = {
    d.PairExcluded: _pair_excluded,
    d.ExclusionLifted: _exclusion_lifted,
}
