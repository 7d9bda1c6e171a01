"""Queue of the counter."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0003"
down_revision: str | None = "0002"


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    op.create_table(
        "visits",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("booked", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("visitor", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_by", sa.String(), nullable=True),
        sa.Column("matter", sa.String(), nullable=True),
        sa.Column("wait_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("service_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wait_overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("service_overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("watch_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index("ix_visits_waiting", ["place", "state", "due_at"], unique=False)
        batch_op.create_index("ix_visits_watch_at", ["watch_at"], unique=False)


def downgrade(op: Operations) -> None:
    """Back to the revision before."""
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index("ix_visits_watch_at")
        batch_op.drop_index("ix_visits_waiting")

    op.drop_table("visits")
