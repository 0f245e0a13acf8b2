"""What must hold between two districts: never two suppliers of one visit, and when everything has been heard never none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from streams.contracts.decisions import VisitState
from streams.core.asks import ASK_TRIES
from streams.core.between_districts import HELD, SAID_AGAIN, AskState, GuestState, guest_id_of
from streams.core.lifecycle import CLOSED
from streams.core.state import AskRecord, GuestRecord, VisitRecord
from tests.histories.side import Side

GOING = frozenset(VisitState) - CLOSED - {VisitState.REQUESTED}
"""Somebody is to go, goes, or is there."""


_guest_id = cache(guest_id_of)


def asked(sides: Mapping[str, Side]) -> Iterator[tuple[Side, VisitRecord, AskRecord, Side, GuestRecord | None]]:
    """Every asking: whose, which visit, the other district, and what the other district has of it."""
    for home in sides.values():
        for ask in home.state.asks.values():
            there = sides[ask.asked.district]
            guest = there.state.guests.get(_guest_id(home.one.code, ask.asked.ask_id))
            yield home, home.state.visits[ask.asked.visit_id], ask, there, guest


def _they_supply(there: Side, guest: GuestRecord | None) -> bool:
    if guest is None:
        return False
    theirs = there.state.visits.get(guest.asked.guest_id)
    going = theirs is not None and not theirs.reserved and theirs.state in GOING
    return going or bool(there.beliefs.theirs.get(guest.asked.guest_id))


def check_between(sides: Mapping[str, Side]) -> None:
    """At every moment, whatever is still under way between them."""
    supplying: dict[tuple[str, str], int] = {}
    for home, visit, ask, there, guest in asked(sides):
        visit_id, where = visit.spec.visit_id, f"{home.one.code} {visit.spec.reference} {visit.state}, ask {ask.state}"
        key = (home.one.code, visit_id)
        ours = (bool(visit.worker_ids) and visit.state in GOING) or bool(home.beliefs.theirs.get(visit_id))
        supplying[key] = supplying.get(key, int(ours)) + _they_supply(there, guest)
        assert supplying[key] <= 1, f"two suppliers: {where}, guest {guest and guest.state}"
        theirs_perhaps = ask.state in HELD and visit.state not in CLOSED  # what is over keeps the name of who was there
        assert not (theirs_perhaps and visit.worker_ids), f"another district may be on its way, and so are we: {where}"
        again = ask.state in SAID_AGAIN["asker"] and not (ask.state == AskState.ASKED and ask.tries >= ASK_TRIES)
        assert not again or f"ask:{ask.asked.ask_id}" in home.state.deadlines, f"waits for an answer without end: {where}"
        if guest is not None and guest.state in SAID_AGAIN["helper"]:
            assert f"guest:{guest.asked.guest_id}" in there.state.deadlines, f"waits for an answer without end: {where}"


def check_all_heard(sides: Mapping[str, Side]) -> None:
    """Everything said has been heard: both sides say the same, and no visit is with nobody."""
    for home, visit, ask, there, guest in asked(sides):
        theirs = there.state.visits.get(guest.asked.guest_id) if guest is not None else None
        where = (
            f"{home.one.code} {visit.spec.reference} {visit.state} held by {visit.held_by!r}; ask {ask.state}; "
            f"guest {guest and guest.state}; there {theirs and theirs.state}"
        )
        in_the_house = theirs is not None and theirs.state is VisitState.IN_SERVICE
        match ask.state:
            case AskState.ACCEPTED:
                raise AssertionError(f"accepted, and neither confirmed nor declined: {where}")
            case AskState.RELEASING:
                assert in_the_house, f"not let go: {where}"
            case AskState.CONFIRMED:
                assert _they_supply(there, guest), f"nobody supplies: {where}"
                assert visit.state not in CLOSED, f"theirs, and closed here: {where}"
            case _:
                assert not _they_supply(there, guest), f"they go, and we do not count on it: {where}"
        if guest is not None and guest.state == GuestState.RESERVED:
            assert ask.state == AskState.OFFERED, f"kept free for nobody: {where}"
        if visit.held_by and visit.held_by == ask.asked.ask_id and visit.state not in CLOSED:
            assert ask.state in (*HELD, AskState.OFFERED), f"held for nobody: {where}"
