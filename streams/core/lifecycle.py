"""The visit's states and legal transitions as one table; meals and care share it. The diagram in the docs is made from it."""

from __future__ import annotations

from streams.contracts.decisions import LedgerClass, VisitEvent, VisitState

S, E = VisitState, VisitEvent

LIFECYCLE: dict[VisitState, dict[VisitEvent, VisitState]] = {
    S.REQUESTED: {
        E.QUEUED: S.WAITING, E.PLANNED: S.PLANNED, E.CANCELLED: S.CANCELLED, E.HANDED_OVER: S.HANDED_OVER,
    },
    S.WAITING: {
        E.PLANNED: S.PLANNED, E.HELPED: S.ACCEPTED, E.CANCELLED: S.CANCELLED, E.FAILED: S.FAILED,
        E.HANDED_OVER: S.HANDED_OVER,
        E.DONE: S.DONE,  # by whom it was taken from, unheard: late truth
    },
    S.PLANNED: {
        E.OFFERED: S.OFFERED, E.ACCEPTED: S.ACCEPTED, E.UNPLANNED: S.WAITING, E.RELIEVED: S.WAITING,
        E.CANCELLED: S.CANCELLED, E.HANDED_OVER: S.HANDED_OVER,
    },
    S.OFFERED: {
        E.ACCEPTED: S.ACCEPTED, E.OFFER_LAPSED: S.WAITING, E.RELIEVED: S.WAITING, E.CANCELLED: S.CANCELLED,
        E.HANDED_OVER: S.HANDED_OVER,
    },
    S.ACCEPTED: {
        E.EN_ROUTE: S.EN_ROUTE, E.PICKED_UP: S.PICKED_UP, E.ARRIVED: S.ARRIVED, E.STARTED: S.IN_SERVICE,
        E.RELIEVED: S.WAITING, E.CANCELLED: S.CANCELLED, E.FAILED: S.FAILED, E.HANDED_OVER: S.HANDED_OVER,
    },
    S.EN_ROUTE: {
        E.PICKED_UP: S.PICKED_UP, E.ARRIVED: S.ARRIVED, E.STARTED: S.IN_SERVICE, E.RELIEVED: S.WAITING,
        E.CANCELLED: S.CANCELLED, E.FAILED: S.FAILED, E.HANDED_OVER: S.HANDED_OVER,
    },
    S.PICKED_UP: {
        E.ARRIVED: S.ARRIVED, E.DONE: S.DONE, E.NO_ANSWER: S.NO_ANSWER, E.RELIEVED: S.WAITING,
        E.CANCELLED: S.CANCELLED, E.FAILED: S.FAILED, E.HANDED_OVER: S.HANDED_OVER,
    },
    S.ARRIVED: {
        E.ARRIVED: S.ARRIVED, E.STARTED: S.IN_SERVICE, E.DONE: S.DONE, E.NO_ANSWER: S.NO_ANSWER,
        E.RELIEVED: S.WAITING, E.CANCELLED: S.CANCELLED, E.FAILED: S.FAILED, E.HANDED_OVER: S.HANDED_OVER,
    },
    S.IN_SERVICE: {
        E.ARRIVED: S.IN_SERVICE, E.STARTED: S.IN_SERVICE, E.DONE: S.DONE, E.RELIEVED: S.WAITING, E.FAILED: S.FAILED,
        E.HANDED_OVER: S.HANDED_OVER,
    },
    S.NO_ANSWER: {
        E.RETRIED: S.ARRIVED, E.NO_ANSWER: S.NO_ANSWER, E.DONE: S.DONE, E.STARTED: S.IN_SERVICE, E.FAILED: S.FAILED,
        E.CANCELLED: S.CANCELLED, E.RELIEVED: S.WAITING, E.HANDED_OVER: S.HANDED_OVER,
    },
    # A door that was reached counts, whatever the office had decided meanwhile: late truth corrects the ledger.
    S.HANDED_OVER: {E.DONE: S.DONE, E.CANCELLED: S.CANCELLED, E.FAILED: S.FAILED, E.REOPENED: S.WAITING},
    # A mistaken tap is reopened, never edited: history keeps both.
    S.CANCELLED: {E.DONE: S.DONE, E.REOPENED: S.WAITING},
    S.FAILED: {E.DONE: S.DONE, E.REOPENED: S.ARRIVED},
    S.DONE: {E.REOPENED: S.ARRIVED},
}  # fmt: skip
"""state -> {event: next state}; what is not here is illegal."""

LEDGER_CLASS: dict[VisitState, LedgerClass] = {
    state: LedgerClass(state.value) if state.value in set(LedgerClass) else LedgerClass.OPEN for state in VisitState
}
"""Each state belongs to exactly one class of the day's ledger."""

COMMITTED = frozenset({S.OFFERED, S.ACCEPTED, S.EN_ROUTE, S.PICKED_UP, S.ARRIVED, S.IN_SERVICE, S.NO_ANSWER})
"""States in which a worker has the visit (or is being asked): the optimizer may not move it to another."""

TAKEN = COMMITTED - {S.OFFERED}
"""States in which a worker has said yes."""
ON_THE_WAY = (S.ACCEPTED, S.EN_ROUTE, S.PICKED_UP)
"""Taken, and the worker is not at the door yet."""

CLOSED = frozenset(state for state, class_ in LEDGER_CLASS.items() if class_ is not LedgerClass.OPEN)


class IllegalTransition(ValueError):
    """A decision that the lifecycle table forbids: a defect of ours, never of a sender."""


def next_state(state: VisitState, event: VisitEvent) -> VisitState | None:
    """Where `event` leads from `state`; None when it is illegal there."""
    return LIFECYCLE[state].get(event)


def diagram() -> str:
    """The table as a Mermaid state diagram for the docs."""
    lines = ["stateDiagram-v2", "    [*] --> requested"]
    for state, steps in LIFECYCLE.items():
        by_target: dict[VisitState, list[str]] = {}
        for event, target in steps.items():
            by_target.setdefault(target, []).append(event.value)
        lines += [f"    {state.value} --> {target.value}: {', '.join(events)}" for target, events in by_target.items()]
    lines += [f"    {state.value} --> [*]" for state in sorted(CLOSED)]
    return "\n".join(lines) + "\n"
