"""HTTP of the certificate authority."""

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import Receive, Scope, Send

from services.pki.domain import Status
from services.pki.schemas import (
    CertificateRead,
    ContainerRead,
    OfficerCertificateCreate,
    PersonCreate,
    PersonRead,
    RevocationCreate,
    SystemCertificateCreate,
)
from services.pki.service import AuthorityService
from shared.crypto import ocsp
from shared.kit.clock import Clock
from shared.kit.errors import Unavailable, UnsupportedMedia
from shared.kit.faults import Faults
from shared.messages.systems import System
from shared.web.access import PUBLIC, Caller, opens_to
from shared.web.paging import Pages

_PEM, _DER, _CRL = "application/x-pem-file", "application/pkix-cert", "application/pkix-crl"
_P12 = "application/x-pkcs12"
Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, description="The stand's enrolment token")),
]


def _binary(*media_types: str) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in media_types}
    return {"response_class": Response, "responses": {200: {"content": content}}}


def authority_router(service: AuthorityService, faults: Faults) -> APIRouter:
    """What anybody may ask: the authority's certificates, revocation lists and OCSP."""
    router = APIRouter(tags=["authority"], dependencies=[PUBLIC])
    played = Played(faults)

    @router.get("/ca/root.pem", summary="Root certificate, PEM", **_binary(_PEM))
    async def get_root_pem() -> Response:
        return _fetched(service.authority.root.certificate.pem, _PEM)

    @router.get("/ca/root.der", summary="Root certificate, DER", **_binary(_DER))
    async def get_root_der() -> Response:
        return _fetched(service.authority.root.certificate.der, _DER)

    @router.get("/ca/issuing.pem", summary="Issuing certificate, PEM", **_binary(_PEM))
    async def get_issuing_pem() -> Response:
        return _fetched(service.authority.issuing.certificate.pem, _PEM)

    @router.get("/ca/issuing.der", summary="Issuing certificate, DER", **_binary(_DER))
    async def get_issuing_der() -> Response:
        return _fetched(service.authority.issuing.certificate.der, _DER)

    @router.get("/crl/issuing.crl", summary="Revocation list of the issuing authority", **_binary(_CRL))
    async def get_issuing_crl() -> Response:
        """DER (RFC 5280). Made anew at each revocation."""
        return played.strike("crl") or _fetched(service.revocation_list().der, _CRL)

    @router.get("/crl/root.crl", summary="Revocation list of the root", **_binary(_CRL))
    async def get_root_crl() -> Response:
        """DER (RFC 5280)."""
        return played.strike("crl") or _fetched(service.root_revocation_list().der, _CRL)

    @router.post(
        "/ocsp",
        summary="Ask for the status of a certificate",
        openapi_extra={"requestBody": {"required": True, "content": {ocsp.REQUEST_TYPE: {}}}},
        **_binary(ocsp.RESPONSE_TYPE),
    )
    async def post_ocsp(request: Request) -> Response:
        """OCSP over POST (RFC 6960, appendix A.1), for up to 100 certificates of one issuer. An unreadable request is
        answered ``malformedRequest``, one about certificates of both issuers ``unauthorized``."""
        _require_ocsp(request)
        return played.strike("ocsp") or _ocsp_response(service, await request.body())

    @router.get(
        "/ocsp/{question:path}", summary="Ask for the status of a certificate, by GET", **_binary(ocsp.RESPONSE_TYPE)
    )
    async def get_ocsp(question: str) -> Response:
        """OCSP over GET: the request in base64, URL-encoded (RFC 6960, appendix A.1)."""
        try:
            der = base64.b64decode(question, validate=True)
        except (binascii.Error, ValueError):
            der = b""
        return played.strike("ocsp") or _ocsp_response(service, der)

    return router


def _require_ocsp(request: Request) -> None:
    sent_as = request.headers.get("content-type", ocsp.REQUEST_TYPE).partition(";")[0].strip().lower()
    if sent_as != ocsp.REQUEST_TYPE:
        raise UnsupportedMedia(f"OCSP requests are sent as {ocsp.REQUEST_TYPE}", accepted=[ocsp.REQUEST_TYPE])


def _ocsp_response(service: AuthorityService, der: bytes) -> Response:
    return _fetched(service.ocsp_answer(der), ocsp.RESPONSE_TYPE)


def _fetched(content: str | bytes, media_type: str) -> Response:
    # A revocation counts at once and the stand's time can be moved: whoever keeps an answer has to ask again.
    return Response(content, media_type=media_type, headers={"cache-control": "no-cache"})


