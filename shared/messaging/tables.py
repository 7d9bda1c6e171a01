"""The runtime's own tables, one set in each service's database."""

from dataclasses import dataclass

from sqlalchemy import JSON, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, UniqueConstraint

from shared.db.types import BIG, UTCDateTime


@dataclass(frozen=True)
class MessagingTables:
    """Inbox, outbox, dead letters, reading positions and journal counts of one service."""

    inbox: Table
    outbox: Table
    dead_letters: Table
    positions: Table
    journaled: Table

    @classmethod
    def define(cls, metadata: MetaData) -> "MessagingTables":
        """Add the tables to a service's metadata."""
        inbox = Table(
            "inbox",
            metadata,
            Column("message_id", String, primary_key=True),
            Column("digest", String, nullable=False),
            Column("attempt", Integer, nullable=False),
            Column("state", String, nullable=False),
            Column("topic", String, nullable=False),
            Column("partition", Integer, nullable=False),
            Column("record_offset", BIG, nullable=False),
            Column("received_at", Float, nullable=False, index=True),
        )
        outbox = Table(
            "outbox",
            metadata,
            Column("seq", BIG, primary_key=True, autoincrement=True),
            Column("message_id", String, nullable=False, unique=True),
            Column("topic", String, nullable=False),
            Column("record_key", String, nullable=False),
            Column("value", LargeBinary, nullable=False),
            Column("digest", String, nullable=False),
            Column("sender_jws", String),
            Column("journaled", String),
            Column("attempt", Integer, nullable=False),
            Column("unsent", Integer, nullable=False),
            Column("next_attempt_at", Float, nullable=False, index=True),
        )
        dead_letters = Table(
            "dead_letters",
            metadata,
            Column("id", BIG, primary_key=True, autoincrement=True),
            Column("topic", String, nullable=False),
            Column("partition", Integer, nullable=False),
            Column("record_offset", BIG, nullable=False),
            Column("digest", String, nullable=False),
            Column("message_id", String),
            Column("reason", String, nullable=False),
            Column("report", JSON, nullable=False),
            Column("record_key", LargeBinary),
            Column("value", LargeBinary, nullable=False),
            Column("headers", JSON, nullable=False),
            Column("recorded_at", UTCDateTime, nullable=False),
            # Whether nothing is lost with it; the others are kept in preference.
            Column("expendable", Integer, nullable=False),
            Column("redriven_at", UTCDateTime),
            Column("published", Integer, nullable=False, default=0),
            UniqueConstraint("topic", "partition", "record_offset", "digest"),
            Index("ix_dead_letters_published", "published"),
            Index("ix_dead_letters_record_key", "record_key"),
        )
        positions = Table(
            "positions",
            metadata,
            Column("place", String, primary_key=True),
            Column("topic", String, nullable=False),
            Column("partition", Integer, nullable=False),
            Column("next_offset", BIG, nullable=False),
            Column("cluster", String, nullable=False),
        )
        journaled = Table(
            "journaled",
            metadata,
            Column("application", String, primary_key=True),
            Column("counts", String, nullable=False),
        )
        return cls(inbox, outbox, dead_letters, positions, journaled)
