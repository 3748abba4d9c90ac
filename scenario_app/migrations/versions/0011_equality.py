"""Equality: how many gave which answer at an event. No key to a seat, a person or a moment."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "equality_count",
        sa.Column("event_id", sa.Integer, sa.ForeignKey("event.id"), primary_key=True),
        sa.Column("question", sa.String(20), primary_key=True),
        sa.Column("answer", sa.String(40), primary_key=True),
        sa.Column("people", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("equality_count")
