"""A whole day through the pure core in one process: no Kafka, no Redis, no HTTP. The oracle of the real pipeline (the same
messages in the same order must give the same state hash), and the place to look at a day with a debugger.

`python -m services.sample_day.in_process --day FOLDER --seed N` prints the day's result as JSON.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from pydantic import ValidationError

from services.api.calls import call_of
from services.api.commands import acknowledge_of, concern_of, settle_of
from services.api.crisis_commands import posting_of, switch_on_of
from services.api.emergency_calls import emergency_call_of
from services.api.identifiers import command_id_of, report_envelope_id, visit_id_of
from services.api.models import AssignBody, ConcernBody, EmergencyCallBody, ForbidBody, ModePauseBody, SettleBody, VisitBody
from services.api.models_calls import WishBody
from services.api.models_care import PostingBody, SwitchOnBody
from services.api.overrule import assign_of, forbid_of
from services.api.visits import request_of
from services.api.webhooks import KitchenItem, ProviderItem, ReportItem
from services.sample_day.conductor import run_lockstep
from services.sample_day.messages import Answer, Message, Received, Step
from services.sample_day.notices_in_process import NoticesInProcess
from services.sample_day.simulation import Simulation
from streams.adapters.webhook_bodies import Told, outgoing
from streams.contracts import codec, decisions as d
from streams.contracts.envelope import DecisionsRecord, Envelope, Source, seal
from streams.contracts.inputs import (
    CancelVisit,
    ClockTicked,
    CloseDay,
    ConfigureDistrict,
    KitchenReported,
    PauseMode,
    Payload,
    ProviderReported,
    SolveFailed,
    WorkerReported,
)  # fmt: skip
from streams.core.board import exception_row, ledger, visit_row
from streams.core.deadlines import next_deadline
from streams.core.dispatch import CORE_VERSION, decide, new_state
from streams.core.expected import expected_visits
from streams.core.planning import build_problem
from streams.core.state import DistrictState, state_hash

if TYPE_CHECKING:
    from services.sample_day.day import Day

Solver = Callable[[DistrictState, str], Payload]
"""(state, solve_id) -> PlanProposed or SolveFailed."""


class InProcessDoors:
    """The doors of `conductor.SteppedDoors` straight onto `decide`; what the pipeline does, one call deep."""

    def __init__(self, day: Day, solve: Solver | None = None, keep_records: bool = False) -> None:
        self.day = day
        self.state = new_state(day.config.district)
        self.told = Told()
        self.now = day.start_at
        self.offset = 0
        self.records: list[DecisionsRecord] | None = [] if keep_records else None
        self.decided = 0
        self.core_s = 0.0
        self._solve = solve or solve_inline
        self._solves: deque[str] = deque()
        self._notices = NoticesInProcess(day)
        self._heard: list[Received] = []
        config_hash = codec.digest(codec.encode(day.config))
        command_id = command_id_of(day.config.district, "ConfigureDistrict", f"{config_hash}/")
        self._append(self._seal(ConfigureDistrict(command_id=command_id, config=day.config), actor="operator"))

    # --- the doors ---

    def step(self, to_at: datetime | None) -> Step:
        """The clock to `to_at`, a tick, every solve that was asked for, and then what the outbox has to say, as behind the
        tokens of a lock-step."""
        if to_at is not None:
            self.now = max(self.now, to_at)
        self._append(self._seal(ClockTicked(due_at=self.now), actor="clock"))
        while True:
            self._notices.send(self.state.district, self.state.now_at)
            if self._solves:
                self._append(self._seal(self._solve(self.state, self._solves.popleft()), actor="solver"))
                continue
            unreached = self._notices.take_failed()
            if not unreached:
                break
            for failed in unreached:
                self._append(self._seal(failed, actor="outbox"))
        heard, self._heard = self._heard, []
        return Step(self.now, next_deadline(self.state), tuple(sorted(heard)))

    def send(self, message: Message) -> Answer:
        return _SENDERS[message.kind](self, message)

    def exceptions(self) -> list[dict[str, Any]]:
        return [
            codec.to_builtins(exception_row(self.state, exception_id))
            for exception_id, record in self.state.exceptions.items()
            if not record.outcome
        ]

    def close_day(self, day: Day) -> None:
        date = day.config.service_date
        command_id = command_id_of(day.config.district, "CloseDay", f"{date}/")
        self._append(self._seal(CloseDay(command_id=command_id, service_date=date), actor="operator"))

    def ledger(self) -> dict[str, Any]:
        return dict(codec.to_builtins(ledger(self.state)))

    def visits(self) -> list[dict[str, Any]]:
        return [codec.to_builtins(visit_row(self.state, visit_id)) for visit_id in self.state.visits]

    def command(self, command_id: str) -> dict[str, Any]:
        known = self.state.commands.get(command_id)
        if known is None:
            return {"outcome": "pending"}
        return {"outcome": known.outcome, "visit_id": known.visit_id, "code": known.code}

    # --- inside ---

    def _append(self, envelope: Envelope) -> None:
        """What desk, dispatcher, outbox and solver pool do with one input."""
        begun = time.perf_counter()
        decisions = decide(self.state, envelope, self.now)
        self.core_s += time.perf_counter() - begun
        record = DecisionsRecord(
            journal_offset=self.offset, source=Source("in_process", 0, self.offset), district=self.state.district,
            now_at=self.state.now_at, core_version=CORE_VERSION, builds_on="", decisions=tuple(decisions),
            cause=f"{envelope.type}:{envelope.id}", actor=envelope.actor,
        )  # fmt: skip
        self.offset += 1
        self.decided += len(decisions)
        if self.records is not None:
            self.records.append(record)
        self._solves.extend(one.solve_id for one in decisions if isinstance(one, d.SolveRequested))
        webhooks, notices = outgoing(record, self.state, self.told)
        self._notices.add(notices)
        for webhook in webhooks:
            body = msgspec.json.decode(webhook.body)
            self._heard.append(
                Received(webhook.journal_offset, webhook.index, webhook.organisation, webhook.effect_id, webhook.type,
                         body["data"])
            )  # fmt: skip

    def _seal(
        self, payload: Payload, actor: str, organisation: str = "", occurred_at: datetime | None = None, dong: str | None = None
    ) -> Envelope:  # fmt: skip
        return seal(
            payload, id=f"in-process-{self.offset}", district=self.state.district, actor=actor, at=self.now,
            occurred_at=occurred_at, organisation=organisation, dong=dong,
        )  # fmt: skip

    def _file(self, message: Message) -> Answer:
        try:
            body = VisitBody.model_validate_json(msgspec.json.encode(message.body))
        except ValidationError:
            return Answer(422, {"code": "wrong_field"})
        request = request_of(body, visit_id_of(message.actor, body.district, message.subject), message.actor)
        self._append(self._seal(request, actor=message.actor, dong=body.dong))
        return Answer(202, {"command_id": request.command_id, "visit_id": request.visit_id})

    def _cancel(self, message: Message) -> Answer:
        reason = message.body["reason"]
        command_id = command_id_of(message.subject, "CancelVisit", f"{message.actor}/{reason}/")
        command = CancelVisit(command_id=command_id, visit_id=message.subject, reason=reason)
        self._append(self._seal(command, actor=message.actor))
        return Answer(202, {"command_id": command.command_id})

    def _settle(self, message: Message) -> Answer:
        body = SettleBody.model_validate_json(msgspec.json.encode(message.body))
        command = settle_of(message.subject, body, message.actor, "")
        self._append(self._seal(command, actor=message.actor))
        return Answer(202, {"command_id": command.command_id})

    def _acknowledge(self, message: Message) -> Answer:
        return self._command(acknowledge_of(message.subject, message.actor, ""), message.actor)

    def _concern(self, message: Message) -> Answer:
        body = ConcernBody.model_validate_json(msgspec.json.encode(message.body))
        return self._command(concern_of(body, message.actor, ""), message.actor, body.dong)

    def _emergency_call(self, message: Message) -> Answer:
        body = EmergencyCallBody.model_validate_json(msgspec.json.encode(message.body))
        return self._command(emergency_call_of(body, message.actor, ""), message.actor, body.dong)

    def _assign(self, message: Message) -> Answer:
        body = AssignBody.model_validate_json(msgspec.json.encode(message.body))
        return self._command(assign_of(message.subject, body, message.actor), message.actor)

    def _forbid(self, message: Message) -> Answer:
        body = ForbidBody.model_validate_json(msgspec.json.encode(message.body))
        return self._command(forbid_of(message.subject, body, message.actor), message.actor)

    def _call(self, message: Message) -> Answer:
        body = WishBody.model_validate_json(msgspec.json.encode(message.body))
        return self._command(call_of(message.subject, body, message.actor, None, ""), message.actor)

    def _command(self, command: Payload, actor: str, dong: str | None = None) -> Answer:
        self._append(self._seal(command, actor=actor, dong=dong))
        return Answer(202, {})

    def _report(self, message: Message) -> Answer:
        item = ReportItem.model_validate_json(msgspec.json.encode(message.body))
        self._webhook(message, item.payload(), item.occurred_at)
        return Answer(202, {"recorded": 1})

    def _kitchen(self, message: Message) -> Answer:
        item = KitchenItem.model_validate_json(msgspec.json.encode(message.body))
        self._webhook(message, item.payload(), item.occurred_at)
        return Answer(202, {"recorded": 1})

    def _programme_on(self, message: Message) -> Answer:
        body = SwitchOnBody.model_validate_json(msgspec.json.encode(message.body))
        command = switch_on_of(message.subject, body, message.actor, "")
        self._append(self._seal(command, actor=message.actor))
        return Answer(202, {"command_id": command.command_id})

    def _posting(self, message: Message) -> Answer:
        body = PostingBody.model_validate_json(msgspec.json.encode(message.body))
        command = posting_of(body, message.actor, "")
        self._append(self._seal(command, actor=message.actor))
        return Answer(202, {"command_id": command.command_id})

    def _provider(self, message: Message) -> Answer:
        item = ProviderItem.model_validate_json(msgspec.json.encode(message.body))
        self._webhook(message, item.payload(), item.occurred_at)
        return Answer(202, {"recorded": 1})

    def _pause(self, message: Message) -> Answer:
        body = ModePauseBody.model_validate_json(msgspec.json.encode(message.body))
        told = f"{message.actor}/{body.area_id}/{body.until_at.isoformat()}/{body.reason}/"
        command_id = command_id_of(body.mode, "PauseMode", told)
        pause = PauseMode(
            command_id=command_id, mode=body.mode, area_id=body.area_id, until_at=body.until_at, reason=body.reason
        )
        self._append(self._seal(pause, actor=message.actor))
        return Answer(202, {"command_id": command_id})

    def _webhook(self, message: Message, report: WorkerReported | KitchenReported | ProviderReported, at: datetime) -> None:
        organisation = message.organisation
        envelope = self._seal(report, f"organisation:{organisation}", organisation, occurred_at=at)
        # by its own id, as at the signed door: a report of which the state remembers that it counted
        self._append(msgspec.structs.replace(envelope, id=report_envelope_id(organisation, report.report_id)))


_SENDERS: dict[str, Callable[[InProcessDoors, Message], Answer]] = {
    "file": InProcessDoors._file, "cancel": InProcessDoors._cancel, "settle": InProcessDoors._settle,
    "report": InProcessDoors._report, "kitchen": InProcessDoors._kitchen, "programme_on": InProcessDoors._programme_on,
    "posting": InProcessDoors._posting,
    "provider": InProcessDoors._provider, "pause": InProcessDoors._pause, "acknowledge": InProcessDoors._acknowledge,
    "concern": InProcessDoors._concern, "assign": InProcessDoors._assign, "forbid": InProcessDoors._forbid,
    "call": InProcessDoors._call, "emergency_call": InProcessDoors._emergency_call,
}  # fmt: skip


def solve_inline(state: DistrictState, solve_id: str) -> Payload:
    """What the solver pool answers in lock-step (iterations decide, no seconds), here and now."""
    from streams.adapters.solver_job import BrokenPlan, proposal_of, solve

    assert state.config is not None
    problem, running = build_problem(state)
    try:
        policy = state.config.policy
        solved = solve(
            solve_id, problem, running, policy.solve_iterations, 0.0, policy.match_interval_s > 0, expected_visits(state)
        )
    except BrokenPlan as error:
        return SolveFailed(solve_id=solve_id, reason=f"broke_rule:{error}")
    except Exception as error:  # as in the pool: the day goes on with the running plan
        return SolveFailed(solve_id=solve_id, reason=type(error).__name__)
    return proposal_of(solve_id, 0, solved)


def run_in_process(day: Day, seed: int, **options: Any) -> tuple[dict[str, Any], InProcessDoors]:
    """The whole day; returns the world's result (with the state hash) and the doors, for a look inside."""
    doors = InProcessDoors(day, **options)
    result = run_lockstep(Simulation(day, seed), doors)
    return {**result, "state_hash": state_hash(doors.state), "journal_records": doors.offset}, doors


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    from services.sample_day.read_day import read_day

    begun = time.perf_counter()
    result, doors = run_in_process(read_day(chosen.day), chosen.seed)
    result |= {"wall_s": round(time.perf_counter() - begun, 2), "core_s": round(doors.core_s, 2)}
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n")
    return 0 if result["balanced"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
