"""Complaints made on the portal: signed, sent, followed in the cabinet (004, clauses 21–26)."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.kit.ids import sha256_base64url
from shared.messages.complaints import ComplaintSubmitted, ComplaintUpdated
from shared.messages.control import MessageRejected
from shared.messages.envelope import Message
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.factories.complaints import SERVICE, WRITTEN
from tests.unit.portal.bench import Bench

BODY = "260140001261"


def draft(level: str = "rude_official", addressee: str = "authorised_body", **changes: Any) -> dict[str, Any]:
    named = {"organisation": BODY} if addressee == "authorised_body" else {}
    return {"service": SERVICE, "level": level, "addressee": addressee, **named, **WRITTEN, **changes}


async def submit(bench: Bench, body: dict[str, Any], signer: Any = None) -> httpx.Response:
    """Signed and sent by the person of ``headers``."""
    bench.headers = bench.headers or await bench.enter()
    made = await bench.call("POST", "/complaints/document", json=body)
    if not made.is_success:
        return made
    signature = bench.signature(made.content, signer or bench.pki.person())
    bench.clock.advance(timedelta(seconds=1))
    return await bench.call("POST", "/complaints", json={**body, "signature": signature})


async def last(bench: Bench) -> Message:
    return (await bench.sent(MessageType.COMPLAINT_SUBMITTED))[-1]


async def told(bench: Bench, state: str, source: System = System.PROVIDER, **changes: Any) -> None:
    """What the addressee of the complaint that was sent last says."""
    message = await last(bench)
    digest = changes.pop("digest", sha256_base64url(message.encode()))
    fields = {"state": state, "at": bench.clock.now(), "addressee": "authorised_body", "organisation": BODY, **changes}
    where = {"source": source, "regulation": SERVICE, "requestdigest": digest}
    await bench.deliver(
        MessageType.COMPLAINT_UPDATED, message.subject, ComplaintUpdated.model_validate(fields), **where
    )
    bench.clock.advance(timedelta(seconds=1))


async def shown(bench: Bench) -> dict[str, Any]:
    found: list[dict[str, Any]] = (await bench.call("GET", "/complaints")).raise_for_status().json()
    return found[0]


async def test_21_22_levels_with_addresses_and_telephones_are_open_to_everybody(bench: Bench) -> None:
    levels = (await bench.http.get(f"/complaints/levels?service={SERVICE}")).raise_for_status().json()
    assert [level["level"] for level in levels] == ["result", "authorised_body", "rude_centre_worker", "rude_official"]
    (ministry,) = levels[1]["addressees"]
    assert "11-кіреберіс" in ministry["address"]["kk"]
    assert levels[2]["addressees"][1]["telephone"] == "8 (7172) 94-99-95"
    assert levels[2]["ways"] == {"written": "22", "portal": "22(3)", "call_centre": "22(3)"}
    nothing = await bench.http.get("/complaints/levels?service=karaganda/rehabilitation")
    assert nothing.json()["type"].endswith("complaint-not-provided")


@pytest.mark.parametrize(
    ("body", "destination"),
    [
        (draft("result"), System.PROVIDER),
        (draft("result", "akimat"), System.PROVIDER),
        (draft("authorised_body", "ministry"), System.PROVIDER),
        (draft("rude_centre_worker", "centre", organisation="almaly"), System.CSC),
        (draft("rude_centre_worker", "enterprise"), System.CSC),
    ],
)
async def test_21_22_goes_signed_to_whoever_it_is_made_to(
    bench: Bench, body: dict[str, Any], destination: System
) -> None:
    sent = await submit(bench, body)
    assert (sent.status_code, sent.json()["state"]) == (202, "sent"), sent.text
    message = await last(bench)
    document = json.loads(ComplaintSubmitted.model_validate(message.data).document.content)
    assert (message.destination, message.subject) == (destination, sent.json()["id"])
    assert (document["level"], document["content"]["reasons"]) == (body["level"], WRITTEN["reasons"])


async def test_26_the_cabinet_shows_every_state_up_to_the_answer(bench: Bench) -> None:
    await submit(bench, draft())
    slip = {"number": "2026-000001", "accepted_at": bench.clock.now(), "accepted_by": "ТЕСТОВ"}
    await told(bench, "delivered")
    await told(bench, "registered", **slip)
    await told(bench, "in_consideration", **slip)
    await told(bench, "considered", text="Кешіріңіз", answered_by="ТЕСТОВА", justified=True, **slip)
    await told(bench, "registered", **slip)  # a late one changes nothing
    found = await shown(bench)
    states = ["sent", "delivered", "registered", "in_consideration", "considered"]
    assert [mark["state"] for mark in found["timeline"]] == states
    assert (found["slip"]["number"], found["answer"]["text"]) == ("2026-000001", "Кешіріңіз")
    assert (await bench.call("GET", f"/complaints/{found['id']}")).json() == found


async def test_26_refused_consideration_is_final(bench: Bench) -> None:
    await submit(bench, draft())
    await told(bench, "refused_consideration", text="мерзімі өткен", answered_by="ТЕСТОВА")
    await told(bench, "considered", text="басқа", answered_by="ТЕСТОВА", justified=True)
    found = await shown(bench)
    assert (found["state"], found["answer"]["text"]) == ("refused_consideration", "мерзімі өткен")


async def test_passed_on_it_is_shown_who_has_it(bench: Bench) -> None:
    await submit(bench, draft())
    await told(bench, "registered")
    await told(bench, "registered", addressee="ministry", organisation="280340001292")
    found = await shown(bench)
    assert (found["addressee"], found["organisation"]) == ("ministry", "280340001292")


async def test_only_whoever_has_it_says_where_it_stands(bench: Bench) -> None:
    await submit(bench, draft())
    await told(bench, "considered", source=System.CSC, text="өтірік", justified=False)
    await told(bench, "considered", digest="A" * 43, text="өтірік", justified=False)
    assert sorted(await bench.dead_letters()) == ["request-digest", "unknown-complaint"]
    assert (await shown(bench))["state"] == "sent"


async def test_a_rejection_is_shown_and_is_no_refusal(bench: Bench) -> None:
    await submit(bench, draft())
    message = await last(bench)
    payload = MessageRejected(
        message_id=message.id, digest=sha256_base64url(message.encode()), reason="unknown-organisation", report={}
    )
    await bench.deliver(MessageType.MESSAGE_REJECTED, message.subject, payload, source=System.PROVIDER)
    found = await shown(bench)
    assert (found["state"], found["trouble"]) == ("rejected", "provider: unknown-organisation")


async def test_24_without_ones_own_signature_nothing_is_sent(bench: Bench) -> None:
    bench.headers = await bench.enter()
    answer = await submit(bench, draft(), bench.pki.person("850615400026"))
    assert answer.status_code in (403, 422)
    unsigned = await bench.call("POST", "/complaints", json={**draft(), "signature": "AAAA"})
    assert unsigned.status_code == 422
    assert await bench.sent(MessageType.COMPLAINT_SUBMITTED) == []


@pytest.mark.parametrize("missing", ["surname", "postal_address", "written_on", "about", "reasons", "demands"])
async def test_24_without_what_the_text_requires_it_is_not_taken(bench: Bench, missing: str) -> None:
    body = {name: value for name, value in draft().items() if name != missing}
    assert [fault["path"] for fault in (await submit(bench, body)).json()["faults"]] == [f"/{missing}"]


async def test_whose_head_has_to_be_said(bench: Bench) -> None:
    answer = await submit(bench, draft(organisation=None))
    assert answer.json()["faults"][0]["path"] == "/organisation"


async def test_the_same_complaint_is_sent_once(bench: Bench) -> None:
    first, again = await submit(bench, draft()), await submit(bench, draft())
    assert first.json()["id"] == again.json()["id"]
    assert len(await bench.sent(MessageType.COMPLAINT_SUBMITTED)) == 1


async def test_somebody_elses_complaint_and_application_are_not_found(bench: Bench) -> None:
    sent = (await submit(bench, draft())).json()
    mine = bench.headers
    bench.headers = await bench.enter("850615400026")
    assert (await bench.call("GET", f"/complaints/{sent['id']}")).status_code == 404
    assert (await bench.call("GET", "/complaints")).json() == []
    application = await bench.draft(filled=False)
    bench.headers = mine
    assert (await submit(bench, draft(application=application))).status_code == 404


async def test_one_person_has_so_many_without_an_answer_and_so_many_a_day(bench: Bench) -> None:
    await bench.close()
    await bench.open(complaints_of_one=2, complaints_a_day=3)
    for reasons in ("бір", "екі"):
        assert (await submit(bench, draft(reasons=reasons))).status_code == 202
    assert (await submit(bench, draft(reasons="үш"))).json()["type"].endswith("limit-reached")
    await told(bench, "considered", text="жауап", justified=False)
    assert (await submit(bench, draft(reasons="үш"))).status_code == 202
    await told(bench, "considered", text="жауап", justified=False)
    assert (await submit(bench, draft(reasons="төрт"))).status_code == 429
