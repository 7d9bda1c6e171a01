"""Faults kept in the database strike exactly as often as was said, in whichever replica."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.crypto.testing import MemoryPKI
from shared.db.engine import Database
from shared.db.missed import NotLoaded
from shared.db.schema import service_metadata
from shared.db.states import StateKind, States
from shared.db.switches import Switch, SwitchColumns
from shared.hosting.faults import KeptFaults
from shared.kit.clock import Clock
from shared.messages.systems import System
from shared.messaging.signing import Signer
from shared.messaging.work import Work
from tests.servers.databases import database_url


class Table(SQLModel, registry=registry(metadata=service_metadata(__file__))):
    """Base of the tables of this test."""


class SwitchRow(Table, SwitchColumns, table=True):
    """The switches."""

    __tablename__ = "switches"


KIND = StateKind(SwitchRow, Switch, "name")


class Replica:
    """One process of a service with two faults."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.faults = KeptFaults(KIND, too_late="answers late", silent="does not answer")
        self.database = Database(url, Table.metadata)
        self._clock = clock
        self._sign = Signer(MemoryPKI(clock).system("persons"), clock).headers

    async def open(self) -> None:
        """Start."""
        await self.database.create_tables()
        self.faults.open(self.database)

    async def strikes(self, name: str) -> bool:
        """In a transaction of its own."""
        async with self.database.transaction() as session:
            states = States()
            await states.load(session, self.faults.loads())
            work = Work(System.PERSONS, self._clock, self._sign, states)
            struck = self.faults.strikes(work, name)
            states.apply(work.effects.changes)
            await states.save(session)
        return struck

    async def set_faults(self) -> dict[str, int | None]:
        """How they are set."""
        return {fault.name: fault.remaining for fault in await self.faults.shown()}


@pytest.fixture
async def replicas(tmp_path: Path, clock: Clock, database_kind: str) -> AsyncIterator[list[Replica]]:
    """Two on one database."""
    url = database_url(tmp_path, "persons")
    made = [Replica(url, clock), Replica(url, clock)]
    for replica in made:
        await replica.open()
    yield made
    for replica in made:
        await replica.database.close()


async def test_all_are_off_at_first(replicas: list[Replica]) -> None:
    one, _ = replicas
    assert await one.set_faults() == {"silent": 0, "too-late": 0}
    assert not await one.strikes("silent")


async def test_set_in_one_it_strikes_in_the_other_so_often(replicas: list[Replica]) -> None:
    one, other = replicas
    await one.faults.play("silent", 2)
    assert await other.set_faults() == {"silent": 2, "too-late": 0}
    assert [await other.strikes("silent"), await one.strikes("silent"), await other.strikes("silent")] == [
        True,
        True,
        False,
    ]
    assert not await one.strikes("too-late")


async def test_at_the_same_time_it_strikes_so_often_too(replicas: list[Replica]) -> None:
    one, other = replicas
    await one.faults.play("silent", 3)
    struck = await asyncio.gather(*(replica.strikes("silent") for _ in range(5) for replica in (one, other)))
    assert sum(struck) == 3


async def test_without_a_number_it_strikes_until_it_is_switched_off(replicas: list[Replica]) -> None:
    one, other = replicas
    await one.faults.play("silent", None)
    assert [await other.strikes("silent") for _ in range(4)] == [True] * 4
    await other.faults.play("silent", 0)
    assert not await one.strikes("silent")
    await one.faults.play("silent", None)
    await other.faults.forget()
    assert await one.set_faults() == {"silent": 0, "too-late": 0}


async def test_what_is_rolled_back_did_not_strike(replicas: list[Replica]) -> None:
    one, _ = replicas
    await one.faults.play("silent", 1)

    async def broken() -> None:
        async with one.database.transaction() as session:
            states = States()
            await states.load(session, one.faults.loads())
            work = Work(System.PERSONS, Clock(), one._sign, states)
            assert one.faults.strikes(work, "silent")
            states.apply(work.effects.changes)
            await states.save(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken()
    assert await one.set_faults() == {"silent": 1, "too-late": 0}


async def test_unknown_names_never_pass(replicas: list[Replica]) -> None:
    one, _ = replicas
    with pytest.raises(KeyError):
        await one.faults.play("gremlins", 1)
    with pytest.raises(NotLoaded):
        await one.strikes("gremlins")
