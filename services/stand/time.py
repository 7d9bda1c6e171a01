"""``egov clock``: the stand's time from the command line."""

import argparse
import sys
import time
from typing import Any

import httpx


def clock(options: argparse.Namespace) -> int:
    """``egov clock show|set|advance|resume``; 0 once the stand has settled, 1 if it has not in time."""
    started = time.perf_counter()
    try:
        answer = _ask(options)
    except httpx.HTTPError as error:
        print(f"egov: the stand at {options.url} does not answer ({type(error).__name__}); is it up?", file=sys.stderr)
        return 1
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
    if options.freeze:
        change["freeze"] = True
    return httpx.post(url, json=change, params={"wait": options.wait}, timeout=options.wait + 10)
