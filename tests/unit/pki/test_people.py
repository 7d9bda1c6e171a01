"""The people of the stand: each certificate meets the fate that the list promises."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest

from services.pki.domain import DEMO_PASSWORD, FOREIGN_IIN, DemoPeople, Kind
from services.pki.repository import load_people
from services.pki.settings import Settings
from shared.crypto.authority import AuthorityClient
from shared.crypto.identity import Identity
from shared.crypto.p12 import load_p12
from shared.crypto.verify import verify_person_certificate
from shared.kit.clock import EARLIEST, LATEST, Clock
from shared.kit.iin import is_valid
from tests.factories.pages import walked
from tests.unit.pki.conftest import AUTHORISED

PEOPLE = load_people(Settings().people_file)

FATES = {
    Kind.ORDINARY: None,
    Kind.UNKNOWN_ISSUER: (1, "NO_CERTIFICATE_CHAIN_FOUND"),
    Kind.EXPIRED: (2, "EXPIRED"),
    Kind.NOT_YET_VALID: (2, "NOT_YET_VALID"),
    Kind.REVOKED: (3, "REVOKED"),
    Kind.WRONG_USAGE: (4, "CHAIN_CONSTRAINTS_FAILURE"),
    Kind.WRONG_IIN: (6, "SIG_CONSTRAINTS_FAILURE"),
}


async def opened(http: httpx.AsyncClient, iin: str) -> Identity:
    answer = await http.get(f"/people/{iin}.p12")
    assert answer.status_code == 200
    return load_p12(answer.content, DEMO_PASSWORD).identity


async def fate(authority: AuthorityClient, clock: Clock, identity: Identity, iin: str) -> tuple[int, str | None] | None:
    report = verify_person_certificate(
        identity.certificate,
        anchors=await authority.anchors(),
        revocation=await authority.revocation(identity.certificate),
        at=clock.now(),
        iin=iin,
    )
    return None if report.failure is None else (report.failure.n, report.failure.sub_indication)


class TestFile:
    def test_numbers_are_valid_and_every_kind_occurs(self) -> None:
        iins = [person.iin for parent in PEOPLE.people for person in (parent, *parent.children)]
        assert all(is_valid(iin) for iin in iins)
        assert FOREIGN_IIN not in iins
        assert {person.kind for person in PEOPLE.people} == set(Kind)

    def test_promised_fate_names_the_sub_indication(self) -> None:
        for person in PEOPLE.people:
            expected = FATES[person.kind]
            if expected is not None:
                assert all(expected[1] in text for text in (person.fate.kk, person.fate.ru, person.fate.en))

    def test_same_number_twice_is_refused(self) -> None:
        twice = {"people": [PEOPLE.people[0].model_dump()] * 2}
        with pytest.raises(ValueError, match=PEOPLE.people[0].iin):
            DemoPeople.model_validate(twice)


@pytest.mark.parametrize("kind", list(Kind))
async def test_container_meets_its_fate(
    http: httpx.AsyncClient, authority: AuthorityClient, clock: Clock, kind: Kind
) -> None:
    person = next(person for person in PEOPLE.people if person.kind is kind)
    identity = await opened(http, person.iin)
    assert identity.fits()
    assert await fate(authority, clock, identity, person.iin) == FATES[kind]


class TestContainers:
    async def test_made_once_even_when_asked_for_together(self, http: httpx.AsyncClient) -> None:
        iin = PEOPLE.people[0].iin
        first, second = await asyncio.gather(http.get(f"/people/{iin}.p12"), http.get(f"/people/{iin}.p12"))
        assert first.content == second.content
        assert len((await http.get("/certificates", params={"iin": iin}, headers=AUTHORISED)).json()) == 1

    async def test_certificate_is_the_national_layout(self, http: httpx.AsyncClient) -> None:
        person = PEOPLE.people[0]
        certificate = (await opened(http, person.iin)).certificate
        name = person.names.kk
        assert certificate.iin == person.iin
        assert certificate.common_name == f"TEST {name.surname.upper()} {name.given_name.upper()}"
        assert certificate.loaded.public_key().key_size == 2048  # type: ignore[union-attr]

    async def test_not_yet_valid_becomes_valid(
        self, http: httpx.AsyncClient, authority: AuthorityClient, clock: Clock
    ) -> None:
        person = next(person for person in PEOPLE.people if person.kind is Kind.NOT_YET_VALID)
        identity = await opened(http, person.iin)
        clock.advance(timedelta(days=30))
        assert await fate(authority, clock, identity, person.iin) is None
        anew = await opened(http, person.iin)
        assert await fate(authority, clock, anew, person.iin) == FATES[Kind.NOT_YET_VALID]

    @pytest.mark.parametrize("kind", list(Kind))
    @pytest.mark.parametrize(
        "at", [EARLIEST, datetime(2024, 2, 29, tzinfo=UTC), datetime(2046, 6, 2, tzinfo=UTC), LATEST]
    )
    async def test_fate_is_the_same_wherever_the_clock_is_set_to(
        self, http: httpx.AsyncClient, authority: AuthorityClient, clock: Clock, kind: Kind, at: datetime
    ) -> None:
        person = next(person for person in PEOPLE.people if person.kind is kind)
        identity = await opened(http, person.iin)
        clock.set(at, freeze=True)
        if kind is Kind.NOT_YET_VALID and at > identity.certificate.not_before:
            identity = await opened(http, person.iin)
        assert await fate(authority, clock, identity, person.iin) == FATES[kind]

    async def test_reset_leaves_the_revoked_person_revoked(
        self, http: httpx.AsyncClient, authority: AuthorityClient, clock: Clock
    ) -> None:
        person = next(person for person in PEOPLE.people if person.kind is Kind.REVOKED)
        identity = await opened(http, person.iin)
        await http.post("/__stand/reset")
        assert await fate(authority, clock, identity, person.iin) == (3, "REVOKED")

    async def test_nobody(self, http: httpx.AsyncClient) -> None:
        for iin in (FOREIGN_IIN, "123", "..%2F..%2Fca%2Froot.key", "%00"):
            answer = await http.get(f"/people/{iin}.p12")
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


class TestOwnPeople:
    BODY = {"iin": "850615400026", "surname": "ТЕСТОВ", "given_name": "ТЕСТ", "key": "ec"}

    @pytest.mark.parametrize("kind", list(Kind))
    async def test_any_kind_can_be_ordered(
        self, http: httpx.AsyncClient, authority: AuthorityClient, clock: Clock, kind: Kind
    ) -> None:
        answer = await http.post("/people", json=self.BODY | {"kind": kind}, headers=AUTHORISED)
        assert answer.status_code == 201
        body = answer.json()
        identity = load_p12(base64.b64decode(body["p12"]), body["password"]).identity
        assert identity.certificate.thumbprint == body["thumbprint"]
        assert await fate(authority, clock, identity, self.BODY["iin"]) == FATES[kind]

    async def test_one_with_a_term_ends_by_the_clock(
        self, http: httpx.AsyncClient, authority: AuthorityClient, clock: Clock
    ) -> None:
        body = (await http.post("/people", json=self.BODY | {"valid_days": 365}, headers=AUTHORISED)).json()
        identity = load_p12(base64.b64decode(body["p12"]), body["password"]).identity
        assert await fate(authority, clock, identity, self.BODY["iin"]) is None
        clock.advance(timedelta(days=366))
        assert await fate(authority, clock, identity, self.BODY["iin"]) == (2, "EXPIRED")
        found = (await http.get("/certificates", params={"status": "expired"}, headers=AUTHORISED)).json()
        assert [entry["iin"] for entry in found] == [self.BODY["iin"]]

    async def test_without_the_token_nobody_is_certified(self, http: httpx.AsyncClient) -> None:
        assert (await http.post("/people", json=self.BODY)).status_code == 401
        assert (await http.get("/certificates", headers=AUTHORISED)).json() == []


async def test_list_tells_everything_needed_to_sign(http: httpx.AsyncClient) -> None:
    people = (await http.get("/people")).json()
    assert len(people) == len(PEOPLE.people)
    first = people[0]
    assert first["kind"] == "ordinary"
    assert first["children"]
    assert load_p12((await http.get(first["p12"])).content, first["password"]).identity.fits()


async def test_certificates_are_listed_in_pages(http: httpx.AsyncClient) -> None:
    """Of one moment, for the clock of the test stands still; so their order is no accident."""
    for person in PEOPLE.people[:3]:
        await http.get(f"/people/{person.iin}.p12")
    whole = (await http.get("/certificates", headers=AUTHORISED)).json()
    assert len(whole) >= 3
    get = partial(http.get, headers=AUTHORISED)
    assert await walked(get, "/certificates") == await walked(get, "/certificates", limit=2) == whole
    assert (await http.get("/certificates?before=nobody", headers=AUTHORISED)).json() == []
