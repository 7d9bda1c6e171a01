"""An assigned application in autopilot: verified, checked, decided, answered; and what is not taken."""

import base64
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from services.provider.repository import find_matter
from shared.crypto.policy import SignedByBIN
from shared.crypto.verify import verify_document
from shared.kit.ids import sha256_base64url
from shared.messages.application import DecisionMade, QueuePlacementRequested
from shared.messages.control import MessageRejected
from shared.messages.types import MessageType
from tests.unit.provider.applications import APPLICANT, assigned, attachment, child
from tests.unit.provider.bench import Bench

APP = "application-1"


async def assign(bench: Bench, application: str = APP, **parts: Any) -> None:
    await bench.deliver(MessageType.APPLICATION_ASSIGNED, application, assigned(bench.pki, application, **parts))


class TestGranted:
    async def test_queue_number_is_asked_for_before_anything_is_decided_on_paper(self, bench: Bench) -> None:
        await assign(bench)
        (request,) = await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED)
        assert QueuePlacementRequested.model_validate(request.data).person_iin == child()["iin"]
        assert await bench.sent(MessageType.DECISION_MADE) == []
        assert await bench.steps() == [("condition-3", True)]

    async def test_act_is_signed_by_the_authorised_person_and_binds_the_request(self, bench: Bench) -> None:
        await assign(bench)
        await bench.place(APP)
        (message,) = await bench.sent(MessageType.DECISION_MADE)
        made = DecisionMade.model_validate(message.data)
        act = orjson.loads(made.document.content)
        assert (made.decision, act["kind"], act["queue"]) == ("granted", "queue_receipt", {"number": 7, "place": 7})
        assert act["recipient"]["iin"] == APPLICANT
        assert act["provider"]["bin"] == "990140000017"
        assert act["clause"] == "4"
        report = verify_document(
            made.document.content.encode(),
            base64.b64decode(made.document.signature),
            directory=bench.pki.directory(),
            at=bench.pki.clock.now(),
            policy=SignedByBIN("990140000017"),
        ).report
        assert report.passed, report.as_dict()
        assert message.requestdigest is not None

    async def test_repeated_assignment_and_late_placement_change_nothing(self, bench: Bench) -> None:
        await assign(bench)
        request = (await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED))[0]
        await bench.place(APP)
        await assign(bench)
        await bench.place(APP, number=8, request_digest=sha256_base64url(request.encode()))
        (message,) = await bench.sent(MessageType.DECISION_MADE)
        assert orjson.loads(DecisionMade.model_validate(message.data).document.content)["queue"]["number"] == 7
        assert await bench.dead_letters() == []

    async def test_placement_for_another_request_is_rejected(self, bench: Bench) -> None:
        await assign(bench)
        await bench.place(APP, request_digest=sha256_base64url(b"something else"))
        assert await bench.sent(MessageType.DECISION_MADE) == []
        assert await bench.dead_letters() == ["request-digest"]

    async def test_placement_nobody_asked_for_is_rejected(self, bench: Bench) -> None:
        await bench.place("unknown", request_digest=sha256_base64url(b""))
        assert await bench.dead_letters() == ["not-requested"]


class TestRefused:
    async def test_child_over_seven_gives_a_reasoned_refusal(self, bench: Bench) -> None:
        await assign(bench, child=child(date(2018, 1, 1)))
        (message,) = await bench.sent(MessageType.DECISION_MADE)
        made = DecisionMade.model_validate(message.data)
        act = orjson.loads(made.document.content)
        assert (made.decision, act["kind"], act["clause"]) == ("refused", "reasoned_refusal", "12(11)")
        (ground,) = act["grounds"]
        assert (ground["code"], ground["clause"]) == ("child-not-under-seven", "1, 12(10)")
        assert set(ground["text"]) == {"kk", "ru", "en"}
        assert await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED) == []
        assert await bench.steps() == [("condition-3", False), ("process-7", None)]

    async def test_day_of_application_is_the_local_one(self, bench: Bench) -> None:
        # 20:00 UTC on 4 May is already the seventh birthday in Almaty.
        bench.pki.clock.set(bench.pki.clock.now().replace(month=5, day=4, hour=20), freeze=True)
        await assign(bench, child=child(date(2019, 5, 5)))
        (message,) = await bench.sent(MessageType.DECISION_MADE)
        assert message.data["decision"] == "refused"