def certificates_router(service: AuthorityService, clock: Clock) -> APIRouter:
    """Certificates: enrolment (with the token), search, revocation (with the token)."""
    router = APIRouter(tags=["certificates"])
    token_holder = [Depends(_authorised(service))]

    @router.post("/systems/{code}/certificates", status_code=201, summary="Certify a system", dependencies=token_holder)
    async def certify_system(code: str, body: SystemCertificateCreate) -> CertificateRead:
        """The key is the one of the request; everything else is written by the authority."""
        return CertificateRead.of(await service.certify_system(code, body.csr), clock.now())

    @router.post("/officers/certificates", status_code=201, summary="Certify an officer", dependencies=token_holder)
    async def certify_officer(body: OfficerCertificateCreate) -> CertificateRead:
        """For the authorised person of a provider: IIN and names, organisation and BIN."""
        return CertificateRead.of(await service.certify_officer(body.person(), body.csr), clock.now())

    @router.get("/certificates", summary="Search certificates", dependencies=token_holder)
    async def search_certificates(
        pages: Pages,
        iin: Annotated[str | None, Query(pattern=r"^[0-9]{12}$")] = None,
        system: System | None = None,
        status: Status | None = None,
        before: Annotated[str | None, Query(max_length=200, description="Last thumbprint of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> list[CertificateRead]:
        """Newest first."""
        found = service.search(iin=iin, system=system, status=status, before=before, limit=limit + 1)
        shown = pages.page(found, limit, before=lambda entry: entry.thumbprint)
        return [CertificateRead.of(entry, clock.now()) for entry in shown]

    @router.get("/certificates/{thumbprint}", summary="One certificate", dependencies=[PUBLIC])
    async def get_certificate(thumbprint: str, credentials: Bearer) -> CertificateRead:
        """By its ``x5t#S256``. A system's is open to everybody, who verify its messages with it; those of people and
        officers are there for whoever holds the enrolment token."""
        if credentials is not None:
            _require_token(service, credentials)
        return CertificateRead.of(service.certificate(thumbprint, systems_only=credentials is None), clock.now())

    @router.post("/certificates/{thumbprint}/revoke", summary="Revoke a certificate", dependencies=token_holder)
    async def revoke_certificate(thumbprint: str, body: RevocationCreate) -> CertificateRead:
        """As of now. There is no way back but a reset of the stand."""
        return CertificateRead.of(await service.revoke(thumbprint, body.reason), clock.now())

    return router


def people_router(service: AuthorityService) -> APIRouter:
    """New people for the stand."""
    router = APIRouter(tags=["people"])

    @router.post("/people", status_code=201, summary="Certify a person", dependencies=[Depends(_authorised(service))])
    async def certify_person(body: PersonCreate) -> ContainerRead:
        """Makes the key as well; for tests that need people of their own."""
        certificate, container = await service.certify_person(
            body.person(), body.kind, rsa=body.key == "rsa", days=body.valid_days
        )
        encoded = base64.b64encode(container).decode()
        return ContainerRead(thumbprint=certificate.thumbprint, pem=certificate.pem, p12=encoded)

    return router


def containers_router(service: AuthorityService) -> APIRouter:
    """The people of the stand and their keys: for the tools only. Pass it as one of ``stand_routers``."""
    router = APIRouter(tags=["people"])

    @router.get("/people", summary="The people of the stand")
    async def list_people() -> list[PersonRead]:
        """Everybody with the kind of their certificate and what becomes of a signature with it."""
        return [PersonRead.of(person) for person in service.people.people]

    @router.get("/people/{iin}.p12", summary="A person's key container", **_binary(_P12))
    async def get_container(iin: str) -> Response:
        """PKCS #12 with an RSA key; the password stands in the list. Made at the first call."""
        headers = {"content-disposition": f'attachment; filename="{iin}.p12"'}
        return Response(await service.container_of(iin), media_type=_P12, headers=headers)

    return router


def _authorised(service: AuthorityService) -> Any:
    @opens_to(Caller.ENROLLER)
    async def check(credentials: Bearer) -> None:
        _require_token(service, credentials)

    return check


def _require_token(service: AuthorityService, credentials: HTTPAuthorizationCredentials | None) -> None:
    service.authorise(credentials.credentials if credentials else None)


def revocation_faults() -> Faults:
    """OCSP and revocation lists, each: answers 503, or hangs up in the middle of the answer."""
    return Faults(
        ocsp_unavailable="OCSP answers 503",
        ocsp_hang_up="OCSP hangs up in the middle of its answer",
        crl_unavailable="The revocation lists answer 503",
        crl_hang_up="The revocation lists hang up in the middle of the answer",
    )


class Played:
    """Plays the faults of one source at the place where it would fail."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def strike(self, source: str) -> Response | None:
        """What ``source`` (``ocsp`` or ``crl``) does instead of answering; raises ``Unavailable`` for 503."""
        if self._faults.strikes(f"{source}-unavailable"):
            raise Unavailable(f"{source} is switched off by a fault of the stand")
        return HangUp() if self._faults.strikes(f"{source}-hang-up") else None


class HangUp(Response):
    """Begins an answer and never ends it; the server then closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send a head and one byte of many."""
        head = [(b"content-type", b"application/octet-stream"), (b"content-length", b"512")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"0", "more_body": True})
