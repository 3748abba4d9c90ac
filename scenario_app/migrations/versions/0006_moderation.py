"""Moderation: the phrases that a new site looks for; who is telling of an urgent story; why a story was declined."""

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime
from scenarios.stories.danger_words import AT_FIRST

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("story", sa.Column("urgent_telling_until", UtcDateTime))
    op.add_column("review", sa.Column("reason_code", sa.String(20)))
    danger_word = sa.table("danger_word", sa.column("language"), sa.column("phrase"))
    op.bulk_insert(
        danger_word,
        [{"language": code, "phrase": phrase} for code, phrases in AT_FIRST.items() for phrase in phrases],
    )


def downgrade() -> None:
    op.execute("DELETE FROM danger_word")
    op.drop_column("review", "reason_code")
    op.drop_column("story", "urgent_telling_until")
