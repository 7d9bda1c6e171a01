"""What the provider asks of the persons registry itself, and what the answers do: city queue 12, 2012 11."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.crypto.testing import BIN
from shared.kit.ids import sha256_base64url
from shared.messages.control import MessageRejected
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.factories.extracts import person
from tests.unit.provider.answers import answer, answer_all, relative, requests
from tests.unit.provider.applications import APPLICANT, assigned, attachment, child
from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import MONDAY
from tests.unit.provider.counter import do, hand_in, journal, shown, verdict
from tests.unit.provider.test_stages import APP as SENT
from tests.unit.provider.test_stages import from_portal

APP = "0198c0de-0000-7000-8000-0000000000aa"
STANDARD = "national/preschool-queue-2012"
PARTS = ["identity_documents", "children", "guardianship", "address"]
PAUSES = (31, 61, 121, 241)
"""Seconds: each a little longer than the pause before the next request."""


@pytest.fixture
async def asked(bench: Bench) -> Bench:
    """An application of the portal whose registry has not answered yet."""
    bench.turn_clock(MONDAY)
    bench.registry = False
    await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(bench.pki, APP))
    return bench


async def marks(bench: Bench) -> list[str]:
    return sorted(event.step for event in await journal(bench, APP) if event.kind == "mark")


async def asked_in_vain(bench: Bench) -> None:
    """The registry says nothing for as long as it is asked before an officer may go on."""
    for pause in PAUSES:
        bench.pki.clock.advance(timedelta(seconds=pause))
        await bench.look()


class TestAsking:
    async def test_the_registry_is_asked_once_about_the_recipient_through_the_gateway(self, asked: Bench) -> None:
        (request,) = await asked.sent(MessageType.REGISTRY_REQUESTED)
        assert (request.destination, request.data["search"]) == (System.PERSONS, {"mode": "iin", "iin": APPLICANT})
        assert request.data["include"] == PARTS
        assert request.data["ground"]["clause"] == "12"
        assert request.data["ground"]["asked_by"] == "almaty"
        assert await marks(asked) == ["registries_asked"]

    async def test_about_the_child_too_where_priority_is_claimed(self, bench: Bench) -> None:
        bench.registry = False
        form = {"priority_category": "orphan"}
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(bench.pki, APP, **form))
        sent = await requests(bench, APP)
        assert sent["child"].data["search"]["iin"] == child()["iin"]
        assert sent["child"].data["include"] == ["benefits"]

    async def test_the_rest_goes_on_but_the_decision_waits(self, asked: Bench) -> None:
        matter = await shown(asked, APP)
        assert [(task["task"], task["state"]) for task in matter["tasks"]] == [
            ("procedure-1", "done"),
            ("procedure-2", "done"),
            ("procedure-3", "waiting"),
        ]
        assert matter["decision"] is None
        # Nobody is told that it is in work for a wait of a moment.
        assert await asked.sent(MessageType.REVIEW_STARTED) == []
        await answer_all(asked, APP)
        assert (await shown(asked, APP))["decision"]["decision"] == "granted"

    async def test_a_form_that_names_nobody_to_ask_about_is_rejected(self, bench: Bench) -> None:
        form: dict[str, Any] = {"applicant": {}}
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(bench.pki, APP, **form))
        assert await bench.dead_letters() == ["document"]

    async def test_nothing_is_asked_where_the_text_has_the_provider_ask_nothing(self, town: Bench) -> None:
        assert (await hand_in(town, "karaganda/rehabilitation")).json()["enquiries"] == []
        assert await town.sent(MessageType.REGISTRY_REQUESTED) == []


class TestAnswer:
    async def test_the_extract_is_kept_and_shown_as_the_registry_signed_it(self, asked: Bench) -> None:
        (request,) = (await requests(asked, APP)).values()
        await answer(asked, request)
        (enquiry,) = (await shown(asked, APP))["enquiries"]
        assert (enquiry["state"], enquiry["found"], enquiry["clause"]) == ("answered", True, "12")
        kept = (await asked.http.get(enquiry["extract"], headers=await asked.signed_in())).json()
        assert json.loads(kept["content"])["request"]["message_id"] == request.id
        assert kept["signature"]
        assert await marks(asked) == ["registries_asked", "registry_answered"]

    async def test_of_another_organisations_matter_there_is_no_extract(self, asked: Bench) -> None:
        await answer_all(asked, APP)
        address, headers = f"/matters/{APP}/extracts/applicant", await asked.signed_in("stranger")
        assert (await asked.http.get(address, headers=headers)).status_code == httpx.codes.NOT_FOUND
        missing = await asked.http.get(f"/matters/{APP}/extracts/child", headers=await asked.signed_in())
        assert missing.status_code == httpx.codes.NOT_FOUND

    async def test_twice_has_one_effect(self, asked: Bench) -> None:
        (request,) = (await requests(asked, APP)).values()
        await answer(asked, request)
        await answer(asked, request, absent=True)
        assert (await shown(asked, APP))["decision"]["decision"] == "granted"
        assert await asked.dead_letters() == []

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"request_id": "0198c0de-0000-7000-8000-0000000000ff"}, "not-requested"),
            ({"digest": sha256_base64url(b"another request")}, "request-digest"),
            ({"application": "0198c0de-0000-7000-8000-0000000000bb"}, "document"),
            ({"request": {"message_id": "m", "digest": sha256_base64url(b"x")}}, "request-digest"),
        ],
    )
    async def test_that_is_none_is_set_aside_and_the_matter_waits(
        self, asked: Bench, changes: dict[str, Any], reason: str
    ) -> None:
        (request,) = (await requests(asked, APP)).values()
        await answer(asked, request, **changes)
        assert await asked.dead_letters() == [reason]
        assert (await shown(asked, APP))["decision"] is None
        await answer(asked, request)
        assert (await shown(asked, APP))["decision"]["decision"] == "granted"

    async def test_signed_by_somebody_else_is_set_aside(self, asked: Bench) -> None:
        (request,) = (await requests(asked, APP)).values()
        await answer(asked, request, signer=asked.pki.officer(iin="810214433015", bin=BIN))
        assert await asked.dead_letters() == ["document-signature"]

    async def test_may_come_before_the_attachments(self, bench: Bench) -> None:
        scan = attachment()
        bench.portal[scan.sha256] = httpx.ConnectError("not yet")
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(bench.pki, APP, attachments=(scan,)))
        matter = await shown(bench, APP)
        assert (matter["summary"]["state"], matter["enquiries"][0]["state"]) == ("received", "answered")


class TestMismatch:
    @pytest.mark.parametrize(
        ("record", "finding"),
        [
            (None, "applicant-absent"),
            ({}, "child-of-others"),
            ({"children": [relative("150101500017")]}, "child-of-others"),
            ({"children": [relative(child()["iin"], until="2025-01-01")]}, "child-of-others"),
            ({"children": [relative(child()["iin"])], "life_status": "dead"}, "applicant-dead"),
            ({"children": [relative(child()["iin"])], "removed": True}, "applicant-removed"),
        ],
    )
    async def test_refuses_on_the_ground_of_the_text(
        self, asked: Bench, record: dict[str, Any] | None, finding: str
    ) -> None:
        asked.tick()
        (request,) = (await requests(asked, APP)).values()
        if record is None:
            await answer(asked, request, absent=True)
        else:
            await answer(asked, request, person(APPLICANT, PARTS, **record))
        matter = await shown(asked, APP)
        assert [found["finding"] for found in matter["registry_findings"]] == [finding]
        assert [(g["code"], g["clause"]) for g in matter["decision"]["grounds"]] == [("document-violations", "12(11)")]
        steps = await asked.steps()
        assert steps == [("condition-3", False), ("process-7", None)]

    async def test_a_child_under_guardianship_is_the_recipients(self, asked: Bench) -> None:
        (request,) = (await requests(asked, APP)).values()
        await answer(asked, request, person(APPLICANT, PARTS, guardianship=[relative(child()["iin"], "ward")]))
        assert (await shown(asked, APP))["decision"]["decision"] == "granted"

    async def test_a_birth_certificate_the_registry_has_not_is_wanted_as_a_copy(self, asked: Bench) -> None:
        (request,) = (await requests(asked, APP)).values()
        born_abroad = relative(child()["iin"], birth_certificate=None)
        await answer(asked, request, person(APPLICANT, PARTS, children=[born_abroad]))
        (ground,) = (await shown(asked, APP))["decision"]["grounds"]
        assert ground["code"] == "document-violations"
        assert ground["detail"]["en"] == "birth certificate of the child: neither in the registry nor attached"

    async def test_and_a_copy_that_is_attached_stands_for_it(self, bench: Bench) -> None:
        bench.registry = False
        copy = attachment(document="birth_certificate")
        form: dict[str, Any] = {"priority_category": None}
        received = assigned(bench.pki, APP, attachments=(copy,), **form)
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, received)
        (request,) = (await requests(bench, APP)).values()
        born_abroad = relative(child()["iin"], birth_certificate=None)
        await answer(bench, request, person(APPLICANT, PARTS, children=[born_abroad]))
        assert (await shown(bench, APP))["proposed_grounds"] == []

    @pytest.mark.parametrize(
        ("kind", "decision", "codes"),
        [("orphan", "granted", []), ("large_family", "refused", ["benefit-document-missing"])],
    )
    async def test_priority_is_proven_by_the_registry_or_not_at_all(
        self, bench: Bench, kind: str, decision: str, codes: list[str]
    ) -> None:
        bench.registry = False
        form = {"priority_category": "orphan"}
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(bench.pki, APP, **form))
        sent = await requests(bench, APP)
        benefit = {"kind": kind, "since": "2024-01-01"}
        await answer(bench, sent["child"], person(child()["iin"], ["benefits"], benefits=[benefit]))
        assert (await shown(bench, APP))["decision"] is None
        await answer(bench, sent["applicant"])
        found = (await shown(bench, APP))["decision"]
        assert (found["decision"], [ground["code"] for ground in found["grounds"]]) == (decision, codes)


class TestSilence:
    async def test_it_is_asked_again_with_longer_pauses_and_nothing_is_lost(self, asked: Bench) -> None:
        for number, pause in enumerate(PAUSES, 2):
            asked.pki.clock.advance(timedelta(seconds=pause - 2))
            await asked.look()
            assert len(await asked.sent(MessageType.REGISTRY_REQUESTED)) == number - 1
            asked.pki.clock.advance(timedelta(seconds=2))
            await asked.look()
            assert len(await asked.sent(MessageType.REGISTRY_REQUESTED)) == number
        assert (await marks(asked)).count("registries_silent") == 1
        first = min(await asked.sent(MessageType.REGISTRY_REQUESTED), key=lambda message: message.id)
        await answer(asked, first)
        assert (await shown(asked, APP))["decision"]["decision"] == "granted"

    async def test_no_officer_decides_before_enough_was_asked_in_vain(self, asked: Bench) -> None:
        address, headers = f"/matters/{APP}/decision", await asked.signed_in()
        early = await asked.http.post(address, json={"decision": "granted"}, headers=headers)
        assert early.status_code == httpx.codes.CONFLICT
        assert early.json()["type"].endswith("registries-awaited")
        task = await do(asked, APP, "procedure-3", decision="granted")
        assert task.json()["type"].endswith("registries-awaited"), task.text
        await asked_in_vain(asked)
        # Now the recipient has been told that it is in work, and somebody may decide.
        assert len(await asked.sent(MessageType.REVIEW_STARTED)) == 1
        late = await asked.http.post(address, json={"decision": "granted"}, headers=headers)
        assert late.status_code == httpx.codes.OK, late.text
        assert (await shown(asked, APP))["decision"]["decided_by"] == "aliya"

    async def test_an_officer_has_it_asked_at_once(self, asked: Bench) -> None:
        headers = await asked.signed_in()
        again = await asked.http.post(f"/matters/{APP}/registry-queries", headers=headers)
        assert again.status_code == httpx.codes.ACCEPTED
        assert again.json()["enquiries"][0]["attempts"] == 2
        await answer_all(asked, APP)
        again = await asked.http.post(f"/matters/{APP}/registry-queries", headers=headers)
        assert again.json()["enquiries"][0]["attempts"] == 2

    async def test_a_request_that_is_not_taken_is_for_an_officer(self, asked: Bench) -> None:
        (request,) = (await requests(asked, APP)).values()
        digest = sha256_base64url(request.encode())
        rejection = MessageRejected(message_id=request.id, digest=digest, reason="ground", report={})
        await asked.deliver(MessageType.MESSAGE_REJECTED, APP, rejection, source=System.PERSONS, regulation=None)
        (enquiry,) = (await shown(asked, APP))["enquiries"]
        assert (enquiry["state"], enquiry["trouble"]) == ("silent", "persons: ground")
        headers = await asked.signed_in()
        decided = await asked.http.post(f"/matters/{APP}/decision", json={"decision": "granted"}, headers=headers)
        assert decided.status_code == httpx.codes.OK, decided.text

    async def test_nothing_is_asked_any_more_once_it_is_decided(self, asked: Bench) -> None:
        await asked_in_vain(asked)
        headers = await asked.signed_in()
        await asked.http.post(f"/matters/{APP}/decision", json={"decision": "granted"}, headers=headers)
        count = len(await asked.sent(MessageType.REGISTRY_REQUESTED))
        for _ in range(2):
            asked.pki.clock.advance(timedelta(hours=2))
            await asked.look()
        assert len(await asked.sent(MessageType.REGISTRY_REQUESTED)) == count


class TestCounter:
    """Standard of 2012, clause 11: the body takes the data itself; the originals are shown for comparison."""

    async def test_the_body_asks_in_the_name_of_who_took_the_application(self, town: Bench) -> None:
        town.registry = False
        taken = (await hand_in(town, STANDARD)).json()
        assert taken["decision"] is None
        (request,) = await town.sent(MessageType.REGISTRY_REQUESTED)
        assert (request.data["ground"]["clause"], request.data["ground"]["asked_by"]) == ("11", "aliya")
        town.tick()
        await answer(town, request)
        application = taken["summary"]["application"]
        assert (await shown(town, application))["decision"]["decision"] == "granted"
        assert (await verdict(town, application)).deviations == ()

    async def test_what_the_registry_has_against_it_is_shown_and_is_no_ground_of_its_own(self, town: Bench) -> None:
        town.registry = False
        taken = (await hand_in(town, STANDARD)).json()
        (request,) = await town.sent(MessageType.REGISTRY_REQUESTED)
        await answer(town, request, person(APPLICANT, PARTS))
        matter = await shown(town, taken["summary"]["application"])
        assert [found["finding"] for found in matter["registry_findings"]] == ["child-of-others"]
        # The certificate itself was shown and compared; the text has no ground for what the registry says otherwise.
        assert matter["proposed_grounds"] == []

    async def test_the_office_of_the_city_asks_too(self, town: Bench) -> None:
        """000:788; 004, clause 11: identity and birth certificate come from the state's systems, or the paper is
        taken."""
        town.registry = False
        taken = (await hand_in(town, "almaty-city/preschool-queue")).json()
        (request,) = await town.sent(MessageType.REGISTRY_REQUESTED)
        assert (request.data["ground"]["clause"], request.data["ground"]["asked_by"]) == ("5", "aliya")
        assert request.data["include"] == ["identity_documents", "children", "guardianship"]
        await answer(town, request, absent=True)
        matter = await shown(town, taken["summary"]["application"])
        # The text has no refusal for the office: what is found is for the officer to see.
        assert [found["finding"] for found in matter["registry_findings"]] == ["applicant-absent"]
        assert matter["proposed_grounds"] == []


class TestPortalOf2012:
    """Clause 11, portal, item 4): a document or data confirming the benefit, if there is any."""

    @pytest.mark.parametrize(
        ("held", "decision"), [("orphan", "granted"), ("large_family", "refused"), (None, "refused")]
    )
    async def test_the_benefit_is_asked_of_the_registry(self, town: Bench, held: str | None, decision: str) -> None:
        town.registry = False
        await from_portal(town, STANDARD, "default", priority_category="orphan")
        sent = await requests(town, SENT)
        assert sent["child"].data["include"] == ["benefits"]
        benefits = [{"kind": held, "since": "2024-01-01"}] if held else []
        iin = sent["child"].data["search"]["iin"]
        await answer(town, sent["child"], person(iin, ["benefits"], benefits=benefits))
        await answer(town, sent["applicant"])
        found = (await shown(town, SENT))["decision"]
        codes = [ground["code"] for ground in found["grounds"]]
        assert (found["decision"], codes) == (decision, [] if held == "orphan" else ["benefit-document-missing"])

    async def test_without_a_claim_nobody_asks_about_the_child(self, town: Bench) -> None:
        town.registry = False
        await from_portal(town, STANDARD, "default")
        assert list(await requests(town, SENT)) == ["applicant"]
