"""Who gets a certificate, and what stands in it."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from fastapi import FastAPI
from pydantic import SecretStr

from services.pki.app import create_app
from services.pki.repository import open_authority
from services.pki.settings import Settings
from shared.crypto.authority import AuthorityClient, load_or_create_identity, load_or_enrol_identity, request_for
from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity, PrivateKey, new_ec_key
from shared.crypto.issuance import Subject
from shared.kit.clock import EARLIEST, LATEST, Clock
from shared.kit.errors import InvalidInput, NotFound, Unauthorised, Unavailable
from shared.kit.settings import StandSettings
from tests.unit.pki.conftest import AUTHORISED, BASE, TOKEN

IIN = "900412412107"


class TestSystems:
    async def test_certificate_is_for_the_key_and_names_the_system(
        self, authority: AuthorityClient, clock: Clock
    ) -> None:
        key = new_ec_key()
        certificate = await authority.enrol("regional-gateway", key, TOKEN)
        assert certificate.loaded.public_key() == key.public_key()
        assert certificate.system == "regional-gateway"
        assert certificate.bin == "050140000775"
        assert certificate.common_name == "TEST regional e-government gateway"
        assert certificate.may("digital_signature")
        anchors = await authority.anchors()
        assert anchors.chain_fault(certificate, clock.now()) is None

    async def test_says_where_revocation_is_told(self, authority: AuthorityClient) -> None:
        certificate = await authority.enrol("portal", new_ec_key(), TOKEN)
        extensions = certificate.loaded.extensions
        points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        assert [name.value for point in points for name in point.full_name or ()] == [f"{BASE}/crl/issuing.crl"]
        assert [item.access_location.value for item in access] == [f"{BASE}/ocsp", f"{BASE}/ca/issuing.der"]

    @pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "токен"])
    async def test_wrong_token(self, http: httpx.AsyncClient, token: str) -> None:
        headers = {"authorization": f"Bearer {token}".encode()}
        body = {"csr": request_for(new_ec_key())}
        for path in ("/systems/portal/certificates", "/officers/certificates", "/people"):
            answer = await http.post(path, json=body, headers=headers)  # type: ignore[arg-type]
            assert answer.status_code == 401
            assert answer.json()["type"] == "urn:egov:problem:unauthorised"
        assert (await http.post("/systems/portal/certificates", json=body)).status_code == 401

    async def test_no_token_configured_lets_nobody_in(self, tmp_path: Path, clock: Clock) -> None:
        app = create_app(Settings(), StandSettings(data_dir=tmp_path), clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
            with pytest.raises(Unauthorised):
                await AuthorityClient(BASE, client, clock).enrol("portal", new_ec_key(), "")

    async def test_unknown_system(self, authority: AuthorityClient) -> None:
        with pytest.raises(NotFound):
            await authority.enrol("nobody", new_ec_key(), TOKEN)

    async def test_subject_in_the_request_is_ignored(self, http: httpx.AsyncClient) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
        request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(new_ec_key(), hashes.SHA256())
        body = {"csr": request.public_bytes(Encoding.PEM).decode()}
        answer = await http.post("/systems/portal/certificates", json=body, headers=AUTHORISED)
        assert answer.status_code == 201
        assert answer.json()["system"] == "portal"
        assert answer.json()["common_name"] == "TEST e-government web portal"


class TestBadRequests:
    async def refused(self, http: httpx.AsyncClient, csr: str) -> str:
        answer = await http.post("/systems/portal/certificates", json={"csr": csr}, headers=AUTHORISED)
        assert answer.status_code == 422
        return str(answer.json().get("detail"))

    async def test_rubbish(self, http: httpx.AsyncClient) -> None:
        for csr in ("rubbish", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"):
            assert "not a certificate signing request" in await self.refused(http, csr)

    async def test_key_on_another_curve(self, http: httpx.AsyncClient) -> None:
        key = ec.generate_private_key(ec.SECP384R1())
        assert "P-256" in await self.refused(http, request_for(key))

    async def test_without_proof_of_possession(self, http: httpx.AsyncClient) -> None:
        der = bytearray(x509.load_pem_x509_csr(request_for(new_ec_key()).encode()).public_bytes(Encoding.DER))
        der[-1] ^= 0x01
        forged = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode()
        assert "signature" in await self.refused(http, forged)


class TestOfficers:
    async def test_certificate_names_person_and_organisation(self, authority: AuthorityClient) -> None:
        certificate = await authority.enrol_officer(
            new_ec_key(),
            TOKEN,
            iin=IIN,
            surname="ОСПАНОВА",
            given_name="АЙГҮЛ",
            bin="990140000047",
            organisation="TEST education department",
        )
        assert (certificate.iin, certificate.bin, certificate.system) == (IIN, "990140000047", None)
        assert certificate.common_name == "TEST ОСПАНОВА АЙГҮЛ"
        assert certificate.may("content_commitment")

    async def test_the_check_digit_of_a_bin_is_checked(self, http: httpx.AsyncClient) -> None:
        body = {"csr": request_for(new_ec_key()), "iin": IIN, "bin": "990140000048", "surname": "А", "given_name": "Б"}
        answer = await http.post("/officers/certificates", json={**body, "organisation": "TEST"}, headers=AUTHORISED)
        assert answer.status_code == 422
        (fault,) = answer.json()["faults"]
        assert (fault["path"], "check digit of the BIN" in fault["message"]) == ("/bin", True)

    async def test_every_fault_is_named_at_once(self, http: httpx.AsyncClient) -> None:
        body = {"csr": request_for(new_ec_key()), "iin": "900412412108", "bin": "1", "surname": "", "extra": 1}
        answer = await http.post("/officers/certificates", json=body, headers=AUTHORISED)
        assert answer.status_code == 422
        paths = {fault["path"] for fault in answer.json()["faults"]}
        assert paths == {"/iin", "/bin", "/surname", "/given_name", "/organisation", "/extra"}

    @pytest.mark.parametrize(
        ("surname", "given_name"),
        [("Константинопольская", "Александрина"), ("Ә" * 40, "Ә" * 18), ("Қ" * 18, "𐌀" * 40)],
    )
    async def test_names_are_counted_in_characters(
        self, authority: AuthorityClient, surname: str, given_name: str
    ) -> None:
        """Up to 64 with the word TEST; in octets they are more."""
        organisation = "Ұ" * 64
        certificate = await authority.enrol_officer(
            new_ec_key(),
            TOKEN,
            iin=IIN,
            surname=surname,
            given_name=given_name,
            bin="990140000047",
            organisation=organisation,
        )
        assert certificate.common_name == f"TEST {surname} {given_name}"
        assert (certificate.surname, certificate.given_name) == (surname, given_name)
        assert certificate.organisation == organisation

    async def test_name_too_long_for_a_certificate(self, authority: AuthorityClient) -> None:
        with pytest.raises(InvalidInput):
            await authority.enrol_officer(
                new_ec_key(),
                TOKEN,
                iin=IIN,
                surname="Ә" * 40,
                given_name="Ә" * 40,
                bin="990140000047",
                organisation="x",
            )


class TestIdentity:
    async def test_is_enrolled_once_and_kept(self, authority: AuthorityClient, tmp_path: Path, clock: Clock) -> None:
        folder = tmp_path / "identities"
        first = await load_or_enrol_identity(folder, "portal", authority=authority, token=TOKEN)
        second = await load_or_enrol_identity(folder, "portal", authority=authority, token="none")
        assert second.certificate == first.certificate
        assert second.fits()
        assert (folder / "portal.key.pem").stat().st_mode & 0o777 == 0o600

    async def test_outlasts_the_clock(self, authority: AuthorityClient, tmp_path: Path) -> None:
        identity = await load_or_enrol_identity(tmp_path, "portal", authority=authority, token=TOKEN)
        chain = (identity.certificate, *(await authority.anchors()).chain)
        assert all(link.covers(EARLIEST, LATEST) for link in chain)

    async def test_one_that_ends_earlier_is_renewed(
        self, authority: AuthorityClient, stand: StandSettings, tmp_path: Path, clock: Clock
    ) -> None:
        """As an earlier version enrolled them: for three years."""
        key, now = new_ec_key(), clock.now()
        short = open_authority(stand.data_dir / "pki" / "ca", BASE).issue(
            Subject("portal", system="portal"),
            key.public_key(),
            usage="system",
            not_before=now - timedelta(days=30),
            not_after=now + timedelta(days=3 * 365),
        )
        Identity(key, short).save(tmp_path, "portal")
        renewed = await load_or_enrol_identity(tmp_path, "portal", authority=authority, token=TOKEN)
        assert renewed.certificate.covers(EARLIEST, LATEST)
        assert authority.in_use == {"portal": renewed.certificate}

    async def test_is_renewed_when_the_authority_is_another(
        self, authority: AuthorityClient, tmp_path: Path, clock: Clock, stand: StandSettings
    ) -> None:
        first = await load_or_enrol_identity(tmp_path, "portal", authority=authority, token=TOKEN)
        other = create_app(Settings(), stand.model_copy(update={"data_dir": tmp_path / "other"}), clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(other)) as client:
            anew = AuthorityClient(BASE, client, clock)
            second = await load_or_enrol_identity(tmp_path, "portal", authority=anew, token=TOKEN)
        assert second.certificate != first.certificate

    async def test_is_renewed_when_the_authority_has_lost_it(
        self, tmp_path: Path, app: FastAPI, clock: Clock, authority: AuthorityClient
    ) -> None:
        folder = tmp_path / "identities"
        first = await load_or_enrol_identity(folder, "portal", authority=authority, token=TOKEN)
        register = next(tmp_path.rglob("register.jsonl"))
        register.write_bytes(register.read_bytes()[:-20])
        stand = StandSettings(data_dir=register.parent.parent, enrolment_token=SecretStr(TOKEN))
        again = create_app(Settings(public_url=BASE), stand, clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(again)) as http:
            torn = AuthorityClient(BASE, http, clock)
            second = await load_or_enrol_identity(folder, "portal", authority=torn, token=TOKEN)
            assert second.certificate != first.certificate
            third = await load_or_enrol_identity(folder, "portal", authority=torn, token=TOKEN)
        assert third.certificate == second.certificate

    async def test_silent_authority_is_unavailable(self, tmp_path: Path, clock: Clock) -> None:
        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

        async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
            authority = AuthorityClient(BASE, client, clock)
            with pytest.raises(Unavailable):
                await load_or_enrol_identity(tmp_path, "portal", authority=authority, token=TOKEN)
        assert Identity.load(tmp_path, "portal") is None

    async def test_officer_can_be_kept_the_same_way(
        self, authority: AuthorityClient, tmp_path: Path, clock: Clock
    ) -> None:
        async def enrol(key: PrivateKey) -> Certificate:
            return await authority.enrol_officer(
                key, TOKEN, iin=IIN, surname="А", given_name="Б", bin="990140000047", organisation="TEST"
            )

        officer = await load_or_create_identity(tmp_path, "head", authority=authority, token=TOKEN, enrol=enrol)
        assert officer.certificate.iin == IIN


async def test_certificates_survive_a_restart(
    authority: AuthorityClient, app: FastAPI, stand: StandSettings, clock: Clock
) -> None:
    certificate = await authority.enrol("portal", new_ec_key(), TOKEN)
    anchors = await authority.anchors()
    restarted = create_app(Settings(public_url=BASE), stand, clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(restarted)) as client:
        again = AuthorityClient(BASE, client, clock)
        assert await again.certificate(certificate.thumbprint) == certificate
        assert (await again.anchors()).issuing == anchors.issuing
