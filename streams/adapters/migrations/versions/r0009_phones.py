"""Recipients by the keyed digest of a telephone number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recipients", sa.Column("phones_indexed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "recipient_phones",
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("recipient_id", sa.String(), primary_key=True),
        sa.Column("whose", sa.String(), nullable=False),
    )
    op.create_index("recipient_phones_recipient", "recipient_phones", ["recipient_id"])
