"""``egov clock``: the stand's time from the command line."""

import argparse
import re
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.stand.remote import answer_of, fitting
from shared.kit.settings import StandSettings
from shared.messaging.http import waiting_client_to

_TIMES = "write 10:00 (of the stand's day), +3d, 2026-03-20T09:00 or 2026-03-20T09:00:00+05:00"
_TIME_OF_DAY = re.compile(r"[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?")


def clock(options: argparse.Namespace) -> int:
    """``egov clock show|set|advance|resume``; 0 once the stand has settled, 1 if it has not in time.

    Raises ``Cannot``.
    """
    started = time.perf_counter()
    try:
        answer = _ask(options)
    except _NoTime:
        print(f"egov: no such time: {options.value}; {_TIMES}", file=sys.stderr)
        return 2
    found = fitting(answer, dict, "now", "frozen", "settled", "busy")
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


def _ask(options: argparse.Namespace) -> Any:
    url = f"{options.url.rstrip('/')}/__stand/clock"
    if options.action == "show":
        with waiting_client_to(url, timeout=10) as http:
            return answer_of(http, "GET", url)
    change: dict[str, Any] = {options.action: True if options.action == "resume" else options.value}
    if options.action == "set":
        change = _to(options.value or "", lambda: _now(url))
    if options.freeze:
        change["freeze"] = True
    with waiting_client_to(url, timeout=options.wait + 10) as http:
        return answer_of(http, "POST", url, json=change, params={"wait": options.wait})


def _now(url: str) -> str:
    with waiting_client_to(url, timeout=10) as http:
        return str(fitting(answer_of(http, "GET", url), dict, "now")["now"])


class _NoTime(ValueError):
    """The user wrote no time that we know."""


def _to(value: str, now: Callable[[], str]) -> dict[str, Any]:
    """The change of the clock that ``value`` asks for: a time of the stand's day (``10:00``, where the offices are), a
    way ahead (``+3d``), a local moment (``2026-03-20T09:00``) or an instant. ``now`` reads the stand's clock.

    Raises ``_NoTime`` for anything else, and what ``now`` raises.
    """
    if value.startswith("+"):
        return {"advance": value[1:]}
    zone = ZoneInfo(StandSettings().timezone)
    if _TIME_OF_DAY.fullmatch(value):
        today = datetime.fromisoformat(now()).astimezone(zone).date()
        value = f"{today.isoformat()}T{value}"
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise _NoTime(value) from error
    return {"set": (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()}
