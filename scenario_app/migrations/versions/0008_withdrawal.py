"""Withdrawal: a published version may lose words, a published pack its bytes; each says since when, nothing else."""

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What a version may lose only together with saying so, and what it never loses.
VERSION_STAYS = (
    "NEW.id = OLD.id AND NEW.scenario_id = OLD.scenario_id AND NEW.number = OLD.number"
    " AND NEW.pathway_id = OLD.pathway_id AND NEW.stage = OLD.stage AND NEW.language = OLD.language"
    " AND NEW.published_at = OLD.published_at AND NEW.published_by = OLD.published_by"
)
PACK_STAYS = (
    "NEW.id = OLD.id AND NEW.event_id = OLD.event_id AND NEW.version = OLD.version"
    " AND NEW.reference = OLD.reference AND NEW.sha256 = OLD.sha256 AND NEW.generated_at = OLD.generated_at"
    " AND NEW.published_by = OLD.published_by AND length(NEW.zip) = 0 AND OLD.withdrawn_at IS NULL"
)
NEWLY = "NEW.{0} IS NOT NULL AND (OLD.{0} IS NULL OR NEW.{0} > OLD.{0})"


def upgrade() -> None:
    op.add_column("scenario_version", sa.Column("redacted_at", UtcDateTime))
    op.add_column("draft", sa.Column("redacted_revision", sa.Integer))
    op.add_column("published_pack", sa.Column("withdrawn_at", UtcDateTime))
    _guard(
        "scenario_version",
        "scenario_version_is_immutable",
        "refuse_update",
        "a published version never changes",
        f"{NEWLY.format('redacted_at')} AND {VERSION_STAYS}",
    )
    _guard(
        "published_pack",
        "published_pack_is_frozen",
        "refuse_pack_update",
        "a published pack never changes",
        f"{NEWLY.format('withdrawn_at')} AND {PACK_STAYS}",
    )


def downgrade() -> None:
    _guard(
        "scenario_version",
        "scenario_version_is_immutable",
        "refuse_update",
        "a published version never changes",
    )
    _guard(
        "published_pack", "published_pack_is_frozen", "refuse_pack_update", "a published pack never changes"
    )
    op.drop_column("published_pack", "withdrawn_at")
    op.drop_column("draft", "redacted_revision")
    op.drop_column("scenario_version", "redacted_at")


def _guard(table: str, trigger: str, function: str, words: str, allowed: str = "") -> None:
    """Refuse every update of a table but the allowed one."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {trigger}")
        when = f"WHEN NOT ({allowed}) " if allowed else ""
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE UPDATE ON {table} {when}BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
        return
    kept = f"IF {allowed} THEN RETURN NEW; END IF; " if allowed else ""
    op.execute(
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {kept}RAISE EXCEPTION '{words}'; END $$"
    )
