"""Signatures of documents: detached CMS with the attributes of CAdES-BES. Made in ``cades``, read and checked here.

asn1crypto reads, cryptography checks the mathematics; who may be trusted is decided by ``verify.verify_document``.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from asn1crypto import algos, cms, core, parser, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.x509 import ExtensionNotFound, SubjectKeyIdentifier

from shared.crypto.cades import DIGEST, HASHES, SET, der, raw_signature, sign_document
from shared.crypto.certificates import Certificate, InvalidCertificate
from shared.crypto.constraints import Fault
from shared.crypto.p12 import KeyContainer, load_p12
from shared.crypto.report import SubIndication
from shared.kit.errors import InvalidInput

__all__ = [
    "DIGEST",
    "DocumentSignature",
    "Fault",
    "InvalidDocumentSignature",
    "KeyContainer",
    "asn1_certificate",
    "decode_signature",
    "load_p12",
    "raw_signature",
    "read_signature",
    "read_signed_data",
    "sign_document",
]

MOST_CERTIFICATES, MOST_ATTRIBUTES = 100, 100
"""Certificates in a signature and in what names the signer's; signed attributes. Limits of the stand: a tenth is usual,
and a megabyte of them takes a second to read."""
_MECHANISMS = frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ecdsa"})
_ARMOUR = re.compile(
    r"\s*-----BEGIN (?P<label>CMS|PKCS7|PKCS #7 SIGNED DATA)-----"
    r"(?P<content>[A-Za-z0-9+/=\s]+)-----END (?P=label)-----\s*"
)


class InvalidDocumentSignature(InvalidInput):
    """The bytes are not a detached CMS signature of one signer that carries the signer's certificate."""

    code = "invalid-document-signature"


@lru_cache(maxsize=1024)
def asn1_certificate(der: bytes) -> x509.Certificate:
    """The certificate as asn1crypto sees it; kept, because reading it anew costs half of a signature."""
    return x509.Certificate.load(der)


