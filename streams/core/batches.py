"""Many visits in one command: all are filed, or none."""

from __future__ import annotations

from streams.contracts.inputs import RequestVisit, RequestVisits
from streams.contracts.refusals import Refusal
from streams.core.requests import judge, request_visit, take_on
from streams.core.state import copy_of
from streams.core.turn import Turn

DUPLICATE = "duplicate"


def request_visits(turn: Turn, command: RequestVisits) -> None:
    """Every row is judged as if the ones before it were filed, on a copy of the state: a budget or a kitchen's last boxes
    may be used up on the way. Only when nothing is refused are they filed, each as if it had come alone."""
    if command.command_id in turn.state.commands:
        return
    imagined = Turn(copy_of(turn.state), turn.received)
    found = [(row, _look(imagined, request)) for row, request in enumerate(command.requests)]
    refused = tuple((row, code) for row, code in found if code and code != DUPLICATE)
    if refused:
        turn.settle(command.command_id, "refused", code=Refusal.BATCH_REFUSED, rows=refused)
        return
    if not command.dry_run:
        for (_, code), request in zip(found, command.requests, strict=True):
            if not code:
                request_visit(turn, request)
    turn.settle(command.command_id, "accepted", rows=tuple((row, code) for row, code in found if code))


def _look(imagined: Turn, request: RequestVisit) -> str:
    """"" when it would be filed, "duplicate" when it is there, or the code it is refused with."""
    known = imagined.state.visits.get(request.visit_id)
    if known is not None:
        return DUPLICATE if known.spec.body_hash == request.body_hash else Refusal.KEY_REUSED.value
    code = judge(imagined, request)
    if code is None:
        take_on(imagined, request)
        return ""
    return code.value
