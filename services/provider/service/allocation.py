"""What happens to places without an application: freed, vouchers handed in or expired, the queue moved."""

from dataclasses import replace

from services.provider import repository
from services.provider.domain.kindergartens import Kindergarten, Voucher, VoucherState, Waiting
from services.provider.errors import IllegalMove
from services.provider.repository import KINDERGARTENS, MATTERS, VOUCHERS, WAITING
from services.provider.service import places as placing
from services.provider.service.matters import Matters
from services.provider.service.officers import Officer, Officers
from services.provider.service.places import Places
from shared.db.states import StateKey
from shared.kit.errors import NotFound
from shared.messaging.platform import Platform

_AT_ONCE = 100


class Allocation:
    """Use cases around places. What is not of the officer's organisation does not exist for them (``NotFound``)."""

    def __init__(self, matters: Matters, officers: Officers, places: Places) -> None:
        self._matters = matters
        self._officers = officers
        self._places = places
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def listed(self, officer: Officer) -> list[tuple[placing.Place, Kindergarten]]:
        """The kindergartens of the officer's organisation with their places now."""
        own = self._officers.organisation_of(officer).bin
        found = self._places.of(own)
        async with self._opened().database.session() as session:
            kept = await KINDERGARTENS.load(session, [place.code for place in found]) if found else {}
        return [(place, self._places.state(kept.get(place.code), place.code)) for place in found]

    async def queue(self, officer: Officer, *, after: str | None, limit: int) -> list[tuple[int, Waiting]]:
        """Who waits for a place at the officer's organisation, in the order in which places are given, each with their
        place in it; ``after``: only who comes after that application."""
        own = self._officers.organisation_of(officer).bin
        async with self._opened().database.session() as session:
            begin = 1 if after is None else 1 + await repository.waiting_before(session, own, after)
            found = await repository.waiting_for(session, own, None, limit, after=after)
        return list(enumerate(found, begin))

    async def add_places(self, officer: Officer, code: str, count: int) -> None:
        """So many places more (or fewer) there are; those that are free go to the children of the queue."""
        place = self._own(officer, code)
        async with self._opened().runtime.work([(KINDERGARTENS, code)]) as work:
            kindergarten = self._places.state(work.get(KINDERGARTENS, code), code)
            work.put(KINDERGARTENS, kindergarten.enlarged(count))
        await self._move_queue(place)

    async def hand_in(self, officer: Officer, application: str) -> Voucher:
        """The voucher was handed to the kindergarten: the place is the child's. Once; raises ``IllegalMove`` for one
        that has expired."""
        own = self._officers.organisation_of(officer).bin
        async with self._opened().runtime.work([(VOUCHERS, application)]) as work:
            voucher = work.get(VOUCHERS, application)
            if voucher is None or voucher.provider_bin != own:
                raise NotFound("there is no such voucher")
            late = voucher.expires_at is not None and voucher.expires_at <= work.now
            if voucher.state == VoucherState.EXPIRED or (late and voucher.state == VoucherState.ISSUED):
                raise IllegalMove("the voucher has expired", state=VoucherState.EXPIRED.value)
            if voucher.state == VoucherState.ISSUED:
                voucher = replace(voucher, state=VoucherState.HANDED_IN.value, changed_at=work.now)
                work.put(VOUCHERS, voucher)
        return voucher

    async def withdraw(self, officer: Officer, application: str) -> None:
        """The recipient gives the place on the queue up; everybody behind moves up."""
        own = self._officers.organisation_of(officer).bin
        async with self._opened().runtime.work([(WAITING, application), (MATTERS, application)]) as work:
            waiting, matter = work.get(WAITING, application), work.get(MATTERS, application)
            if waiting is None or matter is None or waiting.provider_bin != own:
                raise NotFound("this child does not wait for a place")
            if waiting.left_at is None:
                work.put(WAITING, replace(waiting, left_at=work.now, left_for="withdrawn"))
                placing.leave_queue(self._matters.case(work, matter), waiting, "withdrawn")

    async def turn(self) -> int:
        """Children who have become too old leave the queue, vouchers that were not handed in in time expire, and their
        places go to the next; how many those were."""
        # Nobody who has just become too old is given a place.
        return await self._grown_up() + await self._expired()

    async def _grown_up(self) -> int:
        platform = self._opened()
        async with platform.database.session() as session:
            found = await repository.grown_up(session, platform.clock.now(), _AT_ONCE)
        for seen in found:
            loads: list[StateKey] = [(WAITING, seen.application), (MATTERS, seen.application)]
            async with platform.runtime.work(loads) as work:
                waiting, matter = work.get(WAITING, seen.application), work.get(MATTERS, seen.application)
                if waiting is None or matter is None or waiting.left_at is not None:
                    continue
                case = self._matters.case(work, matter)
                placing.grow_up(case, waiting)
                case.keep()
        return len(found)

    async def _expired(self) -> int:
        platform = self._opened()
        async with platform.database.session() as session:
            due = await repository.expired_vouchers(session, platform.clock.now(), _AT_ONCE)
        for seen in due:
            loads: list[StateKey] = [
                (VOUCHERS, seen.application),
                (KINDERGARTENS, seen.kindergarten),
                (MATTERS, seen.application),
            ]
            async with platform.runtime.work(loads) as work:
                voucher, matter = work.get(VOUCHERS, seen.application), work.get(MATTERS, seen.application)
                if voucher is None or matter is None or voucher.state != VoucherState.ISSUED:
                    continue
                kindergarten = self._places.state(work.get(KINDERGARTENS, seen.kindergarten), seen.kindergarten)
                placing.expire(self._matters.case(work, matter), voucher, kindergarten)
            place = self._places.find(seen.kindergarten)
            if place is not None:
                await self._move_queue(place)
        return len(due)

    async def _move_queue(self, place: placing.Place) -> None:
        """Give the free places of a kindergarten to the next of the queue, one after the other."""
        platform, code = self._opened(), place.code
        while True:
            async with platform.database.session() as session:
                kept = (await KINDERGARTENS.load(session, [code])).get(code)
                state = self._places.state(kept, code)
                following = await repository.waiting_for(session, state.provider_bin, code, 1)
            if state.free == 0 or not following:
                return
            application = following[0].application
            loads: list[StateKey] = [
                (KINDERGARTENS, code),
                (WAITING, application),
                (MATTERS, application),
                (VOUCHERS, application),
            ]
            async with platform.runtime.work(loads) as work:
                kindergarten = self._places.state(work.get(KINDERGARTENS, code), code)
                waiting, matter = work.get(WAITING, application), work.get(MATTERS, application)
                if kindergarten.free == 0 or waiting is None or waiting.left_at is not None or matter is None:
                    continue  # somebody was quicker
                case = self._matters.case(work, matter)
                placing.give_to_next(case, place, kindergarten, waiting)
                case.keep()

    def _own(self, officer: Officer, code: str) -> placing.Place:
        place = self._places.find(code)
        if place is None or place not in self._places.of(self._officers.organisation_of(officer).bin):
            raise NotFound("there is no such kindergarten")
        return place

    def _opened(self) -> Platform:
        assert self._platform is not None, "places are opened with the platform"
        return self._platform
