"""The outbox's rows in the registry: deliveries, notices, what was told, and the position, all in one transaction.

No personal data is in these tables: a delivery holds ids and codes, and the recipient's id if the sender is to fill the
person in. Effect ids are unique for each endpoint, so an effect that comes again is the row that is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from streams.adapters.delivery_tables import notices, positions, told_rows
from streams.adapters.endpoint_tables import (
    AGAIN,
    DELIVERED,
    GIVEN_UP,
    PENDING,
    webhook_attempts as attempts,
    webhook_deliveries as deliveries,
)
from streams.adapters.endpoints import MAIN
from streams.adapters.notices import Notice
from streams.adapters.positions import Position, PositionMoved
from streams.adapters.webhook_bodies import Outgoing, Told
from streams.contracts import codec

Addresses = Mapping[str, list[tuple[str, tuple[str, ...]]]]
"""Organisation -> its endpoints' names, and the types each takes (none: all)."""
__all__ = ["AGAIN", "DELIVERED", "GIVEN_UP", "PENDING", "Attempt", "Delivery", "DeliveryStore"]

RECORDED = "recorded"  # of a notice: noted down while no gateway is set

AWAY = (OperationalError,)  # locked for longer than the busy timeout, or a server that restarts

class Delivery(msgspec.Struct, kw_only=True):
    """One webhook and how far it got."""

    outgoing: Outgoing
    endpoint: str = MAIN
    attempts: int = 0
    due_at: float = 0.0  # wall clock, epoch seconds
    status: str = PENDING
    answer: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.outgoing.effect_id, self.outgoing.organisation, self.endpoint


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended. `response`: the first of what was answered, as it came."""

    attempt: int
    at: float
    answer: str
    latency_ms: int
    response: bytes = b""


class DeliveryStore:
    """Tables on the registry's engine. Calls block for a millisecond or so: event loops call them in a thread. `seal`
    seals an answer's text with its organisation's key; without it no text is kept."""

    def __init__(self, engine: Engine, seal: Callable[[str, bytes], bytes] | None = None) -> None:
        self._engine = engine
        self._reader = engine.execution_options(dolbom_read=True)
        self._seal = seal

    def find_position(self, projection: str, partition: int) -> Position | None:
        with self._reader.connect() as connection:
            return _read_position(connection, projection, partition)

    def keep_position(self, projection: str, partition: int, expected: Position | None, position: Position) -> None:
        """Move a position. Raises PositionMoved when it is not where this process left it."""
        with self._engine.begin() as connection:
            self._move(connection, projection, partition, expected, position)

    def load_told(self, partition: int) -> dict[str, Told]:
        """What organisations know, by district."""
        result: dict[str, Told] = {}
        query = sa.select(told_rows).where(told_rows.c.partition == partition)
        with self._reader.connect() as connection:
            for row in connection.execute(query):
                result.setdefault(row.district, Told()).load(row.told_key, row.told_value)
        return result

    def load_pending(self, partition: int) -> list[Delivery]:
        """Deliveries to be made, in order."""
        return self._load(deliveries.c.status.in_((PENDING, AGAIN)), deliveries.c.partition == partition)

    def take_again(self, partition: int) -> list[Delivery]:
        """Deliveries that somebody asked for again: pending from now on, as if they were new."""
        own = (deliveries.c.status == AGAIN, deliveries.c.partition == partition)
        with self._reader.connect() as connection:
            if connection.execute(sa.select(deliveries.c.effect_id).where(*own).limit(1)).first() is None:
                return []
        with self._engine.begin() as connection:
            rows = connection.execute(sa.update(deliveries).where(*own).values(status=PENDING).returning(deliveries)).all()
        return sorted((_delivery(row) for row in rows), key=lambda one: (one.outgoing.journal_offset, one.outgoing.index))

    def _load(self, *where: Any) -> list[Delivery]:
        query = sa.select(deliveries).where(*where).order_by(deliveries.c.journal_offset, deliveries.c.effect_index)
        with self._reader.connect() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def store(
        self, partition: int, expected: Position | None, position: Position, webhooks: Iterable[Outgoing],
        due_notices: Iterable[Notice], told_changes: dict[str, dict[str, bytes | None]], addresses: Addresses | None = None,
        ended: Iterable[tuple[str, int]] = (), send_notices: bool = False,
    ) -> list[Delivery]:  # fmt: skip
        """A batch's effects with the outbox's position: all or nothing. Returns the deliveries that are new. Raises
        PositionMoved when another outbox was here. `ended`: visits, and the journal offset from which on nobody who was
        told of them before may be told who is served there."""
        now = time.time()
        made = [
            Delivery(outgoing=outgoing, endpoint=name, due_at=now)
            for outgoing in webhooks
            for name in _endpoints_for(outgoing, addresses or {})
        ]
        with self._engine.begin() as connection:
            self._move(connection, "outbox", partition, expected, position)
            fresh = self._insert_new(connection, partition, made)
            for visit_id, offset in ended:
                connection.execute(
                    sa.update(deliveries)
                    .where(
                        deliveries.c.visit_id == visit_id, deliveries.c.recipient_id != "",
                        deliveries.c.journal_offset < offset,
                    )
                    .values(recipient_id="")
                )  # fmt: skip
            for notice in due_notices:
                self._insert(connection, notices, _notice_row(notice, partition, PENDING if send_notices else RECORDED))
            for district, changes in told_changes.items():
                self._store_told(connection, partition, district, changes)
        return fresh

    def record_attempts(self, done: Iterable[tuple[Delivery, Attempt]]) -> None:
        """Write down how attempts ended, and how their deliveries stand."""
        ends = list(done)
        if not ends:
            return
        rows = [self._attempt_row(delivery, attempt) for delivery, attempt in ends]
        standing = {
            delivery.key: {
                "of_effect": delivery.outgoing.effect_id, "of_organisation": delivery.outgoing.organisation,
                "of_endpoint": delivery.endpoint, "status": delivery.status, "attempts": delivery.attempts,
                "due_at": delivery.due_at, "answer": delivery.answer,
            }
            for delivery, _ in ends
        }  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(sa.insert(attempts), rows)
            connection.execute(
                sa.update(deliveries).where(
                    deliveries.c.effect_id == sa.bindparam("of_effect"),
                    deliveries.c.organisation == sa.bindparam("of_organisation"),
                    deliveries.c.endpoint == sa.bindparam("of_endpoint"),
                ),
                list(standing.values()),
            )

    def load_notices(self, partition: int) -> list[Notice]:
        """Notices that are still to be sent, in their order."""
        query = sa.select(notices.c.notice).where(notices.c.status == PENDING, notices.c.partition == partition)
        with self._reader.connect() as connection:
            found = [codec.decode(row.notice, Notice) for row in connection.execute(query)]
        return sorted(found, key=lambda one: (one.district, one.order))

    def end_notice(self, effect_id: str, status: str, answer: str = "") -> None:
        """It is not to be sent any more: how it ended, of a sent one the channel and of a failed one why."""
        with self._engine.begin() as connection:
            connection.execute(sa.update(notices).where(notices.c.effect_id == effect_id).values(status=status, answer=answer))

    def counts(self) -> dict[str, int]:
        """Deliveries by status, for the metrics and the day's books."""
        query = sa.select(deliveries.c.status, sa.func.count()).group_by(deliveries.c.status)
        with self._reader.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def _attempt_row(self, delivery: Delivery, attempt: Attempt) -> dict[str, Any]:
        organisation = delivery.outgoing.organisation
        kept = self._seal(organisation, attempt.response) if attempt.response and self._seal else None
        return {
            "effect_id": delivery.outgoing.effect_id, "organisation": organisation, "endpoint": delivery.endpoint,
            "attempt": attempt.attempt, "at": attempt.at, "answer": attempt.answer, "latency_ms": attempt.latency_ms,
            "response": kept,
        }  # fmt: skip

    def _move(
        self, connection: Connection, projection: str, partition: int, expected: Position | None, position: Position
    ) -> None:
        row = {
            "projection": projection, "partition": partition, "next_journal_offset": position.next_journal_offset,
            "digest": position.digest,
        }  # fmt: skip
        # Two writers at once (PostgreSQL): the row's lock, or its key, lets one of them through.
        if expected is None:
            moved = self._insert(connection, positions, row)
        else:
            at = positions.c
            moved = connection.execute(
                sa.update(positions)
                .where(
                    at.projection == projection, at.partition == partition, at.digest == expected.digest,
                    at.next_journal_offset == expected.next_journal_offset,
                )
                .values(next_journal_offset=position.next_journal_offset, digest=position.digest)
            ).rowcount > 0
        if not moved:
            raise PositionMoved(f"the position of {projection}/{partition} is not the one written last")

    def _store_told(
        self, connection: Connection, partition: int, district: str, changes: dict[str, bytes | None]
    ) -> None:
        for key, value in changes.items():
            at = {"partition": partition, "district": district, "told_key": key}
            if value is None:
                connection.execute(sa.delete(told_rows).filter_by(**at))
            else:
                self._upsert(connection, told_rows, at | {"told_value": value}, ("told_value",))

    def _insert_new(self, connection: Connection, partition: int, made: list[Delivery]) -> list[Delivery]:
        """Those whose effect was not there yet, in their order; all rows in one statement."""
        if not made:
            return []
        columns = deliveries.c
        statement = self._dialect.insert(deliveries).on_conflict_do_nothing()
        rows = connection.execute(
            statement.returning(columns.effect_id, columns.organisation, columns.endpoint),
            [_delivery_row(one, partition) for one in made],
        )
        inserted = {tuple(row) for row in rows}
        return [one for one in {one.key: one for one in made}.values() if one.key in inserted]

    def _insert(self, connection: Connection, table: Table, row: dict[str, Any]) -> bool:
        """False when the effect is there already."""
        statement = self._dialect.insert(table).values(row).on_conflict_do_nothing()
        return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount > 0

    def _upsert(self, connection: Connection, table: Table, row: dict[str, Any], changed: tuple[str, ...]) -> None:
        statement = self._dialect.insert(table).values(row)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[column.name for column in table.primary_key],
                set_={name: statement.excluded[name] for name in changed},
            )
        )

    @property
    def _dialect(self) -> Any:
        return sqlite if self._engine.dialect.name == "sqlite" else postgresql


