"""Many visits in one command: all are filed, or none.

One command is one record of the journal, and what it makes is one record of the decisions: there is nothing in between
that a crash could leave. A large batch is filed in that record and given workers in the next ones, chunk by chunk: routes
are longer than requests, and other inputs shall not wait for a thousand insertions.
"""

from __future__ import annotations

from collections.abc import Iterable

from streams.contracts import codec
from streams.contracts.batches import ChunkPlaced, PlacingPostponed
from streams.contracts.decisions import Decision, VisitState
from streams.contracts.inputs import RequestVisit, RequestVisits
from streams.contracts.refusals import Refusal
from streams.core.disruptions import NEXT_CHUNK_S, divert
from streams.core.placing import place_or_wait
from streams.core.requests import judge, request_visit, take_on
from streams.core.state import copy_of
from streams.core.turn import Turn

DUPLICATE = "duplicate"
FILED_LIMIT_BYTES = 930_000  # of `codec.MESSAGE_LIMIT_BYTES`: room for the ids of 1,000 visits, the outcome and the envelope
PLACED_LIMIT_BYTES = 500_000  # beside the routes of so many visits
ALARM = "place:"


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
    size_bytes = _size_bytes(imagined.decisions)
    if size_bytes > FILED_LIMIT_BYTES:
        turn.settle(command.command_id, "refused", code=Refusal.TOO_LARGE)
        return
    new = [request for (_, code), request in zip(found, command.requests, strict=True) if not code]
    if not command.dry_run:
        if len(new) <= turn.policy.batch_placed_at_once and size_bytes <= PLACED_LIMIT_BYTES:
            for request in new:
                request_visit(turn, request)
        else:
            _file_now_place_later(turn, new)
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


def _size_bytes(decisions: Iterable[Decision]) -> int:
    return sum(len(codec.encode(one)) + 1 for one in decisions)


def _file_now_place_later(turn: Turn, requests: list[RequestVisit]) -> None:
    for request in requests:
        take_on(turn, request)
    turn.emit(PlacingPostponed(visit_ids=tuple(request.visit_id for request in requests), at=turn.now_at))
    turn.alarm(ALARM, NEXT_CHUNK_S)


def place_chunk(turn: Turn, _: str) -> None:
    """Give workers to the next visits of large batches; the rest comes with the next tick."""
    chunk = turn.state.to_place[: max(1, turn.policy.batch_chunk)]
    for visit_id in chunk:
        still_waits = turn.state.visits[visit_id].state is VisitState.WAITING  # not cancelled, nor placed by a plan or a person
        if still_waits and not divert(turn, visit_id):
            place_or_wait(turn, visit_id)
    turn.emit(ChunkPlaced(count=len(chunk)))
    if turn.state.to_place:
        turn.alarm(ALARM, NEXT_CHUNK_S)
    else:
        turn.silence(ALARM)
