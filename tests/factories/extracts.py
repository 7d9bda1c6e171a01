"""Extracts as a registry forms and signs them."""

import base64
from typing import Any

from shared.crypto.cades import sign_document
from shared.crypto.canonical import canonical_json
from shared.crypto.identity import Identity
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import rfc3339
from shared.kit.ids import sha256_base64url
from shared.messages.envelope import Message
from shared.messages.payload import SignedDocument
from shared.messages.registry import REGISTRY_BINS
from shared.messages.systems import System

CARD = "012345678"
WORDS = {"kk": "ТЕСТ", "ru": "ТЕСТ"}
NAMES = {language: {"surname": "ТЕСТОВА", "given_name": "Әсел"} for language in ("kk", "ru")}


def person(iin: str, include: list[str], **changes: Any) -> dict[str, Any]:
    """A person's record with the parts asked for."""
    parts: dict[str, Any] = {
        "identity_documents": [
            {
                "type": "identity_card",
                "number": CARD,
                "issued_on": "2020-01-01",
                "expires_on": "2030-01-01",
                "issued_by": {"code": "1", **WORDS},
                "status": "valid",
            }
        ],
        "capability": {"status": "capable"},
        "birth_certificate": {"number": "АА-1", "issued_on": "2023-06-01"},
        "address": {"country": {"code": "KZ", **WORDS}, "region": WORDS},
    }
    return {
        "iin": iin,
        "names": NAMES,
        "sex": "male",
        "birth_date": "1990-01-01",
        "citizenship": {"code": "KAZ", **WORDS},
        "life_status": "alive",
        **{name: value for name, value in parts.items() if name in include},
        **changes,
    }


def statement(pki: MemoryPKI, request: Message, record: dict[str, Any], /, **changes: Any) -> dict[str, Any]:
    """The content of an extract that answers ``request``."""
    persons = request.destination is System.PERSONS
    kind = {"kind": "person_extract", "included": request.data.get("include", [])} if persons else {}
    return {
        **(kind or {"kind": "powers_of_attorney_extract"}),
        "record": record,
        "registry": request.destination.value,
        "request": {"message_id": request.id, "digest": sha256_base64url(request.encode())},
        "application": request.subject,
        "regulation": request.regulation,
        "issued_at": rfc3339(pki.clock.now()),
        "signed_by": {
            "name": "ТЕСТОВ Т.",
            "role": WORDS,
            "organisation": WORDS,
            "bin": REGISTRY_BINS[request.destination],
        },
        **changes,
    }


def signed(pki: MemoryPKI, content: dict[str, Any], signer: Identity) -> SignedDocument:
    """A document with a detached CMS."""
    raw = canonical_json(content)
    der = sign_document(raw, signer.key, signer.certificate, pki.chain, pki.clock.now())
    return SignedDocument(content=raw.decode(), signature=base64.b64encode(der).decode())


def registrar(pki: MemoryPKI, registry: System) -> Identity:
    """Who signs for a registry."""
    return pki.officer(iin="810214433015", bin=REGISTRY_BINS[registry])