def _read_position(connection: Connection, projection: str, partition: int) -> Position | None:
    row = connection.execute(
        sa.select(positions).where(positions.c.projection == projection, positions.c.partition == partition)
    ).one_or_none()
    return Position(row.next_journal_offset, row.digest) if row else None


def _endpoints_for(outgoing: Outgoing, addresses: Addresses) -> list[str]:
    """Where it goes. An organisation without any address: to the one that it will have."""
    own = addresses.get(outgoing.organisation)
    return [name for name, types in own if not types or outgoing.type in types] if own else [MAIN]


def _delivery_row(delivery: Delivery, partition: int) -> dict[str, Any]:
    outgoing = delivery.outgoing
    return {
        "effect_id": outgoing.effect_id, "organisation": outgoing.organisation, "partition": partition,
        "endpoint": delivery.endpoint, "visit_id": outgoing.visit_id, "made_at": delivery.due_at,
        "journal_offset": outgoing.journal_offset, "effect_index": outgoing.index, "district": outgoing.district,
        "type": outgoing.type, "body": outgoing.body, "order_keys": codec.encode(outgoing.keys),
        "recipient_id": outgoing.recipient_id, "status": delivery.status, "attempts": 0, "due_at": delivery.due_at, "answer": "",
    }  # fmt: skip


def _delivery(row: Any) -> Delivery:
    return Delivery(
        outgoing=Outgoing(
            effect_id=row.effect_id, journal_offset=row.journal_offset, index=row.effect_index, district=row.district,
            organisation=row.organisation, type=row.type, body=row.body,
            keys=codec.decode(row.order_keys, tuple[str, ...]), recipient_id=row.recipient_id, visit_id=row.visit_id,
        ),
        endpoint=row.endpoint, attempts=row.attempts, due_at=row.due_at, answer=row.answer,
        status=PENDING if row.status == AGAIN else row.status,
    )  # fmt: skip


def _notice_row(notice: Notice, partition: int, status: str) -> dict[str, Any]:
    return {
        "effect_id": notice.effect_id, "district": notice.district, "visit_id": notice.visit_id, "kind": notice.kind,
        "due_at": notice.due_at.isoformat(), "status": status, "partition": partition, "notice": codec.encode(notice),
    }  # fmt: skip
