"""``egov clock``: the stand's time from the command line."""

import argparse
import time
from typing import Any

from services.stand.remote import answer_of, fitting
from shared.messaging.http import waiting_client_to


def clock(options: argparse.Namespace) -> int:
    """``egov clock show|set|advance|resume``; 0 once the stand has settled, 1 if it has not in time.

    Raises ``Cannot``.
    """
    started = time.perf_counter()
    found = fitting(_ask(options), dict, "now", "frozen", "settled", "busy")
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
    if options.freeze:
        change["freeze"] = True
    with waiting_client_to(url, timeout=options.wait + 10) as http:
        return answer_of(http, "POST", url, json=change, params={"wait": options.wait})
