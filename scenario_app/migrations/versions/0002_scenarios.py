"""Pathways, scenarios with their versions, drafts."""

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pathway",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("decision_statement", sa.Text, nullable=False),
        sa.Column("founded_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("slug", "number", name="uq_pathway_slug_number"),
    )
    op.create_table(
        "stage",
        sa.Column("pathway_id", sa.Integer, sa.ForeignKey("pathway.id"), primary_key=True),
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.UniqueConstraint("slug", name="uq_scenario_slug"),
    )
    op.create_table(
        "scenario_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scenario_id", sa.Integer, sa.ForeignKey("scenario.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("pathway_id", sa.Integer, sa.ForeignKey("pathway.id"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("html", sa.JSON, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("stage", sa.String(80), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("published_at", UtcDateTime, nullable=False),
        sa.Column("published_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.UniqueConstraint("scenario_id", "number", name="uq_scenario_version_scenario_id_number"),
    )
    op.create_index("ix_scenario_version_pathway_id", "scenario_version", ["pathway_id"])
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scenario_id", sa.Integer, sa.ForeignKey("scenario.id")),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("published_revision", sa.Integer),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.UniqueConstraint("scenario_id", name="uq_draft_scenario_id"),
    )
    op.create_table(
        "earlier_words",
        sa.Column("draft_id", sa.Integer, sa.ForeignKey("draft.id"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.Column("saved_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
    )
    _refuse_updates()


def _refuse_updates() -> None:
    """Votes refer to a version: its words must be what the room saw, whatever program is at the database."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER scenario_version_is_immutable BEFORE UPDATE ON scenario_version "
            "BEGIN SELECT RAISE(ABORT, 'a published version never changes'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a published version never changes'; END $$"
    )
    op.execute(
        "CREATE TRIGGER scenario_version_is_immutable BEFORE UPDATE ON scenario_version "
        "FOR EACH ROW EXECUTE FUNCTION refuse_update()"
    )


def downgrade() -> None:
    for table in ("earlier_words", "draft", "scenario_version", "scenario", "stage", "pathway"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_update()")
