"""The ways of the portal from end to end: short form, registered device, a document supplied afterwards."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.crypto.cades import sign_document
from shared.messaging.testing import eventually
from shared.regulations.loader import load_regulations
from shared.regulations.samples import Person, sample_form
from tests.topology.conftest import Applicant

SCHOOLING = "national/home-schooling"
PDF = b"%PDF-1.7 a document of the stand"


async def draft(applicant: Applicant, service: str, channel: str, variant: str = "default") -> str:
    """A complete draft: a sample form of the case, and a file for every document that has to be attached."""
    regulation = load_regulations()[service]
    person = applicant.person
    recipient = Person(person["iin"])
    today = applicant.stand.clock.now().date()
    form = sample_form(regulation, channel, variant, recipient, today).form
    made = await applicant.citizen.call("POST", "/applications", json={"service": service, "channel": channel})
    application = str(made.raise_for_status().json()["id"])
    (await applicant.citizen.call("PUT", f"/applications/{application}/form", json=form)).raise_for_status()
    for document in regulation.channel(channel).documents:
        if document.required == "always" and document.kind != "signed_request":
            await applicant.citizen.attach(application, document.code, PDF, "application/pdf", f"{document.code}.pdf")
    return application


async def journal(applicant: Applicant, application: str) -> dict[str, Any]:
    found = await applicant.journal(application)
    assert found["verdict"] == "conformant", json.dumps(found, indent=1)
    return found


@pytest.mark.parametrize(
    ("service", "channel"),
    [("almaty-oblast/targeted-assistance-certificate", "portal"), (SCHOOLING, "portal")],
)
async def test_short_form_from_signed_request_to_result(applicant: Applicant, service: str, channel: str) -> None:
    application = await draft(applicant, service, channel)
    await applicant.submit(application)
    outcome = await applicant.citizen.outcome(application)
    assert outcome["state"] == "granted"
    assert (await journal(applicant, application))["outcome"] == "granted"
    # Whoever answers the telephone of the contact centre finds it by its number, and learns nothing of the person.
    url = f"{applicant.stand.addresses.of('regional-gateway')}/status/{outcome['entry_number']}"
    entry = (await applicant.http.get(url)).raise_for_status()
    assert (entry.json()["regulation"], entry.json()["status"]) == (service, "granted")
    assert application not in entry.text
    assert applicant.person["iin"] not in entry.text


async def test_request_from_a_registered_device(applicant: Applicant) -> None:
    application = await draft(applicant, SCHOOLING, "mobile")
    device = await confirmed_device(applicant)
    asked = await applicant.citizen.call("POST", f"/applications/{application}/password", json={"device": device})
    asked.raise_for_status()
    password = {"password": await last_password(applicant)}
    sent = await applicant.citizen.call("POST", f"/applications/{application}/confirm", json=password)
    assert sent.status_code == httpx.codes.ACCEPTED, sent.text
    assert (await applicant.citizen.outcome(application))["state"] == "granted"
    await journal(applicant, application)


@pytest.mark.parametrize(("given", "outcome"), [(True, "granted"), (False, "refused")])
async def test_offered_service_follows_the_answer(applicant: Applicant, given: bool, outcome: str) -> None:
    application = await offered(applicant)
    state = await in_state(applicant, application, "offered")
    assert state["form"]["applicant"]["iin"] == applicant.person["iin"]
    if given:
        device = await confirmed_device(applicant)
        path = f"/applications/{application}/password"
        (await applicant.citizen.call("POST", path, json={"device": device})).raise_for_status()
    body = {"given": True, "password": await last_password(applicant)} if given else {"given": False}
    answer = await applicant.citizen.call("POST", f"/applications/{application}/consent", json=body)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    assert (await applicant.citizen.outcome(application))["state"] == outcome
    assert (await journal(applicant, application))["outcome"] == outcome


async def test_offer_nobody_answers_is_refused_for_want_of_consent(applicant: Applicant) -> None:
    application = await offered(applicant)
    await in_state(applicant, application, "offered")
    applicant.stand.clock.advance(timedelta(days=11))
    (await applicant.citizen.sign_in(SCHOOLING)).raise_for_status()  # the session has ended meanwhile
    assert (await applicant.citizen.outcome(application))["state"] == "refused"
    assert (await journal(applicant, application))["outcome"] == "refused"


async def test_place_on_the_queue_is_the_one_of_now(applicant: Applicant) -> None:
    for number in (1, 2):
        application = await applicant.draft()
        await applicant.submit(application)
        assert (await applicant.citizen.outcome(application))["queue"]["number"] == number
        place = await applicant.citizen.call("GET", f"/applications/{application}/queue-place")
        assert (place.json()["number"], place.json()["current_place"]) == (number, number)


async def offered(applicant: Applicant) -> str:
    """An officer of the provider offers the service to the citizen; the id of the matter."""
    provider = applicant.stand.addresses.of("provider")
    officers = (await applicant.http.get(f"{provider}/__stand/officers")).raise_for_status().json()
    regulation = load_regulations()[SCHOOLING]
    today = applicant.stand.clock.now().date()
    form = sample_form(regulation, "proactive", "default", Person(applicant.person["iin"]), today).form
    officer = next(officer for officer in officers if officer["login"] == "district-education-specialist")
    login = {"login": officer["login"], "password": officer["password"]}
    session = (await applicant.http.post(f"{provider}/officer-sessions", json=login)).raise_for_status().json()
    made = await applicant.http.post(
        f"{provider}/offers",
        json={"regulation": SCHOOLING, "form": form},
        headers={"authorization": f"Bearer {session['token']}"},
    )
    return str(made.raise_for_status().json()["summary"]["application"])


async def in_state(applicant: Applicant, application: str, wanted: str) -> dict[str, Any]:
    """The application once it is in that state."""
    found: dict[str, Any] = {}

    async def reached() -> bool:
        nonlocal found
        found = (await applicant.citizen.call("GET", f"/applications/{application}")).json()
        return found.get("state") == wanted

    await eventually(reached, what=f"the state {wanted}")
    return found


async def confirmed_device(applicant: Applicant) -> str:
    """A telephone of the citizen, confirmed."""
    device = (await applicant.citizen.call("POST", "/devices", json={"phone": "+77011234567"})).json()["id"]
    password = {"password": await last_password(applicant)}
    (await applicant.citizen.call("POST", f"/devices/{device}/confirmation", json=password)).raise_for_status()
    return str(device)


async def last_password(applicant: Applicant) -> str:
    messages = (await applicant.citizen.call("GET", "/__stand/text-messages")).raise_for_status().json()
    return str(messages[0]["text"]["en"].rpartition(" ")[2])


async def test_permit_in_two_stages_waits_for_the_proof_of_the_fee(applicant: Applicant) -> None:
    application = await draft(applicant, "almaty-oblast/foreign-labour-permit", "portal", "issue")
    await applicant.submit(application)
    state: dict[str, Any] = {}

    async def asked_for() -> bool:
        nonlocal state
        state = (await applicant.citizen.call("GET", f"/applications/{application}", params={"wait": "1"})).json()
        return bool(state["demands"])

    await eventually(asked_for, what="the notice that asks for the proof of the fee")
    notice = state["demands"][0]["notice"]
    answer = await applicant.citizen.call(
        "PUT", f"/notices/{notice}/attachment", content=PDF, headers={"content-type": "application/pdf"}
    )
    answer.raise_for_status()
    content = (await applicant.citizen.call("GET", f"/notices/{notice}/document")).raise_for_status().content
    identity, chain = applicant.signer.identity, applicant.signer.chain
    der = sign_document(content, identity.key, identity.certificate, chain, applicant.stand.clock.now())
    body = {"signature": base64.b64encode(der).decode()}
    sent = await applicant.citizen.call("POST", f"/notices/{notice}/submit", json=body)
    assert sent.status_code == httpx.codes.ACCEPTED, sent.text
    assert (await applicant.citizen.outcome(application))["state"] == "granted"
    await journal(applicant, application)
