"""Alembic without its command line: the migrations of a service are the files ``vNNNN_*.py`` of one folder.

They are linear. Each is a module with ``revision``, ``down_revision``, ``upgrade`` and ``downgrade``, as Alembic writes
them; new ones come from comparing the tables with those that the migrations make (``egov migrate --new``).

Alembic's ``op``, one for the whole process, is given to ``upgrade`` and ``downgrade`` instead of being imported: the
services of one process migrate at the same time, each its own database.
"""

import re
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, Literal

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, DateTime, MetaData, String
from sqlalchemy.types import TypeDecorator

from shared.db.schema import VERSION_TABLE, revisions_in

_FILE = '''"""{message}"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "{revision}"
down_revision: str | None = {down_revision}


def upgrade(op: Operations) -> None:
    """From the revision before to this one."""
    {upgrade}


def downgrade(op: Operations) -> None:
    """Back to the revision before."""
    {downgrade}
'''


def migrate(connection: Connection, folder: Path, since: str | None) -> list[str]:
    """Run every migration after ``since`` (``None``: all) within the transaction of ``connection``; which ones."""
    script = _scripts(folder)
    context = _context(connection)
    done = []
    for revision in reversed(list(script.walk_revisions())):
        if since is None or revision.revision > since:
            revision.module.upgrade(Operations(context))
            context.stamp(script, revision.revision)
            done.append(revision.revision)
    return done


def revert(connection: Connection, folder: Path) -> None:
    """Undo every migration, newest first: nothing is left."""
    script = _scripts(folder)
    context = _context(connection)
    for revision in script.walk_revisions():
        revision.module.downgrade(Operations(context))
        context.stamp(script, _before(revision))


def differences(connection: Connection, metadata: MetaData) -> list[str]:
    """How the tables of the database differ from ``metadata``; empty if they do not."""
    return [str(difference) for difference in compare_metadata(_context(connection, metadata), metadata)]


def write_revision(connection: Connection, metadata: MetaData, folder: Path, message: str) -> Path | None:
    """Write the migration from the tables of the database to ``metadata``; ``None`` if there is no difference.

    ``connection``: a database on which every migration of ``folder`` was run, and nothing else.
    """
    context = _context(connection, metadata)
    found = produce_migrations(context, metadata)
    if found.upgrade_ops is None or found.downgrade_ops is None or found.upgrade_ops.is_empty():
        return None
    known = revisions_in(folder)
    revision = f"{int(known[-1]) + 1 if known else 1:04}"
    upgrade, downgrade = (
        _indented(render_python_code(operations, render_as_batch=True, render_item=_render_type))
        for operations in (found.upgrade_ops, found.downgrade_ops)
    )
    folder.mkdir(exist_ok=True)
    package = folder / "__init__.py"
    if not package.exists():
        package.write_text('"""Migrations of the tables, oldest first."""\n', encoding="utf-8")
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_") or "change"
    file = folder / f"v{revision}_{slug}.py"
    down_revision = f'"{known[-1]}"' if known else "None"
    sentence = message[:1].upper() + message[1:].rstrip(".") + "."
    file.write_text(
        _FILE.format(
            message=sentence, revision=revision, down_revision=down_revision, upgrade=upgrade, downgrade=downgrade
        ),
        encoding="utf-8",
    )
    return file


def _scripts(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(str(folder), version_locations=[str(folder)])


def _before(revision: Script) -> str:
    return str(revision.down_revision or "base")


def _context(connection: Connection, metadata: MetaData | None = None) -> MigrationContext:
    options: dict[str, Any] = {"version_table": VERSION_TABLE, "render_as_batch": True, "compare_type": True}
    if metadata is not None:
        options["target_metadata"] = metadata
    return MigrationContext.configure(connection, opts=options)


def _render_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations outlive our column types, so they speak only SQLAlchemy's."""
    if kind == "type" and isinstance(item, TypeDecorator):
        if isinstance(item.impl, DateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(item.impl, String):
            return "sa.String()"
    return False


def _indented(code: str) -> str:
    """Alembic indents all but its own comments, which are left out."""
    lines = [line for line in code.splitlines() if not line.lstrip().startswith("# ###")]
    return indent(dedent("\n".join(lines)).strip() or "pass", " " * 4).lstrip()
