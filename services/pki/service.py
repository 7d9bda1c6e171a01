"""Use cases of the authority: certify, revoke, tell what is revoked."""

import asyncio
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.pki.domain import (
    DEMO_PASSWORD,
    FOREIGN_IIN,
    DemoPeople,
    DemoPerson,
    IssuedCertificate,
    Kind,
    RevocationReason,
    Status,
    matching,
    newest_first,
    owner_of,
    validity,
)
from services.pki.errors import AlreadyRevoked, UnknownCertificate, UnknownPerson, UnknownSystem
from services.pki.repository import CertificateRegister
from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity, new_ec_key, new_rsa_key
from shared.crypto.issuance import CertificateAuthority, Subject, key_of_request
from shared.crypto.p12 import dump_p12, load_p12
from shared.crypto.responder import Answering, answer_request
from shared.crypto.revocation import RevocationList, RevocationState, RevocationStatus
from shared.crypto.validity import VALID_FROM, VALID_UNTIL
from shared.kit.clock import Clock
from shared.kit.errors import Unauthorised
from shared.messages.systems import SYSTEM_NAMES, System


@dataclass(frozen=True)
class Person:
    """Who asks for a certificate: a natural person, with organisation and BIN if they sign for one."""

    iin: str
    surname: str
    given_name: str
    organisation: str | None = None
    bin: str | None = None


