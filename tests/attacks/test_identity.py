"""Somebody wants to be somebody else at the portal: every way in without the proof, and what the owner has left."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.stand.cases import SERVICE
from services.stand.citizen import Citizen, key_container, newest_password
from services.stand.embedded import EmbeddedStand, embedded_stand
from services.stand.working_time import to_working_time
from shared.crypto.cades import sign_document
from shared.crypto.p12 import KeyContainer
from shared.kit.iin import masked
from shared.kit.settings import StandSettings

_PASSWORD = "what somebody else has chosen"
_OWN_PHONE = "+77779990001"
_NOT_PROVEN = "urn:egov:problem:not-proven"
_NOT_CONFIRMED = "urn:egov:problem:signature-not-confirmed"


@dataclass
class Scene:
    """A stand, the people on it, and what everybody who reaches its ports can do."""

    stand: EmbeddedStand
    http: httpx.AsyncClient
    people: list[dict[str, Any]]

    @property
    def portal(self) -> str:
        """Where the portal is."""
        return self.stand.addresses.of("portal")

    def of(self, kind: str, number: int = 0) -> str:
        """The IIN of somebody whose certificate is of this kind."""
        return str([person["iin"] for person in self.people if person["kind"] == kind][number])

    async def keys(self, iin: str) -> KeyContainer:
        """The key container of a person."""
        return await key_container(self.http, self.stand.addresses.of("pki"), iin)

    def citizen(self, iin: str, password: str = _PASSWORD) -> Citizen:
        """Whoever says that they are ``iin``."""
        return Citizen(self.http, self.portal, iin, self.stand.clock, password=password)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        """A call of a stranger."""
        return await self.http.post(self.portal + path, json=body)

    async def challenge(self, iin: str, purpose: str = "registration") -> dict[str, str]:
        """A challenge, which anybody gets for anybody."""
        answer = await self.post("/recipients/challenges", iin=iin, purpose=purpose)
        made: dict[str, str] = answer.raise_for_status().json()
        return made

    def signed(self, challenge: dict[str, str], signer: KeyContainer) -> dict[str, str]:
        """The proof that ``signer`` makes of a challenge."""
        content, own = challenge["document"].encode(), signer.identity
        der = sign_document(content, own.key, own.certificate, signer.chain, self.stand.clock.now())
        return {"challenge": challenge["challenge"], "signature": base64.b64encode(der).decode()}

    async def register(self, iin: str, **proof: str) -> httpx.Response:
        """Try to register ``iin`` with a password of the attacker's."""
        return await self.post("/recipients", iin=iin, password=_PASSWORD, **proof)

    async def enters(self, iin: str) -> bool:
        """Whether the attacker's password opens the account."""
        answer = await self.post("/sessions", iin=iin, password=_PASSWORD)
        return answer.is_success

    async def phone(self, iin: str) -> str:
        """The telephone that the state's base has."""
        known = (await self.http.get(f"{self.portal}/__stand/mobile-citizens")).raise_for_status().json()
        return next(str(line["phone"]) for line in known if line["iin"] == iin)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with embedded_stand(tmp_path) as stand, httpx.AsyncClient(timeout=30) as http:
        to_working_time(stand.clock, StandSettings())
        people = (await http.get(f"{stand.addresses.of('pki')}/people")).raise_for_status().json()
        yield Scene(stand, http, people)


async def test_nobody_registers_somebody_without_a_proof(scene: Scene) -> None:
    victim, attacker = scene.of("ordinary"), scene.of("ordinary", 1)
    answer = await scene.register(victim)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    own = await scene.keys(attacker)
    of_victim, of_attacker = await scene.challenge(victim), await scene.challenge(attacker)
    # The attacker's own certificate, under the challenge of the victim; and their own challenge in its place.
    answer = await scene.register(victim, **scene.signed(of_victim, own))
    assert (answer.status_code, answer.json()["type"]) == (403, _NOT_CONFIRMED)
    assert answer.json()["report"]["indication"] == "failed"
    answer = await scene.register(victim, **scene.signed(of_attacker, own))
    assert (answer.status_code, answer.json()["type"]) == (403, _NOT_PROVEN)
    mixed = {**scene.signed(of_attacker, own), "challenge": of_victim["challenge"]}
    answer = await scene.register(victim, **mixed)
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert not await scene.enters(victim)
    # The rightful owner is kept out by none of it.
    answer = await scene.register(victim, **scene.signed(await scene.challenge(victim), await scene.keys(victim)))
    assert answer.status_code == httpx.codes.CREATED


