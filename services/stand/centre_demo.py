"""The demo at centres: every case of diagram 1 and of the short form over HTTP as an operator's client would."""

import time
from datetime import datetime, timedelta
from typing import Any

import httpx

from services.stand.addresses import Addresses
from services.stand.cases import SCAN
from services.stand.demo import Run, journaled
from services.stand.operator import Operator
from services.stand.visits import APPLICANT, SHORT_VISITS, VISITS, ShortVisit, Visit, form_of
from shared.kit.clock import Clock, rfc3339
from shared.regulations.loader import load_regulations
from shared.regulations.samples import Person, sample_form, variants_of


class CentreDemo:
    """Plays visits against a stand that is up."""

    def __init__(self, http: httpx.AsyncClient, addresses: Addresses, clock: Clock) -> None:
        self._http = http
        self._addresses = addresses
        self._clock = clock

    async def play(self, visit: Visit) -> Run:
        """One visit from the window to the verdict."""
        started = time.perf_counter()
        operator = Operator(self._http, self._addresses.of("csc"))
        await operator.sign_in()
        form = form_of(visit, await self._notarised_on(visit), self._clock.now().date())
        matter = await operator.receive(visit.service, form)
        note = await self._proceed(visit, operator, matter)
        return await journaled(self._http, self._addresses, visit, matter, started, note)

    async def _proceed(self, visit: Visit, operator: Operator, matter: str) -> str:
        state = await operator.ask_registries(matter)
        if state["state"] == "data_unavailable":
            return _reason(state)
        if visit.package == "incomplete":
            missing = [item["document"] for item in state["missing"]]
            await operator.refuse_acceptance(matter)
            return f"missing: {', '.join(missing)}"
        await operator.take_papers(matter, SCAN)
        if visit.refused_by_officer is None:
            await operator.submit(matter)
        else:
            await self._refuse(visit, operator, matter)
        state = await operator.settled(matter)
        if not visit.collected:
            return await self._leave(matter, state["kept_until"])
        await operator.hand_out(matter, "representative" if visit.certification else "applicant")
        number = state.get("entry_number")
        return f"{number}, handed out"

    async def _refuse(self, visit: Visit, operator: Operator, matter: str) -> None:
        """The autopilot is off, and the officer whose matter it is refuses."""
        await self._autopilot(on=False)
        try:
            await operator.submit(matter)
            await operator.reached(matter, "in_review")
            decision = {"decision": "refused", "grounds": [visit.refused_by_officer]}
            await self._decide(matter, decision)
        finally:
            await self._autopilot(on=True)

    async def _decide(self, matter: str, decision: dict[str, Any]) -> None:
        provider = self._addresses.of("provider")
        officers = (await self._http.get(f"{provider}/__stand/officers")).raise_for_status().json()
        for officer in officers:
            login = {"login": officer["login"], "password": officer["password"]}
            session = (await self._http.post(f"{provider}/officer-sessions", json=login)).raise_for_status().json()
            headers = {"authorization": f"Bearer {session['token']}"}
            answer = await self._http.post(f"{provider}/matters/{matter}/decision", json=decision, headers=headers)
            # An officer of another organisation does not see the matter.
            if answer.status_code != httpx.codes.NOT_FOUND:
                answer.raise_for_status()
                return
        raise LookupError("no officer of the stand sees this matter")

    async def _autopilot(self, *, on: bool) -> None:
        url = f"{self._addresses.of('provider')}/__stand/autopilot"
        (await self._http.put(url, json={"on": on})).raise_for_status()

    async def _leave(self, matter: str, kept_until: str) -> str:
        """The stand's clock passes the end of the month for which the centre keeps the result."""
        url = f"{self._addresses.of('csc')}/__stand/clock"
        then = rfc3339(datetime.fromisoformat(kept_until) + timedelta(minutes=1))
        (await self._http.post(url, json={"set": then})).raise_for_status()
        operator = Operator(self._http, self._addresses.of("csc"))
        await operator.sign_in()  # the old session has expired long ago
        await operator.reached(matter, "returned")
        return "returned to the provider"

    async def _notarised_on(self, visit: Visit) -> str | None:
        if visit.certification != "notarial":
            return None
        url = f"{self._addresses.of('notary')}/__stand/powers-of-attorney"
        acts = (await self._http.get(url, params={"fate": "good"})).raise_for_status().json()
        good = [act for act in acts if act["record"]["register_number"] == visit.register_number]
        return str(good[0]["notarised_on"]) if good else None


class ShortFormDemo:
    """Plays visits in the short form: package, provider, result."""

    def __init__(self, http: httpx.AsyncClient, addresses: Addresses, clock: Clock) -> None:
        self._http = http
        self._addresses = addresses
        self._clock = clock

    async def play(self, visit: ShortVisit) -> Run:
        """One visit from the window to the verdict."""
        started = time.perf_counter()
        operator = Operator(self._http, self._addresses.of("csc"))
        await operator.sign_in(centre=visit.centre)
        matter = await operator.receive(visit.service, self._form(visit))
        note = await self._proceed(visit, operator, matter)
        return await journaled(self._http, self._addresses, visit, matter, started, note)

    async def _proceed(self, visit: ShortVisit, operator: Operator, matter: str) -> str:
        if visit.package == "incomplete":
            refused = await operator.refuse_acceptance(matter)
            return f"missing: {', '.join(item['document'] for item in refused['closing']['missing'])}"
        await operator.take_papers(matter, SCAN)
        accepted = await operator.accept(matter)
        await operator.hand_over(matter)
        await operator.reached(matter, "answered")
        await operator.collect(matter)
        await operator.hand_out(matter, "applicant")
        return f"{accepted['number']}, due {accepted['ready_by']}, handed out"

    def _form(self, visit: ShortVisit) -> dict[str, Any]:
        regulation, today = load_regulations()[visit.service], self._clock.now().date()
        variant = next(iter(variants_of(regulation, visit.channel)))
        return sample_form(regulation, visit.channel, variant, Person(APPLICANT, "Сеитова", "Асель"), today).form


def _reason(state: dict[str, Any]) -> str:
    """What stands against it in the registries, in English."""
    return "; ".join(str(finding["text"]["en"]) for finding in state["closing"]["findings"])


async def play_visits(http: httpx.AsyncClient, addresses: Addresses, clock: Clock) -> list[Run]:
    """Every visit, one after the other; those that let time pass come last."""
    demo, short = CentreDemo(http, addresses, clock), ShortFormDemo(http, addresses, clock)
    runs = [await demo.play(visit) for visit in VISITS if visit.collected]
    runs += [await short.play(visit) for visit in SHORT_VISITS]
    return runs + [await demo.play(visit) for visit in VISITS if not visit.collected]
