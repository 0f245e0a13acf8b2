"""One district's core as the shell drives it: every input and every decision goes through bytes, and a crash keeps nothing
but those bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import NAMESPACE_URL, uuid5

from streams.adapters.webhook_bodies import Outgoing, Told, outgoing
from streams.contracts import codec, decisions as d
from streams.contracts.decisions import Decision
from streams.contracts.envelope import DecisionsRecord, Envelope, Source, seal
from streams.contracts.inputs import DistrictMessage, Payload
from streams.core.apply import advance, apply
from streams.core.deadlines import next_deadline
from streams.core.dispatch import CORE_VERSION, decide
from streams.core.state import DistrictState, new_state
from tests.neighbours import message_of


@dataclass
class Step:
    """What one input did."""

    envelope: Envelope
    decisions: list[Decision]
    webhooks: list[Outgoing]


@dataclass
class District:
    """`journal` and `log` are its two logs as bytes; `state` is in memory and is lost in a crash. `sent`: to whom, what."""

    ENVELOPE: ClassVar[type[Envelope]] = Envelope
    code: str
    state: DistrictState = field(init=False)
    journal: list[tuple[bytes, datetime]] = field(default_factory=list)
    log: list[bytes] = field(default_factory=list)
    sent: list[tuple[str, DistrictMessage]] = field(default_factory=list)
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self.state = new_state(self.code)

    def receive(self, payload: Payload, at: datetime, *, organisation: str = "", actor: str = "operator",
                occurred_at: datetime | None = None, expected_version: int | None = None) -> Step:  # fmt: skip
        number = len(self.journal)
        envelope = seal(
            payload, id=str(uuid5(NAMESPACE_URL, f"{self.code}/{number}")), district=self.code, actor=actor, at=at,
            organisation=organisation, occurred_at=occurred_at, expected_version=expected_version,
        )  # fmt: skip
        return self.take(codec.encode(envelope), at)

    def take(self, raw: bytes, at: datetime) -> Step:
        """One record of the journal; the same bytes may come again."""
        envelope = codec.decode(raw, Envelope)
        made = decide(self.state, envelope, at)
        record = DecisionsRecord(
            journal_offset=len(self.journal), source=Source("inbox", 0, len(self.journal)), district=self.code,
            now_at=self.state.now_at, core_version=CORE_VERSION, builds_on="", decisions=tuple(made), actor=envelope.actor,
        )  # fmt: skip
        self.journal.append((raw, at))
        self.log.append(codec.encode(record))
        webhooks, _ = outgoing(record, self.state, self.told)
        self.sent += [(one.to, message_of(self.code, one)) for one in made if isinstance(one, d.DistrictMessageSent)]
        return Step(envelope, made, webhooks)

    def due_at(self) -> datetime | None:
        return next_deadline(self.state)


def fold(code: str, log: list[bytes]) -> DistrictState:
    """The state that these decisions make."""
    state = new_state(code)
    for raw in log:
        record = codec.decode(raw, DecisionsRecord)
        advance(state, record.now_at)
        for decision in record.decisions:
            apply(state, decision)
    return state
