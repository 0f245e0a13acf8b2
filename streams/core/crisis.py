"""Crisis programmes (긴급돌봄지원단): an operator switches one on for dates, with a budget and an equipment stock.

Type 1 are visits filed under the programme (care that is about to break, errands); each books its price and equipment.
Type 2 are postings (see `postings`). Used up is somebody's to look at.
"""

from __future__ import annotations

from datetime import date

from streams.contracts import decisions as d
from streams.contracts.eligibility import Credential, Programme
from streams.contracts.inputs import IssueEquipment, RequestVisit, SwitchOffProgramme, SwitchOnProgramme
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.credentials import hold
from streams.core.instants import day_of
from streams.core.programme_books import BUDGET, EQUIPMENT, next_use, short_of
from streams.core.state import ProgrammeRecord
from streams.core.turn import Turn

USED_UP = "budget_used_up"


def find_switched(turn: Turn, command_id: str, programme_id: str) -> Programme | None:
    """The switchable programme that a command of an operator is about; None when it was a repeat or was refused here."""
    if command_id in turn.state.commands:
        return None
    programme = turn.state.runtime.rules.programmes.get(programme_id)
    if turn.received.actor.partition(":")[0] != exceptions.OPERATOR:
        turn.settle(command_id, "refused", code=Refusal.OPERATOR_ONLY)
    elif programme is None or not programme.switched:
        turn.settle(command_id, "refused", code=Refusal.UNKNOWN_PROGRAMME)
    else:
        return programme
    return None


def switch_on(turn: Turn, command: SwitchOnProgramme) -> None:
    """From now on it may be asked for, within its dates, budget and stock. As it stands already: nothing changes."""
    programme = find_switched(turn, command.command_id, command.programme_id)
    if programme is None:
        return
    code = _judge_switch(command)
    record = turn.state.programmes.get(command.programme_id)
    if code is None and record is not None and _stands_so(record, command):
        turn.settle(command.command_id, "duplicate")
        return
    if code is None and turn.is_stale(record.version if record is not None else 0):
        code = Refusal.VERSION_CONFLICT
    if code is not None:
        turn.settle(command.command_id, "refused", code=code)
        return
    turn.emit(
        d.ProgrammeSwitched(
            programme_id=command.programme_id, is_on=True, from_date=command.from_date, until_date=command.until_date,
            budget_krw=command.budget_krw, stock=command.stock, by=turn.received.actor, at=turn.now_at,
        )
    )  # fmt: skip
    tell_if_used_up(turn, command.programme_id)
    turn.settle(command.command_id, "accepted")


def _stands_so(record: ProgrammeRecord, command: SwitchOnProgramme) -> bool:
    set_before = (record.from_date, record.until_date, record.budget_krw, record.stock)
    return record.is_on and set_before == (command.from_date, command.until_date, command.budget_krw, command.stock)


def _judge_switch(command: SwitchOnProgramme) -> Refusal | None:
    try:
        from_date, until_date = date.fromisoformat(command.from_date), date.fromisoformat(command.until_date)
    except ValueError:
        return Refusal.WRONG_FIELD
    if until_date < from_date:
        return Refusal.TIME_INVERTED
    return Refusal.WRONG_FIELD if command.budget_krw < 0 or any(n < 0 for n in command.stock.values()) else None


def switch_off(turn: Turn, command: SwitchOffProgramme) -> None:
    """Nothing new under it; visits and postings that were promised go on."""
    programme = find_switched(turn, command.command_id, command.programme_id)
    if programme is None:
        return
    record = turn.state.programmes.get(command.programme_id)
    if record is None or not record.is_on:
        turn.settle(command.command_id, "duplicate")
        return
    if turn.is_stale(record.version):
        turn.settle(command.command_id, "refused", code=Refusal.VERSION_CONFLICT)
        return
    turn.emit(
        d.ProgrammeSwitched(
            programme_id=command.programme_id, is_on=False, from_date=record.from_date, until_date=record.until_date,
            budget_krw=record.budget_krw, stock=record.stock, by=turn.received.actor, at=turn.now_at,
        )
    )  # fmt: skip
    tell_if_used_up(turn, command.programme_id)
    turn.settle(command.command_id, "accepted")


