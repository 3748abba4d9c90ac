"""Events, sections, performances, seats, rounds, ballots."""

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("pathway_id", sa.Integer, sa.ForeignKey("pathway.id"), nullable=False),
        sa.Column("decision_statement", sa.Text, nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.UniqueConstraint("slug", name="uq_event_slug"),
    )
    op.create_table(
        "event_facilitator",
        sa.Column("event_id", sa.Integer, sa.ForeignKey("event.id"), primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), primary_key=True),
    )
    op.create_table(
        "section",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("event.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
        sa.Column("door_code", sa.String(6), nullable=False),
        sa.Column("door_open", sa.Boolean, nullable=False),
        sa.Column("screen_key", sa.String(40), nullable=False),
        sa.Column("size_cap", sa.Integer, nullable=False),
        sa.Column("cue_seq", sa.Integer, nullable=False),
        sa.Column("performance_id", sa.Integer),
        sa.Column("screen_shows", sa.String(10), nullable=False),
        sa.Column("erased_at", UtcDateTime),
        sa.UniqueConstraint("event_id", "position", name="uq_section_event_id_position"),
        sa.UniqueConstraint("door_code", name="uq_section_door_code"),
    )
    op.create_table(
        "performance",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("section_id", sa.Integer, sa.ForeignKey("section.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("scenario_version.id"), nullable=False),
        sa.Column("tie_rule", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("scene", sa.String(80)),
        sa.Column("round_id", sa.Integer),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("ended_at", UtcDateTime),
        sa.UniqueConstraint("section_id", "position", name="uq_performance_section_id_position"),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("performance_id", sa.Integer, sa.ForeignKey("performance.id"), nullable=False),
        sa.Column("decision", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("practice", sa.Boolean, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("tie_rule", sa.String(20), nullable=False),
        sa.Column("responses", sa.JSON, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("revealed_at", UtcDateTime),
        sa.Column("winner", sa.String(8)),
        sa.Column("seats_at_close", sa.Integer),
        sa.Column("by_role_shown", sa.JSON),
        sa.UniqueConstraint(
            "performance_id", "decision", "practice", "number", name="uq_round_performance_id_decision_practice_number"
        ),
    )
    op.create_index(
        "uq_round_one_open",
        "round",
        ["performance_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    with op.batch_alter_table("section") as table:
        table.create_foreign_key("fk_section_performance_id_performance", "performance", ["performance_id"], ["id"])
    with op.batch_alter_table("performance") as table:
        table.create_foreign_key("fk_performance_round_id_round", "round", ["round_id"], ["id"])
    op.create_table(
        "step",
        sa.Column("performance_id", sa.Integer, sa.ForeignKey("performance.id"), primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("scene", sa.String(80), nullable=False),
        sa.Column("decision", sa.String(80), nullable=False),
        sa.Column("response", sa.String(8), nullable=False),
        sa.Column("leads_to", sa.String(80), nullable=False),
        sa.Column("round_id", sa.Integer, sa.ForeignKey("round.id"), nullable=False),
        sa.Column("overruled", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("taken_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("section_id", sa.Integer, sa.ForeignKey("section.id"), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(32)),
        sa.Column("role", sa.String(40)),
        sa.UniqueConstraint("secret_hash", name="uq_seat_secret_hash"),
    )
    op.create_index("ix_seat_section_id_role", "seat", ["section_id", "role"])
    op.create_table(
        "ballot",
        sa.Column("round_id", sa.Integer, sa.ForeignKey("round.id"), primary_key=True),
        sa.Column("seat_id", sa.Integer, sa.ForeignKey("seat.id"), primary_key=True),
        sa.Column("response", sa.String(8), nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
    )
    op.create_index("ix_ballot_seat_id", "ballot", ["seat_id"])
    op.create_table(
        "cast_key",
        sa.Column("seat_id", sa.Integer, sa.ForeignKey("seat.id"), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("content_hash", sa.LargeBinary(16), nullable=False),
    )


def downgrade() -> None:
    with op.batch_alter_table("section") as table:
        table.drop_constraint("fk_section_performance_id_performance", type_="foreignkey")
    with op.batch_alter_table("performance") as table:
        table.drop_constraint("fk_performance_round_id_round", type_="foreignkey")
    for table in ("cast_key", "ballot", "seat", "step", "round", "performance", "section", "event_facilitator", "event"):
        op.drop_table(table)
