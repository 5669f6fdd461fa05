"""keywords to watch for, and where they were said"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    marked = sa.text("marks IS NOT NULL")
    op.add_column("segments", sa.Column("marks", sa.Text()))
    op.create_index("segments_marked", "segments", ["call_id"], sqlite_where=marked, postgresql_where=marked)
    op.create_table(
        "keywords",
        sa.Column("keyword_id", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("keywords")
    op.drop_index("segments_marked", "segments")
    with op.batch_alter_table("segments") as segments:
        segments.drop_column("marks")
