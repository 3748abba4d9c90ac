"""Published packs."""

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_pack",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("event.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("event_slug", sa.String(80), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("held_at", UtcDateTime, nullable=False),
        sa.Column("decisions", sa.Integer, nullable=False),
        sa.Column("ballots", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("app_version", sa.String(40), nullable=False),
        sa.Column("generated_at", UtcDateTime, nullable=False),
        sa.Column("published_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("zip", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("event_id", "version", name="uq_published_pack_event_id_version"),
        sa.UniqueConstraint("reference", name="uq_published_pack_reference"),
    )
    _refuse_updates()


def _refuse_updates() -> None:
    """A pack is cited by its reference: its bytes must stay what they were, whatever program is at the database."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER published_pack_is_frozen BEFORE UPDATE ON published_pack "
            "BEGIN SELECT RAISE(ABORT, 'a published pack never changes'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_pack_update() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a published pack never changes'; END $$"
    )
    op.execute(
        "CREATE TRIGGER published_pack_is_frozen BEFORE UPDATE ON published_pack "
        "FOR EACH ROW EXECUTE FUNCTION refuse_pack_update()"
    )


def downgrade() -> None:
    op.drop_table("published_pack")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_pack_update()")
