"""Counts of failures that end."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0005"
down_revision: str | None = "0004"


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    op.create_table(
        "sign_in_attempts",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("failures", sa.JSON(), nullable=False),
        sa.Column("ends_s", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_attempts")),
    )
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_attempts_ends_s"), ["ends_s"], unique=False)

    op.drop_table("lockouts")


def downgrade(op: Operations) -> None:
    """Back to the revision before."""
    op.create_table(
        "lockouts",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_lockouts")),
    )
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_attempts_ends_s"))

    op.drop_table("sign_in_attempts")
