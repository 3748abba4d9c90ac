"""What came of it: official answers, updates of promises, links taken away, where tellers want to be told."""

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _of(name: str, target: str, *, null: bool = False, index: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id"), nullable=null, index=index)


def _checked() -> tuple[sa.Column, ...]:
    return (
        sa.Column("shown", sa.Boolean),
        sa.Column("checked_how", sa.Text, nullable=False),
        sa.Column("checked_at", UtcDateTime),
        _of("checked_by", "account", null=True),
    )


def upgrade() -> None:
    op.create_table(
        "official_answer",
        sa.Column("id", sa.Integer, primary_key=True),
        _of("proposal_id", "proposal", index=True),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        _of("answered_by", "account"),
        sa.Column("answered_as", sa.String(120), nullable=False),
        sa.Column("answered_at", UtcDateTime, nullable=False),
        *_checked(),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> answered_by", name="ck_official_answer_checked_by_another"
        ),
    )
    op.create_table(
        "commitment_update",
        sa.Column("id", sa.Integer, primary_key=True),
        _of("commitment_id", "commitment", index=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("evidence_url", sa.Text, nullable=False),
        sa.Column("new_day", sa.Date),
        _of("said_by", "account"),
        sa.Column("said_as", sa.String(120), nullable=False),
        sa.Column("said_at", UtcDateTime, nullable=False),
        *_checked(),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> said_by", name="ck_commitment_update_checked_by_another"
        ),
    )
    op.create_table(
        "broken_link",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("from_kind", sa.String(20), nullable=False),
        sa.Column("from_key", sa.String(200), nullable=False),
        sa.Column("to_kind", sa.String(20), nullable=False),
        sa.Column("to_key", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("broken_at", UtcDateTime, nullable=False),
        _of("broken_by", "account"),
        sa.UniqueConstraint(
            "from_kind", "from_key", "to_kind", "to_key", name="uq_broken_link_from_kind_from_key_to_kind_to_key"
        ),
    )
    op.create_table(
        "follower",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("story_id", sa.Integer, sa.ForeignKey("story.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("telling_until", UtcDateTime),
        sa.UniqueConstraint("story_id", name="uq_follower_story_id"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("follower", "broken_link", "commitment_update", "official_answer"):
        op.drop_table(table)
