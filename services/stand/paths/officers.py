"""Officers of the provider: they take applications over the counter, offer services, and decide where the autopilot
shall not."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.stand.paths.derive import PathPlan
from services.stand.paths.stage import Stage, Stuck, require_success
from shared.regulations.grounds import examination_grounds


@dataclass
class Officers:
    """Sessions of the stand's officers, opened when they are needed."""

    _sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    """Headers by login."""
    _in_charge: dict[tuple[str, str], str] = field(default_factory=dict)
    """Who had a matter of a regulation and channel last."""

    async def decide(self, plan: PathPlan, stage: Stage, application: str) -> None:
        """The decision of the path, by an officer who has the matter; nothing while it is not under review."""
        found = await self.matter(plan, stage, application)
        if found is None or found[1]["summary"]["state"] != "in_review" or found[1]["decision"] is not None:
            return
        if any(enquiry["state"] == "waiting" for enquiry in found[1]["enquiries"]):
            return  # the registry answers in a moment; nobody may decide before
        regulation, _ = stage.law(plan)
        body: dict[str, Any] = {"decision": plan.outcome}
        if plan.outcome == "refused":
            grounds = examination_grounds(regulation, plan.channel)
            fitting = [ground for ground in grounds if not ground.variants or plan.variant in ground.variants]
            body["grounds"] = [ground.code for ground in fitting][:1]
            if any(ground.category == "unstated" for ground in fitting[:1]):
                body["reasons"] = "тексеру / проверка"
        elif plan.is_alternative:
            body["result"] = plan.result
        await self.first_who_may(plan, stage, f"/matters/{application}/decision", body)

    async def given(self, plan: PathPlan, stage: Stage, application: str) -> str | None:
        """The kind of result in the act of the matter, ``None`` if there is no act."""
        found = await self.matter(plan, stage, application)
        act = (found[1]["decision"] or {}).get("act") if found else None
        return json.loads(act["content"]).get("result") if act else None

    async def matter(self, plan: PathPlan, stage: Stage, application: str) -> tuple[str, dict[str, Any]] | None:
        """An officer who has the matter, and the matter; ``None`` while nobody has it."""
        key = (plan.regulation, plan.channel)
        for login in sorted(await self._logins(stage), key=lambda login: login != self._in_charge.get(key)):
            answer = await self.ask(stage, login, "GET", f"/matters/{application}")
            if answer.status_code != httpx.codes.NOT_FOUND:
                self._in_charge[key] = login
                return login, require_success(answer).json()
        return None

    async def first_who_may(self, plan: PathPlan, stage: Stage, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What ``POST path`` answers the first officer who is in charge. Raises ``Stuck`` if nobody is."""
        key, said = (plan.regulation, f"{plan.channel} {path.rpartition('/')[2]}"), None
        for login in sorted(await self._logins(stage), key=lambda login: login != self._in_charge.get(key)):
            answer = await self.ask(stage, login, "POST", path, json=body)
            if answer.is_success:
                self._in_charge[key] = login
                found: dict[str, Any] = answer.json()
                return found
            kind = str(answer.json().get("type", ""))
            if not kind.endswith(("not-served-here", "wrong-role", "not-found")):
                require_success(answer)
            said = answer
        raise Stuck(f"no officer of the stand may do POST {path}: {said.json().get('detail') if said else ''}")

    async def ask(self, stage: Stage, login: str, method: str, path: str, **arguments: Any) -> httpx.Response:
        """A request in the session of ``login``, which is renewed once stand time has passed it; again when the office
        opens, if it was refused because it is closed."""
        url = stage.addresses.of("provider") + path
        for _ in range(3):
            if login in self._sessions:
                answer = await stage.http.request(method, url, headers=self._sessions[login], **arguments)
                if await stage.waited_for_opening(answer):
                    continue
                if answer.status_code != httpx.codes.UNAUTHORIZED:
                    return answer
            await self._sign_in(stage, login)
        return answer

    async def _sign_in(self, stage: Stage, login: str) -> None:
        password = (await self._logins(stage))[login]
        url = f"{stage.addresses.of('provider')}/officer-sessions"
        session = require_success(await stage.http.post(url, json={"login": login, "password": password})).json()
        self._sessions[login] = {"authorization": f"Bearer {session['token']}", "accept-language": "en"}

    async def _logins(self, stage: Stage) -> dict[str, str]:
        """Logins with their passwords."""
        url = f"{stage.addresses.of('provider')}/__stand/officers"
        known = require_success(await stage.http.get(url)).json()
        return {officer["login"]: officer["password"] for officer in known}


async def autopilot(stage: Stage, *, on: bool) -> None:
    """Let the provider decide by itself, or not."""
    require_success(await stage.http.put(f"{stage.addresses.of('provider')}/__stand/autopilot", json={"on": on}))
