"""From whatever a database holds to the tables of today, at the start of a service.

Almost every start finds them there, and then costs one question. Alembic is only imported when there is work for it.
"""

from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, inspect, text

from shared.kit.errors import StandError
from shared.kit.text import Text

_NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints have names, so that a migration can speak of them on both databases."""
_MIGRATIONS = "migrations"
VERSION_TABLE = "alembic_version"
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('egov-migrations', 0))")


class SchemaMismatch(StandError):
    """The tables are not those of this program, and no migration leads from them to these."""

    code = "schema-mismatch"
    title = Text(kk="Кестелер сәйкес емес", ru="Таблицы не соответствуют программе", en="The tables do not fit")


class Upgrade(StrEnum):
    """What was done to a database."""

    NOTHING = "up to date"
    CREATED = "created"
    MIGRATED = "migrated"
    ADOPTED = "adopted"
    """It was made before there were migrations."""


def service_metadata(models: str) -> MetaData:
    """The metadata of a service; ``models`` is the ``__file__`` of its models, ``migrations`` stands beside it."""
    return MetaData(naming_convention=_NAMING, info={_MIGRATIONS: Path(models).parent / _MIGRATIONS})


def migrations_of(metadata: MetaData) -> Path | None:
    """The folder of a service's migrations, whether it exists or not; ``None`` if the tables are nobody's."""
    folder: Path | None = metadata.info.get(_MIGRATIONS)
    return folder


def revisions_in(folder: Path | None) -> list[str]:
    """The revisions in ``folder``, oldest first: ``v0001_initial.py`` is ``0001``. Read from the names alone, because
    reading the files takes Alembic."""
    return [] if folder is None else sorted(file.stem[1:5] for file in folder.glob("v[0-9][0-9][0-9][0-9]_*.py"))


def bring_up_to_date(connection: Connection, metadata: MetaData) -> Upgrade:
    """Create or migrate the tables of ``metadata`` within the transaction of ``connection``.

    Raises ``SchemaMismatch`` for tables of a newer program, and for old ones that the migrations do not lead from.
    """
    folder = migrations_of(metadata)
    known = revisions_in(folder)
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    present = set(inspect(connection).get_table_names())
    current = _version(connection) if VERSION_TABLE in present else None
    if known and current == known[-1]:
        return Upgrade.NOTHING
    if folder is None or not known:
        metadata.create_all(connection)
        return Upgrade.NOTHING if metadata.tables.keys() <= present else Upgrade.CREATED
    if current is not None and current not in known:
        raise SchemaMismatch(f"the tables are of revision {current}, this program knows {', '.join(known)}")
    if current is None and not metadata.tables.keys() & present:
        return _create(connection, metadata, folder, known[-1])
    adopted = current is None
    if adopted:
        # Made by create_all before there were migrations: the first of them says how they look.
        _stamp(connection, known[0])
    _migrate(connection, folder, current or known[0])
    _check(connection, metadata)
    return Upgrade.ADOPTED if adopted else Upgrade.MIGRATED


def _create(connection: Connection, metadata: MetaData, folder: Path, newest: str) -> Upgrade:
    if connection.dialect.name == "sqlite":
        # What all migrations come to, without Alembic: an embedded stand starts seven services at once.
        metadata.create_all(connection)
        _stamp(connection, newest)
    else:
        _migrate(connection, folder, None)
    return Upgrade.CREATED


def _migrate(connection: Connection, folder: Path, since: str | None) -> None:
    from shared.db.migrations import migrate  # noqa: PLC0415 — takes a tenth of a second

    migrate(connection, folder, since)


def _version(connection: Connection) -> str | None:
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    return None if found is None else str(found)


def _stamp(connection: Connection, revision: str) -> None:
    connection.execute(
        text(
            f"CREATE TABLE IF NOT EXISTS {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL,"
            f" CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text(f"DELETE FROM {VERSION_TABLE}"))  # noqa: S608 - a constant
    connection.execute(
        text(f"INSERT INTO {VERSION_TABLE} (version_num) VALUES (:revision)"),  # noqa: S608 - a constant
        {"revision": revision},
    )


def _check(connection: Connection, metadata: MetaData) -> None:
    found: Any = inspect(connection)
    present = set(found.get_table_names())
    lacking = [name for name in metadata.tables if name not in present]
    for table in metadata.tables.values():
        if table.name in present:
            there = {column["name"] for column in found.get_columns(table.name)}
            lacking += [f"{table.name}.{column.name}" for column in table.columns if column.name not in there]
    if lacking:
        raise SchemaMismatch(f"the tables are older than the first migration; they lack {', '.join(sorted(lacking))}")
