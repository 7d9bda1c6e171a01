"""The notary registry: two modes, facts without judgement, looks logged for both parties."""

from datetime import timedelta

import pytest

from shared.messages.extracts import PowerOfAttorneyRecord
from shared.messages.registry import ByParties, ByRegisterNumber
from tests.factories.pages import walked
from tests.unit.registries.bench import Bench, powers_extract

PRINCIPAL, ATTORNEY = "900412412107", "010705612384"


async def by_fate(notary: Bench, fate: str) -> PowerOfAttorneyRecord:
    """What the registry states of the act with this fate."""
    (entry, *_) = (await notary.http.get("/powers-of-attorney", params={"fate": fate})).json()
    search = ByRegisterNumber(register_number=entry["record"]["register_number"], notarised_on=entry["notarised_on"])
    (record,) = powers_extract(await notary.ask(search)).record.powers_of_attorney
    return record


async def test_by_register_number_and_day(notary: Bench) -> None:
    today = notary.pki.clock.now().date()
    record = await by_fate(notary, "good")
    assert (record.principal.iin, record.attorney.iin) == (PRINCIPAL, ATTORNEY)
    assert [power.code for power in record.powers] == ["apply", "receive_result"]
    assert record.revoked_at is None
    assert record.valid_from <= today <= record.valid_until
    assert record.notary.licence == "0002317"


async def test_extract_is_signed_and_bound(notary: Bench) -> None:
    request = notary.received(ByParties(principal_iin=PRINCIPAL, attorney_iin=ATTORNEY))
    await notary.deliver(request)
    (message,) = await notary.answers(request)
    answer = await notary.ask(ByParties(principal_iin=PRINCIPAL, attorney_iin=ATTORNEY))
    assert notary.verified(answer).passed
    assert message.requestdigest == request.digest
    assert message.serviceid == "PowerOfAttorneyData"
    assert f'"digest":"{request.digest}"' in message.data["record"]["content"]


async def test_number_of_another_day_or_notary_is_absent(notary: Bench) -> None:
    record = await by_fate(notary, "good")
    on = record.notarised_at.date()
    for search in (
        ByRegisterNumber(register_number="1-2301", notarised_on=on + timedelta(days=1)),
        ByRegisterNumber(register_number="1-2301", notarised_on=on, notary_licence="0001904"),
        ByRegisterNumber(register_number="1-9999", notarised_on=on),
    ):
        answer = await notary.ask(search)
        assert (answer.found, answer.not_found_reason) == (False, "absent")
    written = ByRegisterNumber(register_number=" 1-2301 ", notarised_on=on, notary_licence="0002317")
    assert (await notary.ask(written)).found


async def test_number_of_two_notaries_is_ambiguous_without_the_licence(notary: Bench) -> None:
    same = (await notary.http.get("/powers-of-attorney", params={"fate": "same-number"})).json()
    on = same[0]["notarised_on"]
    answer = await notary.ask(ByRegisterNumber(register_number="3-0001", notarised_on=on))
    assert (answer.found, answer.not_found_reason) == (False, "ambiguous")
    licence = same[0]["record"]["notary"]["licence"]
    chosen = await notary.ask(ByRegisterNumber(register_number="3-0001", notarised_on=on, notary_licence=licence))
    (record,) = powers_extract(chosen).record.powers_of_attorney
    assert record.principal.iin == same[0]["record"]["principal"]["iin"]


async def test_by_parties_all_powers_newest_first(notary: Bench) -> None:
    answer = await notary.ask(ByParties(principal_iin=PRINCIPAL, attorney_iin=ATTORNEY))
    records = powers_extract(answer).record.powers_of_attorney
    assert [record.register_number for record in records] == ["1-2301", "1-0877"]


async def test_parties_have_their_order(notary: Bench) -> None:
    assert not (await notary.ask(ByParties(principal_iin=ATTORNEY, attorney_iin=PRINCIPAL))).found
    assert not (await notary.ask(ByParties(principal_iin=PRINCIPAL, attorney_iin="870930312179"))).found


