"""Complaints by level: to whom, in which way, where they stand, and who is complained of."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0007"
down_revision: str | None = "0006"

_NEW = ("addressee", "way", "state", "accused", "history")
"""Columns that every complaint has."""


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    with op.batch_alter_table("complaints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaints_provider_bin"))
    with op.batch_alter_table("complaints", schema=None) as batch_op:
        batch_op.alter_column("provider_bin", new_column_name="organisation", existing_type=sa.String())
        for name in ("addressee", "way", "state", "reference", "request_digest"):
            batch_op.add_column(sa.Column(name, sa.String(), nullable=True))
        for name in ("accused", "history", "signed"):
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("received_at", sa.DateTime(timezone=True), nullable=True))
        for name, kind in (
            ("number", sa.String()),
            ("accepted_at", sa.DateTime(timezone=True)),
            ("accepted_by", sa.String()),
            ("accepted_by_name", sa.String()),
        ):
            batch_op.alter_column(name, existing_type=kind, nullable=True)
    _fill(op.get_bind())
    with op.batch_alter_table("complaints", schema=None) as batch_op:
        for name in ("addressee", "way", "state"):
            batch_op.alter_column(name, existing_type=sa.String(), nullable=False)
        for name in ("accused", "history"):
            batch_op.alter_column(name, existing_type=sa.JSON(), nullable=False)
        batch_op.alter_column("received_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index("ix_complaints_organisation", ["organisation", "id"], unique=False)
        batch_op.create_index("ix_complaints_reference", ["reference"], unique=False)


def _fill(connection: sa.Connection) -> None:
    """What was taken before was handed in on paper to a body, and registered at once."""
    table = sa.table(
        "complaints",
        *(sa.column(name, sa.String()) for name in ("id", "addressee", "way", "state", "level")),
        *(sa.column(name, sa.JSON()) for name in ("accused", "history", "answer")),
        *(sa.column(name, sa.DateTime(timezone=True)) for name in ("received_at", "accepted_at")),
    )
    columns = table.c
    connection.execute(
        table.update().values(
            addressee="authorised_body", way="written", accused=[], history=[], received_at=columns.accepted_at
        )
    )
    connection.execute(table.update().where(columns.level == "portal").values(level="rude_official"))
    for known, answer in connection.execute(sa.select(columns["id"], columns.answer)).all():
        state = "registered" if answer is None else "considered"
        connection.execute(table.update().where(columns["id"] == known).values(state=state))


def downgrade(op: Operations) -> None:
    """Back to the revision before; what came electronically and was not registered goes."""
    op.execute(sa.text("DELETE FROM complaints WHERE number IS NULL"))
    with op.batch_alter_table("complaints", schema=None) as batch_op:
        batch_op.drop_index("ix_complaints_reference")
        batch_op.drop_index("ix_complaints_organisation")
    with op.batch_alter_table("complaints", schema=None) as batch_op:
        for name in (*_NEW, "received_at", "reference", "request_digest", "signed"):
            batch_op.drop_column(name)
        for name, kind in (
            ("number", sa.String()),
            ("accepted_at", sa.DateTime(timezone=True)),
            ("accepted_by", sa.String()),
            ("accepted_by_name", sa.String()),
        ):
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.alter_column("organisation", new_column_name="provider_bin", existing_type=sa.String())
    with op.batch_alter_table("complaints", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaints_provider_bin"), ["provider_bin"], unique=False)
