"""One turn of the core: what one input makes it decide. Each decision is applied as it is made."""

from __future__ import annotations

from datetime import datetime, timedelta

from streams.contracts import decisions as d
from streams.contracts.decisions import Decision, VisitEvent
from streams.contracts.district import DistrictConfig, Policy
from streams.contracts.envelope import Envelope
from streams.contracts.refusals import Refusal
from streams.core.actors import CORE
from streams.core.apply import apply
from streams.core.authorised_books import has_to_tell
from streams.core.lifecycle import CLOSED, next_state
from streams.core.programme_books import booking_due
from streams.core.state import DistrictState, VisitRecord

COUNTED = frozenset({VisitEvent.NO_ANSWER, VisitEvent.FAILED})
"""Steps that the state alone cannot tell from a repeat: the second time nobody opened, or the first report once more."""


class Turn:
    """Collects the decisions of one input over `state`, which moves along."""

    def __init__(self, state: DistrictState, received: Envelope) -> None:
        self.state = state
        self.received = received
        self.decisions: list[Decision] = []
        self.followed = 0  # how many of them core.following has looked at
        self.thinned: list[str] = []  # workers who lost a visit, for core.following
        self.gave_way: set[str] = set()  # parcels that have made room for a meal

    @property
    def now_at(self) -> datetime:
        return self.state.now_at

    @property
    def config(self) -> DistrictConfig:
        assert self.state.config is not None
        return self.state.config

    @property
    def policy(self) -> Policy:
        return self.config.policy

    def after(self, duration_s: int) -> datetime:
        return self.state.now_at + timedelta(seconds=duration_s)

    def emit(self, decision: Decision) -> None:
        """Decide, and let the state follow."""
        apply(self.state, decision)
        self.decisions.append(decision)

    def change(
        self, visit_id: str, event: VisitEvent, *, actor: str = CORE, worker_id: str = "", reason: str = "",
        at: datetime | None = None,
    ) -> None:  # fmt: skip
        self.emit(
            d.VisitChanged(
                visit_id=visit_id, event=event, at=at or self.now_at, actor=actor, worker_id=worker_id, reason=reason,
                off_s=self._off_s() if actor.startswith("worker:") else 0,
                report=self.received.id if event in COUNTED and actor.startswith("worker:") else "",
            )
        )
        self.book(visit_id)

    def _off_s(self) -> int:
        """How far what the phone says is from when it came to us, 0 for what the district does not want to be shown."""
        off_s = int((self.received.occurred_at - self.received.received_at) / timedelta(seconds=1))
        return off_s if abs(off_s) > self.policy.report_off_shown_s else 0

    def book(self, visit_id: str) -> None:
        """What the visit uses of its programme, and of what was authorised, follows what has become of it."""
        due = booking_due(self.state, visit_id) if self.state.visits[visit_id].spec.programme else None
        if due is not None:
            self.emit(due)
            self.alarm(f"budget:{due.programme_id}", 0)  # is it used up now, or again enough?
        if has_to_tell(self.state, self.state.visits[visit_id]):
            self.alarm(f"authorised:{self.state.visits[visit_id].spec.recipient_id}", 0)

    def happened_at(self, visit: VisitRecord) -> datetime:
        """When the phone says that a reported step was taken: not after now, not before the visit's step before it.
        A report may come late, after an outage or a dead spot; the ledger follows what happened, not what was heard. That
        it was closed here meanwhile, for want of news, is no step of the visit's."""
        if visit.state in CLOSED:
            before = max(filter(None, (visit.spec.at, visit.picked_up_at, visit.arrived_at)))
        else:
            before = visit.changed_at
        return min(self.now_at, max(self.received.occurred_at, before))

    def can(self, visit: VisitRecord, event: VisitEvent) -> bool:
        return next_state(visit.state, event) is not None

    def settle(
        self, command_id: str, outcome: str, visit_id: str = "", code: Refusal | None = None, rules: tuple[str, ...] = (),
        rows: tuple[tuple[int, str], ...] = (),
    ) -> None:  # fmt: skip
        """Answer a command. `rules`: hard ones that stood in its way, or soft ones broken all the same; `rows` of a batch."""
        self.emit(
            d.CommandSettled(
                command_id=command_id, outcome=outcome, visit_id=visit_id, code=code.value if code else "", rules=rules, rows=rows
            )
        )

    def find_commanded(self, command_id: str, visit_id: str) -> VisitRecord | None:
        """The visit that a command is about. None when the command is a repeat, or when it was refused here: the visit is
        unknown, or has changed since the caller saw it."""
        if command_id in self.state.commands:
            return None
        visit = self.state.visits.get(visit_id)
        if visit is None:
            self.settle(command_id, "refused", visit_id, Refusal.UNKNOWN_VISIT)
            return None
        if self.is_stale(visit.changes):
            self.settle(command_id, "refused", visit_id, Refusal.VERSION_CONFLICT)
            return None
        return visit

    def is_stale(self, version: int) -> bool:
        """The command was made on another version of what it changes than the present one (0: it is not there yet): somebody
        has changed it meanwhile. False for a command that names none."""
        expected = self.received.expected_version
        return expected is not None and expected != version

    def refuse_report(self, report_id: str, code: Refusal, subject: str) -> None:
        """Tell the sender of a report that its state does not allow it."""
        self.emit(
            d.ReportRefused(
                report_id=report_id, organisation=self.received.organisation, code=code.value, subject=subject
            )
        )

    def alarm(self, key: str, duration_s: int) -> None:
        self.emit(d.DeadlineSet(key=key, at=self.after(duration_s)))

    def silence(self, key: str) -> None:
        if key in self.state.deadlines:
            self.emit(d.DeadlineCleared(key=key))

    def dirty(self) -> None:
        """A new plan could be better now."""
        if not self.state.plan_dirty:
            self.emit(d.PlanDirtied())
