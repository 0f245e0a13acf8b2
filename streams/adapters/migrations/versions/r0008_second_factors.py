"""Recovery codes, and roles that need a second factor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("used_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("recovery_codes_account", "recovery_codes", ["account_id"])
    op.create_table("totp_roles", sa.Column("role", sa.String(), nullable=False), sa.PrimaryKeyConstraint("role"))
