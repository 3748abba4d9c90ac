"""Seats are counted by where they vote: a hall is not counted among everybody who voted alone."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_seat_section_id_channel_role", "seat", ["section_id", "channel", "role"])
    op.drop_index("ix_seat_section_id_role", table_name="seat")
