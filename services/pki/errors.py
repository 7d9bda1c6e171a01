"""Errors of the certificate authority."""

from shared.kit.errors import Conflict, NotFound, StandError
from shared.kit.text import Text


class UnknownCertificate(NotFound):
    """The authority never issued a certificate with this thumbprint."""

    code = "unknown-certificate"


class UnknownSystem(NotFound):
    """No system of the stand has this code."""

    code = "unknown-system"


class UnknownPerson(NotFound):
    """Nobody among the stand's people has this IIN."""

    code = "unknown-person"


class AlreadyRevoked(Conflict):
    """The certificate was revoked before."""

    code = "already-revoked"


class BrokenStore(StandError):
    """The files of the authority cannot be used; it refuses to start rather than to issue with half of its memory."""

    code = "broken-store"
    title = Text(kk="Қойма бүлінген", ru="Хранилище повреждено", en="The store is damaged")
