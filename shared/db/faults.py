"""Which failures of a database pass by themselves, and which lie in what was given to it."""

from sqlalchemy.exc import DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as AllInUse

from shared.kit.errors import Transient


class DatabaseSilent(Transient):
    """The database does not answer, or is not able to just now. Nothing was changed."""

    code = "database-silent"


class DiskFails(DatabaseSilent):
    """The disk of an SQLite database is full, read-only, broken or not ours. Waiting for it is no use."""


class Contended(Transient):
    """Somebody else was at the same rows at the same time. Nothing was changed; trying again at once is right."""

    code = "contended"


_SILENT_CLASSES = frozenset({"08", "53", "58"})
"""SQLSTATE classes: connection, resources (disk, connections, memory), system (input and output)."""
_SILENT = frozenset({
    "25006",  # read-only: the server we reach has just become a standby
    "25P03",  # our process stood still within a transaction and the server has ended it
    "55P03",  # a lock was not to be had in time
    "57014", "57P01", "57P02", "57P03", "57P05",  # cancelled, shutting down, crashed, starting up, idle too long
})  # fmt: skip
_CONTENDED = frozenset({"40001", "40P01"})
_UNFIT_CLASS = "22"
_SQLITE_SILENT = frozenset({5, 6, 7})
"""SQLite's primary codes: busy, locked, no memory."""
_SQLITE_DISK = frozenset({8, 10, 13, 14})
"""Read-only, input and output, full, cannot open."""


def passing(error: SQLAlchemyError) -> Transient | None:
    """``error`` as one that passes by itself, or ``None`` if trying again is no use."""
    if isinstance(error, AllInUse):
        return DatabaseSilent("all connections to the database are in use")
    if not isinstance(error, DBAPIError):
        return None
    if _sqlstate(error) in _CONTENDED:
        return Contended("others were at the same rows")
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_DISK:
        return DiskFails(f"the database does not serve ({getattr(error.orig, 'sqlite_errorname', code)})")
    silence = _silence(error)
    return None if silence is None else DatabaseSilent(silence)


def _silence(error: DBAPIError) -> str | None:
    state = _sqlstate(error)
    if state in _SILENT or state[:2] in _SILENT_CLASSES:
        return f"the database does not serve (SQLSTATE {state})"
    if error.connection_invalidated or (isinstance(error, InterfaceError) and not _unfit_argument(error)):
        return "the connection to the database broke"
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _SQLITE_SILENT:
        return f"the database does not serve ({getattr(error.orig, 'sqlite_errorname', code)})"
    return None


def unfit_value(error: DBAPIError) -> bool:
    """Whether a value cannot be kept: a NUL in a text, half a surrogate pair, a number out of range."""
    return _sqlstate(error).startswith(_UNFIT_CLASS) or _unfit_argument(error)


def duplicates(error: DBAPIError, column: str) -> bool:
    """Whether a row with the same ``column`` is there already (PostgreSQL)."""
    return _sqlstate(error) == "23505" and f"({column})=" in str(getattr(error.orig, "detail", ""))


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def _unfit_argument(error: DBAPIError) -> bool:
    # asyncpg's own encoders speak before the server does; they leave no SQLSTATE.
    return "invalid input for query argument" in str(error.orig)
