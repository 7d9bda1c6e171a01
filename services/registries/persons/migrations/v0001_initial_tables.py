"""Initial tables."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0001"
down_revision: str | None = None


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    op.create_table(
        "access_log",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("regulation", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("application", sa.String(), nullable=False),
        sa.Column("consent", sa.String(), nullable=True),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("searched", sa.JSON(), nullable=False),
        sa.Column("included", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("iin", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_access_log")),
    )
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_log_application"), ["application"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_log_iin"), ["iin"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_log_message_id"), ["message_id"], unique=False)

    op.create_table(
        "dead_letters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("record_offset", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("record_key", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expendable", sa.Integer(), nullable=False),
        sa.Column("redriven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint(
            "topic",
            "partition",
            "record_offset",
            "digest",
            name=op.f("uq_dead_letters_topic_partition_record_offset_digest"),
        ),
    )
    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.create_index("ix_dead_letters_published", ["published"], unique=False)
        batch_op.create_index("ix_dead_letters_record_key", ["record_key"], unique=False)

    op.create_table(
        "family_relations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_iin", sa.String(), nullable=False),
        sa.Column("relative_iin", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_relations")),
    )
    with op.batch_alter_table("family_relations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_family_relations_person_iin"), ["person_iin"], unique=False)

    op.create_table(
        "held_answers",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("correlation", sa.String(), nullable=False),
        sa.Column("regulation", sa.String(), nullable=True),
        sa.Column("request_digest", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_held_answers")),
    )
    op.create_table(
        "identity_documents",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("iin", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("issued_by", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("invalidated_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_identity_documents")),
    )
    with op.batch_alter_table("identity_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_documents_iin"), ["iin"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("record_offset", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_received_at"), ["received_at"], unique=False)

    op.create_table(
        "journaled",
        sa.Column("application", sa.String(), nullable=False),
        sa.Column("counts", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("application", name=op.f("pk_journaled")),
    )
    op.create_table(
        "natural_persons",
        sa.Column("iin", sa.String(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("names_key_kk", sa.String(), nullable=False),
        sa.Column("names_key_ru", sa.String(), nullable=False),
        sa.Column("sex", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("citizenship", sa.JSON(), nullable=False),
        sa.Column("life_status", sa.String(), nullable=False),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("birth_certificate", sa.JSON(), nullable=True),
        sa.Column("death_certificate", sa.JSON(), nullable=True),
        sa.Column("birth_place", sa.JSON(), nullable=True),
        sa.Column("nationality", sa.JSON(), nullable=True),
        sa.Column("address", sa.JSON(), nullable=True),
        sa.Column("former_addresses", sa.JSON(), nullable=False),
        sa.Column("capability", sa.JSON(), nullable=False),
        sa.Column("restrictions", sa.JSON(), nullable=False),
        sa.Column("repatriation", sa.JSON(), nullable=True),
        sa.Column("benefits", sa.JSON(), nullable=False),
        sa.Column("fate", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("iin", name=op.f("pk_natural_persons")),
    )
    with op.batch_alter_table("natural_persons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_natural_persons_names_key_kk"), ["names_key_kk"], unique=False)
        batch_op.create_index(batch_op.f("ix_natural_persons_names_key_ru"), ["names_key_ru"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sender_jws", sa.String(), nullable=True),
        sa.Column("journaled", sa.String(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("unsent", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_next_attempt_at"), ["next_attempt_at"], unique=False)

    op.create_table(
        "positions",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cluster", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_positions")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )


def downgrade(op: Operations) -> None:
    """Back to the revision before."""
    op.drop_table("switches")
    op.drop_table("positions")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_next_attempt_at"))

    op.drop_table("outbox")
    with op.batch_alter_table("natural_persons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_natural_persons_names_key_ru"))
        batch_op.drop_index(batch_op.f("ix_natural_persons_names_key_kk"))

    op.drop_table("natural_persons")
    op.drop_table("journaled")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_received_at"))

    op.drop_table("inbox")
    with op.batch_alter_table("identity_documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_documents_iin"))

    op.drop_table("identity_documents")
    op.drop_table("held_answers")
    with op.batch_alter_table("family_relations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_family_relations_person_iin"))

    op.drop_table("family_relations")
    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.drop_index("ix_dead_letters_record_key")
        batch_op.drop_index("ix_dead_letters_published")

    op.drop_table("dead_letters")
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_log_message_id"))
        batch_op.drop_index(batch_op.f("ix_access_log_iin"))
        batch_op.drop_index(batch_op.f("ix_access_log_application"))

    op.drop_table("access_log")
