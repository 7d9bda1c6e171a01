"""Builders: signed applications as the regional gateway assigns them."""

import base64
from datetime import date, datetime
from typing import Any

from shared.crypto.canonical import canonical_json
from shared.crypto.cms import sign_document
from shared.crypto.identity import Identity
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import rfc3339
from shared.kit.ids import sha256_hex
from shared.kit.iin import make_iin
from shared.messages.application import ApplicationAssigned
from shared.messages.payload import AttachmentReference, SignedDocument

SERVICE = "almaty-city/preschool-queue"
APPLICANT = make_iin(date(1990, 1, 1), "female", 100)
SCAN = b"%PDF-1.7 a scan of the benefit document"


def child(born: date = date(2023, 5, 4)) -> dict[str, str]:
    """A child whose IIN and birth date agree."""
    return {
        "iin": make_iin(born, "male", 200),
        "surname": "ТЕСТОВ",
        "given_name": "ӘЛІ",
        "birth_date": born.isoformat(),
    }


def attachment(content: bytes = SCAN, **changes: Any) -> AttachmentReference:
    """A reference to the benefit document."""
    fields = {
        "document": "benefit_document",
        "name": "жеңілдік.pdf",
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": sha256_hex(content),
        "href": f"egov://portal/attachments/{sha256_hex(content)}",
    }
    return AttachmentReference.model_validate(fields | changes)


def document(
    application: str, created_at: datetime, attachments: tuple[AttachmentReference, ...] = (), **form: Any
) -> dict[str, Any]:
    """What the applicant signs; ``form`` overrides fields of the form."""
    fields = {
        "applicant": {"iin": APPLICANT, "surname": "ТЕСТОВА", "given_name": "ҚЫЗҒАЛДАҚ", "patronymic": "ӨМІРҚЫЗЫ"},
        "relation": "parent",
        "child": child(),
        "district": "almaly",
        "language": "kk",
        **({"priority_category": "orphan"} if attachments else {}),
        **form,
    }
    return {
        "kind": "application",
        "application": application,
        "service": SERVICE,
        "channel": "portal",
        "applicant": {"iin": APPLICANT},
        "form": fields,
        "attachments": [item.model_dump(exclude={"href"}) for item in attachments],
        "created_at": rfc3339(created_at),
    }


def assigned(
    pki: MemoryPKI,
    application: str,
    *,
    attachments: tuple[AttachmentReference, ...] = (),
    signer: Identity | None = None,
    signed_at: datetime | None = None,
    changes: dict[str, Any] | None = None,
    **form: Any,
) -> ApplicationAssigned:
    """A registered application; ``changes`` override members of the signed document, ``form`` fields of its form."""
    now = pki.clock.now()
    content = canonical_json(document(application, now, attachments, **form) | (changes or {}))
    signer = signer or pki.person(APPLICANT)
    der = sign_document(content, signer.key, signer.certificate, pki.chain, signed_at or now)
    return ApplicationAssigned(
        channel="portal",
        entry_number="2026-000001",
        registered_at=now,
        document=SignedDocument(content=content.decode(), signature=base64.b64encode(der).decode()),
        attachments=attachments,
    )
