"""what people call the speakers of a call"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("calls", sa.Column("caller_name", sa.String()))
    op.add_column("calls", sa.Column("callee_name", sa.String()))


def downgrade() -> None:
    with op.batch_alter_table("calls") as calls:
        calls.drop_column("callee_name")
        calls.drop_column("caller_name")
