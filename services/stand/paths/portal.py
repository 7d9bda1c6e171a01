"""Paths that begin at the portal: on its pages, or from a registered device."""

import base64
from typing import Any

import httpx

from services.stand.cases import SCAN
from services.stand.citizen import Citizen, key_container, newest_password
from services.stand.paths.derive import PathPlan
from services.stand.paths.stage import Journey, Stage, Stuck, require_success
from shared.crypto.cades import sign_document
from shared.regulations.actions import Action
from shared.regulations.documents import expected_from_registries, to_hand_in


async def at_the_portal(plan: PathPlan, stage: Stage) -> Journey:
    """The recipient applies at the portal; whoever is to be refused by the portal gives it the cause."""
    kind = "revoked" if plan.action is Action.REFUSE_CERTIFICATE else "ordinary"
    citizen = await registered(stage, stage.person(kind))
    if plan.action is Action.REFUSE_AUTHORISATION:
        refused = await citizen.sign_in(plan.regulation, "not the password")
        return Journey(refused.json()["journal"])
    (await citizen.sign_in(plan.regulation)).raise_for_status()
    application = await _draft(plan, stage, citizen, stage.person(kind))
    signer = await key_container(stage.http, stage.addresses.of("pki"), citizen.iin)
    answer = await citizen.submit(application, signer)
    if not (plan.action is Action.REFUSE_CERTIFICATE and answer.status_code == httpx.codes.FORBIDDEN):
        require_success(answer)
    return Journey(application, lambda _: _supply(plan, stage, citizen, application))


async def from_a_device(plan: PathPlan, stage: Stage) -> Journey:
    """The recipient applies from a registered telephone, with a one-time password."""
    person = stage.person()
    citizen = await registered(stage, person)
    (await citizen.sign_in(plan.regulation)).raise_for_status()
    device = await registered_device(stage, citizen)
    application = await _draft(plan, stage, citizen, person)
    require_success(await citizen.call("POST", f"/applications/{application}/password", json={"device": device["id"]}))
    password = await one_time_password(stage, device["phone"])
    require_success(await citizen.call("POST", f"/applications/{application}/confirm", json={"password": password}))
    return Journey(application, lambda _: _supply(plan, stage, citizen, application))


async def registered_device(stage: Stage, citizen: Citizen) -> dict[str, Any]:
    """A confirmed telephone of the recipient; the one there is, or a new one."""
    phone = f"+7701{citizen.iin[-7:]}"
    known = require_success(await citizen.call("GET", "/devices")).json()
    device = next((device for device in known if device["phone"] == phone), None)
    if device is None:
        device = require_success(await citizen.call("POST", "/devices", json={"phone": phone})).json()
    if not device["confirmed_at"]:
        body = {"password": await one_time_password(stage, phone)}
        path = f"/devices/{device['id']}/confirmation"
        device = require_success(await citizen.call("POST", path, json=body)).json()
    found: dict[str, Any] = device
    return found


async def one_time_password(stage: Stage, phone: str) -> str:
    """The password in the newest short message to ``phone``."""
    try:
        return await newest_password(stage.http, stage.addresses.of("portal"), phone)
    except LookupError as error:
        raise Stuck(str(error)) from error


async def registered(stage: Stage, person: dict[str, Any]) -> Citizen:
    """The person, registered at the portal."""
    citizen = Citizen(stage.http, stage.addresses.of("portal"), person["iin"], stage.clock)
    await citizen.register()
    return citizen


async def _draft(plan: PathPlan, stage: Stage, citizen: Citizen, person: dict[str, Any]) -> str:
    """A draft that is the case of the path, with every document it needs."""
    form = stage.sample(plan, person).form
    body = {"service": plan.regulation, "channel": plan.channel}
    application = str(require_success(await citizen.call("POST", "/applications", json=body)).json()["id"])
    require_success(await citizen.call("PUT", f"/applications/{application}/form", json=form))
    _, channel = stage.law(plan)
    for document in to_hand_in(channel, form, expected_from_registries(channel)):
        await citizen.attach(application, document.code, SCAN, "application/pdf", f"{document.code}.pdf")
    return application


async def _supply(plan: PathPlan, stage: Stage, citizen: Citizen, application: str) -> None:
    """What the provider asks for on the way, such as the proof that the fee is paid."""
    answer = await citizen.call("GET", f"/applications/{application}")
    if answer.status_code == httpx.codes.UNAUTHORIZED:  # stand time has passed, and the session with it
        require_success(await citizen.sign_in(plan.regulation))
        answer = await citizen.call("GET", f"/applications/{application}")
    for demand in require_success(answer).json()["demands"]:
        if not demand["answered_at"]:
            await _answer(stage, citizen, demand)


async def _answer(stage: Stage, citizen: Citizen, demand: dict[str, Any]) -> None:
    path = f"/notices/{demand['notice']}"
    headers = {"content-type": "application/pdf", "content-disposition": 'attachment; filename="supplement.pdf"'}
    require_success(await citizen.call("PUT", f"{path}/attachment", content=SCAN, headers=headers))
    document = require_success(await citizen.call("GET", f"{path}/document")).content
    signer = await key_container(stage.http, stage.addresses.of("pki"), citizen.iin)
    identity = signer.identity
    signature = sign_document(document, identity.key, identity.certificate, signer.chain, stage.clock.now())
    body = {"certificate": identity.certificate.pem, "signature": base64.b64encode(signature).decode()}
    require_success(await citizen.call("POST", f"{path}/submit", json=body))
