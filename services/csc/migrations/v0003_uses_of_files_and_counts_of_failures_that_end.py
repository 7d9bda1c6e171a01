"""Uses of files and counts of failures that end."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0003"
down_revision: str | None = "0002"

_NAMING = ("papers", "demands")
"""Where files are named."""


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    op.create_table(
        "file_uses",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_file_uses")),
    )
    with op.batch_alter_table("file_uses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_uses_owner"), ["owner"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_uses_sha256"), ["sha256"], unique=False)

    # When these end by the new count nobody can say.
    op.execute(sa.text("DELETE FROM sign_in_attempts"))
    _note_uses(op.get_bind())
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_s", sa.Float(), nullable=False))
        batch_op.create_index(batch_op.f("ix_sign_in_attempts_ends_s"), ["ends_s"], unique=False)


def _note_uses(connection: sa.Connection) -> None:
    """Of the files that are there already."""
    known = sa.table("matters", sa.column("id", sa.String()), *(sa.column(name, sa.JSON()) for name in _NAMING))
    uses = sa.table("file_uses", *(sa.column(name, sa.String()) for name in ("key", "sha256", "owner")))
    for owner, *named in connection.execute(sa.select(*known.c)).all():
        items = [item.get("scan") or {} for items in named for item in items]
        for sha256 in {str(item["sha256"]) for item in items if "sha256" in item}:
            row = {"key": f"{sha256}/{owner}", "sha256": sha256, "owner": owner}
            connection.execute(uses.insert().values(row))


def downgrade(op: Operations) -> None:
    """Back to the revision before."""
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_attempts_ends_s"))
        batch_op.drop_column("ends_s")

    with op.batch_alter_table("file_uses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_uses_sha256"))
        batch_op.drop_index(batch_op.f("ix_file_uses_owner"))

    op.drop_table("file_uses")
