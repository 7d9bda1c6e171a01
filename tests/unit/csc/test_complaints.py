"""Complaints about people of the centres: to the head of the centre, or of the enterprise (004, clauses 20–26)."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.kit.clock import Clock
from shared.messages.complaints import ComplaintUpdated
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.factories.complaints import SERVICE, on_paper, submitted
from tests.unit.csc.bench import Bench

LEVEL = "rude_centre_worker"


async def post(bench: Bench, path: str, login: str, **body: Any) -> httpx.Response:
    answer = await bench.http.post(path, json=body, headers=await bench.sign_in(login))
    bench.clock.advance(timedelta(seconds=1))
    return answer


async def answered_by(bench: Bench, login: str, complaint: str) -> str:
    answer = await post(bench, f"/complaints/{complaint}/answer", login, text="жауап", justified=True)
    return "answered" if answer.is_success else str(answer.json()["type"]).rpartition(":")[2]


async def arrives(bench: Bench, addressee: str, organisation: str | None, **changes: Any) -> None:
    payload = submitted(bench.pki, LEVEL, addressee, organisation, **changes)
    where = {"source": System.PORTAL, "regulation": SERVICE}
    await bench.deliver(MessageType.COMPLAINT_SUBMITTED, "cd" * 32, payload, **where)


async def test_22_1_is_taken_at_the_centre_and_answered_by_its_head(bench: Bench) -> None:
    taken = (await post(bench, "/complaints", "aigerim", **on_paper(LEVEL, about="ТЕСТОВ АРМАН"))).json()
    assert (taken["addressee"], taken["organisation"]) == ("centre", "almaly")
    assert taken["slip"]["accepted_by"] == "ТЕСТОВА АЙГЕРІМ"
    assert await answered_by(bench, "auezov-head", taken["id"]) == "not-found"
    assert await answered_by(bench, "supervisor", taken["id"]) == "wrong-role"
    assert await answered_by(bench, "almaly-head", taken["id"]) == "answered"
    headers = await bench.sign_in("almaly-head")
    slip = await bench.http.get(f"/complaints/{taken['id']}/slip/printable?lang=ru", headers=headers)
    assert slip.content.startswith(b"%PDF")


async def test_22_1_the_enterprise_is_reached_where_the_text_says(bench: Bench) -> None:
    found = (await bench.http.get(f"/complaints/addressees?regulation={SERVICE}")).raise_for_status().json()
    assert [row["addressee"] for row in found] == ["centre", "enterprise"]
    assert (found[1]["telephone"], found[1]["website"]) == ("8 (7172) 94-99-95", "www.con.gov.kz")
    assert found[1]["address"]["kk"].startswith("010000, Астана қаласы, Республика даңғылы, 43")
    assert "taldykorgan-employment" not in [one["organisation"] for one in found[0]["organisations"]]


@pytest.mark.parametrize("level", ["result", "authorised_body", "rude_official"])
async def test_21_22_2_others_are_not_made_here(bench: Bench, level: str) -> None:
    answer = await post(bench, "/complaints", "aigerim", **on_paper(level))
    assert answer.json()["type"].endswith("complaint-not-provided")


async def test_nobody_answers_a_complaint_against_themselves_but_the_enterprise_does(bench: Bench) -> None:
    brought = on_paper(LEVEL, about="Тестов Ерлан Сынақұлы")
    taken = (await post(bench, "/complaints", "arman", **brought)).json()
    assert await answered_by(bench, "almaly-head", taken["id"]) == "complained-of"
    passed = (await post(bench, f"/complaints/{taken['id']}/passing-on", "arman")).json()
    assert (passed["organisation"], passed["addressee"]) == ("enterprise", "enterprise")
    assert await answered_by(bench, "almaly-head", taken["id"]) == "not-found"
    assert await answered_by(bench, "enterprise-head", taken["id"]) == "answered"


async def test_26_from_the_portal_to_the_enterprise_with_every_state(bench: Bench) -> None:
    await arrives(bench, "enterprise", None)
    headers = await bench.sign_in("enterprise-head")
    (found,) = (await bench.http.get("/complaints", headers=headers)).json()
    await post(bench, f"/complaints/{found['id']}/registration", "enterprise-head")
    await post(bench, f"/complaints/{found['id']}/consideration", "enterprise-head")
    await post(bench, f"/complaints/{found['id']}/refusal", "enterprise-head", reason="белгісіз қызметкер")
    sent = await bench.sent(MessageType.COMPLAINT_UPDATED)
    updates = [ComplaintUpdated.model_validate(message.data) for message in sent]
    assert [update.state for update in updates] == [
        "delivered",
        "registered",
        "in_consideration",
        "refused_consideration",
    ]
    assert {message.destination for message in sent} == {System.PORTAL}


@pytest.mark.parametrize("organisation", ["no-such-centre", "taldykorgan-employment", None])
async def test_22_1_to_a_centre_that_is_not_of_the_enterprise_it_is_rejected(
    bench: Bench, organisation: str | None
) -> None:
    await arrives(bench, "centre", organisation)
    assert await bench.dead_letters() == ["unknown-organisation"]


async def test_without_a_session_nothing(bench: Bench, clock: Clock) -> None:
    del clock
    assert (await bench.http.post("/complaints", json=on_paper(LEVEL))).status_code == httpx.codes.UNAUTHORIZED
