"""Seeding: a register that is empty gets the stand's records; so it does after a reset."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.registries.common import repository
from shared.db.states import StateKind
from shared.messaging.platform import Platform

Seed = Callable[[datetime], Mapping[StateKind[Any], Sequence[Any]]]
"""The records at a moment of stand time, by table; the first table tells whether the register is empty."""


class Seeding:
    """Fills the register of one registry."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed

    async def open(self, platform: Platform) -> None:
        """Fill the register at the first start."""
        await self._save(platform, await self._records(platform))

    async def fill(self, platform: Platform) -> None:
        """Fill the register anew, after a reset."""
        await self._save(platform, await self._records(platform))

    async def _records(self, platform: Platform) -> Mapping[StateKind[Any], Sequence[Any]]:
        return await asyncio.to_thread(self._seed, platform.clock.now())

    async def _save(self, platform: Platform, records: Mapping[StateKind[Any], Sequence[Any]]) -> None:
        """Save ``records`` if the register is empty; two replicas at the same time: one of them does it."""
        async with platform.database.transaction() as session:
            await platform.database.serialise(session, "seed")
            if not await repository.is_empty(session, next(iter(records))):
                return
            for kind, rows in records.items():
                await kind.save(session, rows)