class AuthorityService:
    """The certificate authority at work. ``token`` is the stand's enrolment secret; empty lets nobody in."""

    def __init__(
        self,
        authority: CertificateAuthority,
        register: CertificateRegister,
        people: DemoPeople,
        clock: Clock,
        *,
        token: str,
        crl_lifetime: timedelta,
    ) -> None:
        self.authority = authority
        self.people = people
        self._register = register
        self._clock = clock
        self._token = token
        self._crl_lifetime = crl_lifetime
        self._crl: RevocationList | None = None
        self._root_crl: RevocationList | None = None
        self._crl_number = 0
        self._making: dict[str, asyncio.Lock] = {}

    def authorise(self, token: str | None) -> None:
        """Let only holders of the enrolment token pass. Raises ``Unauthorised``."""
        if not self._token or token is None or not hmac.compare_digest(token.encode(), self._token.encode()):
            raise Unauthorised("the enrolment token is missing or wrong")

    async def certify_system(self, code: str, request_pem: str) -> IssuedCertificate:
        """Certify the key of a signing request for a system of the stand."""
        try:
            system = System(code)
        except ValueError:
            raise UnknownSystem(f"no system “{code}”; there are: {', '.join(System)}") from None
        organisation, bin_ = owner_of(system)
        subject = Subject(SYSTEM_NAMES[system], organisation=organisation, bin=bin_, system=system.value)
        key = key_of_request(request_pem)
        certificate = self.authority.issue(subject, key, usage="system", not_before=VALID_FROM, not_after=VALID_UNTIL)
        return await self._enter(certificate)

    async def certify_officer(self, officer: Person, request_pem: str) -> IssuedCertificate:
        """Certify the key of a signing request for the authorised person of an organisation."""
        key = key_of_request(request_pem)
        certificate = self.authority.issue(
            _subject(officer), key, usage="signing", not_before=VALID_FROM, not_after=VALID_UNTIL
        )
        return await self._enter(certificate)

    async def certify_person(
        self, person: Person, kind: Kind, *, rsa: bool = True, days: int | None = None
    ) -> tuple[Certificate, bytes]:
        """Make a key and a certificate of ``kind`` for a person; the certificate and the key container (PKCS #12).
        ``days``: how long it is valid, for whoever wants to see it end.

        The container of an unknown-issuer is in order in itself, but the authority knows nothing of its certificate.
        """
        key = await asyncio.to_thread(new_rsa_key) if rsa else new_ec_key()
        foreign = kind is Kind.UNKNOWN_ISSUER
        issuer = CertificateAuthority.create("http://foreign.invalid", name="foreign") if foreign else self.authority
        begin, end = validity(kind, self._clock.now(), days)
        certificate = issuer.issue(
            _subject(person, FOREIGN_IIN if kind is Kind.WRONG_IIN else person.iin),
            key.public_key(),
            usage="authentication" if kind is Kind.WRONG_USAGE else "signing",
            not_before=begin,
            not_after=end,
        )
        if not foreign:
            await self._enter(certificate, magic=kind is Kind.REVOKED)
        if kind is Kind.REVOKED:
            # Ever since it is valid: the stand's clock may be set back to any time.
            await self._revoke(certificate.thumbprint, RevocationReason.KEY_COMPROMISE, certificate.not_before)
        return certificate, await _container(Identity(key, certificate), issuer, person.iin)

    async def container_of(self, iin: str) -> bytes:
        """The key container of a person of the stand; made when it is first asked for, because RSA keys take time."""
        person = self.people.find(iin)
        if person is None:
            raise UnknownPerson(f"nobody among the stand's people has the IIN {iin}")
        async with self._making.setdefault(iin, asyncio.Lock()):
            known = self._register.container(iin)
            if known is not None and person.kind is Kind.NOT_YET_VALID and await self._begun(known):
                known = None  # whoever asks now is promised one that is not yet valid
            if known is None:
                _, known = await self.certify_person(_as_person(person), person.kind)
                # Kept last: after a crash before this line the next call certifies anew, and nothing refers to the old
                # key.
                self._register.save_container(iin, known)
            return known

    async def _begun(self, container: bytes) -> bool:
        opened = await asyncio.to_thread(load_p12, container, DEMO_PASSWORD)
        return opened.identity.certificate.not_before <= self._clock.now()

    async def revoke(self, thumbprint: str, reason: RevocationReason) -> IssuedCertificate:
        """Revoke a certificate as of now; the next list and every OCSP answer say so."""
        entry = self.certificate(thumbprint)
        if entry.revoked_at is not None:
            raise AlreadyRevoked(f"revoked at {entry.revoked_at.isoformat()}")
        # Lists count in whole seconds; a fraction would make the certificate look good for the rest of this one.
        moment = self._clock.now().replace(microsecond=0)
        return await self._revoke(thumbprint, reason, moment)

    async def _revoke(self, thumbprint: str, reason: RevocationReason, moment: datetime) -> IssuedCertificate:
        entry = await self._register.set_revocation(thumbprint, moment, reason)
        self._crl = None
        return entry

    def storage_fault(self) -> str | None:
        """Why the authority can keep nothing, ``None`` if it can; it then certifies and revokes nothing."""
        return self._register.fault()

    async def reset(self) -> None:
        """Undo the revocations that were asked for; keys, certificates and the magic ones stay as they are."""
        for entry in self._register.all():
            if entry.revoked_at is not None and not entry.magic:
                await self._register.set_revocation(entry.thumbprint, None, None)
        self._crl = None

    def certificate(self, thumbprint: str, *, systems_only: bool = False) -> IssuedCertificate:
        """The entry with this thumbprint, with ``systems_only`` if it is a system's. Raises ``UnknownCertificate``."""
        entry = self._register.by_thumbprint(thumbprint)
        if entry is None or (systems_only and entry.system is None):
            raise UnknownCertificate(f"no certificate with the thumbprint {thumbprint}")
        return entry

    def search(
        self, *, iin: str | None, system: str | None, status: Status | None, before: str | None, limit: int
    ) -> list[IssuedCertificate]:
        """Entries by person, system and present state, newest first; of those older than ``before`` if it is given."""
        register = newest_first(self._register.all())
        if before is not None:
            seen = [entry.thumbprint for entry in register]
            register = register[seen.index(before) + 1 :] if before in seen else []
        return matching(register, self._clock.now(), iin=iin, system=system, status=status)[:limit]

    def revocation_list(self) -> RevocationList:
        """The current list of the issuing authority, made anew when half of its time is over."""
        if self._crl is None or self._is_old(self._crl):
            revoked = {
                int(entry.serial, 16): (entry.revoked_at, entry.reason.in_list)
                for entry in self._register.all()
                if entry.revoked_at is not None and entry.reason is not None
            }
            self._crl = self.authority.crl(
                revoked, number=self._next_number(), at=self._clock.now(), lifetime=self._crl_lifetime
            )
        return self._crl

    def root_revocation_list(self) -> RevocationList:
        """The current list of the root: empty, for the issuing authority of a stand is never revoked."""
        if self._root_crl is None or self._is_old(self._root_crl):
            self._root_crl = self.authority.crl(
                {}, number=self._next_number(), at=self._clock.now(), lifetime=self._crl_lifetime, by="root"
            )
        return self._root_crl

    def ocsp_answer(self, request: bytes) -> bytes:
        """The signed answer to an OCSP request (RFC 6960), both in DER."""
        authority = self.authority
        answering = (
            Answering(authority.issuing.certificate, authority.responder, self._revocation_status),
            Answering(authority.root.certificate, authority.root, self._status_by_root),
        )
        return answer_request(request, answering=answering, at=self._clock.now())

    def _status_by_root(self, serial_number: int) -> RevocationStatus:
        """The root has certified the issuing authority and itself; neither is ever revoked."""
        known = (link.serial_number for link in self.authority.anchors.chain)
        return RevocationStatus(RevocationState.GOOD if serial_number in known else RevocationState.UNKNOWN)

    def _revocation_status(self, serial_number: int) -> RevocationStatus:
        entry = self._register.by_serial(serial_number)
        if entry is None:
            return RevocationStatus(RevocationState.UNKNOWN)
        if entry.status(self._clock.now()) is not Status.REVOKED or entry.reason is None:
            return RevocationStatus(RevocationState.GOOD)
        return RevocationStatus(RevocationState.REVOKED, entry.revoked_at, entry.reason.in_list)

    def _is_old(self, revocation_list: RevocationList) -> bool:
        # The stand's clock may have been moved either way.
        age = self._clock.now() - revocation_list.this_update
        return not timedelta(0) <= age < self._crl_lifetime / 2

    def _next_number(self) -> int:
        self._crl_number = max(self._crl_number + 1, int(self._clock.timestamp()))
        return self._crl_number

    async def _enter(self, certificate: Certificate, *, magic: bool = False) -> IssuedCertificate:
        entry = IssuedCertificate(
            thumbprint=certificate.thumbprint,
            pem=certificate.pem,
            serial=certificate.serial,
            common_name=certificate.common_name,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            issued_at=self._clock.now(),
            iin=certificate.iin,
            bin=certificate.bin,
            system=certificate.system,
            magic=magic,
        )
        await self._register.add(entry)
        return entry


def _subject(person: Person, iin: str | None = None) -> Subject:
    return Subject.person(
        iin=iin or person.iin,
        surname=person.surname,
        given_name=person.given_name,
        organisation=person.organisation,
        bin=person.bin,
    )


def _as_person(person: DemoPerson) -> Person:
    # Upper case and Kazakh, as in the national authority's certificates.
    name = person.names.kk
    return Person(person.iin, name.surname.upper(), name.given_name.upper())


async def _container(identity: Identity, issuer: CertificateAuthority, name: str) -> bytes:
    chain = issuer.anchors.chain
    return await asyncio.to_thread(
        dump_p12, identity.key, identity.certificate, chain, name=name, password=DEMO_PASSWORD
    )
