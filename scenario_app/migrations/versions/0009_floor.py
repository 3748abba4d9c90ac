"""The whole session on the floor: preparing, other questions, hands, texts, Stop!, interventions, proposals, promises."""

import sqlalchemy as sa
from alembic import op

from scenario_app.kernel.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NEW_TABLES = (
    "feedback",
    "commitment",
    "public_answer",
    "amendment",
    "proposal",
    "minute_call",
    "verdict",
    "intervention",
    "stop",
    "merged_suggestion",
    "floor_response",
    "floor_text",
    "undoable",
    "hand_count",
    "join_minute",
    "ticket",
    "scene_entry",
)


def _id() -> sa.Column:
    return sa.Column("id", sa.Integer, primary_key=True)


def _of(name: str, target: str, *, null: bool = False, key: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id"), nullable=null, primary_key=key)


def upgrade() -> None:
    _new_columns()
    _rounds()
    _numbers_that_never_come_again()
    _live_tables()
    _talk_tables()
    _assembly_tables()


def _new_columns() -> None:
    no, one, nothing, empty = sa.false(), sa.text("1"), sa.text("0"), ""
    for table, columns in {
        "event": (
            sa.Column("supporter", sa.String(200), nullable=False, server_default=empty),
            sa.Column("supporter_where", sa.String(200), nullable=False, server_default=empty),
            sa.Column("ground_rules", sa.Text, nullable=False, server_default=empty),
            sa.Column("access", sa.Text, nullable=False, server_default=empty),
            sa.Column("online", sa.Boolean, nullable=False, server_default=no),
            sa.Column("rehearsal_of", sa.Integer),
        ),
        "event_facilitator": (
            sa.Column("leads", sa.Boolean, nullable=False, server_default=sa.true()),
            sa.Column("rights", sa.JSON, nullable=False, server_default="[]"),
        ),
        "section": (
            sa.Column("door_frozen", sa.Boolean, nullable=False, server_default=no),
            sa.Column("strict", sa.Boolean, nullable=False, server_default=no),
            sa.Column("place", sa.String(200), nullable=False, server_default=empty),
            sa.Column("audience", sa.String(200), nullable=False, server_default=empty),
            sa.Column("talk_seq", sa.Integer, nullable=False, server_default=one),
            sa.Column("heads", sa.Integer),
            sa.Column("peak_connected", sa.Integer, nullable=False, server_default=nothing),
            sa.Column("pad", sa.Text, nullable=False, server_default=empty),
        ),
        "performance": (sa.Column("minutes_planned", sa.Integer),),
        "step": (sa.Column("played", sa.Text),),
        "seat": (sa.Column("channel", sa.String(20), nullable=False, server_default="room"),),
        "round": (
            sa.Column("about", sa.String(20), nullable=False, server_default="decision"),
            sa.Column("question", sa.Text),
            sa.Column("proposal_id", sa.Integer),
            sa.Column("passing_rule", sa.String(20)),
            sa.Column("came_from", sa.String(40)),
        ),
    }.items():
        for column in columns:
            op.add_column(table, column)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("section", "screen_shows", type_=sa.String(20))
        op.alter_column("ballot", "response", type_=sa.String(80))


# Tables whose rows may be deleted while somebody still names them: a number is never given out twice.
NEVER_AGAIN = ("event", "section", "performance", "seat", "round")


def _numbers_that_never_come_again() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in NEVER_AGAIN:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass


def _rounds() -> None:
    """A round of each channel may be open, and be number 1, at the same time."""
    open_in_the_room = sa.text("closed_at IS NULL AND channel = 'room'")
    op.drop_index("uq_round_one_open", "round")
    old, new = "uq_round_performance_id_decision_practice_number", "uq_round_performance_id_decision_channel_practice_number"
    columns = ["performance_id", "decision", "channel", "practice", "number"]
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(old, "round", type_="unique")
        op.create_unique_constraint(new, "round", columns)
    else:
        with op.batch_alter_table("round") as table:
            table.drop_constraint(old, type_="unique")
            table.create_unique_constraint(new, columns)
    op.create_index(
        "uq_round_one_open",
        "round",
        ["performance_id"],
        unique=True,
        sqlite_where=open_in_the_room,
        postgresql_where=open_in_the_room,
    )


def _live_tables() -> None:
    op.create_table(
        "scene_entry",
        _of("performance_id", "performance", key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("scene", sa.String(80), nullable=False),
        sa.Column("entered_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "ticket",
        _id(),
        _of("section_id", "section"),
        sa.Column("secret_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("used", sa.Boolean, nullable=False),
        sa.UniqueConstraint("secret_hash", name="uq_ticket_secret_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "join_minute",
        _of("section_id", "section", key=True),
        sa.Column("minute", UtcDateTime, primary_key=True),
        sa.Column("joins", sa.Integer, nullable=False),
    )
    op.create_table(
        "hand_count",
        _of("round_id", "round", key=True),
        sa.Column("means", sa.String(10), primary_key=True),
        sa.Column("response", sa.String(8), primary_key=True),
        sa.Column("votes", sa.Integer, nullable=False),
    )
    op.create_table(
        "undoable",
        _of("section_id", "section", key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("done_at", UtcDateTime, nullable=False),
    )


def _talk_tables() -> None:
    op.create_table(
        "floor_text",
        _id(),
        _of("section_id", "section"),
        _of("performance_id", "performance", null=True),
        _of("seat_id", "seat", null=True),
        sa.Column("key", sa.String(64)),
        sa.Column("kind", sa.String(20), nullable=False),
        _of("round_id", "round", null=True),
        sa.Column("decision", sa.String(80)),
        sa.Column("response", sa.String(80)),
        sa.Column("proposal_id", sa.Integer),
        sa.Column("text", sa.Text),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("said_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime),
        _of("decided_by", "account", null=True),
        sa.UniqueConstraint("seat_id", "key", name="uq_floor_text_seat_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_floor_text_section_id_state", "floor_text", ["section_id", "state"])
    op.create_table(
        "floor_response",
        _id(),
        _of("performance_id", "performance"),
        sa.Column("decision", sa.String(80), nullable=False),
        sa.Column("response", sa.String(8), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("by_role", sa.String(40)),
        sa.Column("leads_to", sa.String(80)),
        _of("text_id", "floor_text", null=True),
        sa.Column("added_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint(
            "performance_id", "decision", "response", name="uq_floor_response_performance_id_decision_response"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "merged_suggestion",
        _of("text_id", "floor_text", key=True),
        _of("performance_id", "performance"),
        sa.Column("decision", sa.String(80), nullable=False),
        sa.Column("response", sa.String(8), nullable=False),
    )
    op.create_table(
        "stop",
        _id(),
        _of("performance_id", "performance"),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("scene", sa.String(80), nullable=False),
        sa.Column("line", sa.Integer),
        _of("seat_id", "seat", null=True),
        sa.Column("key", sa.String(64)),
        sa.Column("role", sa.String(40)),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("raised_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("seat_id", "key", name="uq_stop_seat_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stop_performance_id", "stop", ["performance_id"])
    op.create_table(
        "intervention",
        _id(),
        _of("performance_id", "performance"),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("scene", sa.String(80), nullable=False),
        sa.Column("line", sa.Integer),
        _of("stop_id", "stop", null=True),
        sa.Column("part", sa.String(120), nullable=False),
        sa.Column("role", sa.String(40)),
        sa.Column("tried", sa.Text, nullable=False),
        sa.Column("others_did", sa.Text, nullable=False),
        sa.Column("happened", sa.Text, nullable=False),
        sa.Column("possible_here", sa.String(10)),
        sa.Column("would_have_to_change", sa.Text, nullable=False),
        sa.Column("weighing", sa.String(10), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        _of("recorded_by", "account"),
        sa.UniqueConstraint("stop_id", name="uq_intervention_stop_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "verdict",
        _of("intervention_id", "intervention", key=True),
        _of("seat_id", "seat", key=True),
        sa.Column("verdict", sa.String(10), nullable=False),
    )
    op.create_table(
        "minute_call",
        _id(),
        _of("section_id", "section"),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("where_from", sa.String(80), nullable=False),
        sa.Column("called_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("section_id", "key", name="uq_minute_call_section_id_key"),
        sqlite_autoincrement=True,
    )


def _assembly_tables() -> None:
    op.create_table(
        "proposal",
        _id(),
        _of("section_id", "section"),
        sa.Column("number", sa.Integer, nullable=False),
        _of("performance_id", "performance", null=True),
        _of("intervention_id", "intervention", null=True),
        _of("text_id", "floor_text", null=True),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("section_id", "number", name="uq_proposal_section_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "amendment",
        _id(),
        _of("proposal_id", "proposal"),
        _of("text_id", "floor_text", null=True),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "public_answer",
        _id(),
        _of("proposal_id", "proposal"),
        sa.Column("question", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        _of("text_id", "floor_text", null=True),
        sa.Column("said_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "commitment",
        _id(),
        _of("section_id", "section"),
        _of("proposal_id", "proposal", null=True),
        sa.Column("promised", sa.Boolean, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("owner", sa.String(120), nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("read_back_at", UtcDateTime),
        sa.CheckConstraint(
            "(promised AND length(owner) > 0 AND due IS NOT NULL) OR (NOT promised AND length(why) > 0)",
            name="ck_commitment_owner_and_day_or_why",
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feedback",
        _id(),
        _of("section_id", "section"),
        sa.Column("heard", sa.Integer),
        sa.Column("safe", sa.Integer),
        sa.Column("words", sa.Text, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("what was voted on other questions has no place in the tables before these")
