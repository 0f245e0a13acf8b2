"""Trainings, tests and equipment that workers hold: recorded, withdrawn, and lapsing at their own deadline."""

from __future__ import annotations

from datetime import timedelta

from streams.contracts import decisions as d
from streams.contracts.eligibility import Credential
from streams.contracts.inputs import RecordCredential, WithdrawCredential
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.losing import KIND, recheck
from streams.core.turn import Turn

RENEWED = "renewed"
PAST = timedelta(seconds=1)  # a credential counts up to its last instant: it is looked at one second later


def record_credential(turn: Turn, command: RecordCredential) -> None:
    """A worker has passed a training, been tested, or been given equipment. As it stands already: nothing changes."""
    if command.command_id in turn.state.commands:
        return
    worker = turn.state.workers.get(command.worker_id)
    if worker is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_WORKER)
        return
    if command.valid_until_at < command.issued_at:
        turn.settle(command.command_id, "refused", code=Refusal.TIME_INVERTED)
        return
    credential = Credential(code=command.code, issued_at=command.issued_at, valid_until_at=command.valid_until_at)
    if worker.credentials.get(command.code) == credential:
        turn.settle(command.command_id, "duplicate")
        return
    if turn.is_stale(worker.credential_versions.get(command.code, 0)):
        turn.settle(command.command_id, "refused", code=Refusal.VERSION_CONFLICT)
        return
    hold(turn, command.worker_id, credential, "recorded")
    turn.settle(command.command_id, "accepted")
    turn.dirty()


def hold(turn: Turn, worker_id: str, credential: Credential, reason: str) -> None:
    """The worker holds this from now on, in place of what was held of its kind."""
    turn.emit(
        d.CredentialChanged(
            worker_id=worker_id, credential=credential, by=turn.received.actor, reason=reason, at=turn.now_at
        )
    )
    if credential.valid_until_at >= turn.now_at:
        exception_id = exceptions.find_open(turn, KIND, worker_id, credential.code)
        if exception_id is not None:
            exceptions.settle_exception(turn, exception_id, RENEWED)
    lapse(turn, worker_id)


def withdraw_credential(turn: Turn, command: WithdrawCredential) -> None:
    """It counts no more: what is planned with it goes to others at once."""
    if command.command_id in turn.state.commands:
        return
    worker = turn.state.workers.get(command.worker_id)
    if worker is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_WORKER)
        return
    held = worker.credentials.get(command.code)
    if held is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_CREDENTIAL)
        return
    if held.valid_until_at < turn.now_at:
        turn.settle(command.command_id, "duplicate")
        return
    if turn.is_stale(worker.credential_versions.get(command.code, 0)):
        turn.settle(command.command_id, "refused", code=Refusal.VERSION_CONFLICT)
        return
    ended = Credential(
        code=command.code, issued_at=min(held.issued_at, turn.now_at - PAST), valid_until_at=turn.now_at - PAST
    )
    hold(turn, command.worker_id, ended, command.reason)
    turn.settle(command.command_id, "accepted")


def lapse(turn: Turn, worker_id: str) -> None:
    """A credential has lapsed, or what a worker holds has changed: look at what is planned, and name the next lapse."""
    recheck(turn, worker_id)
    arm(turn, worker_id)


def arm(turn: Turn, worker_id: str) -> None:
    """Wake up when the next of a worker's credentials stops counting for a programme."""
    worker = turn.state.workers[worker_id]
    rules = turn.state.runtime.rules
    ahead = [at + PAST for _, at in rules.lapses(worker.credentials) if at + PAST > turn.now_at]
    if ahead:
        turn.emit(d.DeadlineSet(key=f"lapse:{worker_id}", at=min(ahead)))
    else:
        turn.silence(f"lapse:{worker_id}")
