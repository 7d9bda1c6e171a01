"""Registries asked by the provider."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0002"
down_revision: str | None = "0001"


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    op.create_table(
        "enquiries",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("search", sa.JSON(), nullable=False),
        sa.Column("include", sa.JSON(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.Boolean(), nullable=True),
        sa.Column("not_found_reason", sa.String(), nullable=True),
        sa.Column("content", sa.String(), nullable=True),
        sa.Column("signature", sa.String(), nullable=True),
        sa.Column("document_sha256", sa.String(), nullable=True),
        sa.Column("document_size", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_enquiries")),
    )
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.create_index("ix_enquiries_due_at", ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiries_matter"), ["matter"], unique=False)

    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("registries", sa.JSON(), nullable=True))


def downgrade(op: Operations) -> None:
    """Back to the revision before."""
    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.drop_column("registries")

    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiries_matter"))
        batch_op.drop_index("ix_enquiries_due_at")

    op.drop_table("enquiries")
