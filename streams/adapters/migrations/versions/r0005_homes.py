"""The dong that a recipient belongs to, and sign-in links that open more than once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recipients", sa.Column("dong", sa.String(), nullable=False, server_default=""))
    op.add_column("sign_in_links", sa.Column("uses_left", sa.Integer(), nullable=False, server_default="1"))
