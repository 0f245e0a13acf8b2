"""The tables as they were when versions began to be kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from streams.adapters.registry_tables import append_only_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("row", BIG, autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index("access_log_subject", "access_log", ["subject"])
    op.create_table(
        "dead_letters",
        sa.Column("dead_letter_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("dead_letter_id"),
    )
    op.create_table(
        "endpoints",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret_out", sa.LargeBinary(), nullable=False),
        sa.Column("secret_in", sa.LargeBinary(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation"),
    )
    op.create_table(
        "recipients",
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("recipient_id"),
    )
    op.create_table(
        "roster",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "district"),
    )
    op.create_table(
        "seen_webhooks",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "webhook_id"),
    )
    op.create_index("seen_webhooks_at", "seen_webhooks", ["at"])
    op.create_table(
        "vault_keys",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_table(
        "workers",
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id"),
    )
    op.create_table(
        "deliveries",
        sa.Column("effect_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("journal_offset", BIG, nullable=False),
        sa.Column("effect_index", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("order_keys", sa.LargeBinary(), nullable=False),
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("effect_id", "organisation"),
    )
    op.create_index("deliveries_pending", "deliveries", ["status", "partition"])
    op.create_table(
        "notices",
        sa.Column("effect_id", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("due_at", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("effect_id"),
    )
    op.create_table(
        "outbox_positions",
        sa.Column("projection", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_journal_offset", BIG, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("projection", "partition"),
    )
    op.create_table(
        "outbox_told",
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("told_key", sa.String(), nullable=False),
        sa.Column("told_value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "district", "told_key"),
    )
    for statement in append_only_statements("access_log", 730, op.get_bind().dialect.name):
        op.execute(statement)
