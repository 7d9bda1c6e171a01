"""The path "complaint levels": after the end the recipient complains at every level, to everybody the text names."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from services.stand.citizen import Citizen, key_container
from services.stand.paths.derive import COMPLAINT_LEVELS, PathPlan
from services.stand.paths.portal import at_the_portal, registered
from services.stand.paths.stage import Journey, Stage, Stuck, require_success
from shared.messages.systems import System
from shared.regulations.complaints import AddresseeKind

_TRIES, _PAUSE_S = 60, 0.25
_SIGN_IN = {System.PROVIDER: ("officers", "officer-sessions"), System.CSC: ("operators", "operator-sessions")}
_WORDS = {"text": "Шағым қаралды / Жалоба рассмотрена", "justified": False}


async def at_the_portal_and_after(plan: PathPlan, stage: Stage) -> Journey:
    """The way of the portal; where the path is that of complaints, they follow the end."""
    journey = await at_the_portal(plan, stage)
    if plan.mark != COMPLAINT_LEVELS:
        return journey
    complaining = _Complaining(plan, stage, journey.application)

    async def attend(journal: dict[str, Any]) -> None:
        if journey.attend is not None:
            await journey.attend(journal)
        if journal.get("outcome"):
            await complaining.at_every_level()

    return Journey(journey.application, attend)


@dataclass
class _Complaining:
    """One recipient with complaints about one application."""

    plan: PathPlan
    stage: Stage
    application: str
    _done: bool = False
    _sessions: dict[str, dict[str, str]] = field(default_factory=dict)

    async def at_every_level(self) -> None:
        """Complain, once, to every addressee of every level; each is answered, the last one refused consideration.
        Raises ``Stuck`` where somebody answers who must not, or nobody does."""
        if self._done:
            return
        citizen = await registered(self.stage, self.stage.person())
        require_success(await citizen.sign_in(self.plan.regulation))
        rows = [row for system in _SIGN_IN for row in await self._addressees(system)]
        for row in rows:
            await self._one(citizen, row, refuses=row is rows[-1])
        self._done = True

    async def _one(self, citizen: Citizen, row: dict[str, Any], *, refuses: bool) -> None:
        system = AddresseeKind(row["addressee"]).system
        organisation, head = await self._head(system, row)
        # Of somebody in particular it is the head themselves: then it is for others to answer.
        against_the_head = row["level"].startswith("rude") and row["addressee"] != AddresseeKind.ENTERPRISE.value
        body = {
            "service": self.plan.regulation,
            "level": row["level"],
            "addressee": row["addressee"],
            "organisation": organisation,
            "application": self.application,
            "surname": "Тестов",
            "given_name": "Тест",
            "postal_address": "г. Тест, ул. Несуществующая, 1",
            "written_on": self.stage.today().isoformat(),
            "about": await self._name(system, head) if against_the_head else row["about"]["ru"],
            "reasons": "Проверка жалоб по уровням",
            "demands": "Рассмотреть",
        }
        signer = await key_container(self.stage.http, self.stage.addresses.of("pki"), citizen.iin)
        sent = require_success(await citizen.complain(body, signer)).json()["id"]
        await self._stands(citizen, sent, "delivered")
        complaint = await self._found(system, head, row)
        if against_the_head:
            await self._refused_to(system, head, complaint)
            passed = require_success(await self._post(system, head, f"/complaints/{complaint}/passing-on")).json()
            above = next(r for r in await self._addressees(system) if r["addressee"] == passed["addressee"])
            _, head = await self._head(system, above)
        base = f"/complaints/{complaint}"
        require_success(await self._post(system, head, f"{base}/registration", accused=[]))
        require_success(await self._post(system, head, f"{base}/consideration"))
        ending = ("refusal", {"reason": "Проверка"}) if refuses else ("answer", _WORDS)
        require_success(await self._post(system, head, f"{base}/{ending[0]}", **ending[1]))
        await self._stands(citizen, sent, "refused_consideration" if refuses else "considered")

    async def _refused_to(self, system: System, head: dict[str, Any], complaint: str) -> None:
        answer = await self._post(system, head, f"/complaints/{complaint}/answer", **_WORDS)
        if not str(answer.json().get("type", "")).endswith("complained-of"):
            raise Stuck(f"{head['login']} may answer a complaint against themselves: {answer.status_code}")

    async def _addressees(self, system: System) -> list[dict[str, Any]]:
        url = f"{self.stage.addresses.of(system.value)}/complaints/addressees"
        found = require_success(await self.stage.http.get(url, params={"regulation": self.plan.regulation})).json()
        return [row for row in found if "portal" in row["ways"]]

    async def _head(self, system: System, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """An organisation that is such an addressee, and its head."""
        tool, _ = _SIGN_IN[system]
        people = require_success(
            await self.stage.http.get(f"{self.stage.addresses.of(system.value)}/__stand/{tool}")
        ).json()
        for organisation in row["organisations"]:
            for person in people:
                if _is_head(person, organisation):
                    return str(organisation["organisation"]), person
        raise Stuck(f"the stand has no head for {row['level']} at {row['addressee']}")

    async def _name(self, system: System, head: dict[str, Any]) -> str:
        """The names of a head; of an operator their session tells them."""
        if "name" in head:
            return str(head["name"])
        url = f"{self.stage.addresses.of(system.value)}/operator-sessions/current"
        answer = await self.stage.http.get(url, headers=await self._session(system, head))
        return str(require_success(answer).json()["name"])

    async def _found(self, system: System, head: dict[str, Any], row: dict[str, Any]) -> str:
        """The complaint as its addressee has it, once it is there."""
        url = f"{self.stage.addresses.of(system.value)}/complaints"
        for _ in range(_TRIES):
            listed = require_success(await self.stage.http.get(url, headers=await self._session(system, head))).json()
            for complaint in listed:
                if (complaint["application"], complaint["level"]) == (self.application, row["level"]):
                    return str(complaint["id"])
            await asyncio.sleep(_PAUSE_S)
        raise Stuck(f"the complaint {row['level']} does not come to {row['addressee']}")

    async def _post(self, system: System, who: dict[str, Any], path: str, **body: Any) -> Any:
        url = self.stage.addresses.of(system.value) + path
        return await self.stage.http.post(url, json=body, headers=await self._session(system, who))

    async def _session(self, system: System, who: dict[str, Any]) -> dict[str, str]:
        if who["login"] not in self._sessions:
            url = f"{self.stage.addresses.of(system.value)}/{_SIGN_IN[system][1]}"
            credentials = {"login": who["login"], "password": who["password"]}
            session = require_success(await self.stage.http.post(url, json=credentials)).json()
            self._sessions[who["login"]] = {"authorization": f"Bearer {session['token']}", "accept-language": "en"}
        return self._sessions[who["login"]]

    async def _stands(self, citizen: Citizen, complaint: str, state: str) -> None:
        """Wait until the cabinet has shown that state."""
        for _ in range(_TRIES):
            found = require_success(await citizen.call("GET", f"/complaints/{complaint}")).json()
            if state in [mark["state"] for mark in found["timeline"]]:
                return
            await asyncio.sleep(_PAUSE_S)
        raise Stuck(f"the cabinet does not show that the complaint is {state}: {found['state']} {found['trouble']}")


def _is_head(person: dict[str, Any], organisation: dict[str, Any]) -> bool:
    """Of the provider by the name of the organisation, of the centres by the code."""
    if "roles" in person:
        return "head" in person["roles"] and person["organisation_name"] == organisation["name"]["en"]
    if organisation["organisation"] == "enterprise":
        return bool(person["role"] == "enterprise_head")
    return bool(person["role"] == "head" and person["centre"] == organisation["organisation"])
