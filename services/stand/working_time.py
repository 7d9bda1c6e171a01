"""A stand's clock brought to working time: people at counters are served, and results given out, only then."""

import asyncio
from datetime import datetime, timedelta

import httpx

from services.stand.addresses import Addresses
from services.stand.paths.stage import require_success
from shared.kit.clock import Clock, rfc3339
from shared.kit.settings import StandSettings
from shared.regulations.calendar import STAND_HOURS, WorkCalendar, calendars_of
from shared.regulations.days_off import load_days_off

_LEFT = timedelta(minutes=30)
"""How long an office has to be open still."""


def working_time(now: datetime, settings: StandSettings) -> datetime:
    """``now``, if the usual office works and goes on for a while; else an hour after it opens next."""
    calendar = _usual(settings)
    if calendar.is_open(now) and calendar.is_open(now + _LEFT):
        return now
    return calendar.received_at(now + _LEFT) + timedelta(hours=1)


def next_morning(now: datetime, settings: StandSettings) -> datetime:
    """An hour after the offices open next: terms in minutes then run at once, and nothing counts as late."""
    calendar = _usual(settings)
    tomorrow = (now.astimezone(calendar.zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return calendar.received_at(tomorrow) + timedelta(hours=1)


def to_working_time(clock: Clock, settings: StandSettings) -> None:
    """Move the clock of a stand in this process to working time. In working time it is left alone: to set it to what
    it has just shown would set it back."""
    now = clock.now()
    clock.advance(working_time(now, settings) - now)


async def stand_to_working_time(
    http: httpx.AsyncClient, addresses: Addresses, clock: Clock, settings: StandSettings
) -> datetime | None:
    """As ``to_working_time`` for a stand elsewhere, whose clock ``clock`` follows; where it was moved to, if it was."""
    now = clock.now()
    instant = working_time(now, settings)
    if instant == now:
        return None
    await move_clock(http, addresses, clock, instant)
    return instant


async def move_clock(http: httpx.AsyncClient, addresses: Addresses, clock: Clock, instant: datetime) -> None:
    """Set the stand's clock ahead, and wait until what was due by then is done and ``clock`` has followed."""
    url = f"{addresses.of('pki')}/__stand/clock"
    answer = await http.post(url, json={"set": rfc3339(instant)}, params={"wait": "60"}, timeout=90)
    require_success(answer)
    while clock.now() < instant:  # noqa: ASYNC110 - another process's clock is followed a little later
        await asyncio.sleep(0.05)


def _usual(settings: StandSettings) -> WorkCalendar:
    return WorkCalendar(STAND_HOURS, calendars_of(settings).zone, load_days_off(settings.holidays_file))
