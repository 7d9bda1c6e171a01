"""Writes the history down: triggers in every database, the dead-letter topics, the gateway's verdicts.

The databases record themselves, in the transaction of each change: what was rolled back is not there, what was
committed is, and rows of one transaction belong together. No service knows of it.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
import httpx

from services.stand.auditor import AsAuditor
from shared.messages.systems import System
from shared.messages.topics import dead_letters_of, topics_read_by
from tests.faults import topics
from tests.faults.history import Change, DeadLetter, Verdict

RECORDED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "portal": {
        "applications": ("id", "state", "entry_number", "message_id"),
        "issued_documents": ("application", "sha256", "granted"),
    },
    "csc": {
        "matters": ("id", "state", "entry_number", "message_id", "number"),
        "issued_documents": ("application", "sha256", "granted"),
    },
    "gateway": {
        "message_log": ("message_id", "delivery_state"),
        "journal": ("event_id", "kind", "application", "step", "actor", "message_id", "number"),
    },
    "regional-gateway": {
        "registration_journal": ("application", "entry_number", "status"),
        "queue_places": ("application", "queue", "number"),
    },
    "provider": {"matters": ("application", "state", "decision", "queue_number")},
    "persons": {},
    "notary": {},
}
"""Which columns of which tables of which system; those of the runtime come on top."""
_RUNTIME: Mapping[str, tuple[str, ...]] = {
    "inbox": ("message_id", "state", "topic", "partition", "record_offset"),
    "dead_letters": ("topic", "partition", "record_offset", "digest", "message_id", "reason"),
}
_ENVELOPE = ("type", "source", "destination", "subject", "causationid")

_INSTALL = """
CREATE SCHEMA fault_history;
CREATE TABLE fault_history.changes (
    seq bigserial PRIMARY KEY USING INDEX TABLESPACE pg_default,
    tx text NOT NULL DEFAULT pg_current_xact_id()::text,
    at double precision NOT NULL DEFAULT extract(epoch FROM clock_timestamp()),
    source text NOT NULL, change text NOT NULL, content jsonb NOT NULL
) TABLESPACE pg_default;
CREATE FUNCTION fault_history.note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
BEGIN
    IF TG_TABLE_NAME = 'inbox' THEN
        -- The inbox knows a message by its sender and its id.
        found := found || jsonb_build_object('message_id', split_part(found ->> 'message_id', '/', 2));
    END IF;
    INSERT INTO fault_history.changes (source, change, content)
    SELECT TG_TABLE_NAME, lower(TG_OP), jsonb_object_agg(key, value) FROM jsonb_each(found) WHERE key = ANY (TG_ARGV);
    RETURN NULL;
END $$;
CREATE FUNCTION fault_history.note_sending() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sent jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO fault_history.changes (source, change, content)
        VALUES ('outbox', 'delete', jsonb_build_object('message_id', OLD.message_id));
    ELSE
        sent := convert_from(NEW.value, 'UTF8')::jsonb;
        INSERT INTO fault_history.changes (source, change, content)
        SELECT 'outbox', 'insert', jsonb_object_agg(key, value) || jsonb_build_object('message_id', NEW.message_id)
        FROM jsonb_each(sent) WHERE key = ANY (TG_ARGV);
        IF sent ->> 'type' = 'journal.recorded' THEN
            -- What a record is about is what its events are about, whatever it is keyed by.
            UPDATE fault_history.changes SET content = content || jsonb_build_object('about',
                (SELECT jsonb_agg(DISTINCT event -> 'application')
                FROM jsonb_array_elements(sent #> '{data,events}') event))
            WHERE seq = currval('fault_history.changes_seq_seq');
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""


async def install(url: str, system: str) -> None:
    """Let the database at ``url`` record itself from now on."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_INSTALL)
        for table, columns in {**RECORDED[system], **_RUNTIME}.items():
            arguments = ", ".join(f"'{column}'" for column in columns)
            await connection.execute(
                f'CREATE TRIGGER fault_history AFTER INSERT OR UPDATE OR DELETE ON "{table}"'
                f" FOR EACH ROW EXECUTE FUNCTION fault_history.note({arguments})"
            )
        arguments = ", ".join(f"'{name}'" for name in _ENVELOPE)
        await connection.execute(
            "CREATE TRIGGER fault_history AFTER INSERT OR DELETE ON outbox"
            f" FOR EACH ROW EXECUTE FUNCTION fault_history.note_sending({arguments})"
        )
    finally:
        await connection.close()


async def changes(url: str, system: str, after: int) -> list[Change]:
    """What the database recorded after change number ``after``."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT seq, tx, at, source, change, content FROM fault_history.changes WHERE seq > $1 ORDER BY seq", after
        )
    finally:
        await connection.close()
    return [
        Change(
            system=system,
            seq=row["seq"],
            tx=int(row["tx"]),
            at=row["at"],
            table=row["source"],
            change=row["change"],
            row=json.loads(row["content"]),
        )
        for row in rows
    ]


async def dead_letters(bootstrap: str) -> list[DeadLetter]:
    """Everything in the dead-letter topics of the cluster."""
    names = [dead_letters_of(topic) for system in System for topic in topics_read_by(system)]
    found = await topics.records(bootstrap, await topics.partitions(bootstrap, names))
    return [_dead_letter(record) for _, record in found]


def _dead_letter(record: Any) -> DeadLetter:
    headers = dict(record.headers)
    reason, report = headers.get("dlq-reason"), headers.get("dlq-report")
    return DeadLetter(
        topic=record.topic,
        digest=digest_of(record.value or b""),
        reason=reason.decode() if reason else None,
        report=bool(report) and bool(json.loads(report)),
    )


def digest_of(value: bytes) -> str:
    """As the runtime names bytes: SHA-256 in base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(value).digest()).rstrip(b"=").decode()


async def verdicts(http: httpx.AsyncClient, gateway: str, applications: Iterable[str]) -> dict[str, Verdict]:
    """The gateway's judgement of each application it has a journal of."""
    found = {application: await verdict(http, gateway, application) for application in applications}
    return {application: judged for application, judged in found.items() if judged is not None}


async def verdict(http: httpx.AsyncClient, gateway: str, application: str) -> Verdict | None:
    """The gateway's judgement of one application, if it has a journal of it. Raises ``httpx.HTTPError``."""
    answer = await http.get(f"{gateway}/journal/{application}", auth=AsAuditor())
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    journal = answer.raise_for_status().json()
    names, later = (
        tuple(f"{item['name']} at {item['step']}" for item in journal[which]) for which in ("deviations", "afterwards")
    )
    remarks = (*names, *(item["text"] for item in journal["awaited"]))
    return Verdict(journal["outcome"], journal["verdict"], remarks, later)