@dataclass(frozen=True, eq=False)
class DocumentSignature:
    """A signature that was read but not yet verified."""

    signer_info: cms.SignerInfo
    signed_attributes: bytes
    """The attributes as they came, without tag and length; asn1crypto writes them anew once it has looked inside."""
    certificate: Certificate
    signing_time: datetime | None
    """What the signer claims; proves nothing."""

    @property
    def digest_name(self) -> str:
        """The digest algorithm by its name in hashlib."""
        return str(self.signer_info["digest_algorithm"]["algorithm"].native)

    def fault(self, content: bytes) -> Fault | None:
        """Why this is no valid signature of exactly ``content`` by the key of ``certificate``, or ``None``."""
        if self.digest_name not in HASHES:
            return SubIndication.CRYPTO_CONSTRAINTS_FAILURE, f"the digest {self.digest_name} is not taken"
        return self.digest_fault(hashlib.new(self.digest_name, content).digest())

    def digest_fault(self, digest: bytes) -> Fault | None:
        """As ``fault``, for content whose digest (by ``digest_name``) is known."""
        mechanism, hashed_with = _signature_algorithm(self.signer_info["signature_algorithm"], self.digest_name)
        if self.digest_name not in HASHES or hashed_with not in HASHES or mechanism not in _MECHANISMS:
            detail = f"the algorithms {self.digest_name}, {hashed_with} and {mechanism} are not taken"
            return SubIndication.CRYPTO_CONSTRAINTS_FAILURE, detail
        if not self._names_certificate():
            detail = "the attribute signing-certificate (v1 or v2) is absent or names another certificate"
            return SubIndication.SIG_CONSTRAINTS_FAILURE, detail
        if self._attribute("content_type") != "data":
            return SubIndication.FORMAT_FAILURE, "the signature is not of data"
        if self._attribute("message_digest") != digest:
            return SubIndication.HASH_FAILURE, "the signature is of other content"
        if not self._fits_certificate(mechanism, HASHES[hashed_with]):
            return SubIndication.SIG_CRYPTO_FAILURE, "the signature does not fit the certificate"
        return None

    def _attribute(self, name: str) -> object:
        """The value of a signed attribute that must be there exactly once (RFC 5652 §11.1, §11.2); else ``None``."""
        found = [attribute for attribute in self.signer_info["signed_attrs"] if attribute["type"].native == name]
        return _only_value(found[0]) if len(found) == 1 else None

    def _fits_certificate(self, mechanism: str, algorithm: HashAlgorithm) -> bool:
        # RFC 5652 §5.4: signed is the DER of the attributes as a SET, not under the tag they have in the message.
        signed = der(SET, self.signed_attributes)
        signature = self.signer_info["signature"].native
        key = self.certificate.loaded.public_key()
        try:
            if mechanism == "ecdsa" and isinstance(key, EllipticCurvePublicKey):
                key.verify(signature, signed, ECDSA(algorithm))
            elif mechanism == "rsassa_pkcs1v15" and isinstance(key, RSAPublicKey):
                key.verify(signature, signed, PKCS1v15(), algorithm)
            elif mechanism == "rsassa_pss" and isinstance(key, RSAPublicKey):
                key.verify(signature, signed, self._pss_padding(), algorithm)
            else:
                return False
        except (InvalidSignature, ValueError):
            return False
        return True

    def _pss_padding(self) -> PSS:
        # RFC 4055 §3.1: a mask with another digest than the signature's is allowed, and none of the weak ones here.
        parameters = self.signer_info["signature_algorithm"]["parameters"]
        mask = parameters["mask_gen_algorithm"]
        if mask["algorithm"].native != "mgf1" or parameters["trailer_field"].native != "trailer_field_bc":
            raise ValueError("a mask or trailer that is not RFC 4055's")
        digest = HASHES.get(mask["parameters"]["algorithm"].native)
        if digest is None:
            raise ValueError("the mask is made with a weak digest")
        return PSS(MGF1(digest), parameters["salt_length"].native)

    def _names_certificate(self) -> bool:
        # RFC 5035 §5: without this attribute another certificate for the same key could be put in its place. The digest
        # of version 1 is SHA-1: nobody can make a second certificate for a given one with it.
        found = False
        for attribute in self.signer_info["signed_attrs"]:
            name = attribute["type"].native
            if name not in ("signing_certificate", "signing_certificate_v2"):
                continue
            _bound(attribute["values"], 1, "values of signing-certificate")
            named = attribute["values"][0]["certs"]
            _bound(named, MOST_CERTIFICATES, "certificates in signing-certificate")
            identifier = named[0]
            algorithm = "sha1" if name == "signing_certificate" else identifier["hash_algorithm"]["algorithm"].native
            if algorithm not in HASHES and name != "signing_certificate":
                return False
            if identifier["cert_hash"].native != hashlib.new(algorithm, self.certificate.der).digest():
                return False
            found = True
        return found


def _signature_algorithm(identifier: algos.SignedDigestAlgorithm, digest_name: str) -> tuple[str, str]:
    """Mechanism and digest of the signature over the attributes; plain RSA takes the digest of the content."""
    try:
        return identifier.signature_algo, identifier.hash_algo
    except ValueError:
        return _mechanism_of(identifier), digest_name


def _mechanism_of(identifier: algos.SignedDigestAlgorithm) -> str:
    try:
        return str(identifier.signature_algo)
    except ValueError:
        return str(identifier["algorithm"].native)


def decode_signature(text: str) -> bytes:
    """The CMS that a caller sent: base64, broken into lines or not, or PEM (``CMS``, ``PKCS7``). Raises
    ``InvalidInput``, also for S/MIME, which packs the document as well."""
    armoured = _ARMOUR.fullmatch(text)
    content = armoured["content"] if armoured else text
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        message = "the signature is DER in base64, or PEM (BEGIN CMS or PKCS7)"
        if text.lstrip()[:30].lower().startswith(("mime-version", "content-type")):
            message += "; this is S/MIME: make it with -outform DER or PEM"
        raise InvalidInput(message, faults=[{"in": "body", "path": "/signature", "message": message}]) from error


