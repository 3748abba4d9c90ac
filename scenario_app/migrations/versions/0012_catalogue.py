"""What the catalogue is searched by, and packs that are being made."""

import unicodedata

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pack_entry",
        sa.Column(
            "pack_id", sa.Integer, sa.ForeignKey("published_pack.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("pathway", sa.String(80), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )
    op.create_table(
        "pack_stage",
        sa.Column(
            "pack_id", sa.Integer, sa.ForeignKey("pack_entry.pack_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("stage", sa.String(80), primary_key=True),
    )
    op.create_table(
        "pack_job",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_slug", sa.String(80), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("asked_by", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(40)),
        sa.Column("beat_at", UtcDateTime),
        sa.Column("reference", sa.String(100)),
        sa.Column("refusal", sa.String(40)),
    )
    # One at a time, and each event once: what two workers or two clicks cannot do by mistake.
    for name, column, where in (
        ("uq_pack_job_working", "state", "state = 'working'"),
        ("uq_pack_job_unfinished", "event_slug", "state IN ('waiting', 'working')"),
    ):
        op.create_index(
            name, "pack_job", [column], unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_index("ix_pack_job_asked_by_asked_at", "pack_job", ["asked_by", "asked_at"])
    _enter_what_is_published()


def downgrade() -> None:
    op.drop_table("pack_job")
    op.drop_table("pack_stage")
    op.drop_table("pack_entry")


def _enter_what_is_published() -> None:
    """Enter every pack that stands, by its event and by the scenarios that were programmed there."""
    bind = op.get_bind()
    packs = bind.execute(
        sa.text(
            "SELECT pack.id, pack.event_id, pack.title, event.place, event.decision_statement, pathway.slug"
            " FROM published_pack pack JOIN event ON event.id = pack.event_id"
            " JOIN pathway ON pathway.id = event.pathway_id WHERE pack.withdrawn_at IS NULL"
        )
    ).all()
    for pack in packs:
        played = bind.execute(
            sa.text(
                "SELECT DISTINCT version.title, version.stage FROM performance"
                " JOIN section ON section.id = performance.section_id"
                " JOIN scenario_version version ON version.id = performance.version_id"
                " WHERE section.event_id = :event ORDER BY version.title"
            ),
            {"event": pack.event_id},
        ).all()
        words = " ".join([pack.title, pack.place, pack.decision_statement, *(row.title for row in played)])
        bind.execute(
            sa.text("INSERT INTO pack_entry (pack_id, pathway, place, words) VALUES (:id, :pathway, :place, :words)"),
            {"id": pack.id, "pathway": pack.slug, "place": pack.place, "words": _folded(words)},
        )
        for stage in sorted({row.stage for row in played if row.stage}):
            bind.execute(
                sa.text("INSERT INTO pack_stage (pack_id, stage) VALUES (:id, :stage)"),
                {"id": pack.id, "stage": stage},
            )


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).split())
