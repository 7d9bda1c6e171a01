"""Registration, sign-in, refusal of the authorisation, lock-out, sessions."""

import base64
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from services.portal.service.proofs import load_mobile_citizens
from services.portal.settings import Settings
from shared.crypto.passwords import Passwords
from shared.crypto.testing import IIN
from shared.kit.iin import make_iin
from shared.messages.types import MessageType
from tests.unit.portal.bench import PASSWORD, SERVICE, Bench

OTHER = make_iin(date(1985, 6, 15), "female", 2)
PHONES = load_mobile_citizens(Settings().mobile_citizens_file)
MOBILE = next(iter(PHONES))
"""Somebody whose telephone the state's base knows."""
GUESSED = {"one_time_password": "000000"}


class TestRegistration:
    async def test_the_certificate_that_signed_the_challenge_is_kept(self, bench: Bench) -> None:
        signer = bench.pki.person()
        answer = await bench.register(signer=signer)
        assert answer.status_code == httpx.codes.CREATED
        assert answer.json()["certificate"]["thumbprint"] == signer.certificate.thumbprint

    async def test_with_the_password_that_came_to_the_telephone_of_the_states_base(self, bench: Bench) -> None:
        answer = await bench.http.post("/recipients/one-time-passwords", json={"iin": MOBILE})
        assert (answer.status_code, answer.content) == (httpx.codes.ACCEPTED, b"")
        assert len(await bench.short_messages(PHONES[MOBILE])) == 1
        body = {"iin": MOBILE, "password": PASSWORD, "one_time_password": await bench.password()}
        answer = await bench.http.post("/recipients", json=body)
        assert (answer.status_code, answer.json()["certificate"]) == (httpx.codes.CREATED, None)
        assert (await bench.sign_in(MOBILE)).status_code == httpx.codes.CREATED
        # It serves once; and who has the telephone of somebody registered gets no account that is in use.
        assert (await bench.http.post("/recipients", json=body)).status_code == httpx.codes.FORBIDDEN
        bench.clock.advance(timedelta(seconds=1))  # of short messages of one instant none is the latest
        await bench.http.post("/recipients/one-time-passwords", json={"iin": MOBILE})
        body["one_time_password"] = await bench.password()
        assert (await bench.http.post("/recipients", json=body)).status_code == httpx.codes.CONFLICT

    async def test_every_fault_is_named_at_once(self, bench: Bench) -> None:
        wrong = {"iin": "900101300018", "password": "short", "challenge": "", "admin": True}
        answer = await bench.http.post("/recipients", json=wrong)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert {f["path"] for f in answer.json()["faults"]} == {"/iin", "/password", "/challenge", "/admin"}

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"iin": IIN, "password": "short", **GUESSED}, "/password"),
            ({"iin": IIN, **GUESSED}, "/password"),
            ({"iin": "12", "password": PASSWORD, **GUESSED}, "/iin"),
            ({"iin": IIN, "password": PASSWORD, "admin": True, **GUESSED}, "/admin"),
            ({"iin": IIN, "password": PASSWORD}, ""),
            ({"iin": IIN, "password": PASSWORD, "challenge": "x"}, ""),
            ({"iin": IIN, "password": PASSWORD, "signature": "x"}, ""),
            ({"iin": IIN, "password": PASSWORD, "challenge": "x", **GUESSED}, ""),
            ({"iin": IIN, "password": PASSWORD, "challenge": "x", "signature": "x", **GUESSED}, ""),
        ],
    )
    async def test_faulty_input_is_told_by_path(self, bench: Bench, body: dict[str, Any], path: str) -> None:
        answer = await bench.http.post("/recipients", json=body)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert [fault["path"] for fault in answer.json()["faults"]] == [path]

    @pytest.mark.parametrize("path", ["challenges", "one-time-passwords"])
    async def test_malformed_iin_is_told(self, bench: Bench, path: str) -> None:
        answer = await bench.http.post(f"/recipients/{path}", json={"iin": "900101300018"})
        assert [fault["path"] for fault in answer.json()["faults"]] == ["/iin"]


