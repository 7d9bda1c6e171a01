"""A public key infrastructure in memory, for tests that need signatures but no server.

pki = MemoryPKI(clock)
portal = pki.system("portal")
directory = pki.directory()
"""

from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from shared.crypto.certificates import Certificate
from shared.crypto.directory import CertificateDirectory
from shared.crypto.identity import Identity, PrivateKey, new_ec_key, new_rsa_key
from shared.crypto.issuance import CertificateAuthority, Subject, Usage
from shared.crypto.revocation import RevocationList
from shared.crypto.trust import TrustAnchors
from shared.kit.clock import Clock

IIN, OTHER_IIN = "900101300017", "850615400026"
BIN = "990140000011"


@lru_cache(maxsize=1)
def rsa_key() -> RSAPrivateKey:
    """An RSA key, made once per process because making one is slow."""
    return new_rsa_key()


class MemoryPKI:
    """Root, issuing authority and everybody they certify, on the time of ``clock``."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.authority = CertificateAuthority.create("http://pki.test")
        self.certificates: list[Certificate] = []
        self.revoked: dict[int, tuple[datetime, str]] = {}
        self._number = 0

    @property
    def anchors(self) -> TrustAnchors:
        """The trust anchors of this infrastructure."""
        return self.authority.anchors

    @property
    def chain(self) -> tuple[Certificate, Certificate]:
        """What goes into a document's signature beside the signer's certificate."""
        return self.authority.issuing.certificate, self.authority.root.certificate

    def issue(
        self,
        subject: Subject,
        *,
        usage: Usage = "signing",
        key: PrivateKey | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> Identity:
        """A key (EC unless given) with a certificate, valid around now unless said otherwise."""
        now, key = self.clock.now(), key or new_ec_key()
        certificate = self.authority.issue(
            subject,
            key.public_key(),
            usage=usage,
            not_before=not_before or now - timedelta(days=30),
            not_after=not_after or now + timedelta(days=365),
        )
        self.certificates.append(certificate)
        return Identity(key, certificate)

    def person(self, iin: str = IIN, *, key: PrivateKey | None = None, usage: Usage = "signing") -> Identity:
        """A natural person."""
        return self.issue(Subject.person(iin=iin, surname="ТЕСТОВ", given_name="ТЕСТ"), key=key, usage=usage)

    def officer(self, iin: str = IIN, bin: str = BIN) -> Identity:  # noqa: A002 - the law's word
        """An authorised person of an organisation."""
        subject = Subject.person(
            iin=iin, surname="ТЕСТОВА", given_name="ТЕСТА", organisation="TEST education department", bin=bin
        )
        return self.issue(subject)

    def system(self, code: str) -> Identity:
        """An information system."""
        subject = Subject(code, organisation="TEST", bin=BIN, system=code)
        return self.issue(subject, usage="system")

    def expired(self) -> Identity:
        """A person whose certificate ended yesterday."""
        now = self.clock.now()
        return self.issue(_person(), not_before=now - timedelta(days=400), not_after=now - timedelta(days=1))

    def not_yet_valid(self) -> Identity:
        """A person whose certificate begins tomorrow."""
        now = self.clock.now()
        return self.issue(_person(), not_before=now + timedelta(days=1), not_after=now + timedelta(days=400))

    def wrong_usage(self) -> Identity:
        """A person with a certificate for signing in, not for signing."""
        return self.person(usage="authentication")

    def unknown_issuer(self) -> Identity:
        """A person certified by an authority of the same name with other keys."""
        return MemoryPKI(self.clock).person()

    def revoked_person(self) -> Identity:
        """A person whose certificate is on the revocation list."""
        identity = self.person()
        self.revoke(identity.certificate)
        return identity

    def revoke(self, certificate: Certificate, reason: str = "keyCompromise") -> None:
        """Put ``certificate`` on the next revocation list, as of now."""
        self.revoked[certificate.serial_number] = (self.clock.now(), reason)

    def crl(self, lifetime: timedelta = timedelta(hours=1)) -> RevocationList:
        """A newly signed revocation list."""
        self._number += 1
        return self.authority.crl(self.revoked, number=self._number, at=self.clock.now(), lifetime=lifetime)

    def directory(self) -> CertificateDirectory:
        """A directory that knows every certificate issued so far and the revocation list of this moment."""
        directory = CertificateDirectory(self.clock, anchors=self.anchors, crl=self.crl())
        for certificate in self.certificates:
            directory.add(certificate)
        return directory


def _person() -> Subject:
    return Subject.person(iin=IIN, surname="ТЕСТОВ", given_name="ТЕСТ")