class TestNotTaken:
    async def test_signature_of_somebody_else(self, bench: Bench) -> None:
        await assign(bench, signer=bench.pki.person("850615400026"))
        assert await bench.dead_letters() == ["applicant-signature"]

    async def test_signature_over_other_bytes(self, bench: Bench) -> None:
        real = assigned(bench.pki, APP)
        content = real.document.content.replace("ӘЛІ", "УӘЛИ")
        forged = real.model_copy(update={"document": real.document.model_copy(update={"content": content})})
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, forged)
        assert await bench.dead_letters() == ["applicant-signature"]

    async def test_rubbish_instead_of_a_signature(self, bench: Bench) -> None:
        real = assigned(bench.pki, APP)
        rubbish = real.document.model_copy(update={"signature": "!"})
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, real.model_copy(update={"document": rubbish}))
        assert await bench.dead_letters() == ["applicant-signature"]

    async def test_a_time_of_registration_that_is_to_come_holds_nobody_up(self, bench: Bench) -> None:
        """Nothing is verified as of a time for which no revocation list can be had."""
        # Beyond what the clock of the tests was set back, which a signature may be ahead.
        ahead = bench.pki.clock.now() + timedelta(days=366)
        signed_ahead = assigned(bench.pki, APP, signed_at=ahead).model_copy(update={"registered_at": ahead})
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, signed_ahead)
        assert await bench.dead_letters() == ["applicant-signature"]
        taken = assigned(bench.pki, "application-2").model_copy(update={"registered_at": ahead})
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, "application-2", taken)
        async with bench.platform.database.session() as session:
            matter = await find_matter(session, "application-2")
        assert matter is not None
        assert matter.registered_at == bench.pki.clock.now()

    async def test_certificate_revoked_before_the_document_was_made(self, bench: Bench) -> None:
        person = bench.pki.person(APPLICANT)
        bench.pki.revoke(person.certificate)
        bench.platform.directory.crl = bench.pki.crl()
        bench.pki.clock.advance(timedelta(minutes=1))
        await assign(bench, signer=person)
        assert await bench.dead_letters() == ["applicant-signature"]

    async def test_certificate_revoked_after_signing_does_not_matter(self, bench: Bench) -> None:
        person = bench.pki.person(APPLICANT)
        application = assigned(bench.pki, APP, signer=person)
        bench.pki.clock.advance(timedelta(minutes=1))
        bench.pki.revoke(person.certificate)
        bench.platform.directory.crl = bench.pki.crl()
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, application)
        assert len(await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED)) == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"kind": "queue_receipt"},
            {"application": "application-2"},
            {"service": "almaty-city/other"},
            {"channel": "csc"},
            {"created_at": "yesterday"},
            {"created_at": "2026-06-02T09:00:00"},
            {"form": []},
            {"form": {}},
            {"attachments": [{"document": "benefit_document", "sha256": "0" * 64, "size": 1}]},
        ],
    )
    async def test_document_that_says_something_else_than_the_message(
        self, bench: Bench, changes: dict[str, Any]
    ) -> None:
        await assign(bench, changes=changes)
        assert await bench.dead_letters() == ["document"]

    async def test_attachment_that_was_not_signed(self, bench: Bench) -> None:
        message = assigned(bench.pki, APP).model_copy(update={"attachments": (attachment(),)})
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, message)
        assert await bench.dead_letters() == ["document"]


class TestRejectionOfOurs:
    async def test_is_noted_when_it_names_our_bytes(self, bench: Bench) -> None:
        await assign(bench)
        digest = sha256_base64url((await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED))[0].encode())
        for named in (sha256_base64url(b"forged"), digest):
            rejected = MessageRejected(message_id="x", digest=named, reason="unknown-queue", report={})
            await bench.deliver(MessageType.MESSAGE_REJECTED, APP, rejected)
            headers = await bench.sign_in()
            trouble = (await bench.http.get(f"/matters/{APP}", headers=headers)).json()["trouble"]
            assert trouble == (None if named != digest else "regional-gateway: unknown-queue")
