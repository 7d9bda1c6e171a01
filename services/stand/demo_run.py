"""``egov demo``: both diagrams, on a stand of its own or against one that is up."""

import json
import os
import sys
import tempfile
from pathlib import Path

from services.stand.addresses import Addresses
from services.stand.auditor import as_auditor
from services.stand.catalogue import SERVICES
from services.stand.centre_demo import play_visits
from services.stand.demo import Run, play_applications
from services.stand.embedded import embedded_stand
from services.stand.remote import playing_at
from services.stand.report import address_table, lines, summary
from services.stand.working_time import stand_to_working_time, to_working_time
from shared.kit.clock import Clock, rfc3339
from shared.kit.settings import StandSettings
from shared.messaging.http import client_to

_DUTIES = {service.code: service.duty for service in SERVICES}


async def embedded(*, as_json: bool) -> int:
    """Start a stand in this process, play every case and let it go; 0 if all ran as the regulations say."""
    with tempfile.TemporaryDirectory(prefix="egov-demo-") as folder:
        async with embedded_stand(Path(folder)) as stand:
            to_working_time(stand.clock, StandSettings())
            if not as_json:
                print("The stand is up: all services in this process, Kafka embedded, nothing leaves this machine.")
                print("\n".join(address_table(stand.addresses.urls, _DUTIES)))
            return await _play(stand.addresses, stand.clock, as_json=as_json)


async def against(url: str, *, as_json: bool) -> int:
    """Play every case against the stand at ``url``, whose services listen on the well-known ports of that host."""
    async with playing_at(url, f"demo:{os.getpid()}") as (addresses, clock):
        if not as_json:
            print(f"Against the stand at {url}:")
            print("\n".join(address_table(addresses.urls, _DUTIES)))
        await _to_working_time(addresses, clock)
        return await _play(addresses, clock, as_json=as_json)


async def _to_working_time(addresses: Addresses, clock: Clock) -> None:
    """Move the stand's clock to working time, if it is not, and say so: nothing is handed out at night."""
    now = clock.now()
    async with client_to(addresses.of("pki")) as http:
        instant = await stand_to_working_time(http, addresses, clock, StandSettings())
    if instant is not None:
        told = f"The offices are closed at {rfc3339(now)}: the stand's clock is set to {rfc3339(instant)}."
        print(told, file=sys.stderr)


async def _play(addresses: Addresses, clock: Clock, *, as_json: bool) -> int:
    async with client_to(addresses.of("portal"), timeout=60) as http:
        runs = await play_applications(http, addresses, clock)
        runs += await play_visits(http, addresses, clock)
    if as_json:
        print(json.dumps({"runs": [run.as_dict() for run in runs]}, ensure_ascii=False, indent=2))
    else:
        verdicts = await _signature_verdicts(addresses.of("gateway"), runs)
        for run in runs:
            print("\n".join(lines(run, verdicts)))
        print("\n" + summary(runs))
    return 0 if all(run.as_expected for run in runs) else 1


async def _signature_verdicts(gateway: str, runs: list[Run]) -> dict[str, str]:
    """What the gateway's verification said of every message of the runs, by message id."""
    async with client_to(gateway) as http:
        found, auditor = {}, as_auditor()
        for message in (message for run in runs for message in run.messages):
            answer = await http.get(f"{gateway}/messages/{message['message_id']}", auth=auditor)
            found[message["message_id"]] = answer.raise_for_status().json()["report"]["indication"]
    return found
