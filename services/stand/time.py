"""``egov clock``: the stand's time from the command line."""

import argparse
import re
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from shared.kit.settings import StandSettings

_TIMES = "write 10:00 (of the stand's day), +3d, 2026-03-20T09:00 or 2026-03-20T09:00:00+05:00"
_TIME_OF_DAY = re.compile(r"[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?")


def clock(options: argparse.Namespace) -> int:
    """``egov clock show|set|advance|resume``; 0 once the stand has settled, 1 if it has not in time."""
    started = time.perf_counter()
    try:
        answer = _ask(options)
    except httpx.HTTPError as error:
        print(f"egov: the stand at {options.url} does not answer ({type(error).__name__}); is it up?", file=sys.stderr)
        return 1
    except ValueError:
        print(f"egov: no such time: {options.value}; {_TIMES}", file=sys.stderr)
        return 2
    found: dict[str, Any] = answer.json()
    if answer.is_error:
        faults = "; ".join(f"{fault['path']}: {fault['message']}" for fault in found.get("faults", []))
        print(f"egov: {found.get('detail') or found.get('title')} {faults}".rstrip(), file=sys.stderr)
        return 1
    state = " (stands still)" if found["frozen"] else ""
    print(f"{found['now']}{state}")
    if options.action == "show":
        return 0
    took = time.perf_counter() - started
    if found["settled"]:
        print(f"settled after {took:.2f} s: all that was due is done, no message is on its way")
        return 0
    print(f"not settled within {options.wait:g} s:", *found["busy"], sep="\n  ")
    return 1


def _ask(options: argparse.Namespace) -> httpx.Response:
    url = f"{options.url.rstrip('/')}/__stand/clock"
    if options.action == "show":
        return httpx.get(url, timeout=10)
    change: dict[str, Any] = {options.action: True if options.action == "resume" else options.value}
    if options.action == "set":
        change = _to(options.value or "", lambda: httpx.get(url, timeout=10).raise_for_status().json()["now"])
    if options.freeze:
        change["freeze"] = True
    return httpx.post(url, json=change, params={"wait": options.wait}, timeout=options.wait + 10)


def _to(value: str, now: Callable[[], str]) -> dict[str, Any]:
    """The change of the clock that ``value`` asks for: a time of the stand's day (``10:00``, where the offices are), a
    way ahead (``+3d``), a local moment (``2026-03-20T09:00``) or an instant. ``now`` reads the stand's clock.

    Raises ``ValueError`` for anything else.
    """
    if value.startswith("+"):
        return {"advance": value[1:]}
    zone = ZoneInfo(StandSettings().timezone)
    if _TIME_OF_DAY.fullmatch(value):
        today = datetime.fromisoformat(now()).astimezone(zone).date()
        value = f"{today.isoformat()}T{value}"
    moment = datetime.fromisoformat(value)
    return {"set": (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()}
