"""Authorised hours and money (승인 시간·한도): a request beyond them is taken, and somebody decides what becomes of the care."""

from __future__ import annotations

from datetime import date

from streams.contracts.inputs import AuthoriseCare
from streams.contracts.intake import Authorisation, CareAuthorised
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.authorised_books import BUDGET, HOURS, USED_UP, short_of
from streams.core.holdings import grant_version
from streams.core.turn import Turn


def authorise(turn: Turn, command: AuthoriseCare) -> None:
    """Grant it, or grant more; nothing of it (0 and 0) takes the limit away. As it stands already: nothing changes."""
    if command.command_id in turn.state.commands:
        return
    code = _judge(command)
    granted = command.granted
    if code is None and _stands_so(turn, command.recipient_id, granted):
        turn.settle(command.command_id, "duplicate")
        return
    if code is None and turn.is_stale(grant_version(turn.state, command.recipient_id, granted.service)):
        code = Refusal.VERSION_CONFLICT
    if code is not None:
        turn.settle(command.command_id, "refused", code=code)
        return
    turn.emit(
        CareAuthorised(recipient_id=command.recipient_id, granted=granted, by=turn.received.actor, at=turn.now_at)
    )
    tell(turn, command.recipient_id)
    turn.settle(command.command_id, "accepted")


def _stands_so(turn: Turn, recipient_id: str, granted: Authorisation) -> bool:
    standing = turn.state.authorised.get(recipient_id, {}).get(granted.service)
    return standing == (granted if granted.duration_s or granted.budget_krw else None)


def _judge(command: AuthoriseCare) -> Refusal | None:
    granted = command.granted
    try:
        days = [date.fromisoformat(text) for text in (granted.from_date, granted.until_date) if text]
    except ValueError:
        return Refusal.WRONG_FIELD
    if days != sorted(days):
        return Refusal.TIME_INVERTED
    figures = (granted.duration_s, granted.budget_krw, granted.visit_price_krw, granted.hour_price_krw)
    return Refusal.WRONG_FIELD if min(figures) < 0 else None


def tell(turn: Turn, recipient_id: str) -> None:
    """The dong's care manager has it when not enough is left for another visit like the last; enough again settles it."""
    visits = turn.state.runtime.visits_of.get(recipient_id, [])
    short = short_of(turn.state, recipient_id)
    for what in (HOURS, BUDGET):
        if what not in short:
            exceptions.settle_if_open(turn, USED_UP, recipient_id, what)
            continue
        spec = turn.state.visits[visits[-1]].spec
        exceptions.raise_exception(
            turn, USED_UP, recipient_id, exceptions.care_manager_of(spec.dong), dong=spec.dong, area_id=spec.area_id, detail=what
        )
