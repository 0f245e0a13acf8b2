"""The outbox's tables in the registry: ids and codes only, no personal data."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Float, Integer, LargeBinary, String, Table

metadata = sa.MetaData()
Offset = sa.BigInteger().with_variant(Integer, "sqlite")  # a busy city's journal passes 2^31 in some years

deliveries = Table(
    "deliveries", metadata,
    Column("effect_id", String, primary_key=True),
    Column("organisation", String, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("journal_offset", Offset, nullable=False),
    Column("effect_index", Integer, nullable=False),
    Column("district", String, nullable=False),
    Column("type", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("order_keys", LargeBinary, nullable=False),
    Column("recipient_id", String, nullable=False),
    Column("status", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Float, nullable=False),  # wall clock, epoch seconds
    Column("answer", String, nullable=False),  # of the last attempt: HTTP status, or what went wrong
    sa.Index("deliveries_pending", "status", "partition"),
)  # fmt: skip
notices = Table(
    "notices", metadata,
    Column("effect_id", String, primary_key=True),
    Column("district", String, nullable=False),
    Column("visit_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("due_at", String, nullable=False),
    Column("status", String, nullable=False),
)  # fmt: skip
told_rows = Table(
    "outbox_told", metadata,
    Column("partition", Integer, primary_key=True),
    Column("district", String, primary_key=True),
    Column("told_key", String, primary_key=True),
    Column("told_value", LargeBinary, nullable=False),
)  # fmt: skip
positions = Table(
    "outbox_positions", metadata,
    Column("projection", String, primary_key=True),  # outbox, messenger
    Column("partition", Integer, primary_key=True),
    Column("next_journal_offset", Offset, nullable=False),
    Column("digest", String, nullable=False),
)  # fmt: skip
