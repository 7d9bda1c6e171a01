"""``egov reset``: the whole stand as if just started."""

import argparse
import sys
import time

import httpx

_PATIENCE_S = 60.0


def reset(options: argparse.Namespace) -> int:
    """``egov reset``; 0 once every service has forgotten everything."""
    started = time.perf_counter()
    try:
        answer = httpx.post(f"{options.url.rstrip('/')}/__stand/resets", timeout=_PATIENCE_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        print(f"egov: the stand at {options.url} does not answer ({type(error).__name__}); is it up?", file=sys.stderr)
        return 1
    if answer.is_success:
        print(f"the stand is empty; took {time.perf_counter() - started:.2f} s")
        return 0
    try:
        problem = answer.json()
        said = str(problem.get("detail") or problem.get("title"))
    except ValueError:
        said = f"answered {answer.status_code}"
    print(f"egov: {said}", file=sys.stderr)
    return 1
