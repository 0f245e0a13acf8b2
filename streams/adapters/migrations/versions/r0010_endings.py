"""Recipients are found by the end of a number and by name too: who is there is taken up anew, when somebody is first looked for."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE recipients SET phones_indexed = false")
