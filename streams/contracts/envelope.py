"""The envelope around every event, the journal's record, and the decisions' record."""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts import codec
from streams.contracts.decisions import Decision
from streams.contracts.inputs import INPUTS, TYPES, Payload
from streams.contracts.upcasters import INPUT_STEPS


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event of an inbox. All instants are service-clock time, aware UTC.

    `occurred_at`: when the sender says it happened; `received_at`: when our door took it. `organisation` is who the
    sender acts for, as authenticated at the door; `actor` a role and id without names ("care_manager:1144066000").
    `cause`: id of the event this one answers. `expected_version`: of what it changes (a visit, an exception, a configuration;
    0: there is none yet), refused if another.
    """

    id: str
    type: str
    version: int = 1
    district: str
    organisation: str = ""
    dong: str | None = None
    occurred_at: datetime
    received_at: datetime
    cause: str | None = None
    actor: str
    expected_version: int | None = None
    payload: msgspec.Raw

    def read_payload(self) -> Payload:
        """The typed payload. Raises `Malformed` (unknown_event, unknown_version, wrong_field)."""
        known, raw = INPUT_STEPS.lift_raw(self.type, self.version, self.payload)
        payload_type = INPUTS.get((self.type, known))
        if payload_type is None:
            code = "unknown_version" if self.type in TYPES else "unknown_event"
            raise codec.Malformed(code, f"version {self.version}" if code == "unknown_version" else "unknown type")
        return codec.decode(raw, payload_type)


def seal(
    payload: Payload, *, id: str, district: str, actor: str, at: datetime, occurred_at: datetime | None = None,
    organisation: str = "", dong: str | None = None, cause: str | None = None, expected_version: int | None = None,
) -> Envelope:  # fmt: skip
    """Put a payload of the current version into its envelope."""
    name = type(payload).__name__
    return Envelope(
        id=id, type=name, version=INPUT_STEPS.current(name), district=district, organisation=organisation, dong=dong,
        occurred_at=occurred_at or at, received_at=at, cause=cause, actor=actor, expected_version=expected_version,
        payload=msgspec.Raw(codec.encode(payload)),
    )  # fmt: skip


class Source(msgspec.Struct, frozen=True, array_like=True):
    """Where in the inboxes a journal record came from."""

    topic: str
    partition: int
    offset: int


class JournalRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What came in, in one total order per partition; written by the desk alone."""

    source: Source
    recorded_at: datetime  # service clock at the desk
    envelope: Envelope


class DecisionsRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided on one journal record; atomic. `builds_on` is the digest of the record before ("" for the first).

    `skipped`: "" or why nothing was decided ("repeat": the source was already covered; "gap": one before it is missing;
    "set_aside": the core failed on it). `cause` names the input
    ("WorkerReported:<envelope id>"), `actor` who sent it; `token` is a lock-step barrier passing through.
    """

    journal_offset: int
    source: Source
    district: str
    now_at: datetime  # the core's clock after this record
    core_version: str
    builds_on: str
    decisions: tuple[Decision, ...]
    skipped: str = ""
    cause: str = ""
    actor: str = ""
    token: str = ""
