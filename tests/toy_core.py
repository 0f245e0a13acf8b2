"""A small core for tests of the shell: it lists what it heard, names a deadline when a kitchen is late, and has a fault."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from streams.contracts.decisions import CommandSettled, DeadlineCleared, DeadlineSet, Decision, ReportRefused
from streams.contracts.envelope import Envelope
from streams.contracts.inputs import CancelVisit, KitchenReported, MalformedReceived

FAULT = "what our core fails on"


class ToyState(msgspec.Struct, kw_only=True):
    district: str
    now_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    heard: list[str] = []
    refused: list[str] = []
    deadlines: dict[str, datetime] = {}


class ToyCore:
    """Implements `streams.core.chain.Core`."""

    def __init__(self, version: str = "toy-1") -> None:
        self.version = version
        self.schema = "toy"

    def decide(self, state: ToyState, received: Envelope, recorded_at: datetime) -> list[Decision]:
        state.now_at = max(state.now_at, recorded_at)
        decisions: list[Decision] = [
            DeadlineCleared(key=key) for key, at in state.deadlines.items() if at <= state.now_at
        ]
        payload = received.read_payload()
        if isinstance(payload, MalformedReceived):
            decisions.append(ReportRefused(report_id=received.id, organisation="", code=payload.code, subject=""))
        else:
            decisions.append(CommandSettled(command_id=received.id, outcome="accepted", visit_id=""))
        if isinstance(payload, CancelVisit) and payload.reason == FAULT:
            self.apply(state, decisions[-1])  # half done by then
            raise KeyError(payload.reason)
        if isinstance(payload, KitchenReported):
            decisions.append(DeadlineSet(key=f"kitchen:{payload.kitchen_id}", at=payload.ready_at))
        for decision in decisions:
            self.apply(state, decision)
        return decisions

    def apply(self, state: ToyState, decision: Decision) -> None:
        match decision:
            case CommandSettled():
                state.heard.append(decision.command_id)
            case ReportRefused():
                state.refused.append(decision.code)
            case DeadlineSet():
                state.deadlines[decision.key] = decision.at
            case DeadlineCleared():
                state.deadlines.pop(decision.key, None)
            case _:
                raise AssertionError(decision)

    def new_state(self, district: str) -> ToyState:
        return ToyState(district=district)

    def next_deadline(self, state: ToyState) -> datetime | None:
        return min(state.deadlines.values(), default=None)

    def prepare(self, state: ToyState, at: datetime) -> None:
        pass

    def encode_state(self, state: ToyState) -> bytes:
        return msgspec.json.encode(state)

    def decode_state(self, raw: Any) -> ToyState:
        return msgspec.json.decode(raw, type=ToyState)


TOY = ToyCore()
