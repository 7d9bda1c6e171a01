"""The client of the stand's certificate authority (``services/pki``): the only module here that speaks HTTP."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from shared.crypto import ocsp
from shared.crypto.certificates import Certificate, InvalidCertificate
from shared.crypto.identity import Identity, PrivateKey, new_ec_key
from shared.crypto.revocation import UNREACHABLE, RevocationList, RevocationStatus
from shared.crypto.trust import TrustAnchors
from shared.kit.alone import alone
from shared.kit.clock import EARLIEST, LATEST, Clock
from shared.kit.errors import InvalidInput, NotFound, Unauthorised, Unavailable

_TIMEOUT_S = 3.0


class AuthorityClient:
    """Talks to the authority at ``base_url``. Methods raise ``Unavailable`` when it is silent or talks nonsense."""

    def __init__(self, base_url: str, http: httpx.AsyncClient, clock: Clock) -> None:
        self._base_url = base_url.rstrip("/")
        self._http = http
        self._clock = clock
        self._anchors: TrustAnchors | None = None
        self.in_use: dict[str, Certificate] = {}
        """The certificates that this process signs with, by the names of their files."""

    async def anchors(self) -> TrustAnchors:
        """The authority's root and issuing certificate. The stand trusts them at first use: the network is its own."""
        try:
            root = Certificate.from_pem((await self._get("/ca/root.pem")).content)
            issuing = Certificate.from_pem((await self._get("/ca/issuing.pem")).content)
        except InvalidCertificate as error:
            raise Unavailable("the authority did not answer with a certificate") from error
        if self._anchors is None or (self._anchors.root, self._anchors.issuing) != (root, issuing):
            self._anchors = TrustAnchors(root, issuing)
        return self._anchors

    async def crl(self, anchors: TrustAnchors) -> RevocationList:
        """The current revocation list, its signature checked."""
        try:
            revocation_list = RevocationList.from_der((await self._get("/crl/issuing.crl")).content)
        except InvalidCertificate as error:
            raise Unavailable(error.detail) from error
        if not revocation_list.signed_by(anchors.issuing):
            raise Unavailable("the revocation list is not signed by the issuing authority")
        return revocation_list

    async def certificate(self, thumbprint: str, token: str = "") -> Certificate | None:
        """The certificate with this thumbprint, ``None`` if the authority has none. Those of systems it tells
        everybody, those of people only who shows the enrolment ``token``."""
        answer = await self._ask("GET", f"/certificates/{thumbprint}", headers=_bearer(token) if token else None)
        if answer.status_code == 404:
            return None
        certificate = _certificate_in(self._taken(answer))
        if certificate.thumbprint != thumbprint:
            raise Unavailable("the authority answered with another certificate")
        return certificate

    async def ocsp(self, certificate: Certificate) -> RevocationStatus:
        """The certificate's status by OCSP; raises ``Unavailable`` if there is no answer that can be relied on."""
        issuer = (self._anchors or await self.anchors()).issuing
        request, nonce = ocsp.build_request(certificate, issuer)
        answer = await self._ask("POST", "/ocsp", content=request, headers={"content-type": ocsp.REQUEST_TYPE})
        try:
            body = self._taken(answer).content
            return ocsp.read_answer(body, certificate, issuer, nonce=nonce, at=self._clock.now())
        except ocsp.UntrustedAnswer as error:
            raise Unavailable(f"OCSP: {error}") from error

    async def revocation(self, certificate: Certificate) -> RevocationStatus:
        """The certificate's status by OCSP, else by the list, else unreachable. Never raises."""
        try:
            return await self.ocsp(certificate)
        except Unavailable:
            pass
        try:
            revocation_list = await self.crl(self._anchors or await self.anchors())
        except Unavailable:
            return UNREACHABLE
        return revocation_list.status(certificate, self._clock.now())

    async def enrol(self, system: str, key: PrivateKey, token: str) -> Certificate:
        """A certificate for the ``key`` of ``system``. Also raises ``Unauthorised``, ``InvalidInput``, ``NotFound``."""
        body = {"csr": request_for(key)}
        return await self._issued(f"/systems/{system}/certificates", body, token)

    async def enrol_officer(
        self,
        key: PrivateKey,
        token: str,
        *,
        iin: str,
        surname: str,
        given_name: str,
        bin: str,  # noqa: A002 - the law's word
        organisation: str,
    ) -> Certificate:
        """A certificate for the ``key`` of an authorised person of an organisation."""
        who = {"iin": iin, "surname": surname, "given_name": given_name, "bin": bin, "organisation": organisation}
        return await self._issued("/officers/certificates", {"csr": request_for(key), **who}, token)

    async def revoke(self, thumbprint: str, token: str, reason: str = "key_compromise") -> None:
        """Revoke a certificate; ``reason`` as the authority's API names it."""
        answer = await self._ask(
            "POST", f"/certificates/{thumbprint}/revoke", json={"reason": reason}, headers=_bearer(token)
        )
        self._taken(answer)

    async def _issued(self, path: str, body: dict[str, Any], token: str) -> Certificate:
        return _certificate_in(self._taken(await self._ask("POST", path, json=body, headers=_bearer(token))))

    async def _get(self, path: str) -> httpx.Response:
        return self._taken(await self._ask("GET", path))

    async def _ask(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            return await self._http.request(method, self._base_url + path, timeout=_TIMEOUT_S, **arguments)
        except httpx.HTTPError as error:
            raise Unavailable(f"the certificate authority does not answer: {type(error).__name__}") from error

    def _taken(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        kinds = {401: Unauthorised, 404: NotFound, 422: InvalidInput}
        raise kinds.get(answer.status_code, Unavailable)(f"the certificate authority answered {answer.status_code}")


def _certificate_in(answer: httpx.Response) -> Certificate:
    try:
        return Certificate.from_pem(str(answer.json()["pem"]))
    except (ValueError, KeyError, TypeError, InvalidCertificate) as error:
        raise Unavailable("the authority did not answer with a certificate") from error


def request_for(key: PrivateKey) -> str:
    """A certificate signing request (PKCS #10, PEM) that proves possession of ``key`` and names no subject."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


async def load_or_enrol_identity(directory: Path, system: str, *, authority: AuthorityClient, token: str) -> Identity:
    """The identity of ``system`` kept in ``directory``; a new one is enrolled and saved if none there still serves.

    It no longer serves when the certificate is from another authority (the stand was reset), is not valid at every time
    that the stand's clock can be set to (an earlier version made it), or is one that the authority does not know (its
    register was torn).
    """

    async def enrol(key: PrivateKey) -> Certificate:
        return await authority.enrol(system, key, token)

    # A system that has its certificate needs no token.
    return await load_or_create_identity(directory, system, authority=authority, token="", enrol=enrol)


async def load_or_create_identity(
    directory: Path,
    name: str,
    *,
    authority: AuthorityClient,
    token: str,
    enrol: Callable[[PrivateKey], Awaitable[Certificate]],
) -> Identity:
    """As ``load_or_enrol_identity``, for any name and way to enrol; officers are enrolled with it. From then on it is
    one of those the authority's client keeps in ``in_use``.

    Of several replicas that start at the same moment one enrols, and the others take what it has saved.
    """
    anchors = await authority.anchors()

    def serving() -> Identity | None:
        known = Identity.load(directory, name)
        if known is None or not known.certificate.issued_by(anchors.issuing):
            return None
        return known if known.certificate.covers(EARLIEST, LATEST) else None

    identity = serving()
    if identity is None or await authority.certificate(identity.certificate.thumbprint, token) is None:
        unknown = identity.certificate if identity else None
        async with alone(directory, name):
            identity = serving()
            if identity is None or identity.certificate == unknown:
                key = new_ec_key()
                identity = Identity(key, await enrol(key))
                identity.save(directory, name)
    authority.in_use[name] = identity.certificate
    return identity


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
