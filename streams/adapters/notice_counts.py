"""How many notices stand how, for the figures: no id, no number, no name in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from streams.adapters.delivery_tables import notices
from streams.adapters.notice_gateway import FAILED, SENT

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


class Standing(NamedTuple):
    """`status`: pending, recorded (no gateway is set), sent, failed, outdated, unwanted. `channel` of a sent one: that of the
    first who was reached; `reason` of a failed one."""

    status: str
    channel: str
    reason: str


def count_notices(engine: Engine) -> dict[Standing, int]:
    """Those that the registry keeps, by how they stand."""
    query = sa.select(notices.c.status, notices.c.answer, sa.func.count()).group_by(notices.c.status, notices.c.answer)
    counted: dict[Standing, int] = {}
    with engine.connect() as connection:
        for status, answer, count in connection.execute(query):
            standing = Standing(status, answer if status == SENT else "", answer if status == FAILED else "")
            counted[standing] = counted.get(standing, 0) + count
    return counted
