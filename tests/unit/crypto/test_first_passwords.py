"""Passwords of the staff: told once, kept as salted hashes, the same after a restart."""

import asyncio
import json
import stat
from pathlib import Path

import pytest

from shared.crypto.first_passwords import FirstPasswords

PEOPLE = {"clerk": {"organisation": "school"}, "head": {"organisation": "school"}}


@pytest.fixture
def told(tmp_path: Path) -> Path:
    return tmp_path / "staff" / "officers.json"


async def test_each_has_a_password_of_their_own(told: Path) -> None:
    staff = FirstPasswords()
    await staff.prepare(told, PEOPLE)
    passwords = {entry["login"]: entry["password"] for entry in staff.told()}
    assert staff.fits("head", passwords["head"])
    assert not staff.fits("clerk", passwords["head"])


async def test_only_hashes_are_needed_later_and_tell_nothing(told: Path) -> None:
    staff = FirstPasswords()
    await staff.prepare(told, PEOPLE)
    password = staff.told()[0]["password"]
    kept = told.with_suffix(".hashes.json")
    assert stat.S_IMODE(kept.stat().st_mode) == stat.S_IMODE(told.stat().st_mode) == 0o600
    told.unlink()
    again = FirstPasswords()
    await again.prepare(told, PEOPLE)
    assert again.told() == []
    assert again.fits("clerk", password)
    assert json.loads(kept.read_text()).keys() == PEOPLE.keys()
    assert password not in kept.read_text()


async def test_somebody_new_gets_a_password_and_the_others_keep_theirs(told: Path) -> None:
    staff = FirstPasswords()
    await staff.prepare(told, {"clerk": {}})
    first = staff.told()
    again = FirstPasswords()
    await again.prepare(told, PEOPLE)
    assert again.told()[: len(first)] == first
    assert [entry["login"] for entry in again.told()] == ["clerk", "head"]


@pytest.mark.parametrize("password", ["", ":", "a guess", "\ud800"])
async def test_nobody_has_no_password(told: Path, password: str) -> None:
    staff = FirstPasswords()
    await staff.prepare(told, PEOPLE)
    assert not staff.fits("nobody", password)
    assert not staff.fits("head", password)


async def test_replicas_that_start_at_the_same_moment_know_the_same_passwords(told: Path) -> None:
    replicas = [FirstPasswords() for _ in range(4)]
    await asyncio.gather(*(staff.prepare(told, PEOPLE) for staff in replicas))
    passwords = {entry["login"]: entry["password"] for entry in replicas[0].told()}
    assert passwords.keys() == PEOPLE.keys()
    assert all(staff.fits(login, password) for staff in replicas for login, password in passwords.items())
