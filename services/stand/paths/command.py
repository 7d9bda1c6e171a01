"""``egov paths``: every path of the regulations against a stand of its own, or against one that is up."""

import json
import os
import sys
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx

from services.stand.addresses import Addresses
from services.stand.embedded import embedded_stand
from services.stand.paths.centre import at_a_centre
from services.stand.paths.complaints import at_the_portal_and_after
from services.stand.paths.counter import at_a_counter, by_offer
from services.stand.paths.derive import PathPlan, derive, shortened
from services.stand.paths.officers import Officers, autopilot
from services.stand.paths.pace import Pace
from services.stand.paths.portal import from_a_device
from services.stand.paths.report import as_json, as_text
from services.stand.paths.run import AT_ONCE, Driver, PathRun, go_all
from services.stand.paths.stage import Journey, Stage, require_success
from services.stand.remote import playing_at
from services.stand.working_time import move_clock, next_morning
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messages.systems import System
from shared.messaging.http import client_to
from shared.regulations.actions import Action
from shared.regulations.calendar import calendars_of
from shared.regulations.loader import Regulations, load_regulations


def _drivers(regulations: Regulations, officers: Officers) -> dict[str, Driver]:
    """Who goes a path, by its channel. What an employment centre takes goes the way of a centre or of a counter, as the
    text has it."""

    async def at_an_employment_centre(plan: PathPlan, stage: Stage) -> Journey:
        first = regulations[plan.regulation].channel(plan.channel).steps[0]
        return await (at_a_centre if first.actor is System.CSC else counter)(plan, stage)

    counter = partial(at_a_counter, officers=officers)
    return {
        "portal": at_the_portal_and_after,
        "mobile": from_a_device,
        "csc": at_a_centre,
        "employment_centre": at_an_employment_centre,
        "office": counter,
        "akim": counter,
        "proactive": partial(by_offer, officers=officers),
    }


async def paths(url: str | None, only: str | None, *, short: bool, json_wanted: bool) -> int:
    """Run them and print what came of it; 0 only if every path is conformant. Raises ``KeyError`` for an unknown
    regulation."""
    regulations = load_regulations()
    plans = derive(regulations, only)
    if short:
        plans = shortened(plans)
    settings = StandSettings()
    if url is None:
        with tempfile.TemporaryDirectory(prefix="egov-paths-") as folder:
            async with embedded_stand(Path(folder)) as stand:
                runs = await _gone(plans, stand.addresses, stand.clock, settings)
    else:
        async with playing_at(url, f"paths:{os.getpid()}") as (addresses, clock):
            runs = await _gone(plans, addresses, clock, settings)
    if json_wanted:
        print(json.dumps(as_json(runs), ensure_ascii=False, indent=2))
    else:
        print(as_text(runs, calendars_of(settings).zone))
    return 0 if all(run.verdict == "conformant" for run in runs) else 1


async def _gone(plans: list[PathPlan], addresses: Addresses, clock: Clock, settings: StandSettings) -> list[PathRun]:
    """All paths on one stand. What the provider's autopilot would not do comes second, without it."""
    calendars = calendars_of(settings)
    regulations = load_regulations()
    runs: dict[PathPlan, PathRun] = {}
    async with client_to(addresses.of("portal"), timeout=60, limits=httpx.Limits(max_connections=40)) as http:
        people = require_success(await http.get(f"{addresses.of('pki')}/people")).json()

        async def advance(instant: datetime) -> None:
            await move_clock(http, addresses, clock, instant)

        await advance(next_morning(clock.now(), settings))
        officers = Officers()
        drivers = _drivers(regulations, officers)
        for decided, chosen in (
            (False, [p for p in plans if not _decided(p)]),
            (True, [p for p in plans if _decided(p)]),
        ):
            if not chosen:
                continue
            pace = Pace(clock.now, advance, runs=len(chosen), at_once=AT_ONCE)
            stage = Stage(http, addresses, clock, pace, regulations, calendars, people)
            await autopilot(stage, on=not decided)
            try:
                used = _deciding(drivers, officers) if decided else drivers
                for run in await go_all(chosen, stage, used, officers.given):
                    runs[run.plan] = run
                    _show_progress(len(runs), len(plans))
            finally:
                await autopilot(stage, on=True)
    return [runs[plan] for plan in plans]


def _decided(plan: PathPlan) -> bool:
    """Whether an officer has to decide it."""
    return plan.is_alternative or plan.action is Action.REFUSE_SERVICE


def _deciding(drivers: dict[str, Driver], officers: Officers) -> dict[str, Driver]:
    """The same drivers, with an officer who decides as the path says."""

    def deciding(driver: Driver) -> Driver:
        async def drive(plan: PathPlan, stage: Stage) -> Journey:
            journey = await driver(plan, stage)

            async def attend(journal: dict[str, object]) -> None:
                await officers.decide(plan, stage, journey.application)
                if journey.attend is not None:
                    await journey.attend(journal)

            return Journey(journey.application, attend)

        return drive

    return {channel: deciding(driver) for channel, driver in drivers.items()}


def _show_progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {of} paths", end="" if done < of else "\n", file=sys.stderr, flush=True)
