"""An application from a centre: the operator signed, not the applicant; and a result that nobody collected."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.crypto.identity import Identity
from shared.kit.clock import rfc3339
from shared.kit.ids import sha256_hex
from shared.messages.application import ApplicationAssigned, DecisionMade, ResultReturned
from shared.messages.types import MessageType
from tests.unit.provider.applications import APPLICANT, assigned
from tests.unit.provider.bench import Bench

APP = "application-1"
CENTRE = "041040000118"
"""BIN of a centre of the stand."""


def from_centre(
    bench: Bench, signer: Identity, number: str = CENTRE, made: datetime | None = None, **operator: Any
) -> ApplicationAssigned:
    """An application that the operator of a centre made for the applicant."""
    named = {"login": "aigerim", "name": "ТЕСТОВА", "centre": {"code": "almaly", "bin": number}, **operator}
    changes = {"channel": "csc", "operator": named, **({"created_at": rfc3339(made)} if made else {})}
    return assigned(bench.pki, APP, signer=signer, changes=changes).model_copy(update={"channel": "csc"})


async def assign(bench: Bench, application: ApplicationAssigned) -> None:
    await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, application)


async def test_is_treated_like_one_from_the_portal(bench: Bench) -> None:
    await assign(bench, from_centre(bench, bench.pki.officer(bin=CENTRE)))
    await bench.place(APP)
    (message,) = await bench.sent(MessageType.DECISION_MADE)
    act = orjson.loads(DecisionMade.model_validate(message.data).document.content)
    assert (act["kind"], act["recipient"]["iin"]) == ("queue_receipt", APPLICANT)
    assert await bench.steps() == [("condition-2", True)]


async def test_the_applicants_own_signature_is_not_the_operators(bench: Bench) -> None:
    await assign(bench, from_centre(bench, bench.pki.person(APPLICANT)))
    assert await bench.dead_letters() == ["applicant-signature"]


async def test_the_operator_of_another_centre(bench: Bench) -> None:
    await assign(bench, from_centre(bench, bench.pki.officer(bin="051140000212")))
    assert await bench.dead_letters() == ["applicant-signature"]


async def test_an_organisation_that_is_no_centre_may_not_name_itself(bench: Bench) -> None:
    await assign(bench, from_centre(bench, bench.pki.officer(bin="990140000017"), "990140000017"))
    assert await bench.dead_letters() == ["unknown-centre"]


@pytest.mark.parametrize("operator", [{"centre": None}, {"centre": {}}, {"centre": "almaly"}])
async def test_without_a_centre_it_is_no_application(bench: Bench, operator: dict[str, Any]) -> None:
    await assign(bench, from_centre(bench, bench.pki.officer(bin=CENTRE), **operator))
    assert await bench.dead_letters() == ["document"]


async def test_an_operator_does_not_sign_for_the_portal(bench: Bench) -> None:
    await assign(bench, assigned(bench.pki, APP, signer=bench.pki.officer(bin=CENTRE)))
    assert await bench.dead_letters() == ["applicant-signature"]


class TestReturn:
    async def issued(self, bench: Bench) -> str:
        """An application that was granted; the SHA-256 of the act."""
        await assign(bench, from_centre(bench, bench.pki.officer(bin=CENTRE)))
        await bench.place(APP)
        (message,) = await bench.sent(MessageType.DECISION_MADE)
        return sha256_hex(DecisionMade.model_validate(message.data).document.content.encode())

    async def give_back(self, bench: Bench, sha256: str) -> None:
        now = bench.pki.clock.now()
        returned = ResultReturned(document_sha256=sha256, received_at=now, returned_at=now, centre_bin=CENTRE)
        await bench.deliver(MessageType.RESULT_RETURNED, APP, returned)

    async def test_is_noted_once(self, bench: Bench) -> None:
        sha256 = await self.issued(bench)
        first = bench.pki.clock.now()
        await self.give_back(bench, sha256)
        bench.pki.clock.advance(timedelta(hours=1))
        await self.give_back(bench, sha256)
        matter = (await bench.http.get(f"/matters/{APP}", headers=await bench.sign_in())).json()
        assert matter["returned_at"] == first.isoformat().replace("+00:00", "Z")

    async def test_of_another_document_is_rejected(self, bench: Bench) -> None:
        await self.issued(bench)
        await self.give_back(bench, "0" * 64)
        assert await bench.dead_letters() == ["not-issued"]

    async def test_of_what_was_never_issued_is_rejected(self, bench: Bench) -> None:
        await self.give_back(bench, "0" * 64)
        assert await bench.dead_letters() == ["not-issued"]


@pytest.mark.parametrize(("hours_before", "counts"), [(0, "registered"), (3, "submitted"), (30, "made")])
async def test_the_term_runs_from_when_the_centre_took_the_package(
    bench: Bench, hours_before: int, counts: str
) -> None:
    """Clause 10(1) of the duplicates, clause 7 of 2012: from the application, however late the package comes; but
    nobody has applied before there was a document."""
    registered = bench.pki.clock.now()
    made, submitted = registered - timedelta(hours=20), registered - timedelta(hours=hours_before)
    application = from_centre(bench, bench.pki.officer(bin=CENTRE), made=made)
    await assign(bench, application.model_copy(update={"submitted_at": submitted}))
    headers = await bench.signed_in()
    matter = (await bench.http.get(f"/matters/{APP}", headers=headers)).json()
    expected = {"registered": registered, "submitted": submitted, "made": made}[counts]
    assert rfc3339(datetime.fromisoformat(matter["submitted_at"])) == rfc3339(expected)
