"""Help between districts as two tables, one for each side. The diagrams in the docs are made from them.

Whoever asks arbitrates: only its log says who supplies, and it says `accepted` to one district at a time. Whoever helps
keeps what it has reserved until it hears `released`. Every message is a state of its sender, under an index that rises, so
the newest one heard is the truth and an older one that comes late, or twice, says nothing more. What is lost is said again
by whoever waits. So there are never two suppliers, and once every message has come never none.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

DISTRICT_PREFIX = "district:"
"""Before a district's code where an organisation could stand."""


class AskState(StrEnum):
    """The side that asks, for one district and one need."""

    ASKED = "asked"
    OFFERED = "offered"
    ACCEPTED = "accepted"  # theirs, but they have not confirmed it: the need is open, and nobody else gets it
    CONFIRMED = "confirmed"
    RELEASING = "releasing"  # taken back, but they may be on their way: nobody else gets it until they let go
    CLOSED = "closed"
    DONE = "done"
    FAILED = "failed"


class GuestState(StrEnum):
    """The side that helps."""

    ASKED = "asked"
    DECLINED = "declined"
    RESERVED = "reserved"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    DONE = "done"
    FAILED = "failed"
    ENDED = "ended"


class Kind(StrEnum):
    """Messages. The asker says the first four, the helper the others."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    RELEASED = "released"
    NOTED = "noted"  # done or failed is written down here
    OFFERED = "offered"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    DECLINED_LATE = "declined_late"  # accepted, but it was gone by then
    WITHDRAWN = "withdrawn"
    LET_GO = "let_go"  # released: nobody is on the way
    DONE = "done"
    FAILED = "failed"


class Own(StrEnum):
    """What moves a side without a message of the other."""

    ACCEPT = "accept"
    RELEASE = "release"
    OFFER = "offer"
    DECLINE = "decline"
    LOSE = "lose"  # the one who was to go cannot, and nobody else can
    FINISH = "finish"
    FAIL = "fail"
    TOO_LATE = "released_too_late"  # released, but somebody is in the house


class Step(NamedTuple):
    """Where an event leads, and what is said to the other side (None: nothing)."""

    state: str
    say: Kind | None = None


A, G, K, W = AskState, GuestState, Kind, Own

ASKER: dict[str, dict[str, Step]] = {
    A.ASKED: {
        K.OFFERED: Step(A.OFFERED), K.DECLINED: Step(A.CLOSED), K.WITHDRAWN: Step(A.CLOSED, K.RELEASED), K.LET_GO: Step(A.CLOSED),
        W.RELEASE: Step(A.CLOSED, K.RELEASED),
    },
    A.OFFERED: {
        K.OFFERED: Step(A.OFFERED), W.ACCEPT: Step(A.ACCEPTED, K.ACCEPTED), K.WITHDRAWN: Step(A.CLOSED, K.RELEASED),
        K.LET_GO: Step(A.CLOSED), W.RELEASE: Step(A.CLOSED, K.RELEASED),
    },
    A.ACCEPTED: {
        K.OFFERED: Step(A.ACCEPTED, K.ACCEPTED), K.CONFIRMED: Step(A.CONFIRMED), K.DECLINED_LATE: Step(A.CLOSED, K.RELEASED),
        K.WITHDRAWN: Step(A.CLOSED, K.RELEASED), K.LET_GO: Step(A.CLOSED), K.DONE: Step(A.DONE, K.NOTED),
        K.FAILED: Step(A.FAILED, K.NOTED), W.RELEASE: Step(A.RELEASING, K.RELEASED),
    },
    A.CONFIRMED: {
        K.CONFIRMED: Step(A.CONFIRMED), K.WITHDRAWN: Step(A.CLOSED, K.RELEASED), K.DONE: Step(A.DONE, K.NOTED),
        K.FAILED: Step(A.FAILED, K.NOTED), K.LET_GO: Step(A.CLOSED), W.RELEASE: Step(A.RELEASING, K.RELEASED),
    },
    A.RELEASING: {
        K.LET_GO: Step(A.CLOSED), K.DECLINED_LATE: Step(A.CLOSED, K.RELEASED), K.WITHDRAWN: Step(A.CLOSED, K.RELEASED),
        K.OFFERED: Step(A.RELEASING), K.CONFIRMED: Step(A.RELEASING), K.DONE: Step(A.DONE, K.NOTED),
        K.FAILED: Step(A.FAILED, K.NOTED),
    },
    A.CLOSED: {
        K.OFFERED: Step(A.CLOSED, K.RELEASED), K.WITHDRAWN: Step(A.CLOSED, K.RELEASED),
        K.DECLINED_LATE: Step(A.CLOSED, K.RELEASED), K.DONE: Step(A.DONE, K.NOTED), K.FAILED: Step(A.CLOSED, K.NOTED),
    },
    A.DONE: {K.DONE: Step(A.DONE, K.NOTED), K.FAILED: Step(A.FAILED, K.NOTED)},
    A.FAILED: {K.FAILED: Step(A.FAILED, K.NOTED), K.DONE: Step(A.DONE, K.NOTED)},
}  # fmt: skip
"""state -> {message heard or own step: what follows}; what is not here changes nothing."""

HELPER: dict[str, dict[str, Step]] = {
    G.ASKED: {
        K.ASKED: Step(G.ASKED), W.OFFER: Step(G.RESERVED, K.OFFERED), W.DECLINE: Step(G.DECLINED, K.DECLINED),
        K.RELEASED: Step(G.ENDED, K.LET_GO),
    },
    G.DECLINED: {
        K.ASKED: Step(G.DECLINED, K.DECLINED), K.RELEASED: Step(G.ENDED, K.LET_GO),
    },
    G.RESERVED: {
        K.ASKED: Step(G.RESERVED, K.OFFERED), K.ACCEPTED: Step(G.CONFIRMED, K.CONFIRMED), W.LOSE: Step(G.WITHDRAWN, K.WITHDRAWN),
        K.RELEASED: Step(G.ENDED, K.LET_GO),
    },
    G.CONFIRMED: {
        K.ACCEPTED: Step(G.CONFIRMED, K.CONFIRMED), W.LOSE: Step(G.WITHDRAWN, K.WITHDRAWN), W.FINISH: Step(G.DONE, K.DONE),
        W.FAIL: Step(G.FAILED, K.FAILED), K.RELEASED: Step(G.ENDED, K.LET_GO), W.TOO_LATE: Step(G.CONFIRMED, K.CONFIRMED),
    },
    G.WITHDRAWN: {
        K.ASKED: Step(G.WITHDRAWN, K.WITHDRAWN), K.ACCEPTED: Step(G.WITHDRAWN, K.DECLINED_LATE),
        K.RELEASED: Step(G.ENDED, K.LET_GO), W.FINISH: Step(G.DONE, K.DONE),
    },
    G.DONE: {
        K.ACCEPTED: Step(G.DONE, K.DONE), K.RELEASED: Step(G.DONE, K.DONE), K.NOTED: Step(G.ENDED),
        W.FAIL: Step(G.FAILED, K.FAILED),
    },
    G.FAILED: {
        K.ACCEPTED: Step(G.FAILED, K.FAILED), K.RELEASED: Step(G.FAILED, K.FAILED), K.NOTED: Step(G.ENDED),
        W.FINISH: Step(G.DONE, K.DONE),
    },
    G.ENDED: {
        K.ASKED: Step(G.ENDED, K.LET_GO), K.ACCEPTED: Step(G.ENDED, K.LET_GO), K.RELEASED: Step(G.ENDED, K.LET_GO),
        W.FINISH: Step(G.DONE, K.DONE), W.FAIL: Step(G.FAILED, K.FAILED),
    },
}  # fmt: skip

SAID_AGAIN: dict[str, dict[str, Kind]] = {
    "asker": {A.ASKED: K.ASKED, A.ACCEPTED: K.ACCEPTED, A.RELEASING: K.RELEASED},
    "helper": {G.RESERVED: K.OFFERED, G.WITHDRAWN: K.WITHDRAWN, G.DONE: K.DONE, G.FAILED: K.FAILED},
}
"""Who waits for an answer says this again until it comes."""

HELD = frozenset({A.ACCEPTED, A.CONFIRMED, A.RELEASING})
"""The other district may be on its way: nobody else may be given the visit."""

OPEN = frozenset({A.ASKED, A.OFFERED, A.ACCEPTED, A.CONFIRMED})


def guest_id_of(district: str, ask_id: str) -> str:
    """What another district's need is called at the helper's: the same for the same asking, and no name of theirs."""
    return str(uuid5(NAMESPACE_URL, f"dolbom:help:{district}:{ask_id}"))


def step(table: dict[str, dict[str, Step]], state: str, event: str) -> Step | None:
    """What `event` makes of `state`; None when it says nothing there."""
    return table[state].get(event)


def diagram(table: dict[str, dict[str, Step]], heard: frozenset[str]) -> str:
    """A table as a Mermaid state diagram: `?x` is a message heard, `!x` one said."""
    first = next(iter(table))
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    for state, steps in table.items():
        by_target: dict[str, list[str]] = {}
        for event, (target, say) in steps.items():
            words = f"?{event}" if event in heard else str(event)
            by_target.setdefault(target, []).append(words + (f" !{say}" if say else ""))
        lines += [f"    {state} --> {target}: {', '.join(events)}" for target, events in by_target.items()]
    return "\n".join(lines) + "\n"


ASKER_SAYS = frozenset({K.ASKED, K.ACCEPTED, K.RELEASED, K.NOTED})
HELPER_SAYS = frozenset(Kind) - ASKER_SAYS
