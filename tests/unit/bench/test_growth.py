"""Copies of applications: as many as asked for, each its own, all connected as the first ones are."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.gateway.domain.journal import place_of
from services.stand.bench.growth import fill, keep_template, moved_id, moved_number, other_person
from shared.kit.clock import Clock
from shared.kit.ids import uuid7
from shared.kit.iin import is_valid

SCHEMA = """
    CREATE TABLE applications (id VARCHAR PRIMARY KEY, iin VARCHAR, entry_number VARCHAR UNIQUE, form JSON);
    CREATE TABLE log (seq INTEGER PRIMARY KEY AUTOINCREMENT, application VARCHAR, step VARCHAR);
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, place VARCHAR UNIQUE, number INTEGER, application VARCHAR
    );
    CREATE TABLE queries (key VARCHAR PRIMARY KEY, application VARCHAR);
    CREATE TABLE counters (name VARCHAR PRIMARY KEY, last INTEGER);
    CREATE TABLE people (iin VARCHAR PRIMARY KEY);
"""


@pytest.fixture
def stand(tmp_path: Path) -> Path:
    """A folder with the database of two applications."""
    with closing(sqlite3.connect(tmp_path / "portal.sqlite")) as connection:
        connection.executescript(SCHEMA)
        for number in (1, 2):
            application = uuid7(Clock())
            connection.execute(
                "INSERT INTO applications VALUES (?, '900412412107', ?, '{}')", (application, f"2026-{number:06d}")
            )
            connection.execute("INSERT INTO queries VALUES (?, ?)", (f"{number}:persons", application))
            connection.executemany(
                "INSERT INTO journal (place, number, application) VALUES (?, ?, ?)",
                [(place_of("portal", event, application), event, application) for event in (1, 2)],
            )
            connection.executemany(
                "INSERT INTO log (application, step) VALUES (?, ?)", [(application, s) for s in "ab"]
            )
        connection.execute("INSERT INTO counters VALUES ('journal:2026', 2)")
        connection.execute("INSERT INTO people VALUES ('900412412107')")
        connection.commit()
    keep_template(tmp_path)
    return tmp_path


def rows(stand: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(stand / "portal.sqlite")) as connection:
        return connection.execute(query).fetchall()


def test_as_many_as_asked_for(stand: Path) -> None:
    assert fill(stand, 10, 2, 1) == 5
    assert rows(stand, "SELECT count(*), count(DISTINCT id) FROM applications") == [(12, 12)]


def test_what_belongs_together_still_does(stand: Path) -> None:
    fill(stand, 10, 2, 1)
    joined = "SELECT count(*), count(DISTINCT a.id) FROM applications a JOIN log l ON l.application = a.id"
    assert rows(stand, joined) == [(24, 12)]
    assert rows(stand, "SELECT count(*) FROM applications a JOIN queries q ON q.application = a.id") == [(12,)]


def test_events_of_a_copy_have_places_and_numbers_as_those_of_the_first(stand: Path) -> None:
    fill(stand, 10, 2, 1)
    found = rows(stand, "SELECT place, number, application FROM journal")
    assert len(found) == 24
    assert all(place == place_of("portal", number, application) for place, number, application in found)


def test_numbers_go_on_where_the_counter_stood(stand: Path) -> None:
    fill(stand, 4, 2, 1)
    numbers = [row[0] for row in rows(stand, "SELECT entry_number FROM applications ORDER BY entry_number")]
    assert numbers == [f"2026-{number:06d}" for number in range(1, 7)]
    assert rows(stand, "SELECT last FROM counters") == [(6,)]


def test_a_second_filling_goes_on_behind_what_came_meanwhile(stand: Path) -> None:
    made = fill(stand, 4, 2, 1)
    with closing(sqlite3.connect(stand / "portal.sqlite")) as connection:
        connection.execute("INSERT INTO applications VALUES (?, '', '2026-000007', '{}')", (uuid7(Clock()),))
        connection.execute("UPDATE counters SET last = 7")
        connection.commit()
    fill(stand, 2, 2, 1 + made)
    assert rows(stand, "SELECT count(DISTINCT entry_number), max(entry_number) FROM applications") == [
        (9, "2026-000009")
    ]


def test_people_and_counters_are_not_applications(stand: Path) -> None:
    fill(stand, 10, 2, 1)
    assert rows(stand, "SELECT count(*) FROM people") == [(1,)]
    assert rows(stand, "SELECT count(*) FROM counters") == [(1,)]


def test_nothing_missing_nothing_made(stand: Path) -> None:
    assert fill(stand, 0, 2, 1) == fill(stand, -5, 2, 1) == 0
    assert rows(stand, "SELECT count(*) FROM applications") == [(2,)]


def test_a_moved_id_is_a_new_one_that_sorts_before() -> None:
    old = uuid7(Clock())
    new = moved_id(old, 3)
    assert new is not None
    assert new < old
    assert (len(new), new[14:]) == (len(old), old[14:])
    assert moved_id("no id", 3) == "no id"
    assert moved_id(None, 3) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 12),
        ("2026-000005", "2026-000012"),
        ("ALMALY-2026-000005", "ALMALY-2026-000012"),
        ("A-b", "A-b"),
        (None, None),
    ],
)
def test_moved_numbers(value: str | int | None, expected: str | int | None) -> None:
    assert moved_number(value, 7) == expected


def test_other_people_are_synthetic_and_differ() -> None:
    people = {str(other_person("900412412107", copy)) for copy in range(0, 200, 20)}
    assert len(people) == 10
    assert all(is_valid(iin) for iin in people)
