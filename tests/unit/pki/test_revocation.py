"""What is told about revoked certificates, by list and by OCSP, and what happens when neither answers."""

import base64
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from services.pki.app import create_app
from services.pki.settings import Settings
from shared.crypto import ocsp
from shared.crypto.authority import AuthorityClient
from shared.crypto.certificates import Certificate
from shared.crypto.directory import CertificateDirectory
from shared.crypto.identity import Identity, new_ec_key
from shared.crypto.jws import sign_detached
from shared.crypto.policy import SignedBySystem
from shared.crypto.report import Check, Indication
from shared.crypto.revocation import RevocationList, RevocationState
from shared.crypto.testing import MemoryPKI
from shared.crypto.verify import MessageVerification, verify_message
from shared.kit.clock import Clock
from shared.kit.errors import InvalidInput, NotFound, Unauthorised, Unavailable
from shared.kit.settings import StandSettings
from tests.unit.pki.conftest import AUTHORISED, BASE, TOKEN, served


@pytest.fixture
async def certificate(authority: AuthorityClient) -> Certificate:
    return await authority.enrol("portal", new_ec_key(), TOKEN)


async def arm(http: httpx.AsyncClient, *names: str) -> None:
    for name in names:
        assert (await http.put(f"/__stand/faults/{name}", json={})).status_code == 200


class TestRevoking:
    async def test_ocsp_and_list_say_so_at_once(
        self, authority: AuthorityClient, certificate: Certificate, clock: Clock
    ) -> None:
        anchors = await authority.anchors()
        assert (await authority.ocsp(certificate)).state is RevocationState.GOOD
        assert (await authority.crl(anchors)).status(certificate, clock.now()).good
        await authority.revoke(certificate.thumbprint, TOKEN, "key_compromise")
        by_ocsp = await authority.ocsp(certificate)
        by_list = (await authority.crl(anchors)).status(certificate, clock.now())
        for status, source in ((by_ocsp, "ocsp"), (by_list, "crl")):
            assert status.state is RevocationState.REVOKED
            assert (status.revoked_at, status.reason, status.source) == (clock.now(), "keyCompromise", source)

    async def test_twice_is_a_conflict(self, http: httpx.AsyncClient, certificate: Certificate) -> None:
        path = f"/certificates/{certificate.thumbprint}/revoke"
        first = await http.post(path, json={"reason": "superseded"}, headers=AUTHORISED)
        assert (first.status_code, first.json()["status"], first.json()["reason"]) == (200, "revoked", "superseded")
        second = await http.post(path, json={}, headers=AUTHORISED)
        assert (second.status_code, second.json()["type"]) == (409, "urn:egov:problem:already-revoked")

    async def test_unknown_certificate_reason_and_token(
        self, authority: AuthorityClient, certificate: Certificate
    ) -> None:
        with pytest.raises(NotFound):
            await authority.revoke("x" * 43, TOKEN)
        with pytest.raises(InvalidInput):
            await authority.revoke(certificate.thumbprint, TOKEN, "boredom")
        with pytest.raises(Unauthorised):
            await authority.revoke(certificate.thumbprint, "wrong")

    async def test_reset_lifts_it(
        self, http: httpx.AsyncClient, authority: AuthorityClient, certificate: Certificate
    ) -> None:
        await authority.revoke(certificate.thumbprint, TOKEN)
        assert (await http.post("/__stand/reset")).status_code == 204
        assert (await authority.ocsp(certificate)).good


class TestOCSP:
    async def test_unknown_certificate(self, authority: AuthorityClient, clock: Clock) -> None:
        stranger = MemoryPKI(clock).person().certificate
        assert (await authority.ocsp(stranger)).state is RevocationState.UNKNOWN

    async def test_over_get(self, http: httpx.AsyncClient, authority: AuthorityClient, clock: Clock) -> None:
        certificate = await authority.enrol("portal", new_ec_key(), TOKEN)
        issuing = (await authority.anchors()).issuing
        request, nonce = ocsp.build_request(certificate, issuing)
        answer = await http.get(f"/ocsp/{quote(base64.b64encode(request).decode(), safe='')}")
        assert answer.headers["content-type"] == "application/ocsp-response"
        assert ocsp.read_answer(answer.content, certificate, issuing, nonce=nonce, at=clock.now()).good

    async def test_rubbish_is_answered_by_the_protocol(self, http: httpx.AsyncClient) -> None:
        for answer in (await http.post("/ocsp", content=b"rubbish"), await http.get("/ocsp/%25%25")):
            assert answer.status_code == 200
            assert answer.content == b"\x30\x03\x0a\x01\x01"  # malformedRequest (RFC 6960 §4.2.1)

    async def test_wrong_media_type_is_refused(self, http: httpx.AsyncClient) -> None:
        answer = await http.post("/ocsp", content=b"rubbish", headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()["accepted"]) == (415, ["application/ocsp-request"])

    async def test_root_answers_for_the_issuing_authority(
        self, authority: AuthorityClient, http: httpx.AsyncClient, clock: Clock
    ) -> None:
        anchors = await authority.anchors()
        for certificate, state in (
            (anchors.issuing, RevocationState.GOOD),
            (MemoryPKI(clock).anchors.issuing, RevocationState.UNKNOWN),
        ):
            request, nonce = ocsp.build_request(certificate, anchors.root)
            answer = await http.post("/ocsp", content=request, headers={"content-type": ocsp.REQUEST_TYPE})
            status = ocsp.read_answer(answer.content, certificate, anchors.root, nonce=nonce, at=clock.now())
            assert status.state is state


