"""Tables of organisations' endpoints, of what was sent there, and how each attempt ended. No personal data: a delivery holds
ids and codes, and the recipient's id while the sender may fill the person in; answers and secrets are sealed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, String, Table

from streams.adapters.delivery_tables import Offset

metadata = sa.MetaData()

PENDING, DELIVERED, GIVEN_UP = "pending", "delivered", "given_up"
AGAIN = "again"  # somebody asked for it: the outbox takes it up within a second

webhook_endpoints = Table(
    "webhook_endpoints", metadata,
    Column("organisation", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("types", String, nullable=False, default=""),  # separated by spaces; "" for all
    Column("secret", LargeBinary, nullable=False),
    Column("secret_before", LargeBinary),  # signs too until then
    Column("secret_before_until", Float, nullable=False, default=0.0),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("disabled_reason", String, nullable=False, default=""),  # gone, failing, by_hand
    Column("disabled_at", Float, nullable=False, default=0.0),
    Column("failing_since", Float, nullable=False, default=0.0),  # wall clock; 0 while it answers
)  # fmt: skip
organisation_secrets = Table(
    "organisation_secrets", metadata,
    Column("organisation", String, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("secret_before", LargeBinary),  # is accepted too until then
    Column("secret_before_until", Float, nullable=False, default=0.0),
)  # fmt: skip
webhook_deliveries = Table(
    "webhook_deliveries", metadata,
    Column("effect_id", String, primary_key=True),
    Column("organisation", String, primary_key=True),
    Column("endpoint", String, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("journal_offset", Offset, nullable=False),
    Column("effect_index", Integer, nullable=False),
    Column("district", String, nullable=False),
    Column("type", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("order_keys", LargeBinary, nullable=False),
    Column("recipient_id", String, nullable=False),
    Column("visit_id", String, nullable=False, default=""),  # whose end takes the recipient out
    Column("status", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Float, nullable=False),  # wall clock, epoch seconds
    Column("answer", String, nullable=False),  # of the last attempt: HTTP status, or what went wrong
    Column("made_at", Float, nullable=False),
    sa.Index("webhook_deliveries_pending", "status", "partition"),
    sa.Index("webhook_deliveries_visit", "visit_id"),
    sa.Index("webhook_deliveries_made", "organisation", "made_at"),
)  # fmt: skip
webhook_attempts = Table(
    "webhook_attempts", metadata,
    Column("row", Offset, primary_key=True, autoincrement=True),
    Column("effect_id", String, nullable=False),
    Column("organisation", String, nullable=False),
    Column("endpoint", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("answer", String, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("response", LargeBinary),  # the first of what was answered, sealed; NULL for an empty one
    sa.Index("webhook_attempts_of", "organisation", "effect_id"),
)  # fmt: skip
