"""The states of a posting (입소 파견) as one table; the diagram in docs/crisis.md is made from it."""

from __future__ import annotations

from streams.contracts.crisis import PostingEvent, PostingState

S, E = PostingState, PostingEvent

POSTING_STATES: dict[PostingState, dict[PostingEvent, PostingState]] = {
    S.WAITING: {E.ASSIGNED: S.ASSIGNED, E.CANCELLED: S.CANCELLED},
    S.ASSIGNED: {E.BEGUN: S.UNDER_WAY, E.LOST: S.WAITING, E.CANCELLED: S.CANCELLED},
    S.UNDER_WAY: {E.ENDED: S.ENDED, E.LOST: S.WAITING},
    S.ENDED: {},
    S.CANCELLED: {},
}
"""state -> {event: next state}; what is not here is illegal."""


def next_posting_state(state: PostingState, event: PostingEvent) -> PostingState | None:
    """Where `event` leads from `state`; None when it is illegal there."""
    return POSTING_STATES[state].get(event)


def diagram() -> str:
    """The table as a Mermaid state diagram for the docs."""
    lines = ["stateDiagram-v2", "    [*] --> waiting"]
    for state, steps in POSTING_STATES.items():
        lines += [f"    {state.value} --> {target.value}: {event.value}" for event, target in steps.items()]
    lines += [f"    {state.value} --> [*]" for state, steps in POSTING_STATES.items() if not steps]
    return "\n".join(lines) + "\n"
