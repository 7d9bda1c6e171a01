"""Statements that are built once and look the same for any number of keys.

A list of keys travels as one parameter: JSON on SQLite, an array on PostgreSQL. So the text of a statement never
changes, and neither SQLAlchemy nor the database has to look at it twice.
"""

import json
from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, String, Table, any_, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from shared.db.prepared import Prepared

KEYS = "keys"
"""Name of the parameter that carries the list of keys."""
VALUE = "value_wanted"
"""Name of the parameter that carries one value."""


def among(column: ColumnElement[str], dialect: str) -> ColumnElement[bool]:
    """The condition that ``column`` is one of the parameter ``KEYS``; pass ``keys_parameter`` for it."""
    if dialect == "postgresql":
        return column == any_(bindparam(KEYS, type_=ARRAY(String)))
    return column.in_(select(func.json_each(bindparam(KEYS, type_=String)).table_valued("value").c.value))


def keys_parameter(keys: Collection[str], dialect: str) -> dict[str, Any]:
    """The parameters for a statement with ``among``."""
    ordered = sorted(keys)
    return {KEYS: ordered if dialect == "postgresql" else json.dumps(ordered)}


@cache
def select_by_keys(table: Table, names: tuple[str, ...], key: str, dialect: str, *, lock: bool = True) -> Prepared:
    """The columns ``names`` of the rows whose ``key`` is among the keys, by key; with ``lock`` locked where rows can
    be."""
    columns = (table.c[name] for name in names)
    query = select(*columns).where(among(table.c[key], dialect)).order_by(table.c[key])
    return Prepared(query.with_for_update() if lock else query)


@cache
def select_one(table: Table, names: tuple[str, ...], column: str) -> Prepared:
    """The columns ``names`` of the first row whose ``column`` is the parameter ``VALUE``."""
    return Prepared(select(*(table.c[name] for name in names)).where(table.c[column] == bindparam(VALUE)).limit(1))


@cache
def delete_by_keys(table: Table, key: str, dialect: str) -> Prepared:
    """Delete the rows whose ``key`` is among the keys."""
    return Prepared(delete(table).where(among(table.c[key], dialect)))


@cache
def insert(table: Table, names: tuple[str, ...]) -> Prepared:
    """Insert rows with these columns."""
    return Prepared(table.insert(), names)


def conflicting_insert(table: Table, dialect: str) -> Any:
    """An insert into ``table`` that may say what becomes of rows that are there already (``ON CONFLICT``)."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


@cache
def upsert(table: Table, key: str, names: tuple[str, ...], changing: tuple[str, ...], dialect: str) -> Prepared:
    """Insert rows with the columns ``names``, or change the columns ``changing`` where ``key`` is there."""
    inserting = conflicting_insert(table, dialect)
    changed = {name: inserting.excluded[name] for name in changing if name != key}
    return Prepared(inserting.on_conflict_do_update(index_elements=[key], set_=changed), names)