@pytest.mark.parametrize("kind", ["revoked", "expired", "not-yet-valid", "wrong-iin", "wrong-usage", "unknown-issuer"])
async def test_a_certificate_that_condition_2_does_not_take_proves_nothing(scene: Scene, kind: str) -> None:
    iin = scene.of(kind)
    answer = await scene.register(iin, **scene.signed(await scene.challenge(iin), await scene.keys(iin)))
    assert (answer.status_code, answer.json()["type"]) == (403, _NOT_CONFIRMED)
    assert not await scene.enters(iin)


async def test_a_proof_that_was_overheard_serves_nobody(scene: Scene) -> None:
    victim = scene.of("ordinary")
    keys = await scene.keys(victim)
    to_sign_in = scene.signed(await scene.challenge(victim, "sign-in"), keys)
    late = scene.signed(await scene.challenge(victim), keys)
    used = scene.signed(await scene.challenge(victim), keys)
    body = {"iin": victim, "password": "the owner's own words", **used}
    assert (await scene.post("/recipients", **body)).status_code == httpx.codes.CREATED
    for proof in (used, to_sign_in):  # again, and for another purpose
        answer = await scene.register(victim, **proof)
        assert (answer.status_code, answer.json()["type"]) == (403, _NOT_PROVEN)
    scene.stand.clock.advance(timedelta(hours=1))
    scene.stand.clock.advance(timedelta(hours=-1))
    answer = await scene.register(victim, **late)
    assert (answer.status_code, answer.json()["type"]) == (403, _NOT_PROVEN)
    assert not await scene.enters(victim)


async def test_the_one_time_password_is_not_guessed(scene: Scene) -> None:
    victim = scene.of("ordinary")
    (await scene.post("/recipients/one-time-passwords", iin=victim)).raise_for_status()
    sent = await newest_password(scene.http, scene.portal, await scene.phone(victim))
    guesses = [f"{(int(sent) + step) % 10**6:06d}" for step in range(1, 9)]
    answers = [await scene.register(victim, one_time_password=guess) for guess in guesses]
    statuses = [answer.status_code for answer in answers]
    taken = statuses.index(httpx.codes.TOO_MANY_REQUESTS)
    assert 0 < taken <= 5
    assert set(statuses[:taken]) == {httpx.codes.FORBIDDEN}
    assert set(statuses[taken:]) == {httpx.codes.TOO_MANY_REQUESTS}
    # A new one makes no new guesses.
    (await scene.post("/recipients/one-time-passwords", iin=victim)).raise_for_status()
    answer = await scene.register(victim, one_time_password=guesses[0])
    assert answer.status_code == httpx.codes.TOO_MANY_REQUESTS
    # Who is kept from the telephone has the certificate.
    answer = await scene.register(victim, **scene.signed(await scene.challenge(victim), await scene.keys(victim)))
    assert answer.status_code == httpx.codes.CREATED


async def test_no_answer_tells_who_is_registered_or_has_a_telephone(scene: Scene) -> None:
    registered, free, unknown = scene.of("ordinary"), scene.of("ordinary", 1), "870715300126"
    await scene.citizen(registered, "the owner's own words").register(await scene.keys(registered))
    attacker = await scene.keys(scene.of("ordinary", 2))
    told = []
    for iin in (registered, free, unknown):
        challenge = await scene.challenge(iin)
        answers = [
            await scene.register(iin),
            await scene.register(iin, challenge="x", signature="x"),
            await scene.register(iin, **scene.signed(challenge, attacker)),
            await scene.register(iin, one_time_password="000000"),
            await scene.post("/recipients/one-time-passwords", iin=iin),
            await scene.register(iin, one_time_password="000000"),
            await scene.post("/sessions", iin=iin, password=_PASSWORD),
            await scene.post("/sessions", iin=iin, challenge=challenge["challenge"], signature="x"),
        ]
        told.append([_told(answer, iin) for answer in answers])
    assert told[0] == told[1] == told[2]
    assert httpx.codes.CONFLICT not in {status for status, _ in told[0]}


