"""Writing together: turns of writing, co-writers who sign in with words, invitations, credits."""

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("earlier_words") as table:
        table.add_column(sa.Column("ends_turn", sa.Boolean, nullable=False, server_default=sa.true()))
    with op.batch_alter_table("earlier_words") as table:
        table.alter_column("ends_turn", server_default=None)
    with op.batch_alter_table("account") as table:
        table.alter_column("email", existing_type=sa.String(254), nullable=True)
        table.add_column(sa.Column("words_hash", sa.LargeBinary(32)))
        table.create_unique_constraint("uq_account_words_hash", ["words_hash"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("draft_id", sa.Integer, sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("note", sa.String(120), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime),
        sa.Column("taken_back_at", UtcDateTime),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_hash"),
    )
    op.create_index("ix_invitation_draft_id", "invitation", ["draft_id"])
    op.create_table(
        "co_writer",
        sa.Column("draft_id", sa.Integer, sa.ForeignKey("draft.id"), primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("credit", sa.String(120), nullable=False),
        sa.Column("joined_at", UtcDateTime, nullable=False),
        sa.Column("left_at", UtcDateTime),
    )
    op.create_table(
        "version_credit",
        sa.Column("version_id", sa.Integer, sa.ForeignKey("scenario_version.id"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("words", sa.String(120), nullable=False),
    )
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("draft_id", sa.Integer, sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("passage", sa.Text, nullable=False),
        sa.Column("instead", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("taken", sa.Boolean),
        sa.Column("settled_at", UtcDateTime),
        sa.Column("settled_by", sa.Integer, sa.ForeignKey("account.id")),
    )
    op.create_index("ix_suggestion_draft_id", "suggestion", ["draft_id"])
    op.create_table(
        "sense_check",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scenario_id", sa.Integer, sa.ForeignKey("scenario.id"), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("said_at", UtcDateTime, nullable=False),
        sa.Column("shown", sa.Boolean),
        sa.Column("read_by", sa.Integer, sa.ForeignKey("account.id")),
        sa.UniqueConstraint("scenario_id", "browser_hash", name="uq_sense_check_scenario_id_browser_hash"),
    )
    op.create_index("ix_sense_check_scenario_id", "sense_check", ["scenario_id"])
    op.create_index("ix_sense_check_browser_hash", "sense_check", ["browser_hash"])


def downgrade() -> None:
    for table in ("sense_check", "suggestion", "version_credit", "co_writer", "invitation"):
        op.drop_table(table)
    with op.batch_alter_table("account") as table:
        table.drop_constraint("uq_account_words_hash", type_="unique")
        table.drop_column("words_hash")
        table.alter_column("email", existing_type=sa.String(254), nullable=False)
    with op.batch_alter_table("earlier_words") as table:
        table.drop_column("ends_turn")
