"""The states of what stands beside a visit (offers, claims, a closed door, what needs a person) as tables: the docs draw them,
the tests hold every decision against them. Of visits: `lifecycle`; of postings: `posting_states`; of help: `between_districts`."""

from __future__ import annotations

from streams.core import doorstep, offer_ends
from streams.core.exceptions import CHAIN, KINDS, RESOLVED_ITSELF

OPEN = "open"

OFFER_STATES: dict[str, dict[str, str]] = {
    OPEN: {
        offer_ends.ACCEPTED: "a yes, whole or in part", offer_ends.DECLINED: "a no, with its reason", offer_ends.EXPIRED: "silence",
        offer_ends.WITHDRAWN: "not asked for any more", offer_ends.TAKEN: "somebody was first",
    },
    offer_ends.ACCEPTED: {},
    offer_ends.DECLINED: {},
    offer_ends.EXPIRED: {offer_ends.ACCEPTED: "a late yes, and it is still free"},
    offer_ends.WITHDRAWN: {},
    offer_ends.TAKEN: {offer_ends.ACCEPTED: "a late yes, and it is free again"},
}  # fmt: skip
"""state -> {outcome: what brings it about}."""

CLAIM_STATES: dict[str, dict[str, str]] = {
    OPEN: {
        "confirmed": "the coordinator, or a pre-approved pair", "declined": "the coordinator",
        "expired": "nobody confirmed it in time", "withdrawn": "by who claimed it, or the visit went another way",
    },
    "confirmed": {},
    "declined": {},
    "expired": {},
    "withdrawn": {},
}  # fmt: skip


def drawn(table: dict[str, dict[str, str]]) -> str:
    """A table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {OPEN}"]
    for state, steps in table.items():
        lines += [f"    {state} --> {target}: {why}" for target, why in steps.items()]
    lines += [f"    {state} --> [*]" for state, steps in table.items() if not steps]
    return "\n".join(lines) + "\n"


def doorstep_drawn() -> str:
    """What follows from every outcome of every step at a closed door."""
    lines = ["stateDiagram-v2", "    [*] --> no_answer", f"    no_answer --> {doorstep.CALL}: {doorstep.RETRY_LIMIT} rings"]
    for step in doorstep.STEPS:
        by_target: dict[str, list[str]] = {}
        for outcome in KINDS[step].outcomes:
            by_target.setdefault(_after(step, outcome), []).append(outcome)
        if step != doorstep.WELFARE_CHECK:
            by_target[_next(step)].append(doorstep.UNATTENDED)
        lines += [f"    {step} --> {target}: {', '.join(outcomes)}" for target, outcomes in by_target.items()]
    return "\n".join([*lines, "    failed --> [*]", "    handed_over --> [*]"]) + "\n"


def _after(step: str, outcome: str) -> str:
    if outcome in doorstep.OPENS_NOW:
        return "arrived"  # the same worker, or another one
    if outcome in doorstep.KNOWN_WELL:
        return "failed"
    if step != doorstep.WELFARE_CHECK:
        return _next(step)
    return "handed_over" if outcome == doorstep.NOT_FOUND else "failed"


def _next(step: str) -> str:
    return doorstep.STEPS[doorstep.STEPS.index(step) + 1]


def exceptions_drawn() -> str:
    """Whose an exception is, from the one it is raised with to where it is told again and again."""
    first, last = "care_manager_or_enterprise", CHAIN[-1]
    lines = ["stateDiagram-v2", *(f"    [*] --> {owner}" for owner in (first, *CHAIN))]
    lines += [f"    {owner} --> {higher}: nobody acted in time" for owner, higher in zip((first, *CHAIN), CHAIN, strict=False)]
    lines.append(f"    {last} --> {last}: nobody acted in time")
    lines += [f"    {owner} --> settled: an outcome of its kind, or {RESOLVED_ITSELF}" for owner in (first, *CHAIN)]
    return "\n".join([*lines, "    settled --> [*]"]) + "\n"
