"""Norms and targets of the quality of services."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0008"
down_revision: str | None = "0007"


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    op.create_table(
        "quality_norms",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("regulation", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("norm", sa.Float(), nullable=True),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_quality_norms")),
    )


def downgrade(op: Operations) -> None:
    """Back to the revision before."""
    op.drop_table("quality_norms")
