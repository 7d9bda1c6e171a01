"""Sessions end for good."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision: str | None = "0003"


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    # When these end by the new count nobody can say: whoever had one signs in again.
    op.execute(sa.text("DELETE FROM officer_sessions"))
    with op.batch_alter_table("officer_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_s", sa.Float(), nullable=False))


def downgrade(op: Operations) -> None:
    """Back to the revision before."""
    with op.batch_alter_table("officer_sessions", schema=None) as batch_op:
        batch_op.drop_column("ends_s")
