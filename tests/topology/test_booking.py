"""The electronic queue: booked through the portal, called at the centre."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx

from services.stand.citizen import Citizen
from services.stand.embedded import EmbeddedStand
from services.stand.operator import Operator
from tests.topology.conftest import Applicant

MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=ZoneInfo("Asia/Almaty"))


async def test_slot_booked_through_the_portal_is_called_at_the_centre(
    stand: EmbeddedStand, applicant: Applicant
) -> None:
    citizen = applicant.citizen
    stand.clock.set(MONDAY - timedelta(hours=1))
    (await citizen.sign_in("almaty-city/preschool-queue")).raise_for_status()
    centres = (await citizen.call("GET", "/centres")).raise_for_status().json()
    centre = centres[0]["code"]
    slots = (await citizen.call("GET", f"/centres/{centre}/slots", params={"day": "2026-11-30"})).json()
    assert datetime.fromisoformat(slots[0]["starts_at"]) == MONDAY
    body = {"centre": centre, "starts_at": slots[0]["starts_at"], "service": "almaty-city/preschool-queue"}
    booking = await citizen.call("POST", "/bookings", json=body)
    assert booking.status_code == httpx.codes.CREATED, booking.text

    stand.clock.set(MONDAY + timedelta(minutes=1))
    operator = Operator(applicant.http, stand.addresses.of("csc"))
    await operator.sign_in()
    called = (await operator.call("POST", "/queue/next")).raise_for_status().json()
    assert called["number"] == booking.json()["number"]
    assert called["visitor"].startswith("******")
    assert citizen.iin not in str(called)


async def signed_in(applicant: Applicant, kind: str) -> Citizen:
    """The first person whose certificate is of that kind, in a session."""
    people = (await applicant.http.get(f"{applicant.stand.addresses.of('pki')}/people")).json()
    iin = next(person["iin"] for person in people if person["kind"] == kind)
    citizen = Citizen(applicant.http, applicant.citizen.portal, iin, applicant.stand.clock)
    await citizen.register()
    (await citizen.sign_in("almaty-city/preschool-queue")).raise_for_status()
    return citizen


async def test_full_slot_closed_day_and_unknown_centre_are_told(stand: EmbeddedStand, applicant: Applicant) -> None:
    citizen = applicant.citizen
    stand.clock.set(MONDAY - timedelta(hours=1))
    (await citizen.sign_in("almaty-city/preschool-queue")).raise_for_status()
    centre = (await citizen.call("GET", "/centres")).json()[0]
    body = {"centre": centre["code"], "starts_at": MONDAY.isoformat()}
    others = [citizen, *[await signed_in(applicant, kind) for kind in ("revoked", "expired", "wrong-iin")]]
    assert centre["windows"] < len(others)
    for person in others[: centre["windows"]]:
        assert (await person.call("POST", "/bookings", json=body)).status_code == httpx.codes.CREATED
    late = others[centre["windows"]]
    assert (await late.call("POST", "/bookings", json=body)).status_code == httpx.codes.CONFLICT
    sunday = await citizen.call("GET", f"/centres/{centre['code']}/slots", params={"day": "2026-11-29"})
    assert sunday.json() == []
    unknown = await citizen.call("GET", "/centres/nowhere/slots", params={"day": "2026-11-30"})
    assert unknown.status_code == httpx.codes.NOT_FOUND


async def test_silent_centre_is_a_retryable_problem(stand: EmbeddedStand, applicant: Applicant) -> None:
    await stand.services["csc"].stop()
    answer = await applicant.citizen.call("GET", "/centres")
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert answer.json()["retryable"] is True