class TestProof:
    @pytest.mark.parametrize(
        ("who", "kind"),
        [
            ("expired", "signature-not-confirmed"),
            ("not_yet_valid", "signature-not-confirmed"),
            ("revoked_person", "signature-not-confirmed"),
            ("wrong_usage", "signature-not-confirmed"),
            ("unknown_issuer", "signature-not-confirmed"),
        ],
    )
    async def test_the_certificate_is_checked_as_that_of_a_request(self, bench: Bench, who: str, kind: str) -> None:
        answer = await bench.register(signer=getattr(bench.pki, who)())
        assert (answer.status_code, answer.json()["type"]) == (403, f"urn:egov:problem:{kind}")
        assert answer.json()["report"]["indication"] == "failed"
        assert (await bench.sign_in()).status_code == httpx.codes.UNAUTHORIZED

    async def test_of_somebody_else_proves_nothing(self, bench: Bench) -> None:
        for iin, signer in ((IIN, bench.pki.person(OTHER)), (OTHER, bench.pki.person(IIN))):
            answer = await bench.register(iin, signer=signer)
            assert answer.json()["type"] == "urn:egov:problem:signature-not-confirmed"
        answer = await bench.register(signer=bench.pki.system("portal"))
        assert answer.status_code == httpx.codes.FORBIDDEN

    async def test_a_challenge_serves_once_for_one_iin_and_purpose_and_for_a_while(self, bench: Bench) -> None:
        signer, body = bench.pki.person(), {"iin": IIN, "password": PASSWORD}
        proof = await bench.challenged(IIN, signer)
        of_another = await bench.challenged(OTHER, signer)
        to_sign_in = await bench.challenged(IIN, signer, "sign-in")
        late = await bench.challenged(IIN, signer)
        assert (await bench.http.post("/recipients", json=body | proof)).status_code == httpx.codes.CREATED
        bench.clock.advance(timedelta(minutes=5))
        bench.clock.advance(timedelta(minutes=-5))  # a clock that is set back revives none
        head, _, tail = proof["challenge"].partition(".")
        forged = f"{head[:-2]}AA.{tail}"
        for wrong in (
            proof,
            of_another,
            to_sign_in,
            late,
            *({**proof, "challenge": t} for t in (forged, head, "x.y", ".")),
        ):
            answer = await bench.http.post("/recipients", json=body | wrong)
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:egov:problem:not-proven")

    async def test_a_signature_over_other_bytes_is_none(self, bench: Bench) -> None:
        signer = bench.pki.person()
        proof = await bench.challenged(IIN, signer)
        for content in (b"", b"{}", proof["challenge"].encode()):
            wrong = {**proof, "signature": bench.signature(content, signer)}
            answer = await bench.http.post("/recipients", json={"iin": IIN, "password": PASSWORD, **wrong})
            assert answer.json()["type"] == "urn:egov:problem:signature-mismatch"
        wrong = {**proof, "signature": base64.b64encode(b"rubbish").decode()}
        answer = await bench.http.post("/recipients", json={"iin": IIN, "password": PASSWORD, **wrong})
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY

    async def test_an_authority_that_is_silent_is_no_proof(self, bench: Bench) -> None:
        proof = await bench.challenged(IIN, bench.pki.person())
        bench.silent.add("everything")
        answer = await bench.http.post("/recipients", json={"iin": IIN, "password": PASSWORD, **proof})
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE

    async def test_without_a_proof_nobody_learns_who_is_registered_or_has_a_telephone(self, bench: Bench) -> None:
        (await bench.register()).raise_for_status()
        for iin in (IIN, OTHER, MOBILE):
            answer = await bench.http.post("/recipients/one-time-passwords", json={"iin": iin})
            assert (answer.status_code, answer.content) == (httpx.codes.ACCEPTED, b"")
        told = []
        for iin in (IIN, OTHER, MOBILE):
            body = {"iin": iin, "password": PASSWORD, "one_time_password": "000000"}
            answers = [await bench.http.post("/recipients", json=body) for _ in range(5)]
            told.append([(answer.status_code, answer.json()) for answer in answers])
        assert told[0] == told[1] == told[2]
        assert [status for status, _ in told[0]] == [403, 403, 403, 429, 429]

    async def test_so_many_passwords_are_sent_and_the_owners_own_are_not_among_them(self, bench: Bench) -> None:
        for _ in range(15):
            answer = await bench.http.post("/recipients/one-time-passwords", json={"iin": MOBILE})
            assert answer.status_code == httpx.codes.ACCEPTED
        assert len(await bench.short_messages(PHONES[MOBILE])) == 10
        bench.headers = await bench.enter(MOBILE)
        assert (await bench.call("POST", "/devices", json={"phone": "+77015550000"})).status_code == httpx.codes.CREATED

    async def test_the_owner_takes_the_account_back(self, bench: Bench) -> None:
        usurper = await bench.enter()
        bench.headers = usurper
        device = await bench.device()
        asked = await bench.call("GET", "/devices")
        assert [line["id"] for line in asked.json()] == [device]
        registered_at = (await bench.register(signer=bench.pki.person())).json()["registered_at"]
        # Sessions and telephones are gone, and so is the password.
        assert (await bench.call("GET", "/devices")).status_code == httpx.codes.UNAUTHORIZED
        proof = await bench.challenged(IIN, bench.pki.person())
        body = {"iin": IIN, "password": "the owner's own words", **proof}
        assert (await bench.http.post("/recipients", json=body)).json()["registered_at"] == registered_at
        assert (await bench.sign_in()).status_code == httpx.codes.UNAUTHORIZED
        session = (await bench.sign_in(password="the owner's own words")).raise_for_status().json()
        bench.headers = {"authorization": f"Bearer {session['token']}"}
        assert (await bench.call("GET", "/devices")).json() == []


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

    async def test_the_certificate_lets_in_who_is_locked_out(self, bench: Bench) -> None:
        await bench.register()
        for _ in range(6):
            await bench.sign_in(password="something else")
        assert (await bench.sign_in()).status_code == httpx.codes.TOO_MANY_REQUESTS
        for signer, status in ((bench.pki.person(OTHER), 403), (bench.pki.person(), 201), (bench.pki.person(), 201)):
            proof = await bench.challenged(IIN, signer, "sign-in")
            assert (await bench.http.post("/sessions", json={"iin": IIN, **proof})).status_code == status
        answer = await bench.http.post("/sessions", json={"iin": IIN, **proof})
        assert answer.json()["type"] == "urn:egov:problem:not-proven"
        proof = await bench.challenged(OTHER, bench.pki.person(OTHER), "sign-in")
        answer = await bench.http.post("/sessions", json={"iin": OTHER, **proof})
        assert answer.status_code == httpx.codes.UNAUTHORIZED

    @pytest.mark.parametrize("body", [{}, {"password": "x", "challenge": "x", "signature": "x"}, {"challenge": "x"}])
    async def test_one_way_is_chosen(self, bench: Bench, body: dict[str, str]) -> None:
        answer = await bench.http.post("/sessions", json={"iin": IIN, **body})
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY

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
