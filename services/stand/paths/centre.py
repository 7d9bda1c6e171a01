"""Paths that begin at a centre: diagram 1 and the short form, at whatever centre has the channel."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from services.stand.cases import SCAN
from services.stand.operator import BUSY
from services.stand.paths.derive import PathPlan
from services.stand.paths.stage import Journey, NotTaken, Stage, Stuck, require_success
from services.stand.visits import UNKNOWN
from shared.regulations.actions import Action
from shared.regulations.judgement import RETURNED
from shared.regulations.model import Channel

_TURNS = 30


async def at_a_centre(plan: PathPlan, stage: Stage) -> Journey:
    """A visitor hands the package in at a window; whoever is to be refused there gives the centre the cause."""
    person = dict(stage.person())
    if plan.action is Action.REFUSE_NO_REGISTRY_DATA:
        person["iin"] = UNKNOWN
    sample = stage.sample(plan, person)
    refused = Stuck(f"the stand has no operator for channel {plan.channel}, {sample.intake}")
    for operator in await _operators(stage, plan.channel, sample.intake):
        window = _Window(stage, plan, operator)
        try:
            matter = await window.receive(sample.form)
        except NotTaken as elsewhere:
            # E.g. another centre serves those who live there.
            refused = elsewhere
            continue
        return Journey(matter, window.attend)
    raise refused


async def _operators(stage: Stage, channel: str, intake: dict[str, str]) -> list[dict[str, Any]]:
    """The operators of centres that have the channel and are what the case asks for, one for each centre."""
    known = require_success(await stage.http.get(f"{stage.addresses.of('csc')}/__stand/operators")).json()
    found: dict[str, dict[str, Any]] = {}
    for operator in known:
        branch = "district" if operator["kind"] == "district_branch" else "main"
        employment = operator["kind"] == "employment_centre"
        fitting = operator["role"] == "operator" and employment == (channel == "employment_centre")
        if fitting and operator["kind"] != "mobile_centre" and intake.get("branch", "main") == branch:
            found.setdefault(operator["centre"], operator)
    return list(found.values())


@dataclass
class _Window:
    """One operator with one visitor."""

    stage: Stage
    plan: PathPlan
    operator: dict[str, Any]
    matter: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"accept-language": "en"})

    @property
    def channel(self) -> Channel:
        """What the text says of this channel."""
        return self.stage.law(self.plan)[1]

    def has(self, action: Action) -> bool:
        """Whether the flow has such a step."""
        return any(step.action is action for step in self.channel.steps)

    async def sign_in(self) -> None:
        """At the workplace."""
        url = f"{self.stage.addresses.of('csc')}/operator-sessions"
        body = {"login": self.operator["login"], "password": self.operator["password"]}
        session = require_success(await self.stage.http.post(url, json=body)).json()
        self.headers["authorization"] = f"Bearer {session['token']}"

    async def call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """A request in the operator's session, which is renewed once stand time has passed it; again when the centre
        opens, if it was refused because it is closed."""
        url = self.stage.addresses.of("csc") + path
        headers = arguments.pop("headers", {})
        for _ in range(3):
            answer = await self.stage.http.request(method, url, headers={**self.headers, **headers}, **arguments)
            if await self.stage.waited_for_opening(answer):
                continue
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                break
            await self.sign_in()
        found: dict[str, Any] = require_success(answer).json()
        return found

    async def receive(self, form: dict[str, Any]) -> str:
        """The visitor's data, consent and papers, and what the centre does with them; the matter's id."""
        await self.sign_in()
        self.matter = str((await self.call("POST", "/matters", json={"service": self.plan.regulation}))["id"])
        state = await self.call("PUT", f"/matters/{self.matter}/form", json=form)
        if state["consent_text"]:
            giver = "representative" if "representative" in form else "applicant"
            consent = {"version": state["consent_text"]["version"], "given_by": giver}
            await self.call("POST", f"/matters/{self.matter}/consent", json=consent)
        if self.has(Action.QUERY_REGISTRIES):
            await self.call("POST", f"/matters/{self.matter}/registry-queries")
            state = await self.settled()
        if state["state"] == "data_unavailable":
            return self.matter
        if self.plan.action is Action.REFUSE_PACKAGE:
            await self.call("POST", f"/matters/{self.matter}/refuse-acceptance")
            return self.matter
        await self._take_papers(await self.call("GET", f"/matters/{self.matter}"))
        await self._send()
        return self.matter

    async def settled(self) -> dict[str, Any]:
        """The matter once it is the centre's turn again."""
        state = await self.call("GET", f"/matters/{self.matter}")
        for _ in range(_TURNS):
            if state["state"] not in BUSY:
                return state
            params = {"wait": "1", "since": state["state"]}
            state = await self.call("GET", f"/matters/{self.matter}", params=params)
        raise Stuck(f"the matter is still {state['state']}")

    async def attend(self, _journal: dict[str, Any]) -> None:
        """What is the centre's to do: collect the result, and hand it out or keep it until nobody has come."""
        state = await self.call("GET", f"/matters/{self.matter}")
        if state["state"] == "answered":
            state = await self.call("POST", f"/matters/{self.matter}/collect")
        if state["state"] == "result_with_courier":
            state = await self.call("POST", f"/matters/{self.matter}/courier-arrival")
        if state["state"] not in ("ready", "refused"):
            return
        if Action.RETURN_UNCOLLECTED is self.plan.action or self.plan.mark == RETURNED:
            await self.stage.pace.until(datetime.fromisoformat(state["kept_until"]) + timedelta(minutes=1))
            return
        await self._hand_out(state)

    async def _take_papers(self, state: dict[str, Any]) -> None:
        headers = {"content-type": "application/pdf", "content-disposition": 'attachment; filename="scan.pdf"'}
        for missing in state["missing"]:
            path = f"/matters/{self.matter}/documents/{missing['document']}"
            await self.call("PUT", path, json={"present": True, "compared": True, "returned": True})
            await self.call("PUT", f"{path}/scan", content=SCAN, headers=headers)

    async def _send(self) -> None:
        path = f"/matters/{self.matter}"
        if not self.has(Action.ACCEPT_PACKAGE):
            await self.call("POST", f"{path}/submit", json={})
            return
        state = await self.call("POST", f"{path}/accept", json={})
        if self.has(Action.HAND_TO_PROVIDER):
            state = await self.call("POST", f"{path}/hand-over")
        if state["state"] == "package_with_courier":
            await self.call("POST", f"{path}/courier-delivery")

    async def _hand_out(self, state: dict[str, Any]) -> None:
        known = [query["record"] for query in state["enquiries"] if query["about"] == "applicant" and query["record"]]
        cards = [record["identity_documents"] for record in known if record.get("identity_documents")]
        body = {"who": "applicant", "identity_document": cards[0][0]["number"] if cards else "TEST 000000001"}
        await self.call("POST", f"/matters/{self.matter}/hand-out", json=body)
