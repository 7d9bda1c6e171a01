"""Databases with many applications: the rows that real ones left, copied with ids, numbers and people of their own.

A copy is as old as the ids say (older ones further back), belongs to somebody else, and has its place in every journal,
log, queue and inbox, so that indexes and pages are as full as if it had really been sent.
"""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from shared.kit.iin import make_iin

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_SPACING_MS = 60_000
"""How much older each copy is than the one before."""
_NUMBERS = frozenset({"number", "place", "queue_number", "queue_place", "entry_number"})
_OWN_NUMBERS = frozenset({("journal", "number")})
"""Each application's own, from one on."""
_DIGESTS = frozenset({"sha256", "act_sha256"})
_PEOPLE = frozenset({"iin", "person_iin"})
_COPIES_AT_A_TIME = 20
_TEMPLATE = ".template"


@dataclass(frozen=True)
class Table:
    """One table: what to copy of it, and how each column changes. Columns the database numbers are left out."""

    name: str
    columns: tuple[str, ...]
    changes: dict[str, str]
    """Name of the SQL function by column; its arguments are the value and the number of the copy."""

    @property
    def copy(self) -> str:
        """The statement that copies all rows once for every row of ``copies``."""
        values = (
            f'{self.changes[name]}(t."{name}", c.number)' if name in self.changes else f't."{name}"'
            for name in self.columns
        )
        names = ", ".join(f'"{name}"' for name in self.columns)
        return (
            f'INSERT INTO main."{self.name}" ({names}) SELECT {", ".join(values)} '  # noqa: S608 - our own schema
            f'FROM copies c CROSS JOIN template."{self.name}" t ORDER BY c.number, t.rowid'
        )


def keep_template(data_dir: Path) -> None:
    """Put the databases as they are aside: what ``fill`` will copy. The stand must be stopped."""
    for file in databases(data_dir):
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(f"{file}{_TEMPLATE}")) as target:
            source.backup(target)


def fill(data_dir: Path, missing: int, template_size: int, first_copy: int) -> int:
    """Add about ``missing`` applications; the stand must be stopped.

    ``template_size``: applications in the template; ``first_copy``: the number of the first copy, never used before.
    Returns how many copies were made.
    """
    copies = max(0, missing) // template_size
    if copies:
        last = _last_number(data_dir)
        for file in databases(data_dir):
            _fill(file, range(first_copy, first_copy + copies), template_size, last)
    return copies


def databases(data_dir: Path) -> list[Path]:
    """The database files of a stand."""
    return sorted(data_dir.glob("*.sqlite"))


def _last_number(data_dir: Path) -> int:
    """The highest number any counter has given; copies are numbered from there on."""
    highest = 0
    for file in databases(data_dir):
        with closing(sqlite3.connect(file)) as connection:
            if "counters" in _tables(connection):
                highest = max(highest, connection.execute("SELECT coalesce(max(last), 0) FROM counters").fetchone()[0])
    return highest


def _fill(file: Path, copies: Sequence[int], template_size: int, last: int) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("ATTACH ? AS template", (f"{file}{_TEMPLATE}",))
        connection.execute("CREATE TEMP TABLE copies (number INTEGER PRIMARY KEY)")
        for name, function in _functions(copies[0], template_size, last).items():
            connection.create_function(name, 2, function, deterministic=True)
        tables = [table for name in _tables(connection) if (table := _table(connection, name)) is not None]
        for start in range(0, len(copies), _COPIES_AT_A_TIME):
            connection.execute("BEGIN")
            connection.execute("DELETE FROM copies")
            chunk = copies[start : start + _COPIES_AT_A_TIME]
            connection.executemany("INSERT INTO copies VALUES (?)", [(number,) for number in chunk])
            for table in tables:
                connection.execute(table.copy)
            connection.execute("COMMIT")
        if "counters" in _tables(connection):
            connection.execute("UPDATE main.counters SET last = ?", (last + len(copies) * template_size,))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return [str(row[0]) for row in rows]


