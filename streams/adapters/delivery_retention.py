"""Webhooks that are over, and how their attempts ended, are kept for a while and then go: rows of ids and codes, but they tell
who was visited when. What is still to be sent stays, however old."""

from __future__ import annotations

import time

import sqlalchemy as sa
from sqlalchemy import Engine

from streams.adapters.endpoint_tables import DELIVERED, GIVEN_UP, webhook_attempts as attempts, webhook_deliveries as deliveries

AT_ONCE = 200  # rows of one transaction: nobody waits long for its lock
EVERY_S = 3600.0
DAY_S = 86_400.0


def drop_old(engine: Engine, kept_days: float, now: float | None = None) -> int:
    """Delete deliveries that ended and were made more than `kept_days` ago (wall clock), at most AT_ONCE of them. Returns how
    many."""
    before = (time.time() if now is None else now) - kept_days * DAY_S
    columns = deliveries.c
    over = (columns.made_at < before, columns.status.in_((DELIVERED, GIVEN_UP)))
    key = (columns.effect_id, columns.organisation, columns.endpoint)
    query = sa.select(*key).where(*over).limit(AT_ONCE)
    with engine.begin() as connection:
        keys = [tuple(row) for row in connection.execute(query)]
        if keys:
            of_attempt = sa.tuple_(attempts.c.effect_id, attempts.c.organisation, attempts.c.endpoint)
            connection.execute(sa.delete(attempts).where(of_attempt.in_(keys)))
            connection.execute(sa.delete(deliveries).where(sa.tuple_(*key).in_(keys)))
    return len(keys)
