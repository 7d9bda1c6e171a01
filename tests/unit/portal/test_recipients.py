"""Registration, sign-in, refusal of the authorisation, lock-out, sessions."""

import base64
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from shared.crypto.passwords import Passwords
from shared.crypto.testing import IIN
from shared.kit.iin import make_iin
from shared.messages.types import MessageType
from tests.unit.portal.bench import PASSWORD, SERVICE, Bench

OTHER = make_iin(date(1985, 6, 15), "female", 2)


class TestRegistration:
    async def test_recipient_registers_once(self, bench: Bench) -> None:
        first, second = await bench.register(), await bench.register()
        assert first.status_code == httpx.codes.CREATED
        assert first.json()["certificate"] is None
        assert second.status_code == httpx.codes.CONFLICT
        assert second.json()["type"] == "urn:egov:problem:already-registered"

    async def test_certificate_of_the_same_person_is_kept(self, bench: Bench) -> None:
        certificate = bench.pki.person().certificate
        answer = await bench.register(certificate=certificate.pem)
        assert answer.json()["certificate"]["thumbprint"] == certificate.thumbprint

    async def test_every_fault_is_named_at_once(self, bench: Bench) -> None:
        certificate = bench.pki.person(OTHER).certificate
        answer = await bench.register("900101300018", certificate=certificate.pem)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert [fault["path"] for fault in answer.json()["faults"]] == ["/iin", "/certificate"]
        assert (await bench.register("900101300018")).json()["faults"][0]["path"] == "/iin"

    async def test_what_the_schema_and_what_the_stand_finds_are_told_together(self, bench: Bench) -> None:
        other = bench.pki.person(OTHER).certificate.pem
        wrong = {"iin": "900101300018", "password": "short", "certificate": "rubbish", "admin": True}
        answer = await bench.http.post("/recipients", json=wrong)
        assert {f["path"] for f in answer.json()["faults"]} == {"/iin", "/password", "/certificate", "/admin"}
        answer = await bench.http.post("/recipients", json={"iin": IIN, "password": "short", "certificate": other})
        found = {fault["path"]: fault["message"] for fault in answer.json()["faults"]}
        assert set(found) == {"/password", "/certificate"}
        assert found["/certificate"] == "the certificate carries another IIN"

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"iin": IIN, "password": "short"}, "/password"),
            ({"iin": IIN}, "/password"),
            ({"iin": "12", "password": PASSWORD}, "/iin"),
            ({"iin": IIN, "password": PASSWORD, "certificate": "rubbish"}, "/certificate"),
            ({"iin": IIN, "password": PASSWORD, "admin": True}, "/admin"),
        ],
    )
    async def test_faulty_input_is_told_by_path(self, bench: Bench, body: dict[str, Any], path: str) -> None:
        answer = await bench.http.post("/recipients", json=body)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert [fault["path"] for fault in answer.json()["faults"]] == [path]

    async def test_certificate_that_no_library_reads_is_told_as_any_rubbish(self, bench: Bench) -> None:
        version_3, version_6 = bytes.fromhex("a003020102"), bytes.fromhex("a003020105")
        strange = base64.b64encode(bench.pki.person().certificate.der.replace(version_3, version_6)).decode()
        answer = await bench.register(certificate=strange)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert [fault["path"] for fault in answer.json()["faults"]] == ["/certificate"]


