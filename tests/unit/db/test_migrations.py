"""The migrations of every service lead to its tables, forwards and back, on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, inspect, text

from services.stand.catalogue import SERVICES, Service
from shared.db.engine import Database
from shared.db.migrations import differences, migrate, revert, write_revision
from shared.db.schema import VERSION_TABLE, SchemaMismatch, Upgrade, migrations_of, revisions_in, service_metadata
from tests.servers.databases import database_url

pytestmark = pytest.mark.usefixtures("database_kind")

KEEPING = [service for service in SERVICES if service.metadata() is not None]


def tables(connection: Connection) -> set[str]:
    """The names of the tables that are there."""
    return set(inspect(connection).get_table_names())


@pytest.mark.parametrize("service", KEEPING, ids=lambda service: service.code)
async def test_migrations_make_exactly_the_tables_of_the_models(service: Service, tmp_path: Path) -> None:
    metadata = service.metadata()
    folder = None if metadata is None else migrations_of(metadata)
    assert metadata is not None
    assert folder is not None
    assert revisions_in(folder), f"{service.code} has no migrations: egov migrate --new 'initial tables' {service.code}"
    database = Database(database_url(tmp_path, service.code), metadata)
    try:
        await database.define(lambda connection: migrate_all(connection, folder))
        found = await database.define(lambda connection: differences(connection, metadata))
        assert found == [], f"egov migrate --new WHAT {service.code}"
        await database.define(lambda connection: revert(connection, folder))
        assert await database.define(tables) <= {VERSION_TABLE}
    finally:
        await database.close()


def migrate_all(connection: Connection, folder: Path) -> None:
    """From nothing to the newest revision."""
    assert migrate(connection, folder, None) == revisions_in(folder)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Where the models of a service would stand, with ``migrations`` beside it."""
    return tmp_path / "models.py"


def first_tables(models: Path) -> MetaData:
    """One table, as it was at first."""
    metadata = service_metadata(str(models))
    Table("people", metadata, Column("iin", String, primary_key=True))
    return metadata


def later_tables(models: Path) -> MetaData:
    """With another column, an index and another table."""
    metadata = service_metadata(str(models))
    Table("people", metadata, Column("iin", String, primary_key=True), Column("name", String, index=True))
    Table("visits", metadata, Column("id", Integer, primary_key=True))
    return metadata


async def write(directory: Path, name: str, metadata: MetaData, message: str) -> Path | None:
    """Write the next migration with the help of a database of its own."""
    folder = migrations_of(metadata)
    assert folder is not None

    def work(connection: Connection) -> Path | None:
        if revisions_in(folder):
            migrate_all(connection, folder)
        return write_revision(connection, metadata, folder, message)

    scratch = Database(database_url(directory, name), metadata)
    try:
        return await scratch.define(work)
    finally:
        await scratch.close()


async def test_a_written_migration_brings_what_is_there_up_to_date(models: Path, tmp_path: Path) -> None:
    before = first_tables(models)
    first = await write(tmp_path, "scratch1", before, "initial tables")
    assert first is not None
    assert first.name == "v0001_initial_tables.py"
    database = Database(database_url(tmp_path, "kept"), before)
    assert await database.open() is Upgrade.CREATED
    assert await database.open() is Upgrade.NOTHING
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO people (iin) VALUES ('900101300017')"))
    await database.close()

    after = later_tables(models)
    second = await write(tmp_path, "scratch2", after, "names, and visits")
    assert second is not None
    assert second.name == "v0002_names_and_visits.py"
    assert await write(tmp_path, "scratch3", after, "nothing") is None
    database = Database(database_url(tmp_path, "kept"), after)
    assert await database.open() is Upgrade.MIGRATED
    async with database.session() as session:
        rows = (await session.execute(text("SELECT iin, name FROM people"))).all()
    assert [tuple(row) for row in rows] == [("900101300017", None)]
    assert await database.define(tables) == {"people", "visits", VERSION_TABLE}
    await database.close()


async def test_tables_from_before_there_were_migrations_are_adopted(models: Path, tmp_path: Path) -> None:
    metadata = first_tables(models)
    await write(tmp_path, "scratch", metadata, "initial tables")
    database = Database(database_url(tmp_path, "kept"), metadata)
    await database.create_tables()
    assert await database.open() is Upgrade.ADOPTED
    assert await database.open() is Upgrade.NOTHING
    await database.close()


async def test_older_tables_than_the_first_migration_are_refused_by_name(models: Path, tmp_path: Path) -> None:
    old = Database(database_url(tmp_path, "kept"), first_tables(tmp_path / "elsewhere" / "models.py"))
    await old.create_tables()
    await old.close()
    metadata = later_tables(models)
    await write(tmp_path, "scratch", metadata, "initial tables")
    database = Database(database_url(tmp_path, "kept"), metadata)
    with pytest.raises(SchemaMismatch, match=r"people\.name, visits"):
        await database.open()
    await database.close()


async def test_tables_of_a_newer_program_are_refused(models: Path, tmp_path: Path) -> None:
    metadata = first_tables(models)
    await write(tmp_path, "scratch", metadata, "initial tables")
    database = Database(database_url(tmp_path, "kept"), metadata)
    await database.open()
    async with database.transaction() as session:
        await session.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0007'"))
    with pytest.raises(SchemaMismatch, match="0007"):
        await database.open()
    await database.close()
