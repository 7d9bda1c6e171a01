"""A private key with its certificate: what a system signs with. Kept as two PEM files only the owner may read."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from joserfc.jwk import ECKey

from shared.crypto.certificates import Certificate
from shared.kit.durable import make_folder, replace_file
from shared.kit.errors import InvalidInput

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def new_ec_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 key (0.03 ms)."""
    return ec.generate_private_key(ec.SECP256R1())


def new_rsa_key() -> rsa.RSAPrivateKey:
    """A new RSA-2048 key. Takes a tenth of a second: use a thread when a loop is running."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_key_pem(key: PrivateKey) -> bytes:
    """``key`` in PEM (PKCS #8), unencrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load_private_key(pem: bytes) -> PrivateKey:
    """Read an EC or RSA key from PEM. Raises ``InvalidInput``."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidInput(f"not a private key in PEM: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise InvalidInput("the private key is neither EC nor RSA")
    return key


@dataclass(frozen=True, eq=False)
class Identity:
    """Who signs: a private key and the certificate for it."""

    key: PrivateKey
    certificate: Certificate

    @cached_property
    def signing_jwk(self) -> ECKey:
        """The private key for joserfc, imported once. Raises ``TypeError`` unless it is a P-256 key."""
        if not isinstance(self.key, ec.EllipticCurvePrivateKey) or not isinstance(self.key.curve, ec.SECP256R1):
            raise TypeError("messages are signed with a P-256 key (ES256)")
        return ECKey.import_key(private_key_pem(self.key))

    def derived_key(self, info: bytes) -> bytes:
        """A secret of 32 bytes for the use ``info``, which all who hold this identity have (HKDF, RFC 5869)."""
        own = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return HKDF(hashes.SHA256(), length=32, salt=None, info=info).derive(own)

    def fits(self) -> bool:
        """Whether the certificate is for this key."""
        return self.certificate.loaded.public_key() == self.key.public_key()

    def save(self, directory: Path, name: str) -> None:
        """Write ``<name>.key.pem`` (mode 0600) and ``<name>.pem`` into ``directory``, each in one atomic step."""
        make_folder(directory)
        replace_file(directory / f"{name}.key.pem", private_key_pem(self.key))
        replace_file(directory / f"{name}.pem", self.certificate.pem.encode())

    @classmethod
    def load(cls, directory: Path, name: str) -> "Identity | None":
        """What ``save`` wrote; ``None`` if it is absent or broken, or key and certificate do not fit each other."""
        try:
            key = load_private_key((directory / f"{name}.key.pem").read_bytes())
            identity = cls(key, Certificate.from_pem((directory / f"{name}.pem").read_bytes()))
        except (FileNotFoundError, InvalidInput):
            return None
        return identity if identity.fits() else None
