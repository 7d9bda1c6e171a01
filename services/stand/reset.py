"""``egov reset``: the whole stand as if just started."""

import argparse
import time

from services.stand.remote import answer_of
from shared.messaging.http import waiting_client_to

_PATIENCE_S = 60.0


def reset(options: argparse.Namespace) -> int:
    """``egov reset``; 0 once every service has forgotten everything. Raises ``Cannot``."""
    started = time.perf_counter()
    with waiting_client_to(options.url, timeout=_PATIENCE_S) as http:
        answer_of(http, "POST", f"{options.url.rstrip('/')}/__stand/resets")
    print(f"the stand is empty; took {time.perf_counter() - started:.2f} s")
    return 0
