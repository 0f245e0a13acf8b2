"""Weather pauses a vehicle mode in an area for a time: others take over, people are told; it ends by itself or by command."""

from __future__ import annotations

from streams.contracts.disruptions import ModePaused
from streams.contracts.inputs import PauseMode
from streams.contracts.refusals import Refusal
from streams.core.disruption_record import MODE, DisruptionRecord, going_on
from streams.core.disruptions import move_chunk, whom_it_hits
from streams.core.turn import Turn


def pause_mode(turn: Turn, command: PauseMode) -> None:
    """Nobody goes by this mode there until then. Who is on the way already decides for themselves and goes on."""
    if command.command_id in turn.state.commands:
        return
    code = _judge(turn, command)
    if code is not None:
        turn.settle(command.command_id, "refused", code=code)
        return
    if any(one.kind == MODE and one.mode == command.mode and one.area_id in ("", command.area_id)
           and one.until_at >= command.until_at for one in going_on(turn.state)):  # fmt: skip
        turn.settle(command.command_id, "duplicate")
        return
    record = DisruptionRecord(
        disruption_id=command.command_id, kind=MODE, mode=command.mode, area_id=command.area_id, reason=command.reason,
        from_at=turn.now_at, until_at=command.until_at,
    )  # fmt: skip
    turn.emit(
        ModePaused(
            disruption_id=command.command_id, mode=command.mode, area_id=command.area_id, reason=command.reason,
            by=turn.received.actor, at=turn.now_at, until_at=command.until_at, visit_ids=whom_it_hits(turn, record),
        )
    )  # fmt: skip
    move_chunk(turn, command.command_id)
    turn.settle(command.command_id, "accepted")
    turn.dirty()


def _judge(turn: Turn, command: PauseMode) -> Refusal | None:
    if command.mode not in turn.config.travel.modes:
        return Refusal.UNKNOWN_MODE
    if command.area_id and command.area_id not in turn.state.runtime.geography.areas:
        return Refusal.UNKNOWN_AREA
    return Refusal.TIME_IN_PAST if command.until_at <= turn.now_at else None
