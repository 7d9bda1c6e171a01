"""Condition 2, process 4, process 5."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.crypto.identity import Identity
from shared.crypto.issuance import Subject
from shared.crypto.testing import IIN, rsa_key
from shared.crypto.verify import verify_document
from shared.kit.ids import sha256_base64url
from shared.messages.application import ApplicationSubmitted
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.unit.portal.bench import SERVICE, Bench
from tests.unit.portal.test_attachments import attach
from tests.unit.portal.test_recipients import OTHER

SENT = [
    ("registration", None),
    ("process-1", None),
    ("condition-1", True),
    ("process-3", None),
    ("condition-2", True),
    ("process-5", None),
]
REFUSED = [*SENT[:4], ("condition-2", False), ("process-4", None)]


class TestProcess5:
    async def test_signed_request_leaves_for_the_regional_gateway(self, bench: Bench) -> None:
        application = await bench.draft()
        await attach(bench, application)
        document = (await bench.call("GET", f"/applications/{application}/document")).content
        answer = await bench.submit(application, bench.pki.person(key=rsa_key()))
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        assert answer.headers["location"] == f"/applications/{application}"
        assert answer.json()["state"] == "submitted"

        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        assert (message.subject, message.destination, message.regulation) == (
            application,
            System.REGIONAL_GATEWAY,
            SERVICE,
        )
        payload = ApplicationSubmitted.model_validate(message.data)
        assert payload.document.content.encode() == document
        (reference,) = payload.attachments
        assert reference.href == f"egov://portal/attachments/{reference.sha256}"
        assert await bench.steps(application) == SENT
        sending = next(event for event in await bench.events(application) if event.step == "process-5")
        assert sending.message_id == message.id
        assert (await bench.state(application))["message_id"] == message.id
        async with bench.platform.database.session() as session:
            row = (await session.execute(bench.hosted.metadata.tables["applications"].select())).mappings().one()
        assert row["message_digest"] == sha256_base64url(message.encode())

    async def test_second_submission_gets_the_same_answer(self, bench: Bench) -> None:
        application = await bench.draft()
        body = await bench.sign(application)
        answers = [await bench.call("POST", f"/applications/{application}/submit", json=body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].headers["location"] == answers[1].headers["location"]
        assert answers[0].json() == answers[1].json()
        assert len(await bench.sent(MessageType.APPLICATION_SUBMITTED)) == 1

    async def test_two_submissions_at_once_are_one_application(self, bench: Bench) -> None:
        application = await bench.draft()
        body = await bench.sign(application)
        path = f"/applications/{application}/submit"
        answers = await asyncio.gather(*(bench.call("POST", path, json=body) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.text for answer in answers}) == 1
        assert len(await bench.sent(MessageType.APPLICATION_SUBMITTED)) == 1
        assert await bench.steps(application) == SENT

    async def test_certificate_may_be_chosen(self, bench: Bench) -> None:
        application = await bench.draft()
        signer = bench.pki.person()
        body = {**await bench.sign(application, signer), "certificate": signer.certificate.pem}
        answer = await bench.call("POST", f"/applications/{application}/submit", json=body)
        assert answer.status_code == httpx.codes.ACCEPTED

    async def test_what_was_signed_is_kept_and_proves_itself(self, bench: Bench) -> None:
        application = await bench.draft()
        await bench.submit(application)
        async with bench.platform.database.session() as session:
            row = (await session.execute(bench.hosted.metadata.tables["signed_requests"].select())).mappings().one()
        content, signature = row["content"].encode(), base64.b64decode(row["signature"])
        directory, at = bench.pki.directory(), bench.clock.now()
        assert verify_document(content, signature, directory=directory, at=at).passed
        assert json.loads(row["content"])["application"] == application

    async def test_no_password_is_hashed(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        application = await bench.draft()
        body = await bench.sign(application)
        bench.asked.clear()
        monkeypatch.setattr("shared.crypto.passwords.PasswordHasher.verify", None)
        monkeypatch.setattr("shared.crypto.passwords.PasswordHasher.hash", None)
        assert (await bench.call("POST", f"/applications/{application}/submit", json=body)).status_code == 202
        assert bench.asked.count("/ocsp") == 1


def expired(bench: Bench) -> Identity:
    return bench.pki.expired()


def not_yet_valid(bench: Bench) -> Identity:
    return bench.pki.not_yet_valid()


def revoked(bench: Bench) -> Identity:
    return bench.pki.revoked_person()


def wrong_usage(bench: Bench) -> Identity:
    return bench.pki.wrong_usage()


def unknown_issuer(bench: Bench) -> Identity:
    return bench.pki.unknown_issuer()


def somebody_else(bench: Bench) -> Identity:
    return bench.pki.person(OTHER)


DEFECTS = [
    (expired, "EXPIRED"),
    (not_yet_valid, "NOT_YET_VALID"),
    (revoked, "REVOKED"),
    (wrong_usage, "CHAIN_CONSTRAINTS_FAILURE"),
    (unknown_issuer, "NO_CERTIFICATE_CHAIN_FOUND"),
    (somebody_else, "SIG_CONSTRAINTS_FAILURE"),
]


class TestProcess4:
    @pytest.mark.parametrize(("signer", "sub_indication"), DEFECTS)
    async def test_defective_certificate_refuses_the_service(
        self, bench: Bench, signer: object, sub_indication: str
    ) -> None:
        application = await bench.draft()
        answer = await bench.submit(application, signer(bench))  # type: ignore[operator]
        problem = answer.json()
        assert answer.status_code == httpx.codes.FORBIDDEN
        assert problem["type"] == "urn:egov:problem:signature-not-confirmed"
        assert (problem["step"], problem["application"]) == ("process-4", application)
        assert problem["report"]["checks"][-1]["sub_indication"] == sub_indication
        assert (await bench.state(application))["state"] == "refused"
        assert await bench.steps(application) == REFUSED
        verdict = await bench.verdict(application)
        assert (verdict.verdict, verdict.outcome) == ("conformant", "refused")
        assert await bench.sent(MessageType.APPLICATION_SUBMITTED) == []
        result = await bench.call("GET", f"/applications/{application}/result")
        assert (result.status_code, result.json()["type"]) == (409, "urn:egov:problem:no-result")
        assert "no result will come" in result.json()["detail"]
        assert result.json()["closing"]["clause"] in result.json()["detail"]

    async def test_notice_names_reason_and_clause_in_three_languages(self, bench: Bench) -> None:
        application = await bench.draft()
        await bench.submit(application, bench.pki.expired())
        (notice,) = (await bench.call("GET", "/notices", headers={"accept-language": "ru"})).json()
        assert (notice["application"], notice["kind"], notice["clause"]) == (application, "service-refused", "12(7)")
        assert set(notice["texts"]) == {"kk", "ru", "en"}
        assert notice["text"] == notice["texts"]["ru"]
        (ground,) = notice["grounds"]
        assert (ground["code"], ground["detail"]["sub_indication"]) == ("signature-not-confirmed", "EXPIRED")

    async def test_refusal_is_for_good(self, bench: Bench) -> None:
        application = await bench.draft()
        body = await bench.sign(application, bench.pki.expired())
        path = f"/applications/{application}/submit"
        first = await bench.call("POST", path, json=body)
        again = await bench.call("POST", path, json={"signature": "AAAA"})
        assert again.status_code == httpx.codes.FORBIDDEN
        assert first.json() == again.json()
        assert len((await bench.call("GET", "/notices")).json()) == 1


class TestIndeterminate:
    @pytest.mark.parametrize("silent", [{"/ocsp", "/crl/issuing.crl"}, {"everything"}])
    async def test_silent_sources_change_nothing(self, bench: Bench, silent: set[str]) -> None:
        application = await bench.draft()
        body = await bench.sign(application)
        bench.silent = silent
        path = f"/applications/{application}/submit"
        answer = await bench.call("POST", path, json=body)
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert answer.json()["retryable"] is True
        assert "retry-after" in answer.headers
        assert (await bench.state(application))["state"] == "draft"
        assert len(await bench.steps(application)) == 3
        bench.silent = set()
        bench.clock.advance(timedelta(seconds=10))
        assert (await bench.call("POST", path, json=body)).status_code == httpx.codes.ACCEPTED

    async def test_list_serves_when_ocsp_is_silent(self, bench: Bench) -> None:
        application = await bench.draft()
        bench.silent = {"/ocsp"}
        assert (await bench.submit(application)).status_code == httpx.codes.ACCEPTED

    async def test_list_names_revoked_when_ocsp_is_silent(self, bench: Bench) -> None:
        application = await bench.draft()
        bench.silent = {"/ocsp"}
        assert (await bench.submit(application, bench.pki.revoked_person())).status_code == httpx.codes.FORBIDDEN


class TestMismatch:
    async def test_signature_over_other_bytes_changes_nothing(self, bench: Bench) -> None:
        application = await bench.draft()
        body = {"signature": bench.signature(b"other bytes", bench.pki.person())}
        answer = await bench.call("POST", f"/applications/{application}/submit", json=body)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert answer.json()["type"] == "urn:egov:problem:signature-mismatch"
        assert answer.json()["report"]["checks"][-1]["sub_indication"] == "HASH_FAILURE"
        assert (await bench.state(application))["state"] == "draft"
        assert len(await bench.steps(application)) == 3
        assert (await bench.submit(application)).status_code == httpx.codes.ACCEPTED

    async def test_signature_by_another_certificate_than_the_chosen(self, bench: Bench) -> None:
        application = await bench.draft()
        body = {**await bench.sign(application), "certificate": bench.pki.person().certificate.pem}
        answer = await bench.call("POST", f"/applications/{application}/submit", json=body)
        assert answer.json()["type"] == "urn:egov:problem:signature-mismatch"

    @pytest.mark.parametrize(
        ("signed", "words"),
        [
            (datetime(1999, 6, 1, tzinfo=UTC), "when the certificate was not valid"),
            (timedelta(days=60), "later than the stand's time"),
            (timedelta(days=-8), "more than 7 days before"),
        ],
    )
    async def test_signed_at_an_impossible_time(self, bench: Bench, signed: datetime | timedelta, words: str) -> None:
        """By a certificate that is valid for longer; the draft stays as it was."""
        application, now = await bench.draft(), bench.clock.now()
        at = signed if isinstance(signed, datetime) else now + signed
        person = bench.pki.issue(
            Subject.person(iin=IIN, surname="ТЕСТОВ", given_name="ТЕСТ"), not_before=now - timedelta(days=365)
        )
        content = (await bench.call("GET", f"/applications/{application}/document")).content
        body = {"signature": bench.signature(content, person, at)}
        answer = await bench.call("POST", f"/applications/{application}/submit", json=body)
        assert answer.json()["type"] == "urn:egov:problem:signature-mismatch"
        assert words in answer.json()["detail"]
        assert answer.json()["report"]["checks"][-1]["name"] == "signing time"
        assert (await bench.state(application))["state"] == "draft"

    async def test_pem_is_taken(self, bench: Bench) -> None:
        application = await bench.draft()
        encoded = (await bench.sign(application))["signature"]
        pem = f"-----BEGIN CMS-----\n{encoded}\n-----END CMS-----\n"
        answer = await bench.call("POST", f"/applications/{application}/submit", json={"signature": pem})
        assert answer.status_code == httpx.codes.ACCEPTED

    @pytest.mark.parametrize("signature", ["", "AAAA", "***", "MIIB", "\ud7ff"])
    async def test_what_is_no_signature(self, bench: Bench, signature: str) -> None:
        application = await bench.draft()
        answer = await bench.call("POST", f"/applications/{application}/submit", json={"signature": signature})
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert (await bench.state(application))["state"] == "draft"

    async def test_signature_of_a_former_form(self, bench: Bench) -> None:
        application = await bench.draft()
        body = await bench.sign(application)
        changed = {**(await bench.state(application))["form"], "district": "medeu"}
        await bench.call("PUT", f"/applications/{application}/form", json=changed)
        answer = await bench.call("POST", f"/applications/{application}/submit", json=body)
        assert answer.json()["type"] == "urn:egov:problem:signature-mismatch"