class TestFacts:
    async def test_expired(self, notary: Bench) -> None:
        record = await by_fate(notary, "expired")
        assert record.valid_until < notary.pki.clock.now().date()
        assert record.revoked_at is None

    async def test_revoked(self, notary: Bench) -> None:
        record = await by_fate(notary, "revoked")
        now = notary.pki.clock.now()
        assert record.revoked_at is not None
        assert record.revoked_at < now
        assert record.valid_until > now.date()
        assert record.revocation_reason is not None

    @pytest.mark.parametrize(
        ("fate", "codes", "services"),
        [
            ("not-covering", ["sell_vehicle"], set()),
            ("apply-only", ["apply"], set()),
            ("duplicate-only", ["apply", "receive_result"], {"almaty-city/education-document-duplicate"}),
        ],
    )
    async def test_powers(self, notary: Bench, fate: str, codes: list[str], services: set[str]) -> None:
        record = await by_fate(notary, fate)
        assert [power.code for power in record.powers] == codes
        assert {service for power in record.powers for service in power.services} == services

    async def test_not_yet_valid_and_last_day(self, notary: Bench) -> None:
        today = notary.pki.clock.now().date()
        assert (await by_fate(notary, "not-yet-valid")).valid_from > today
        assert (await by_fate(notary, "last-day")).valid_until == today

    async def test_other_attorney(self, notary: Bench) -> None:
        record = await by_fate(notary, "other-attorney")
        assert record.attorney.iin not in (PRINCIPAL, ATTORNEY)


async def test_looks_are_logged_for_both_parties(notary: Bench) -> None:
    await notary.ask(ByParties(principal_iin=PRINCIPAL, attorney_iin=ATTORNEY))
    (principal,), (attorney,) = await notary.log(iin=PRINCIPAL), await notary.log(iin=ATTORNEY)
    assert (principal["role"], attorney["role"]) == ("principal", "attorney")
    assert principal["message_id"] == attorney["message_id"]
    await notary.ask(ByParties(principal_iin=PRINCIPAL, attorney_iin="870930312179"))
    (absent,) = await notary.log(iin="870930312179")
    assert (absent["outcome"], absent["asked_by"]) == ("absent", "operator-7")


async def test_change_and_add_by_hand(notary: Bench) -> None:
    (entry,) = (await notary.http.get("/powers-of-attorney", params={"fate": "good"})).json()
    path = f"/powers-of-attorney/{entry['id']}"
    revoked = (await notary.http.patch(path, json={"revoked_at": "2026-06-01T10:00:00Z"})).json()
    assert revoked["record"]["revoked_at"] == "2026-06-01T10:00:00Z"
    assert (await by_fate(notary, "good")).revoked_at is not None
    taken_back = (await notary.http.patch(path, json={"revoked_at": None})).json()
    assert taken_back["record"]["revoked_at"] is None
    assert (await notary.http.post("/powers-of-attorney", json=entry["record"])).status_code == 409
    other = {**entry["record"], "register_number": "9-0001", "fate": "new"}
    assert (await notary.http.post("/powers-of-attorney", json=other)).status_code == 201
    assert (await by_fate(notary, "new")).register_number == "9-0001"
    assert (await notary.http.get("/powers-of-attorney/none")).status_code == 404
    (look,) = await notary.log(iin=PRINCIPAL, system="stand-tools") or [None]
    assert look is None


async def test_look_by_hand_is_logged(notary: Bench) -> None:
    (entry,) = (await notary.http.get("/powers-of-attorney", params={"fate": "good"})).json()
    assert (await notary.http.get(f"/powers-of-attorney/{entry['id']}")).json() == entry
    assert len(await notary.log(iin=PRINCIPAL, system="stand-tools")) == 1
    assert len(await notary.log(iin=ATTORNEY, system="stand-tools")) == 1


async def test_acts_are_listed_in_pages(notary: Bench) -> None:
    whole = (await notary.http.get("/powers-of-attorney")).json()
    assert len(whole) > 2
    assert await walked(notary.http.get, "/powers-of-attorney", limit=2) == whole