def _table(connection: sqlite3.Connection, name: str) -> Table | None:
    """How to copy a table; ``None`` if its rows are not about applications (nothing in them is an id)."""
    # Each row: number, name, type, not null, default, part of the primary key.
    described = connection.execute(f'PRAGMA template.table_info("{name}")').fetchall()
    columns = [column for _, column, kind, _, _, key in described if not (key and kind.upper() == "INTEGER")]
    uniques = _unique(connection, name)
    keys = set().union(*uniques)
    changes = {
        column: change
        for column in columns
        if (change := _change(connection, name, column, column in keys)) is not None
    }
    if "moved_id" not in changes.values():
        return None
    # What must be unique and is no id becomes so by its copy's number.
    for unique in uniques:
        if not changes.keys() & unique and unique <= set(columns):
            changes[min(unique)] = "other_text"
    return Table(name, tuple(columns), changes)


def _unique(connection: sqlite3.Connection, table: str) -> list[set[str]]:
    indexes = connection.execute(f'PRAGMA template.index_list("{table}")').fetchall()
    return [
        {str(row[2]) for row in connection.execute(f'PRAGMA template.index_info("{name}")')}
        for _, name, unique, *_ in indexes
        if unique
    ]


def _change(connection: sqlite3.Connection, table: str, column: str, key: bool) -> str | None:
    """``key``: whether the column is part of what has to be unique; then an id within a text counts too."""
    if column in _PEOPLE:
        return "other_person"
    query = f'SELECT "{column}" FROM template."{table}" WHERE "{column}" IS NOT NULL LIMIT 1'  # noqa: S608
    row = connection.execute(query).fetchone()
    if row is not None and isinstance(row[0], str) and (_UUID.search if key else _UUID.fullmatch)(row[0]):
        return "moved_id"
    if column in _NUMBERS and (table, column) not in _OWN_NUMBERS:
        return "moved_number"
    return "other_digest" if column in _DIGESTS else None


def _functions(first_copy: int, template_size: int, last: int) -> dict[str, Callable[..., str | int | None]]:
    def moved(value: str | int | None, copy: int) -> str | int | None:
        return moved_number(value, last + (copy - first_copy) * template_size)

    return {
        "moved_id": moved_id,
        "moved_number": moved,
        "other_person": other_person,
        "other_digest": other_digest,
        "other_text": other_text,
    }


def moved_id(value: str | None, copy: int) -> str | None:
    """Every UUIDv7 in the text, ``copy`` times a minute earlier: new ones that sort before the old."""
    return None if value is None else _UUID.sub(lambda found: _earlier(found[0], copy), value)


def _earlier(uuid: str, copy: int) -> str:
    millis = int(uuid[:8] + uuid[9:13], 16) - copy * _SPACING_MS
    text = f"{millis:012x}"
    return f"{text[:8]}-{text[8:]}{uuid[13:]}"


def moved_number(value: str | int | None, by: int) -> str | int | None:
    """A number, or the one a text ends with after its last hyphen, increased."""
    if value is None or isinstance(value, int):
        return value if value is None else value + by
    start, hyphen, number = value.rpartition("-")
    return f"{start}{hyphen}{int(number) + by:0{len(number)}d}" if number.isdigit() else value


def other_text(value: str | None, copy: int) -> str | None:
    """The same text, made the copy's own."""
    return None if value is None else f"{value}~{copy}"


def other_person(value: str | None, copy: int) -> str | None:
    """Somebody else's number, the same for all rows of one copy."""
    if value is None:
        return None
    return make_iin(date(1960, 1, 1) + timedelta(days=copy // 9000), "male", copy % 9000)


def other_digest(value: str | None, copy: int) -> str | None:
    """Another SHA-256, as the other content would have."""
    return None if value is None else hashlib.sha256(f"{copy}:{value}".encode()).hexdigest()