FETCHED = {
    "/ca/root.pem": "application/x-pem-file",
    "/ca/root.der": "application/pkix-cert",
    "/ca/issuing.pem": "application/x-pem-file",
    "/ca/issuing.der": "application/pkix-cert",
    "/crl/issuing.crl": "application/pkix-crl",
    "/crl/root.crl": "application/pkix-crl",
}


@pytest.mark.parametrize("path", FETCHED)
async def test_what_machines_fetch_has_its_media_type_and_is_not_kept(http: httpx.AsyncClient, path: str) -> None:
    answer, head = await http.get(path), await http.head(path)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (FETCHED[path], "no-cache")
    assert (head.status_code, head.content) == (200, b"")
    same = ("content-type", "content-length", "cache-control")
    assert [head.headers[name] for name in same] == [answer.headers[name] for name in same]


class TestLists:
    async def test_are_signed_and_short_lived(self, http: httpx.AsyncClient, authority: AuthorityClient) -> None:
        anchors = await authority.anchors()
        for path, issuer in (("/crl/issuing.crl", anchors.issuing), ("/crl/root.crl", anchors.root)):
            revocation_list = RevocationList.from_der((await http.get(path)).content)
            assert revocation_list.signed_by(issuer)
            assert revocation_list.next_update - revocation_list.this_update == timedelta(hours=1)

    @pytest.mark.parametrize("by", [timedelta(days=40), timedelta(days=-3)])
    async def test_list_is_made_anew_when_the_clock_was_moved(
        self, authority: AuthorityClient, clock: Clock, by: timedelta
    ) -> None:
        anchors = await authority.anchors()
        await authority.crl(anchors)
        clock.advance(by)
        assert (await authority.crl(anchors)).this_update == clock.now()


class TestUnreachable:
    async def test_without_ocsp_the_list_decides(
        self, http: httpx.AsyncClient, authority: AuthorityClient, certificate: Certificate
    ) -> None:
        await authority.revoke(certificate.thumbprint, TOKEN)
        await arm(http, "ocsp-unavailable")
        with pytest.raises(Unavailable):
            await authority.ocsp(certificate)
        status = await authority.revocation(certificate)
        assert (status.state, status.source) == (RevocationState.REVOKED, "crl")

    async def test_without_both_it_is_unreachable(
        self, http: httpx.AsyncClient, authority: AuthorityClient, certificate: Certificate
    ) -> None:
        await arm(http, "ocsp-unavailable", "crl-unavailable")
        assert (await authority.revocation(certificate)).state is RevocationState.UNREACHABLE

    async def test_hanging_up_is_unreachable_too(
        self, app: FastAPI, http: httpx.AsyncClient, certificate: Certificate, clock: Clock
    ) -> None:
        """Over a real connection: only a server can close one in the middle of an answer."""
        async with served(app) as url, httpx.AsyncClient() as client:
            authority = AuthorityClient(url, client, clock)
            assert (await authority.revocation(certificate)).source == "ocsp"
            await arm(http, "ocsp-hang-up")
            assert (await authority.revocation(certificate)).source == "crl"
            await arm(http, "crl-hang-up")
            assert (await authority.revocation(certificate)).state is RevocationState.UNREACHABLE

    async def test_without_tools_there_are_no_faults(self, stand: StandSettings, clock: Clock) -> None:
        app = create_app(Settings(), stand.model_copy(update={"tools": False}), clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
            assert (await client.put("/__stand/faults/ocsp-unavailable", json={})).status_code == 404
            assert (await client.post("/__stand/reset")).status_code == 404

    async def test_message_is_undecided_until_the_list_is_back(
        self, http: httpx.AsyncClient, authority: AuthorityClient, clock: Clock
    ) -> None:
        key = new_ec_key()
        portal = Identity(key, await authority.enrol("portal", key, TOKEN))
        jws = sign_detached(b"{}", portal, attempt=1, clock=clock)
        directory = CertificateDirectory(clock, authority, refresh_after=timedelta(0))

        async def verify() -> MessageVerification:
            await directory.ensure([portal.certificate.thumbprint])
            return verify_message(
                b"{}",
                jws,
                directory=directory,
                at=clock.now(),
                policy=SignedBySystem("portal"),
                freshness=lambda _: Check(7, "freshness"),
            )

        await arm(http, "crl-unavailable")
        verification = await verify()
        assert verification.report.indication is Indication.INDETERMINATE
        await http.delete("/__stand/faults/crl-unavailable")
        assert (await verify()).passed
        await authority.revoke(portal.certificate.thumbprint, TOKEN)
        failure = (await verify()).report.failure
        assert failure is not None
        assert failure.sub_indication == "REVOKED"
