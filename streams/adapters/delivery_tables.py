"""The outbox's tables in the registry: ids and codes only, no personal data."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Integer, LargeBinary, String, Table

metadata = sa.MetaData()
Offset = sa.BigInteger().with_variant(Integer, "sqlite")  # a busy city's journal passes 2^31 in some years

notices = Table(
    "notices", metadata,
    Column("effect_id", String, primary_key=True),
    Column("district", String, nullable=False),
    Column("visit_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("due_at", String, nullable=False),
    Column("status", String, nullable=False),  # pending, then how it ended; recorded while no gateway is set
    Column("partition", Integer, nullable=False, server_default="0"),
    Column("notice", LargeBinary, nullable=False, server_default=""),  # ids and times, whole
    Column("answer", String, nullable=False, server_default=""),
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
