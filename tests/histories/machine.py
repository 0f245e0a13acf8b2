"""Two districts in a random history: how anything comes in, the link between them, time, repeats and crashes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.contracts import codec, decisions as d
from streams.contracts.inputs import ClockTicked, CloseDay, ConfigureDistrict, DistrictMessage, Payload, ReportKind, WorkerReported
from streams.core.lifecycle import CLOSED
from streams.core.state import DistrictState
from tests.core_world import at
from tests.histories import counted
from tests.histories.between import check_all_heard, check_between
from tests.histories.district import fold
from tests.histories.first_writer import as_first_written
from tests.histories.side import Side
from tests.histories.towns import CODES, town

START_AT = at("09:00")
LATE = timedelta(minutes=3)

few = st.integers(0, 7)
who = st.integers(0, 8)
"""A worker, by their number."""


def happens(**draws: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """A rule that is played in either district."""

    def in_either(play: Callable[..., None]) -> Any:
        def played(self: Machine, *, there: bool, **drawn: Any) -> None:
            self.side = self.sides[CODES[there]]
            play(self, **drawn)

        played.__name__ = play.__name__
        played.__doc__ = play.__doc__
        return rule(there=st.booleans(), **draws)(played)

    return in_either


class Machine(RuleBasedStateMachine):
    """`side` is where the present step is played. What must hold is looked at after every input."""

    def __init__(self) -> None:
        super().__init__()
        self.sides: dict[str, Side] = {}
        self.under_way: list[tuple[str, DistrictMessage]] = []
        self.now_at = START_AT
        self.failed = False

    @initialize(few_carers=st.sampled_from(CODES), at_once=st.booleans(), agreed=st.booleans())
    def begin(self, few_carers: str, at_once: bool, agreed: bool) -> None:
        for code in CODES:
            self.sides[code] = Side(town(code, few_carers=code == few_carers, at_once=at_once, agreed=agreed))
            self.side = self.sides[code]
            self.give(ConfigureDistrict(command_id="configure", config=self.side.config))
            self.morning()

    def morning(self) -> None:
        """What is asked for before the history begins."""

    # How anything comes in ------------------------------------------------------------------------------------------

    @property
    def state(self) -> DistrictState:
        return self.side.state

    def give(self, payload: Payload, **more: Any) -> list[d.Decision]:
        """One input to the district of this step."""
        self.failed = True  # until it has not
        made = self.side.give(payload, self.now_at, **more)
        self.under_way += self.side.one.sent
        self.side.one.sent = []
        check_between(self.sides)
        self.failed = False
        return made

    def command_id(self) -> str:
        self.side.commands += 1
        return f"c{self.side.commands}"

    def command(self, kind: type[Payload], *, actor: str = "coordinator:7", **fields: Any) -> list[d.Decision]:
        return self.give(kind(command_id=self.command_id(), **fields), actor=actor)

    def worker(self, number: int) -> str:
        return self.side.workers[number % len(self.side.workers)]

    def report(self, worker_id: str, kind: ReportKind, visit_ids: tuple[str, ...] = (), **more: Any) -> list[d.Decision]:
        self.side.reports += 1
        fields = {name: more.pop(name) for name in ("offer_id", "reason", "declined_visit_ids") if name in more}
        organisation = self.side.organisation[worker_id]
        return self.give(
            WorkerReported(report_id=f"r{self.side.reports}", kind=kind, worker_id=worker_id, visit_ids=visit_ids, **fields),
            **({"organisation": organisation} | more), actor=f"organisation:{organisation}",
        )  # fmt: skip

    def visit(self, number: int) -> str:
        """One of the visits there are; the newest most often, for they are open."""
        visits = list(self.state.visits)
        return visits[-1 - number % len(visits)]

    # Time, repeats, crashes -----------------------------------------------------------------------------------------

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        self.pass_time(minutes)

    def pass_time(self, minutes: int) -> None:
        """Time passes for both; each core is woken at its deadlines, at most `LATE` late."""
        until, here = self.now_at + timedelta(minutes=minutes), self.side
        while True:
            due = [(at_, code) for code, side in self.sides.items() if (at_ := side.one.due_at()) is not None and at_ <= until]
            if not due:
                break
            due_at, code = min(due)
            self.now_at, self.side = max(self.now_at, min(due_at + LATE, until)), self.sides[code]
            self.give(ClockTicked(due_at=due_at))
        self.now_at, self.side = until, here

    @rule(minutes=st.integers(-30, 90))
    def jump(self, minutes: int) -> None:
        """The clock jumps, also back, and nobody was woken on the way: the next input brings the time."""
        self.now_at += timedelta(minutes=minutes)

    @happens(number=st.integers(1, 60))
    def again(self, number: int) -> None:
        """An input comes a second time, word for word, as after a kill."""
        one = self.side.one
        raw, _ = one.journal[-(number % len(one.journal)) or -1]
        envelope = codec.decode(raw, type(one).ENVELOPE)
        payload = envelope.read_payload()
        made = self.give(
            payload, organisation=envelope.organisation, actor=envelope.actor, occurred_at=envelope.occurred_at,
            expected_version=envelope.expected_version,
        )  # fmt: skip
        if getattr(payload, "command_id", ""):
            mine = [one for one in made if isinstance(one, d.CommandSettled) and one.command_id == payload.command_id]  # type: ignore[attr-defined]
            assert not mine, "a command was answered twice"

    @happens()
    def crash(self) -> None:
        self.side.crash()

    # The link between the districts ---------------------------------------------------------------------------------

    @precondition(lambda self: self.under_way)
    @rule(number=few, once_more=st.booleans())
    def arrives(self, number: int, once_more: bool) -> None:
        """Any message that is under way arrives, perhaps not for the last time."""
        number %= len(self.under_way)
        self._deliver(*(self.under_way[number] if once_more else self.under_way.pop(number)))

    @precondition(lambda self: self.under_way)
    @rule(number=few)
    def gets_lost(self, number: int) -> None:
        self.under_way.pop(number % len(self.under_way))

    @precondition(lambda self: self.under_way)
    @rule()
    def all_arrives(self) -> None:
        while self.under_way:
            self._deliver(*self.under_way.pop(0))

    def _deliver(self, to: str, message: DistrictMessage) -> None:
        self.side = self.sides[to]
        self.give(message, actor=f"district:{message.sender}")

    def _everything_is_heard(self) -> None:
        """Whoever waits for an answer says it again; nothing gets lost any more."""
        for _ in range(3):
            self.all_arrives()
            self.now_at += timedelta(minutes=61)
            for side in self.sides.values():
                self.side = side
                self.give(ClockTicked(due_at=self.now_at))
        self.all_arrives()
        check_all_heard(self.sides)

    @invariant()
    def the_ledgers_balance(self) -> None:
        for side in self.sides.values():
            side.check_ledger()
        counted.steps += 1

    def teardown(self) -> None:
        """The day ends: nobody is left with nobody, everybody is in one class and none is open; old versions of every event
        fold to the same."""
        counted.histories += 1
        if len(self.sides) < len(CODES) or self.failed:
            return
        self.now_at = max(self.now_at, *(side.state.now_at for side in self.sides.values()))
        self._everything_is_heard()
        for side in self.sides.values():
            self.side = side
            self.give(CloseDay(command_id="close", service_date="2026-03-02"))
        for side in self.sides.values():
            state = side.state
            assert all(visit.state in CLOSED for visit in state.visits.values())
            side.equals_its_log()
            old = [as_first_written(raw) for raw in side.one.log]
            assert codec.encode(fold(side.one.code, old)) == codec.encode(state), "an older event means something else now"