def is_on(turn: Turn, programme_id: str, day: date) -> bool:
    """Switched on, and that day is one of its dates."""
    record = turn.state.programmes.get(programme_id)
    return record is not None and record.is_on and record.from_date <= day.isoformat() <= record.until_date


def judge_visit(turn: Turn, request: RequestVisit) -> Refusal | None:
    """May this be asked under its programme, and is there enough left for it?"""
    if not request.programme:
        return None
    programme = turn.state.runtime.rules.programmes.get(request.programme)
    if programme is None:
        return Refusal.UNKNOWN_PROGRAMME
    if request.service.value not in programme.services:
        return Refusal.NOT_OF_PROGRAMME
    if not programme.switched:
        return None
    if not is_on(turn, request.programme, day_of(request.window_start_at)):
        return Refusal.PROGRAMME_OFF
    if programme.who_may_ask and request.asked_by not in programme.who_may_ask:
        return Refusal.MAY_NOT_ASK
    short = short_of(turn.state.programmes[request.programme], programme.visit_price_krw, programme.visit_equipment)
    return refusal_of(short)


def refusal_of(short: tuple[str, ...]) -> Refusal | None:
    """The refusal for what is not left."""
    if not short:
        return None
    return Refusal.BUDGET_USED_UP if BUDGET in short else Refusal.STOCK_USED_UP


def tell_if_used_up(turn: Turn, programme_id: str, asked: tuple[str, ...] = ()) -> None:
    """The district office has it when not enough is left for one more (or for what was just `asked`); what is there again,
    or no longer needed, is settled."""
    programme = turn.state.runtime.rules.programmes.get(programme_id)
    record = turn.state.programmes.get(programme_id)
    if programme is None or record is None:
        return
    short = {*asked, *short_of(record, *next_use(programme))} if record.is_on else set[str]()
    for what in sorted({BUDGET, *record.stock, *record.booked_equipment, *short}):
        exception_id = exceptions.find_open(turn, USED_UP, programme_id, what)
        if what in short and exception_id is None:
            exceptions.raise_exception(turn, USED_UP, programme_id, exceptions.DISTRICT_OFFICER, detail=what)
        elif what not in short and exception_id is not None:
            exceptions.settle_exception(turn, exception_id, exceptions.RESOLVED_ITSELF)


def issue_equipment(turn: Turn, command: IssueEquipment) -> None:
    """Equipment out of the stock to a worker, who may serve with it until it expires."""
    if command.command_id in turn.state.commands:
        return
    programme = turn.state.runtime.rules.programmes.get(command.programme_id)
    code = _judge_issue(turn, command, programme)
    if code is not None:
        if code is Refusal.STOCK_USED_UP:
            tell_if_used_up(turn, command.programme_id, short_of(turn.state.programmes[command.programme_id], 0, command.items))
        turn.settle(command.command_id, "refused", code=code)
        return
    turn.emit(
        d.ProgrammeBooked(
            programme_id=command.programme_id, kind=EQUIPMENT, subject=f"{command.worker_id}:{command.command_id}", krw=0,
            equipment=command.items, at=turn.now_at,
        )
    )  # fmt: skip
    held = turn.state.workers[command.worker_id].credentials.get(command.credential)
    until_at = max(command.valid_until_at, held.valid_until_at) if held is not None else command.valid_until_at
    # What is held already is not shortened.
    issued = Credential(code=command.credential, issued_at=turn.now_at, valid_until_at=until_at)
    hold(turn, command.worker_id, issued, "issued")
    tell_if_used_up(turn, command.programme_id)
    turn.settle(command.command_id, "accepted")
    turn.dirty()


def _judge_issue(turn: Turn, command: IssueEquipment, programme: Programme | None) -> Refusal | None:
    if programme is None:
        return Refusal.UNKNOWN_PROGRAMME
    if command.worker_id not in turn.state.workers:
        return Refusal.UNKNOWN_WORKER
    if not is_on(turn, command.programme_id, day_of(turn.now_at)):
        return Refusal.PROGRAMME_OFF
    if not command.items or any(count < 1 for count in command.items.values()):
        return Refusal.WRONG_FIELD
    if command.valid_until_at <= turn.now_at:
        return Refusal.TIME_IN_PAST
    return refusal_of(short_of(turn.state.programmes[command.programme_id], 0, command.items))
