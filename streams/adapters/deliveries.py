"""The outbox's rows in the registry: deliveries, notices, what was told, and the position, all in one transaction.

No personal data is in these tables: a delivery holds ids and codes, and the recipient's id if the sender is to fill the
person in. Effect ids are unique for each organisation, so an effect that comes again is the row that is there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from streams.adapters.delivery_tables import deliveries, notices, positions, told_rows
from streams.adapters.positions import Position, PositionMoved
from streams.adapters.webhook_bodies import Notice, Outgoing, Told
from streams.contracts import codec

PENDING, DELIVERED, GIVEN_UP = "pending", "delivered", "given_up"
RECORDED = "recorded"  # of a notice: noted down; no SMS or voice gateway is connected yet

AWAY = (OperationalError,)  # locked for longer than the busy timeout, or a server that restarts

class Delivery(msgspec.Struct, kw_only=True):
    """One webhook and how far it got."""

    outgoing: Outgoing
    attempts: int = 0
    due_at: float = 0.0  # wall clock, epoch seconds
    status: str = PENDING
    answer: str = ""


class DeliveryStore:
    """Tables on the registry's engine. Calls block for a millisecond or so: event loops call them in a thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(dolbom_read=True)

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
        query = (
            sa.select(deliveries)
            .where(sa.and_(deliveries.c.status == PENDING, deliveries.c.partition == partition))
            .order_by(deliveries.c.journal_offset, deliveries.c.effect_index)
        )
        with self._reader.connect() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def store(
        self, partition: int, expected: Position | None, position: Position, webhooks: Iterable[Outgoing],
        due_notices: Iterable[Notice], told_changes: dict[str, dict[str, bytes | None]],
    ) -> list[Delivery]:  # fmt: skip
        """A batch's effects with the outbox's position: all or nothing. Returns the deliveries that are new. Raises
        PositionMoved when another outbox was here."""
        due_at = time.time()
        fresh: list[Delivery] = []
        with self._engine.begin() as connection:
            self._move(connection, "outbox", partition, expected, position)
            for outgoing in webhooks:
                if self._insert(connection, deliveries, _delivery_row(outgoing, partition, due_at)):
                    fresh.append(Delivery(outgoing=outgoing, due_at=due_at))
            for notice in due_notices:
                self._insert(connection, notices, _notice_row(notice))
            for district, changes in told_changes.items():
                self._store_told(connection, partition, district, changes)
        return fresh

    def record_attempts(self, done: Iterable[Delivery]) -> None:
        """Write down how attempts ended."""
        with self._engine.begin() as connection:
            for delivery in done:
                connection.execute(
                    sa.update(deliveries)
                    .where(
                        deliveries.c.effect_id == delivery.outgoing.effect_id,
                        deliveries.c.organisation == delivery.outgoing.organisation,
                    )
                    .values(
                        status=delivery.status, attempts=delivery.attempts, due_at=delivery.due_at,
                        answer=delivery.answer,
                    )
                )  # fmt: skip

    def counts(self) -> dict[str, int]:
        """Deliveries by status, for the metrics and the day's books."""
        query = sa.select(deliveries.c.status, sa.func.count()).group_by(deliveries.c.status)
        with self._reader.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

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


def _delivery_row(outgoing: Outgoing, partition: int, due_at: float) -> dict[str, Any]:
    return {
        "effect_id": outgoing.effect_id, "organisation": outgoing.organisation, "partition": partition,
        "journal_offset": outgoing.journal_offset, "effect_index": outgoing.index, "district": outgoing.district,
        "type": outgoing.type, "body": outgoing.body, "order_keys": codec.encode(outgoing.keys),
        "recipient_id": outgoing.recipient_id, "status": PENDING, "attempts": 0, "due_at": due_at, "answer": "",
    }  # fmt: skip


def _delivery(row: Any) -> Delivery:
    return Delivery(
        outgoing=Outgoing(
            effect_id=row.effect_id, journal_offset=row.journal_offset, index=row.effect_index, district=row.district,
            organisation=row.organisation, type=row.type, body=row.body,
            keys=codec.decode(row.order_keys, tuple[str, ...]), recipient_id=row.recipient_id,
        ),
        attempts=row.attempts, due_at=row.due_at, status=row.status, answer=row.answer,
    )  # fmt: skip


def _notice_row(notice: Notice) -> dict[str, Any]:
    return {
        "effect_id": notice.effect_id, "district": notice.district, "visit_id": notice.visit_id, "kind": notice.kind,
        "due_at": notice.due_at.isoformat(), "status": RECORDED,
    }  # fmt: skip
