"""calls, their segments, the events behind them and the commands sent"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String(), primary_key=True),
        sa.Column("leg_id", sa.String()),
        sa.Column("session_id", sa.String()),
        sa.Column("connection_id", sa.String()),
        sa.Column("direction", sa.String()),
        sa.Column("from_number", sa.String()),
        sa.Column("to_number", sa.String()),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("hangup_cause", sa.String()),
        sa.Column("hangup_source", sa.String()),
        sa.Column("switches", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
    )
    running = sa.text("ended_at IS NULL")
    op.create_index("calls_by_start", "calls", ["started_at", "call_id"])
    op.create_index("calls_running", "calls", ["started_at"], sqlite_where=running, postgresql_where=running)
    op.create_table(
        "segments",
        sa.Column("event_id", sa.String(), primary_key=True),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("track", sa.String()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("segments_by_seq", "segments", ["call_id", "seq"], unique=True)
    op.create_index("segments_by_time", "segments", ["call_id", "occurred_at", "event_id"])
    op.create_table(
        "events",
        sa.Column("event_id", sa.String(), primary_key=True),
        sa.Column("call_id", sa.String()),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer()),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("events_by_arrival", "events", [sa.text("received_at DESC"), "event_id"])
    op.create_index("events_by_call", "events", ["call_id", "occurred_at"])
    op.create_table(
        "commands",
        sa.Column("command_id", sa.String(), primary_key=True),
        sa.Column("call_id", sa.String()),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("http_status", sa.Integer()),
        sa.Column("provider_code", sa.String()),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer()),
        sa.Column("elapsed_ms", sa.Integer()),
    )
    op.create_index("commands_by_call", "commands", ["call_id", "requested_at"])
    op.create_index("commands_by_name", "commands", ["name", "requested_at"])
    op.create_table(
        "presets",
        sa.Column("command", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("parameters", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    for table in ("presets", "commands", "events", "segments", "calls"):
        op.drop_table(table)
