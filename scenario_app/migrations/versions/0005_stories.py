"""Stories: answers, revisions, edits, reviews, consents; what scripts are woven from; the public log."""

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "version_source",
    "draft_source",
    "danger_word",
    "moderation_entry",
    "consent",
    "review",
    "story_reply",
    "story_edit",
    "story_revision",
    "story_answer",
    "story",
)


def upgrade() -> None:
    op.create_table(
        "story",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("told_for", sa.String(20), nullable=False),
        sa.Column("pathway_id", sa.Integer, sa.ForeignKey("pathway.id")),
        sa.Column("stage", sa.String(80)),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("withdrawn_at", UtcDateTime),
        sa.Column("urgent_since", UtcDateTime),
        sa.Column("urgent_told_at", UtcDateTime),
        sa.Column("urgent_taken_at", UtcDateTime),
        sa.Column("urgent_taken_by", sa.Integer, sa.ForeignKey("account.id")),
        sa.Column("claimed_at", UtcDateTime),
        sa.Column("claimed_by", sa.Integer, sa.ForeignKey("account.id")),
        sa.UniqueConstraint("code_hash", name="uq_story_code_hash"),
    )
    op.create_index("ix_story_pathway_id", "story", ["pathway_id"])
    op.create_table(
        "story_answer",
        sa.Column("story_id", sa.Integer, sa.ForeignKey("story.id"), primary_key=True),
        sa.Column("question", sa.String(40), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "story_revision",
        sa.Column("story_id", sa.Integer, sa.ForeignKey("story.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("answers", sa.JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("account.id")),
    )
    op.create_table(
        "story_edit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("story_id", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("removed", sa.Text, nullable=False),
        sa.Column("put_instead", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id", "revision"],
            ["story_revision.story_id", "story_revision.number"],
            name="fk_story_edit_story_id_story_revision",
        ),
    )
    op.create_index("ix_story_edit_story_id", "story_edit", ["story_id"])
    op.create_table(
        "story_reply",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("story_id", sa.Integer, sa.ForeignKey("story.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("agrees", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("said_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_story_reply_story_id", "story_reply", ["story_id"])
    op.create_table(
        "review",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("story_id", sa.Integer, sa.ForeignKey("story.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("reviewed_at", UtcDateTime, nullable=False),
        sa.Column("reviewed_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
    )
    op.create_index("ix_review_story_id", "review", ["story_id"])
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("story_id", sa.Integer, sa.ForeignKey("story.id"), nullable=False),
        sa.Column("use", sa.String(20), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("said_by", sa.String(20), nullable=False),
        sa.Column("said_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_consent_story_id", "consent", ["story_id"])
    op.create_table(
        "moderation_entry",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("logged_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "danger_word",
        sa.Column("language", sa.String(40), primary_key=True),
        sa.Column("phrase", sa.String(120), primary_key=True),
    )
    _sources()


def _sources() -> None:
    op.create_table(
        "draft_source",
        sa.Column("draft_id", sa.Integer, sa.ForeignKey("draft.id"), primary_key=True),
        sa.Column("story_id", sa.Integer, sa.ForeignKey("story.id"), primary_key=True),
        sa.Column("story_revision", sa.Integer, nullable=False),
        sa.Column("added_at", UtcDateTime, nullable=False),
        sa.Column("added_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("taken_out_at", UtcDateTime),
    )
    op.create_table(
        "version_source",
        sa.Column("version_id", sa.Integer, sa.ForeignKey("scenario_version.id"), primary_key=True),
        sa.Column("story_id", sa.Integer, sa.ForeignKey("story.id"), primary_key=True),
        sa.Column("story_revision", sa.Integer, nullable=False),
    )
    op.create_index("ix_version_source_story_id", "version_source", ["story_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
