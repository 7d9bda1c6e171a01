"""The short form while the centre dies at each of its hops and between its steps, and is started again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.stand.auditor import AsAuditor
from services.stand.cases import SCAN
from services.stand.embedded import EmbeddedStand
from services.stand.operator import Operator
from services.stand.report import remarks
from services.stand.visits import APPLICANT, ASSISTANCE_CERTIFICATE, ORALMAN
from shared.messages.types import MessageType as T
from shared.messaging.faults import Point
from shared.messaging.runtime import Runtime
from shared.messaging.testing import eventually
from shared.regulations.loader import load_regulations
from shared.regulations.samples import Person, sample_form
from tests.topology.test_restarts import runtime_of

SEMEY = "almaty-oblast/semey-nuclear-victims"
HOPS = (T.APPLICATION_REGISTERED, T.RESULT_DELIVERED)
"""The messages that the centre takes on the way of a granted application."""


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client."""
    async with httpx.AsyncClient(timeout=30) as client:
        yield client


def form_of(stand: EmbeddedStand, service: str, channel: str = "csc", variant: str = "default") -> dict[str, Any]:
    """A form that fits."""
    today = stand.clock.now().date()
    return sample_form(load_regulations()[service], channel, variant, Person(APPLICANT), today).form


async def restart(stand: EmbeddedStand) -> None:
    """The centre is killed and comes back."""
    await stand.services["csc"].stop(abruptly=True)
    await stand.services["csc"].start()


async def ended(
    stand: EmbeddedStand, http: httpx.AsyncClient, matter: str, outcome: str = "granted", steps: list[str] | None = None
) -> None:
    """The run is conformant and has ended with ``outcome`` after ``steps``."""
    url = f"{stand.addresses.of('gateway')}/journal/{matter}"
    journal = (await http.get(url, params={"wait": "20"}, auth=AsAuditor())).raise_for_status().json()
    assert (journal["verdict"], journal["outcome"]) == ("conformant", outcome), remarks(journal)
    taken = [step["step"] for step in journal["steps"]]
    assert taken == (steps or taken), remarks(journal)


async def test_dying_at_each_hop_loses_and_doubles_nothing(stand: EmbeddedStand, http: httpx.AsyncClient) -> None:
    operator = Operator(http, stand.addresses.of("csc"))
    await operator.sign_in(centre="taldykorgan")
    for message_type in HOPS:
        for point in Point:
            runtime = runtime_of(stand, "csc")
            matter = await operator.receive(ORALMAN, form_of(stand, ORALMAN))
            await operator.take_papers(matter, SCAN)
            await operator.accept(matter)
            runtime.faults.plan(point, message_type)
            await operator.hand_over(matter)

            async def died(runtime: Runtime = runtime) -> bool:
                return runtime.faults.crashes == 1

            await eventually(died, what=f"the death of the centre at {point} of {message_type}")
            await restart(stand)
            await operator.reached(matter, "answered")
            await operator.collect(matter)
            await operator.hand_out(matter, "applicant")
            steps = ["step-0", "step-1", "step-2", "step-3", "step-4", "step-5"]
            await ended(stand, http, matter, steps=steps)


@pytest.mark.parametrize("centre", ["eskeldi", "taldykorgan-employment"])
async def test_a_restart_between_any_two_steps(stand: EmbeddedStand, http: httpx.AsyncClient, centre: str) -> None:
    branch = centre == "eskeldi"
    service = ORALMAN if branch else ASSISTANCE_CERTIFICATE
    operator = Operator(http, stand.addresses.of("csc"))
    await operator.sign_in(centre=centre)
    matter = await operator.receive(service, form_of(stand, service, "csc" if branch else "employment_centre"))
    await operator.take_papers(matter, SCAN)
    await restart(stand)
    accepted = await operator.accept(matter)
    await restart(stand)
    assert (await operator.accept(matter))["number"] == accepted["number"]
    for path in ("hand-over", *(("courier-delivery",) if branch else ())):
        (await operator.call("POST", f"/matters/{matter}/{path}")).raise_for_status()
        await restart(stand)
    await operator.reached(matter, "answered")
    for path in ("collect", *(("courier-arrival",) if branch else ())):
        (await operator.call("POST", f"/matters/{matter}/{path}")).raise_for_status()
        await restart(stand)
    await operator.hand_out(matter, "applicant")
    await ended(stand, http, matter)


async def test_a_refused_acceptance_ends_the_run(stand: EmbeddedStand, http: httpx.AsyncClient) -> None:
    operator = Operator(http, stand.addresses.of("csc"))
    await operator.sign_in(centre="taldykorgan")
    matter = await operator.receive(ORALMAN, form_of(stand, ORALMAN))
    await operator.refuse_acceptance(matter)
    steps = ["step-0", "step-1", "refuse-acceptance"]
    await ended(stand, http, matter, "refused", steps)


async def test_an_extension_of_the_provider_is_told_at_the_centre(
    stand: EmbeddedStand, http: httpx.AsyncClient
) -> None:
    operator, provider = Operator(http, stand.addresses.of("csc")), stand.addresses.of("provider")
    (await http.put(f"{provider}/__stand/autopilot", json={"on": False})).raise_for_status()
    await operator.sign_in(centre="taldykorgan")
    matter = await operator.receive(SEMEY, form_of(stand, SEMEY, variant="decision"))
    await operator.take_papers(matter, SCAN)
    accepted = await operator.accept(matter)
    await operator.hand_over(matter)

    async def extended() -> bool:
        """Whoever has the open task on the desk extends its term; for everybody else there is no such matter."""
        for officer in (await http.get(f"{provider}/__stand/officers")).raise_for_status().json():
            login = {"login": officer["login"], "password": officer["password"]}
            session = (await http.post(f"{provider}/officer-sessions", json=login)).raise_for_status().json()
            answer = await http.post(
                f"{provider}/matters/{matter}/extension",
                json={"reason": "an inspection is needed"},
                headers={"authorization": f"Bearer {session['token']}"},
            )
            if answer.is_success:
                return True
        return False

    await eventually(extended, what="the extension")

    async def told() -> bool:
        return bool((await operator.call("GET", f"/matters/{matter}")).json()["notices"])

    await eventually(told, what="the notice at the centre")
    status = (await operator.call("GET", f"/status/{accepted['number']}")).json()
    assert "inspection" in status["notices"][0]["text"]
    assert status["ready_by"] == accepted["ready_by"]
    assert status["due_at"] > accepted["due_at"]
