"""Key containers of people: PKCS #12 files, as the national authority hands them out (RFC 7292)."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity, PrivateKey
from shared.kit.errors import InvalidInput


@dataclass(frozen=True)
class KeyContainer:
    """What is in a ``.p12`` file: the identity of its owner and the authorities above."""

    identity: Identity
    chain: tuple[Certificate, ...]


def load_p12(content: bytes, password: str) -> KeyContainer:
    """Open a container. Raises ``InvalidInput`` for a wrong password, a broken file, or one without a key."""
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, password.encode())
    except Exception as error:  # the library has an error for each kind of rubbish, and no base of them all
        raise InvalidInput("the password is wrong or the file is not a PKCS #12 container") from error
    if certificate is None or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise InvalidInput("the container has no RSA or EC key with a certificate")
    identity = Identity(key, Certificate.from_der(certificate.public_bytes(Encoding.DER)))
    chain = tuple(Certificate.from_der(link.public_bytes(Encoding.DER)) for link in others)
    return KeyContainer(identity, chain)


def dump_p12(
    key: PrivateKey, certificate: Certificate, chain: Sequence[Certificate], *, name: str, password: str
) -> bytes:
    """A container with ``key``, ``certificate`` and ``chain`` under ``password``."""
    links = [link.loaded for link in chain]
    protection = BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate.loaded, links, protection)
