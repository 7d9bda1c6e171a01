"""Complaints that were taken before there were levels are still there, with what is known of them."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from services.provider.models import MESSAGING
from services.provider.repository import COMPLAINTS
from shared.db.engine import Database
from shared.db.migrations import migrate
from shared.db.schema import migrations_of
from tests.servers.databases import database_url

pytestmark = pytest.mark.usefixtures("database_kind")

_BEFORE = "0006"
_TAKEN = """INSERT INTO complaints (id, number, provider_bin, regulation, level, content, accepted_at, accepted_by,
accepted_by_name, answer, answered_at) VALUES (:id, '2026-000001', '260140001261', 'national/preschool-queue-2012',
:level, '{"names": "ТЕСТОВ"}', '2026-06-01 05:00:00', 'specialist', 'ТЕСТОВ ҚАЙРАТ', NULL, NULL)"""
_ANSWERED = "UPDATE complaints SET answer = :answer, answered_at = '2026-06-02 05:00:00' WHERE id = :id"


async def test_complaints_are_kept(tmp_path: Path) -> None:
    metadata = MESSAGING.inbox.metadata
    folder = migrations_of(metadata)
    assert folder is not None
    former = tmp_path / "migrations"
    former.mkdir()
    for revision in folder.glob("v*.py"):
        if revision.name[1:5] <= _BEFORE:
            shutil.copy(revision, former)

    def work(connection: Connection) -> None:
        migrate(connection, former, None)
        for known, level in (("a", "portal"), ("b", "result")):
            connection.execute(text(_TAKEN), {"id": known, "level": level})
        answer = json.dumps({"text": "жауап", "justified": True, "name": "ТЕСТОВ"})
        connection.execute(text(_ANSWERED), {"id": "b", "answer": answer})
        migrate(connection, folder, _BEFORE)

    database = Database(database_url(tmp_path, "provider"), metadata)
    try:
        await database.define(work)
        async with database.session() as session:
            kept = await COMPLAINTS.load(session, ["a", "b"])
    finally:
        await database.close()
    assert [(kept[name].state, kept[name].level) for name in ("a", "b")] == [
        ("registered", "rude_official"),
        ("considered", "result"),
    ]
    assert {(one.organisation, one.way, one.addressee) for one in kept.values()} == {
        ("260140001261", "written", "authorised_body")
    }
    assert kept["a"].received_at == kept["a"].accepted_at
    assert kept["b"].answer is not None
    assert kept["b"].answer["text"] == "жауап"