def _told(answer: httpx.Response, iin: str) -> tuple[int, str]:
    """What an answer says, but for the IIN that was asked with and the moment."""
    said = answer.json() if answer.content else {}
    said.get("report", {}).pop("at", None)
    return answer.status_code, str(said).replace(iin, "IIN").replace(f"expected {masked(iin)}", "expected IIN")


async def test_the_telephone_alone_does_not_take_an_account_that_is_in_use(scene: Scene) -> None:
    victim = scene.of("ordinary")
    await scene.citizen(victim, "the owner's own words").register(await scene.keys(victim))
    (await scene.post("/recipients/one-time-passwords", iin=victim)).raise_for_status()
    code = await newest_password(scene.http, scene.portal, await scene.phone(victim))
    answer = await scene.register(victim, one_time_password=code)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:already-registered")
    assert not await scene.enters(victim)


async def test_the_owner_takes_back_what_a_usurper_has_had(scene: Scene) -> None:
    """Whoever had the telephone of the state's base once has an account in the victim's name, a session, a telephone
    of their own, and has consented to somebody; the certificate ends all of it."""
    victim, third = scene.of("ordinary"), scene.of("ordinary", 1)
    usurper, asking, owner = scene.citizen(victim), scene.citizen(third), scene.citizen(victim, "the owner's own words")
    await usurper.register()
    (await usurper.sign_in(SERVICE, _PASSWORD)).raise_for_status()
    made = (await usurper.call("POST", "/devices", json={"phone": _OWN_PHONE})).raise_for_status().json()
    code = await newest_password(scene.http, scene.portal, _OWN_PHONE)
    confirmation = f"/devices/{made['id']}/confirmation"
    (await usurper.call("POST", confirmation, json={"password": code})).raise_for_status()
    await asking.register()
    (await asking.sign_in(SERVICE)).raise_for_status()
    request = {"iin": victim, "service": SERVICE, "purpose": "curiosity"}
    asked = (await asking.call("POST", "/access-requests", json=request)).raise_for_status().json()
    answer = await usurper.call("POST", f"/access-requests/{asked['id']}/answer", json={"given": True})
    assert answer.raise_for_status().json()["state"] == "given"

    await owner.register(await scene.keys(victim))
    for path in ("/devices", "/applications", "/notices"):
        assert (await usurper.call("GET", path)).status_code == httpx.codes.UNAUTHORIZED
    assert not await scene.enters(victim)
    (await owner.sign_in(SERVICE, owner.password)).raise_for_status()
    assert (await owner.call("GET", "/devices")).json() == []
    answer = await asking.call("GET", f"/access-requests/{asked['id']}/results")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:egov:problem:consent-missing")
    text = (await scene.http.get(f"{scene.portal}/__stand/text-messages", params={"limit": "1"})).json()[0]
    assert text["phone"] == await scene.phone(victim)
    assert "taken back" in text["text"]["en"]
    # Their number is free again, for whoever has it; and a reply from it answers nothing in the victim's name.
    reply = await scene.post("/__stand/text-messages", phone=_OWN_PHONE, text=code)
    assert reply.status_code == httpx.codes.NOT_FOUND


async def test_the_certificate_opens_a_locked_account_to_its_owner_alone(scene: Scene) -> None:
    victim = scene.of("ordinary")
    keys = await scene.keys(victim)
    await scene.citizen(victim, "the owner's own words").register(keys)
    statuses = [(await scene.post("/sessions", iin=victim, password="guess")).status_code for _ in range(6)]
    assert statuses[-1] == httpx.codes.TOO_MANY_REQUESTS
    stranger = await scene.keys(scene.of("ordinary", 1))
    for signer, status in ((stranger, httpx.codes.FORBIDDEN), (keys, httpx.codes.CREATED)):
        proof = scene.signed(await scene.challenge(victim, "sign-in"), signer)
        assert (await scene.post("/sessions", iin=victim, **proof)).status_code == status
