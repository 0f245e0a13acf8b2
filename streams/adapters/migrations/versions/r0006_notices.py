"""Notices that are sent: what is to be said and how it ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("partition", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("notices", sa.Column("notice", sa.LargeBinary(), nullable=False, server_default=""))
    op.add_column("notices", sa.Column("answer", sa.String(), nullable=False, server_default=""))
