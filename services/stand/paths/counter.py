"""Paths that begin with the provider's own people: at a counter, or with an offer."""

from typing import Any

from services.stand.citizen import Citizen
from services.stand.paths.derive import PathPlan
from services.stand.paths.officers import Officers
from services.stand.paths.portal import one_time_password, registered, registered_device
from services.stand.paths.stage import Journey, Stage, Stuck, require_success
from shared.regulations.actions import Action
from shared.regulations.documents import to_hand_in


async def at_a_counter(plan: PathPlan, stage: Stage, officers: Officers) -> Journey:
    """A visitor hands the papers in at the office, the akim's or the employment centre."""
    form = stage.sample(plan, stage.person()).form
    _, channel = stage.law(plan)
    body = {
        "regulation": plan.regulation,
        "channel": plan.channel,
        "form": form,
        "papers": [document.code for document in to_hand_in(channel, form, frozenset())],
        "originals_returned": True,
    }
    matter = await officers.first_who_may(plan, stage, "/applications", body)
    application = str(matter["summary"]["application"])

    async def attend(_journal: dict[str, Any]) -> None:
        found = await officers.matter(plan, stage, application)
        if found is None:
            return
        _, matter = found
        awaits = matter["awaits"]
        if awaits and not awaits.get("received") and not awaits.get("lapsed"):
            path, body = f"/matters/{application}/supplements", {"document": awaits["document"]}
            await officers.first_who_may(plan, stage, path, body)
        elif matter["summary"]["state"] in ("granted", "refused") and not matter["handed_out"]:
            path, body = f"/matters/{application}/handing-out", {"receiver": "Тестов Тест"}
            await officers.first_who_may(plan, stage, path, body)

    return Journey(application, attend)


async def by_offer(plan: PathPlan, stage: Stage, officers: Officers) -> Journey:
    """The provider offers the service, and the recipient answers with the one-time password, or declines."""
    person = stage.person()
    citizen = await registered(stage, person)
    require_success(await citizen.sign_in(plan.regulation))
    body = {"regulation": plan.regulation, "form": stage.sample(plan, person).form}
    matter = await officers.first_who_may(plan, stage, "/offers", body)
    application = str(matter["summary"]["application"])
    await _offered(citizen, application)
    _, channel = stage.law(plan)
    consent = next(step for step in channel.steps if step.action is Action.GIVE_CONSENT)
    if consent.on_fail in plan.steps:
        require_success(await citizen.call("POST", f"/applications/{application}/consent", json={"given": False}))
        return Journey(application)
    device = await registered_device(stage, citizen)
    require_success(await citizen.call("POST", f"/applications/{application}/password", json={"device": device["id"]}))
    given = {"given": True, "password": await one_time_password(stage, device["phone"])}
    require_success(await citizen.call("POST", f"/applications/{application}/consent", json=given))
    return Journey(application)


async def _offered(citizen: Citizen, application: str) -> None:
    """Wait until the offer has come to the cabinet."""
    for _ in range(20):
        answer = await citizen.call("GET", "/applications", params={"state": "offered"})
        if any(line["id"] == application for line in require_success(answer).json()):
            return
        await citizen.call("GET", f"/applications/{application}", params={"wait": "0.5"})
    raise Stuck("the offer does not come to the cabinet")
