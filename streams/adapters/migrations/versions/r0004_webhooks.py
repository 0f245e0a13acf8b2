"""Several endpoints of an organisation, secrets that overlap, and every attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = (
    "effect_id, organisation, partition, journal_offset, effect_index, district, type, body, order_keys, recipient_id, status, "
    "attempts, due_at, answer"
)


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("types", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("secret_before", sa.LargeBinary(), nullable=True),
        sa.Column("secret_before_until", sa.Float(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(), nullable=False),
        sa.Column("disabled_at", sa.Float(), nullable=False),
        sa.Column("failing_since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "name"),
    )
    op.create_table(
        "organisation_secrets",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("secret_before", sa.LargeBinary(), nullable=True),
        sa.Column("secret_before_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("organisation"),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("effect_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("journal_offset", BIG, nullable=False),
        sa.Column("effect_index", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("order_keys", sa.LargeBinary(), nullable=False),
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("effect_id", "organisation", "endpoint"),
    )
    op.create_index("webhook_deliveries_pending", "webhook_deliveries", ["status", "partition"])
    op.create_index("webhook_deliveries_visit", "webhook_deliveries", ["visit_id"])
    op.create_index("webhook_deliveries_made", "webhook_deliveries", ["organisation", "made_at"])
    op.create_table(
        "webhook_attempts",
        sa.Column("row", BIG, autoincrement=True, nullable=False),
        sa.Column("effect_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index("webhook_attempts_of", "webhook_attempts", ["organisation", "effect_id"])
    _move()


def _move() -> None:
    """What the tables before hold: one endpoint of each organisation, sealed as it was, and its deliveries."""
    op.execute("INSERT INTO organisation_secrets (organisation, secret, secret_before_until) "
               "SELECT organisation, secret_in, 0 FROM endpoints")  # fmt: skip
    op.execute(
        "INSERT INTO webhook_endpoints (organisation, name, url, types, secret, secret_before_until, disabled, disabled_reason, "
        "disabled_at, failing_since) SELECT organisation, 'main', url, '', secret_out, 0, disabled, '', 0, 0 FROM endpoints"
    )
    op.drop_table("endpoints")
    if sa.inspect(op.get_bind()).has_table("deliveries"):  # the API alone never made the outbox's tables
        op.execute(
            f"INSERT INTO webhook_deliveries ({KEPT}, endpoint, visit_id, made_at) "
            f"SELECT {KEPT}, 'main', '', due_at FROM deliveries"
        )
        op.drop_table("deliveries")
