"""``egov migrate``: brings the tables of the services up to date, and writes the next migration of one."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import MetaData, create_engine

from services.stand.catalogue import SERVICES, Service
from shared.db.engine import Database, sqlite_url
from shared.db.faults import DatabaseSilent
from shared.db.migrations import migrate, write_revision
from shared.db.schema import SchemaMismatch, migrations_of, revisions_in
from shared.kit.errors import InvalidInput
from shared.kit.settings import ServiceSettings, StandSettings

_PATIENCE_S = 10.0


def run(options: argparse.Namespace) -> int:
    """Run the command; its exit code. Raises ``InvalidInput`` for an unknown code."""
    services = _chosen(options.code)
    if options.new is not None:
        return _write(services, options.new, initial=options.initial)
    return asyncio.run(_bring_up_to_date(services))


def _chosen(codes: Sequence[str]) -> list[Service]:
    """The services with these codes that keep tables; all if none is named."""
    known = {service.code: service for service in SERVICES if service.metadata() is not None}
    unknown = sorted(set(codes) - known.keys())
    if unknown:
        raise InvalidInput(f"no tables of {', '.join(unknown)}; there are those of {', '.join(known)}")
    return [known[code] for code in codes or known]


async def _bring_up_to_date(services: Sequence[Service]) -> int:
    stand, failed = StandSettings(), 0
    for service in services:
        metadata = service.metadata()
        assert metadata is not None
        database = Database(database_url(service.settings(), stand, service.code), metadata)
        try:
            done = await database.open(_PATIENCE_S)
            print(f"{service.code}: {done.value} ({_newest(metadata)})")
        except (SchemaMismatch, DatabaseSilent) as error:
            print(f"{service.code}: {error.detail}")
            failed += 1
        finally:
            await database.close()
    return 1 if failed else 0


def _newest(metadata: MetaData) -> str:
    known = revisions_in(migrations_of(metadata))
    return f"revision {known[-1]}" if known else "no migrations"


def _write(services: Sequence[Service], message: str, *, initial: bool) -> int:
    for service in services:
        file = next_migration(service, message, initial=initial)
        print(f"{service.code}: {file or 'the migrations lead to the tables of the models'}")
    return 0


def next_migration(service: Service, message: str, *, initial: bool = False) -> Path | None:
    """Write the migration from what the migrations of ``service`` make to its models; ``None`` without a difference.

    ``initial`` puts one migration in the place of all: for tables that nobody has yet.
    """
    metadata = service.metadata()
    folder = None if metadata is None else migrations_of(metadata)
    if metadata is None or folder is None:
        return None
    if initial:
        for old in folder.glob("v[0-9][0-9][0-9][0-9]_*.py"):
            old.unlink()
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            if revisions_in(folder):
                migrate(connection, folder, None)
            return write_revision(connection, metadata, folder, message)
    finally:
        engine.dispose()


def database_url(settings: ServiceSettings, stand: StandSettings, code: str) -> str:
    """Where service ``code`` keeps its tables."""
    return settings.database_url or sqlite_url(stand.data_dir, code)
