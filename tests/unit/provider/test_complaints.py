"""Complaints by level, at bodies, akimats and the Ministry (004, clauses 20–26)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.crypto.testing import IIN
from shared.messages.complaints import ComplaintUpdated
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.factories.complaints import SERVICE, on_paper, submitted
from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import BODY, MINISTRY, MONDAY
from tests.unit.provider.counter import do
from tests.unit.provider.test_places import apply

REFERENCE = "ab" * 32


async def post(bench: Bench, address: str, login: str, **sent: Any) -> httpx.Response:
    answer = await bench.http.post(address, json=sent, headers=await bench.signed_in(login))
    bench.tick()
    return answer


async def listed(bench: Bench, login: str) -> list[dict[str, Any]]:
    found = await bench.http.get("/complaints", headers=await bench.signed_in(login))
    return list(found.raise_for_status().json())


async def told(bench: Bench) -> list[ComplaintUpdated]:
    messages = await bench.sent(MessageType.COMPLAINT_UPDATED)
    return [ComplaintUpdated.model_validate(message.data) for message in messages]


async def arrives(bench: Bench, level: str, addressee: str, organisation: str | None, **changes: Any) -> None:
    payload = submitted(bench.pki, level, addressee, organisation, **changes)
    await bench.deliver(MessageType.COMPLAINT_SUBMITTED, REFERENCE, payload, regulation=SERVICE, source=System.PORTAL)
    bench.tick()


def kind(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


class TestToWhom:
    """Clauses 21 and 22."""

    async def test_21_of_the_authorised_body_to_the_ministry_alone(self, body: Bench) -> None:
        wrong = await post(body, "/complaints", "clerk", **on_paper("authorised_body"))
        assert kind(wrong) == "complaint-not-provided"
        assert [found["addressee"] for found in wrong.json()["addressees"]] == ["ministry"]
        taken = await post(body, "/complaints", "minister", **on_paper("authorised_body", against=BODY))
        assert (taken.status_code, taken.json()["addressee"], taken.json()["organisation"]) == (
            201,
            "ministry",
            MINISTRY,
        )

    async def test_21_of_the_result_to_the_head_of_the_body_or_to_the_akimat(self, body: Bench) -> None:
        at_the_body = await post(body, "/complaints", "clerk", **on_paper("result"))
        at_the_akimat = await post(body, "/complaints", "akim", **on_paper("result"))
        assert [found.json()["addressee"] for found in (at_the_body, at_the_akimat)] == ["authorised_body", "akimat"]
        assert kind(await post(body, "/complaints", "minister", **on_paper("result"))) == "complaint-not-provided"

    async def test_22_of_people_of_the_centres_not_here(self, body: Bench) -> None:
        answer = await post(body, "/complaints", "clerk", **on_paper("rude_centre_worker"))
        assert kind(answer) == "complaint-not-provided"

    async def test_21_22_addresses_and_hours_are_told(self, body: Bench) -> None:
        found = (await body.http.get(f"/complaints/addressees?regulation={SERVICE}")).raise_for_status().json()
        ministry = next(row for row in found if row["addressee"] == "ministry")
        assert "Орынбор көшесі, 8" in ministry["address"]["kk"]
        assert ministry["hours"]["lunch"] == {"opens": "13:00:00", "closes": "14:00:00"}
        assert [one["organisation"] for one in ministry["organisations"]] == [MINISTRY]


class TestHow:
    """The ways of clauses 21, 22(3) and 26, and the hours of clause 21."""

    @pytest.mark.parametrize(("at", "taken"), [((4, 0), True), ((3, 59), False), ((8, 30), False), ((13, 0), False)])
    async def test_21_is_handed_in_from_nine_to_six_but_for_lunch(
        self, body: Bench, at: tuple[int, int], taken: bool
    ) -> None:
        body.turn_clock(datetime(2026, 6, 1, *at, tzinfo=UTC))  # Almaty is five hours ahead
        answer = await post(body, "/complaints", "clerk", **on_paper("result"))
        assert answer.status_code == (201 if taken else 409), answer.text
        if not taken:
            assert (kind(answer), answer.json()["clause"]) == ("outside-hours", "21")

    async def test_21_not_on_a_day_off(self, body: Bench) -> None:
        body.turn_clock(MONDAY + timedelta(days=5))
        assert kind(await post(body, "/complaints", "clerk", **on_paper("result"))) == "outside-hours"

    async def test_22_3_rudeness_by_telephone_without_a_signature(self, body: Bench) -> None:
        told_by_telephone = on_paper("rude_official", way="call_centre", signed=False)
        taken = (await post(body, "/complaints", "clerk", **told_by_telephone)).json()
        assert (taken["way"], taken["content"]["signed"], taken["slip"]["number"]) == (
            "call_centre",
            False,
            "2026-000001",
        )

    async def test_21_the_result_not_by_telephone(self, body: Bench) -> None:
        answer = await post(body, "/complaints", "clerk", **on_paper("result", way="call_centre"))
        assert [way["way"] for way in answer.json()["ways"]] == ["written", "portal"]


class TestNobodyAgainstThemselves:
    """Whoever is complained of answers nothing, under whatever login and wherever."""

    async def answered_by(self, bench: Bench, login: str, complaint: dict[str, Any]) -> str:
        answer = await post(bench, f"/complaints/{complaint['id']}/answer", login, text="жауап", justified=False)
        return "answered" if answer.is_success else kind(answer)

    @pytest.mark.parametrize("about", ["Тестова Басшы Сынаққызы", "басшы ТЕСТОВА", "ТЕСТОВА  БАСШЫ"])
    async def test_who_is_named_does_not_answer_under_any_login(self, body: Bench, about: str) -> None:
        taken = (await post(body, "/complaints", "clerk", **on_paper("rude_official", about=about))).json()
        assert await self.answered_by(body, "head", taken) == "complained-of"
        assert await self.answered_by(body, "head-again", taken) == "complained-of"
        for step in ("consideration", "refusal"):
            words = {"reason": "жоқ"} if step == "refusal" else {}
            assert kind(await post(body, f"/complaints/{taken['id']}/{step}", "head", **words)) == "complained-of"
        assert await self.answered_by(body, "head-two", taken) == "answered"

    async def test_who_is_pointed_out_by_login_does_not_answer(self, body: Bench) -> None:
        brought = on_paper("rude_official", accused=["head-again"])
        taken = (await post(body, "/complaints", "clerk", **brought)).json()
        assert await self.answered_by(body, "head", taken) == "complained-of"
        assert await self.answered_by(body, "head-two", taken) == "answered"
        wrong = await post(body, "/complaints", "clerk", **on_paper("rude_official", accused=["minister"]))
        assert wrong.json()["faults"][0]["path"] == "/accused"

    async def test_who_works_for_the_body_complained_of_does_not_answer_at_the_ministry(self, body: Bench) -> None:
        taken = (await post(body, "/complaints", "minister", **on_paper("authorised_body", against=BODY))).json()
        assert await self.answered_by(body, "moonlighter", taken) == "complained-of"
        assert await self.answered_by(body, "minister", taken) == "answered"

    async def test_who_is_complained_of_does_not_take_it_either(self, body: Bench) -> None:
        answer = await post(body, "/complaints", "head", **on_paper("rude_official", about="ТЕСТОВА БАСШЫ"))
        assert kind(answer) == "complained-of"

    async def test_what_nobody_here_may_answer_is_passed_on_to_the_ministry(self, body: Bench) -> None:
        brought = on_paper("rude_official", accused=["head", "head-two"])
        taken = (await post(body, "/complaints", "clerk", **brought)).json()
        passed = (await post(body, f"/complaints/{taken['id']}/passing-on", "clerk")).json()
        assert (passed["organisation"], passed["addressee"]) == (MINISTRY, "ministry")
        assert await listed(body, "clerk") == []
        assert await self.answered_by(body, "moonlighter", taken) == "complained-of"
        assert await self.answered_by(body, "minister", taken) == "answered"
        none_above = await post(body, "/complaints", "minister", **on_paper("authorised_body"))
        address = f"/complaints/{none_above.json()['id']}/passing-on"
        assert kind(await post(body, address, "minister")) == "complaint-closed"

    async def test_what_a_head_may_answer_is_not_passed_on(self, body: Bench) -> None:
        taken = (await post(body, "/complaints", "clerk", **on_paper("rude_official", accused=["head"]))).json()
        assert kind(await post(body, f"/complaints/{taken['id']}/passing-on", "clerk")) == "complaint-closed"

    async def test_others_than_heads_do_not_answer(self, body: Bench) -> None:
        taken = (await post(body, "/complaints", "clerk", **on_paper("rude_official"))).json()
        assert await self.answered_by(body, "clerk", taken) == "wrong-role"
        assert await self.answered_by(body, "minister", taken) == "not-found"


class TestFromThePortal:
    """Clause 26: delivered, registered, in consideration; considered, or refused consideration."""

    async def test_every_state_is_told_with_the_digest_of_what_came(self, body: Bench) -> None:
        await arrives(body, "rude_official", "authorised_body", BODY)
        (found,) = await listed(body, "clerk")
        assert (found["state"], found["way"], found["slip"]) == ("delivered", "portal", None)
        address = f"/complaints/{found['id']}"
        early = await post(body, f"{address}/answer", "head", text="ерте", justified=False)
        assert kind(early) == "complaint-closed"
        stranger = await post(body, f"{address}/registration", "clerk", accused=["minister"])
        assert stranger.json()["faults"][0]["path"] == "/accused"
        await post(body, f"{address}/registration", "clerk")
        assert kind(await post(body, f"{address}/registration", "clerk")) == "complaint-closed"
        await post(body, f"{address}/consideration", "head")
        await post(body, f"{address}/answer", "head", text="Кешіріңіз", justified=True)
        updates = await told(body)
        assert [update.state for update in updates] == ["delivered", "registered", "in_consideration", "considered"]
        assert (updates[1].number, updates[1].accepted_by) == ("2026-000001", "ТЕСТОВ ҚАБЫЛДАУШЫ")
        assert (updates[3].text, updates[3].answered_by, updates[3].justified) == ("Кешіріңіз", "ТЕСТОВА БАСШЫ", True)
        messages = await body.sent(MessageType.COMPLAINT_UPDATED)
        assert {message.subject for message in messages} == {REFERENCE}
        assert len({message.requestdigest for message in messages}) == 1

    async def test_refused_consideration_with_the_reason(self, body: Bench) -> None:
        await arrives(body, "authorised_body", "ministry", None)
        (found,) = await listed(body, "minister")
        await post(body, f"/complaints/{found['id']}/registration", "minister", accused=[])
        refused = await post(body, f"/complaints/{found['id']}/refusal", "minister", reason="мерзімі өткен")
        assert (refused.json()["state"], (await told(body))[-1].text) == ("refused_consideration", "мерзімі өткен")
        other = await post(body, f"/complaints/{found['id']}/answer", "minister", text="жауап", justified=True)
        assert kind(other) == "complaint-closed"

    async def test_is_taken_at_any_hour(self, body: Bench) -> None:
        body.turn_clock(MONDAY + timedelta(days=5, hours=12))
        await arrives(body, "result", "akimat", None)
        assert len(await listed(body, "akim")) == 1

    @pytest.mark.parametrize(
        ("level", "addressee", "organisation", "reason"),
        [
            ("rude_official", "authorised_body", MINISTRY, "unknown-organisation"),
            ("rude_official", "ministry", None, "complaint-not-provided"),
            ("no_such_level", "ministry", None, "complaint-not-provided"),
        ],
    )
    async def test_what_the_text_does_not_give_is_rejected(
        self, body: Bench, level: str, addressee: str, organisation: str | None, reason: str
    ) -> None:
        await arrives(body, level, addressee, organisation)
        assert await body.dead_letters() == [reason]

    async def test_24_somebody_elses_signature_is_none(self, body: Bench) -> None:
        stranger = body.pki.person("850615400026")
        await arrives(body, "rude_official", "authorised_body", BODY, signer=stranger, iin=IIN)
        assert await body.dead_letters() == ["document-signature"]
        assert await listed(body, "clerk") == []

    @pytest.mark.parametrize("missing", ["about", "demands", "postal_address"])
    async def test_24_what_is_required_is_there(self, body: Bench, missing: str) -> None:
        await arrives(body, "rude_official", "authorised_body", BODY, **{missing: " "})
        assert await body.dead_letters() == ["document"]


async def test_21_who_decided_does_not_answer_a_complaint_about_the_result(busy_town: Bench) -> None:
    application = await apply(busy_town)
    await do(busy_town, application, "procedure-2", decision="granted")
    await do(busy_town, application, "procedure-3")
    brought = on_paper("result", application=application, about="шешім")
    taken = (await post(busy_town, "/complaints", "keyless", **brought)).json()
    assert kind(await post(busy_town, f"/complaints/{taken['id']}/answer", "aliya", text="ж", justified=True)) == (
        "complained-of"
    )
    about_rudeness = on_paper("rude_official", application=application)
    taken = (await post(busy_town, "/complaints", "keyless", **about_rudeness)).json()
    answer = await post(busy_town, f"/complaints/{taken['id']}/answer", "aliya", text="ж", justified=True)
    assert answer.status_code == httpx.codes.OK
