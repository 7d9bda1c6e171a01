"""Diagram 1 while the centre and the registries die at each of their hops, and are started again."""

import httpx
import pytest

from services.stand.auditor import AsAuditor
from services.stand.cases import SCAN
from services.stand.embedded import EmbeddedStand
from services.stand.operator import Operator
from services.stand.report import remarks
from services.stand.visits import QUEUE, Visit, form_of
from shared.messages.types import MessageType as T
from shared.messaging.faults import Point
from shared.messaging.runtime import Runtime
from shared.messaging.testing import eventually
from tests.topology.test_restarts import runtime_of

HOPS: dict[str, tuple[T, ...]] = {
    "csc": (T.REGISTRY_ANSWERED, T.APPLICATION_REGISTERED, T.RESULT_DELIVERED),
    "persons": (T.REGISTRY_REQUESTED,),
    "notary": (T.REGISTRY_REQUESTED,),
}
"""The messages that each of them takes on the way of a granted application."""


async def notarised_on(stand: EmbeddedStand, http: httpx.AsyncClient) -> str:
    """The day of the good power of attorney."""
    url = f"{stand.addresses.of('notary')}/__stand/powers-of-attorney"
    acts = (await http.get(url, params={"fate": "good"})).raise_for_status().json()
    return str(next(act["notarised_on"] for act in acts if act["record"]["register_number"] == "1-2301"))


@pytest.mark.parametrize("code", list(HOPS))
async def test_dying_at_each_hop_loses_and_doubles_nothing(stand: EmbeddedStand, code: str) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        operator = Operator(http, stand.addresses.of("csc"))
        await operator.sign_in()
        case = Visit("restart", "granted", "", QUEUE, certification="notarial")
        form = form_of(case, await notarised_on(stand, http), stand.clock.now().date())
        matters = []
        for message_type in HOPS[code]:
            for point in Point:
                runtime = runtime_of(stand, code)
                matter = await operator.receive(QUEUE, form)
                matters.append(matter)
                if message_type in (T.APPLICATION_REGISTERED, T.RESULT_DELIVERED):
                    await operator.ask_registries(matter)
                    await operator.take_papers(matter, SCAN)
                    runtime.faults.plan(point, message_type)
                    await operator.submit(matter)
                else:
                    runtime.faults.plan(point, message_type)
                    await operator.call("POST", f"/matters/{matter}/registry-queries")

                async def died(runtime: Runtime = runtime) -> bool:
                    return runtime.faults.crashes == 1

                await eventually(died, what=f"the death of {code} at {point} of {message_type}")
                await stand.services[code].stop(abruptly=True)
                await stand.services[code].start()
                state = await operator.settled(matter)
                if state["state"] == "completing":
                    await operator.take_papers(matter, SCAN)
                    await operator.submit(matter)
                    state = await operator.settled(matter)
                assert state["state"] == "ready", state
                await operator.hand_out(matter, "representative")
        await assert_each_once(stand, http, matters)


async def assert_each_once(stand: EmbeddedStand, http: httpx.AsyncClient, matters: list[str]) -> None:
    """Every run conformant, and every matter one number on the queue."""
    for matter in matters:
        url = f"{stand.addresses.of('gateway')}/journal/{matter}"
        journal = (await http.get(url, params={"wait": "20"}, auth=AsAuditor())).raise_for_status().json()
        assert (journal["verdict"], journal["outcome"]) == ("conformant", "granted"), remarks(journal)
    url = f"{stand.addresses.of('regional-gateway')}/queues/preschool/places"
    places = (await http.get(url, params={"limit": "500"}, auth=AsAuditor())).json()
    assert [place["number"] for place in places] == list(range(1, len(matters) + 1))
    assert sorted(place["application"] for place in places) == sorted(matters)
