"""The printed form: a signed PDF with the act's words in Kazakh and Russian, the stand's mark, the hash."""

import asyncio
import base64
from datetime import date
from io import BytesIO

import orjson
import pytest
from pypdf import PdfReader

from shared.crypto.pades import verify_pdf
from shared.crypto.policy import SignedByBIN
from shared.crypto.revocation import RevocationState, RevocationStatus
from shared.crypto.verify import verify_document
from shared.kit.ids import sha256_hex
from shared.messages.types import MessageType
from tests.unit.provider.applications import assigned, child
from tests.unit.provider.bench import Bench

APP = "application-1"


async def act_of(bench: Bench, *, refused: bool = False) -> str:
    """SHA-256 of the act on a new application."""
    born = date(2018, 1, 1) if refused else date(2023, 5, 4)
    await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(bench.pki, APP, child=child(born)))
    if not refused:
        await bench.place(APP, number=1234)
    (message,) = await bench.sent(MessageType.DECISION_MADE)
    return sha256_hex(message.data["document"]["content"].encode())


def words(pdf: bytes) -> str:
    """The text of the pages, in one line."""
    return " ".join("".join(page.extract_text() + "\n" for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.mark.parametrize(
    ("language", "title"),
    [("kk", "Кезектілік нөмірі көрсетілген қолхат"), ("ru", "Расписка с указанием номера очередности")],
)
async def test_result_is_signed_and_says_what_the_act_says(bench: Bench, language: str, title: str) -> None:
    sha256 = await act_of(bench)
    answer = await bench.document(f"/documents/{sha256}/printable", params={"lang": language})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    good = RevocationStatus(RevocationState.GOOD)
    verified = verify_pdf(
        answer.content,
        anchors=bench.pki.anchors,
        revocation=good,
        clock=bench.pki.clock,
        at=bench.pki.clock.now(),
        policy=SignedByBIN("990140000017"),
    )
    assert verified.report.passed, verified.report.as_dict()
    assert verified.signing_time == bench.pki.clock.now()
    text = words(answer.content)
    for part in (title, "ТЕСТ", "1234", "2026-000001", "ТЕСТОВА ҚЫЗҒАЛДАҚ ӨМІРҚЫЗЫ", "ТЕСТОВ ӘЛІ", "ГҮЛНӘР"):
        assert part in text
    assert sha256 in text.replace(" ", "")
    assert f"http://portal.test/verify/{sha256}" in text.replace(" ", "")


async def test_refusal_names_ground_and_clause(bench: Bench) -> None:
    sha256 = await act_of(bench, refused=True)
    text = words((await bench.document(f"/documents/{sha256}/printable")).content)
    assert "бала 7 жасқа толған" in text
    assert "1, 12(10)" in text


async def test_is_rendered_once_and_kept(bench: Bench) -> None:
    sha256 = await act_of(bench)
    address = f"/documents/{sha256}/printable"
    first, second = await asyncio.gather(bench.document(address), bench.document(address))
    assert first.status_code == 200
    await bench.close()
    await bench.open()
    assert first.content == second.content == (await bench.document(address)).content


async def test_act_is_served_as_it_was_signed_to_whoever_knows_its_hash(bench: Bench) -> None:
    sha256 = await act_of(bench)
    signed = (await bench.document(f"/documents/{sha256}")).raise_for_status().json()
    assert sha256_hex(signed["content"].encode()) == sha256
    der = base64.b64decode(signed["signature"])
    proof = verify_document(
        signed["content"].encode(),
        der,
        directory=bench.pki.directory(),
        at=bench.pki.clock.now(),
        policy=SignedByBIN("990140000017"),
    )
    assert proof.passed
    assert (await bench.document(f"/documents/{'0' * 64}")).status_code == 404


async def test_unknown_hash_and_language_are_not_served(bench: Bench) -> None:
    sha256 = await act_of(bench)
    assert (await bench.document(f"/documents/{'0' * 64}/printable")).status_code == 404
    assert (await bench.document(f"/documents/{sha256}/printable?lang=fr")).status_code == 422
    assert (await bench.document("/documents/../printable")).status_code == 404


async def test_act_has_no_member_without_a_value(bench: Bench) -> None:
    await act_of(bench)
    (message,) = await bench.sent(MessageType.DECISION_MADE)
    act = orjson.loads(message.data["document"]["content"])
    assert None not in act.values()
    assert "grounds" not in act
    assert "patronymic" not in act["child"]
