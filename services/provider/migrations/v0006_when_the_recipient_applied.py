"""When the recipient applied."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0006"
down_revision: str | None = "0005"


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade(op: Operations) -> None:
    """Back to the revision before."""
    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.drop_column("submitted_at")
