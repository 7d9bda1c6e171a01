"""Complaints as complainants make them."""

import base64
from typing import Any

from shared.crypto.cades import sign_document
from shared.crypto.canonical import canonical_json
from shared.crypto.identity import Identity
from shared.crypto.testing import IIN, MemoryPKI
from shared.messages.complaints import ComplaintSubmitted
from shared.messages.payload import SignedDocument

SERVICE = "national/preschool-queue-2012"
WRITTEN: dict[str, Any] = {
    "surname": "ТЕСТОВА",
    "given_name": "ҚЫЗҒАЛДАҚ",
    "postal_address": "Сынақ қаласы, Жоқ көшесі, 5",
    "written_on": "2026-06-01",
    "about": "ТЕСТОВ БАСҚА",
    "position": "маман",
    "reasons": "дөрекі қызмет көрсетті",
    "demands": "жауап беру",
}
"""What clause 24 requires, without what it is about."""


def on_paper(level: str, **changes: Any) -> dict[str, Any]:
    """The body of a complaint that is handed in."""
    return {"regulation": SERVICE, "level": level, "signed": True, **WRITTEN, **changes}


def submitted(
    pki: MemoryPKI,
    level: str,
    addressee: str,
    organisation: str | None,
    *,
    signer: Identity | None = None,
    iin: str = IIN,
    application: str | None = None,
    **changes: Any,
) -> ComplaintSubmitted:
    """The payload of a complaint that came from the portal, signed by ``signer`` (default: who complains)."""
    written = WRITTEN | {name: value for name, value in changes.items() if name in WRITTEN or name == "against"}
    content = {**written, "names": f"{written['surname']} {written['given_name']}"}
    document = {
        "kind": "complaint",
        "service": SERVICE,
        "level": level,
        "addressee": addressee,
        "organisation": organisation,
        "application": application,
        "complainant": {"iin": iin},
        "content": content,
    }
    signed, who = canonical_json(document), signer or pki.person(iin)
    der = sign_document(signed, who.key, who.certificate, pki.chain, pki.clock.now())
    return ComplaintSubmitted(
        document=SignedDocument(content=signed.decode(), signature=base64.b64encode(der).decode())
    )
