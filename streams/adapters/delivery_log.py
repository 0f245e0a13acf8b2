"""What was sent to whom and how it ended, for operators and organisations; and sending it again. The outbox does the work:
whoever asks only marks the rows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from streams.adapters.endpoint_tables import (
    AGAIN,
    GIVEN_UP,
    PENDING,
    webhook_attempts as attempts,
    webhook_deliveries as deliveries,
)

if TYPE_CHECKING:
    from streams.adapters.registry import Registry

PAGE = 100
Place = tuple[float, int, int, str, str, str]
"""Of a delivery in the log: when it was made, its effect, and to whom. Many are made at the same time."""


class LoggedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook to one endpoint. Times are the wall clock's, epoch seconds; `status`: pending, again, delivered,
    given_up; `answer`: HTTP status of the last attempt, or what went wrong."""

    effect_id: str
    organisation: str
    endpoint: str
    district: str
    type: str
    visit_id: str
    status: str
    attempts: int
    answer: str
    made_at: float
    due_at: float


class LoggedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended; `response` is the first of what was answered."""

    endpoint: str
    attempt: int
    at: float
    answer: str
    latency_ms: int
    response: str


SHOWN = ("district", "type", "visit_id", "status", "attempts", "answer", "due_at")


class DeliveryLog:
    """Reads and marks. Calls block for a millisecond or so."""

    def __init__(self, registry: Registry) -> None:
        self._engine = registry.engine
        self._reader = registry.engine.execution_options(dolbom_read=True)
        self._open = registry.endpoints.open_answer

    def list(
        self, organisation: str = "", *, status: str = "", type_: str = "", since: float = 0.0, limit: int = PAGE
    ) -> list[LoggedDelivery]:
        """The newest first."""
        return self.page(organisation, status=status, type_=type_, since=since, limit=limit)[0]

    def page(
        self, organisation: str = "", *, status: str = "", type_: str = "", since: float = 0.0, after: Place | None = None,
        limit: int = PAGE,
    ) -> tuple[list[LoggedDelivery], Place | None]:  # fmt: skip
        """The newest first, from `after` on; and where the next page begins, None when there is none."""
        columns = deliveries.c
        place = [columns[name] for name in ("made_at", "journal_offset", "effect_index", "effect_id", "organisation", "endpoint")]
        query = sa.select(*place, *(columns[name] for name in SHOWN)).where(columns.made_at >= since)
        if organisation:
            query = query.where(columns.organisation == organisation)
        if status:
            query = query.where(columns.status == status)
        if type_:
            query = query.where(columns.type == type_)
        if after is not None:
            query = query.where(sa.tuple_(*place) < after)
        with self._reader.connect() as connection:
            rows = connection.execute(query.order_by(*(column.desc() for column in place)).limit(limit + 1)).all()
        shown = [LoggedDelivery(**{name: getattr(row, name) for name in LoggedDelivery.__struct_fields__}) for row in rows[:limit]]
        last = tuple(getattr(rows[limit - 1], column.name) for column in place) if len(rows) > limit else None
        return shown, last  # type: ignore[return-value]

    def attempts(self, organisation: str, effect_id: str) -> list[LoggedAttempt]:
        """Attempts of one webhook, the first one first, over all endpoints of the organisation."""
        columns = attempts.c
        own = sa.and_(columns.organisation == organisation, columns.effect_id == effect_id)
        query = sa.select(attempts).where(own).order_by(columns.row)
        with self._reader.connect() as connection:
            rows = connection.execute(query).all()
        return [
            LoggedAttempt(
                endpoint=row.endpoint, attempt=row.attempt, at=row.at, answer=row.answer, latency_ms=row.latency_ms,
                response=self._open(organisation, row.response).decode(errors="replace") if row.response else "",
            )
            for row in rows
        ]  # fmt: skip

    def resend(self, organisation: str, effect_id: str) -> int:
        """Send one webhook again under its id, to each endpoint that it was for. Returns to how many."""
        return self._again(deliveries.c.organisation == organisation, deliveries.c.effect_id == effect_id)

    def recover(self, organisation: str, since: float, endpoint: str = "") -> int:
        """Send all again that was made since then and not delivered, in order. Returns how many."""
        missing = [deliveries.c.organisation == organisation, deliveries.c.made_at >= since]
        missing.append(deliveries.c.status.in_((PENDING, GIVEN_UP)))
        if endpoint:
            missing.append(deliveries.c.endpoint == endpoint)
        return self._again(*missing)

    def hurry(self, organisation: str, endpoint: str) -> int:
        """What waits for an endpoint that was set again goes out now. Returns how many."""
        columns = deliveries.c
        return self._again(columns.organisation == organisation, columns.endpoint == endpoint, columns.status == PENDING)

    def _again(self, *which: Any) -> int:
        values = {"status": AGAIN, "attempts": 0, "due_at": time.time()}
        with self._engine.begin() as connection:
            return connection.execute(sa.update(deliveries).where(*which).values(values)).rowcount