class TestSignIn:
    async def test_session_serves_until_sign_out(self, bench: Bench) -> None:
        bench.headers = await bench.enter()
        assert (await bench.call("GET", "/notices")).status_code == httpx.codes.OK
        assert (await bench.call("DELETE", "/sessions/current")).status_code == httpx.codes.NO_CONTENT
        assert (await bench.call("GET", "/notices")).status_code == httpx.codes.UNAUTHORIZED

    async def test_session_expires_by_the_stands_clock(self, bench: Bench) -> None:
        bench.headers = await bench.enter()
        bench.clock.advance(timedelta(hours=8, seconds=-1))
        assert (await bench.call("GET", "/notices")).status_code == httpx.codes.OK
        bench.clock.advance(timedelta(seconds=1))
        assert (await bench.call("GET", "/notices")).status_code == httpx.codes.UNAUTHORIZED

    async def test_a_session_that_has_ended_is_not_revived_by_the_clock(self, bench: Bench) -> None:
        ended = await bench.enter()
        bench.clock.advance(timedelta(hours=8))
        # Nobody looks meanwhile, so nobody notes that it ended.
        bench.clock.advance(timedelta(days=-30))
        bench.headers = ended
        assert (await bench.call("GET", "/notices")).status_code == httpx.codes.UNAUTHORIZED
        bench.headers = await bench.enter()
        bench.clock.advance(timedelta(hours=-7))
        assert (await bench.call("GET", "/notices")).status_code == httpx.codes.OK
        bench.clock.advance(timedelta(hours=8))
        assert (await bench.call("GET", "/notices")).status_code == httpx.codes.UNAUTHORIZED

    async def test_token_is_not_kept(self, bench: Bench) -> None:
        token = (await bench.enter())["authorization"].removeprefix("Bearer ")
        async with bench.platform.database.session() as session:
            rows = (await session.execute(bench.hosted.metadata.tables["sessions"].select())).all()
        assert len(rows) == 1
        assert token not in str(rows)

    async def test_wrong_password_and_unknown_iin_get_the_same_answer(self, bench: Bench) -> None:
        await bench.register()
        answers = [await bench.sign_in(password="something else"), await bench.sign_in(OTHER)]
        problems = [answer.json() for answer in answers]
        assert [answer.status_code for answer in answers] == [401, 401]
        assert problems[0] == problems[1]
        assert problems[0]["type"] == "urn:egov:problem:authorisation-refused"
        assert await bench.sent(MessageType.JOURNAL_RECORDED) == []

    async def test_unknown_iin_costs_a_hash_too(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same time: the same number of hashes of the same kind is checked in both cases."""
        checked: list[str] = []
        verify = Passwords._verify

        def counted(self: Passwords, known_hash: str, password: bytes) -> bool:
            checked.append(known_hash.rpartition("$")[0].rpartition("$")[0])
            return verify(self, known_hash, password)

        monkeypatch.setattr(Passwords, "_verify", counted)
        await bench.register()
        await bench.sign_in(password="something else")
        await bench.sign_in(OTHER)
        assert len(checked) == 2
        assert checked[0] == checked[1] == "$argon2id$v=19$m=19456,t=2,p=1"

    async def test_half_a_character_is_a_wrong_password(self, bench: Bench) -> None:
        body = b'{"iin": "%s", "password": "\\ud800 and more"}' % IIN.encode()
        answer = await bench.http.post("/sessions", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in {401, 422}

    async def test_malformed_iin_is_told(self, bench: Bench) -> None:
        answer = await bench.sign_in("900101300018")
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert answer.json()["faults"][0]["path"] == "/iin"


class TestRefusedAuthorisation:
    async def test_run_of_the_service_ends_with_process_2(self, bench: Bench) -> None:
        await bench.register()
        problem = (await bench.sign_in(password="something else", service=SERVICE)).json()
        run = problem["journal"]
        assert problem["step"] == "process-2"
        assert await bench.steps(run) == [
            ("process-1", None),
            ("condition-1", False),
            ("process-2", None),
        ]
        verdict = await bench.verdict(run)
        assert (verdict.verdict, verdict.outcome) == ("conformant", "not_authorised")

    async def test_journal_does_not_tell_whether_the_iin_is_registered(self, bench: Bench) -> None:
        await bench.register()
        refused = [await bench.sign_in(iin, password="something else", service=SERVICE) for iin in (IIN, OTHER)]
        known, unknown = [await bench.steps(answer.json()["journal"]) for answer in refused]
        assert known == unknown == [("process-1", None), ("condition-1", False), ("process-2", None)]

    async def test_unknown_service_is_told_before_anything_happens(self, bench: Bench) -> None:
        assert (await bench.sign_in(OTHER, service="no/such")).status_code == httpx.codes.NOT_FOUND
        assert await bench.sent(MessageType.JOURNAL_RECORDED) == []


class TestLockout:
    @pytest.mark.parametrize("registered", [True, False])
    async def test_five_failures_lock_for_a_while(self, bench: Bench, registered: bool) -> None:
        if registered:
            await bench.register()
        for _ in range(5):
            assert (await bench.sign_in(password="something else")).status_code == httpx.codes.UNAUTHORIZED
        locked = await bench.sign_in()
        assert locked.status_code == httpx.codes.TOO_MANY_REQUESTS
        assert locked.headers["retry-after"] == "900"
        bench.clock.advance(timedelta(minutes=15))
        expected = httpx.codes.CREATED if registered else httpx.codes.UNAUTHORIZED
        assert (await bench.sign_in()).status_code == expected

    async def test_success_forgets_failures(self, bench: Bench) -> None:
        await bench.register()
        for _ in range(4):
            await bench.sign_in(password="something else")
        assert (await bench.sign_in()).status_code == httpx.codes.CREATED
        for _ in range(4):
            await bench.sign_in(password="something else")
        assert (await bench.sign_in()).status_code == httpx.codes.CREATED

    async def test_old_failures_do_not_count(self, bench: Bench) -> None:
        await bench.register()
        for _ in range(4):
            await bench.sign_in(password="something else")
        bench.clock.advance(timedelta(minutes=16))
        assert (await bench.sign_in(password="something else")).status_code == httpx.codes.UNAUTHORIZED
        assert (await bench.sign_in()).status_code == httpx.codes.CREATED