@lru_cache(maxsize=256)
def read_signature(der: bytes) -> DocumentSignature:
    """Read a detached CMS signature and find the signer's certificate in it. Raises ``InvalidDocumentSignature``."""
    # Kept, because a signature is read where it is made, where it is taken and where it is judged; verified it is each
    # time.
    try:
        content_info = cms.ContentInfo.load(der, strict=True)
        if content_info["content_type"].native == "signed_data":
            return read_signed_data(content_info["content"])
    except InvalidInput:
        raise
    except Exception as error:  # asn1crypto reads lazily and fails on rubbish with errors of many types
        raise InvalidDocumentSignature(f"not a CMS signature: {error}") from error
    raise InvalidDocumentSignature("the CMS is not of type signed-data")


def read_signed_data(signed_data: cms.SignedData) -> DocumentSignature:
    """As ``read_signature``, for SignedData that is already parsed (the one in a PDF)."""
    # Everything is counted before it is read: reading is what costs.
    if not isinstance(signed_data["encap_content_info"]["content"], core.Void):
        raise InvalidDocumentSignature("the signature must be detached from its document")
    signer_infos = signed_data["signer_infos"]
    if _more_than(signer_infos, 1) or not signer_infos:
        raise InvalidDocumentSignature("exactly one signer is expected")
    signer_info = signer_infos[0]
    signed_attributes = signer_info["signed_attrs"].contents
    if not signed_attributes:
        raise InvalidDocumentSignature("the signature has no signed attributes")
    _bound(signer_info["signed_attrs"], MOST_ATTRIBUTES, "signed attributes")
    _bound(signed_data["certificates"], MOST_CERTIFICATES, "certificates")
    for choice in signed_data["certificates"]:
        if choice.name == "certificate" and _identifies(signer_info["sid"], choice.chosen):
            try:
                certificate = Certificate.from_der(choice.chosen.dump())
            except InvalidCertificate as error:
                raise InvalidDocumentSignature(error.detail) from error
            return DocumentSignature(signer_info, signed_attributes, certificate, _signing_time(signer_info))
    raise InvalidDocumentSignature("the signer's certificate is not in the signature")


def _bound(several: core.Asn1Value, most: int, what: str) -> None:
    if _more_than(several, most):
        raise InvalidDocumentSignature(f"there are more than {most} {what}")


def _more_than(several: core.Asn1Value, most: int) -> bool:
    """Whether there are more than ``most`` elements; looks at so many and no further."""
    contents, counted = several.contents or b"", 0
    while contents and counted <= most:
        contents, counted = contents[parser.peek(contents) :], counted + 1
    return counted > most


def _only_value(attribute: cms.CMSAttribute) -> object:
    """The value of an attribute, ``None`` unless it is one."""
    values = attribute["values"]
    return None if _more_than(values, 1) or not values else values[0].native


def _identifies(identifier: cms.SignerIdentifier, certificate: x509.Certificate) -> bool:
    if identifier.name == "subject_key_identifier":
        return bool(identifier.native == _key_identifier(certificate.dump()))
    chosen = identifier.chosen
    same_number = chosen["serial_number"].native == certificate.serial_number
    return bool(same_number and chosen["issuer"].dump() == certificate.issuer.dump())


def _key_identifier(der: bytes) -> bytes | None:
    # Not asn1crypto, which reads every extension for it.
    try:
        extensions = Certificate.from_der(der).loaded.extensions
        return extensions.get_extension_for_class(SubjectKeyIdentifier).value.digest
    except (InvalidCertificate, ExtensionNotFound):
        return None


def _signing_time(signer_info: cms.SignerInfo) -> datetime | None:
    """The one signing time; ``None`` where there is none or several (RFC 5652 §11.3)."""
    found = [attribute for attribute in signer_info["signed_attrs"] if attribute["type"].native == "signing_time"]
    moment = _only_value(found[0]) if len(found) == 1 else None
    return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None
