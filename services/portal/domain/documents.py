"""The electronic document a person signs, what is still missing for it, and the act that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.portal.domain.application import Application, Demand
from services.portal.domain.devices import Device
from services.portal.domain.notices import Notice
from shared.kit.clock import rfc3339
from shared.kit.iin import masked
from shared.kit.text import Language
from shared.regulations.model import Channel, Document

_EMPTY: tuple[object, ...] = (None, "", [])


@dataclass(frozen=True)
class SignedRequest:
    """What was signed and sent, kept as it left."""

    application: str
    content: str
    signature: str
    certificate: bytes
    report: dict[str, Any]
    submitted_at: datetime


@dataclass(frozen=True)
class IssuedDocument:
    """The provider's act on an application: the result or the reasoned refusal, with the report on its signature."""

    application: str
    sha256: str
    content: str
    signature: str
    report: dict[str, Any]
    provider_bin: str
    granted: bool
    received_at: datetime


@dataclass(frozen=True)
class SignedSupplement:
    """What was signed and sent after the request, kept as it left."""

    notice: str
    application: str
    content: str
    signature: str
    certificate: bytes
    report: dict[str, Any]
    submitted_at: datetime


@dataclass(frozen=True)
class Confirmation:
    """The recipient has confirmed something from a registered telephone with a one-time password."""

    device: Device
    sent_at: datetime
    confirmed_at: datetime

    def fields(self) -> dict[str, Any]:
        """How a document that the portal signs in the recipient's stead states it."""
        device = self.device
        registered_at = rfc3339(device.confirmed_at or device.registered_at)
        return {
            "device": {"id": device.id, "phone": device.phone, "registered_at": registered_at},
            "confirmation": {
                "method": "one-time-password",
                "sent_at": rfc3339(self.sent_at),
                "confirmed_at": rfc3339(self.confirmed_at),
            },
        }


def request_document(application: Application) -> dict[str, Any]:
    """The request as an electronic document; the same content for as long as form and attachments stay the same."""
    return {
        "kind": "application",
        "application": application.id,
        "service": application.service,
        "channel": application.channel,
        "applicant": {"iin": application.iin},
        "form": application.form or {},
        "attachments": [dict(item) for item in application.attachments],
        "created_at": rfc3339(application.created_at),
    }


def supplement_document(application: Application, notice: Notice, demand: Demand) -> dict[str, Any]:
    """What the recipient supplies in answer to a notice."""
    return {
        "kind": "supplement",
        "application": application.id,
        "service": application.service,
        "channel": application.channel,
        "applicant": {"iin": application.iin},
        "notice": {
            "id": notice.id,
            "kind": notice.kind,
            "expects": demand["expects"],
            "sha256": (notice.document or {}).get("sha256"),
            "issued_at": rfc3339(notice.created_at),
        },
        "attachments": [dict(demand["attachment"])] if demand["attachment"] else [],
        "created_at": rfc3339(notice.created_at),
    }


def consent_document(
    application: Application, *, given: bool, reason: str | None, confirmation: Confirmation | None, at: datetime
) -> dict[str, Any]:
    """The recipient's answer to an offer: the consent, or that there is none (``reason``: refused, lapsed)."""
    offer = application.offer or {}
    return {
        "kind": "consent",
        "application": application.id,
        "service": application.service,
        "channel": application.channel,
        "applicant": {"iin": application.iin},
        "given": given,
        "reason": reason,
        "offer": {"sha256": offer.get("sha256"), "issued_at": offer.get("issued_at")},
        **(confirmation.fields() if confirmation else {}),
        "attachments": [],
        "answered_at": rfc3339(at),
    }


def missing(application: Application, channel: Channel) -> list[dict[str, Any]]:
    """What is missing before the request can be signed (process 3): the form, and documents everybody has to attach.

    Whether a claim made in the form is proven by a document is the provider's to find (condition 3).
    """
    found: list[dict[str, Any]] = []
    if channel.form is not None and application.form is None:
        found.append({"kind": "form", "path": ""})
    asked_for = (item for item in channel.documents if item.required == "always" and item.kind != "signed_request")
    lacking = (item for item in asked_for if application.attached(item.code) is None)
    return [
        *found,
        *(
            {"kind": "document", "document": item.code, "name": item.name.model_dump(), "clause": item.clause}
            for item in lacking
        ),
    ]


def attachable(channel: Channel, code: str) -> Document | None:
    """The document a file may be attached for; the signed request itself is not one."""
    return next((d for d in channel.documents if d.code == code and d.kind != "signed_request"), None)


def requisites(document: Mapping[str, Any], language: Language) -> dict[str, str]:
    """What the public verification page may show of an act: no names of people, no form, the IIN masked."""
    shown = {name: document.get(name) for name in ("kind", "service", "application", "entry_number", "decided_at")}
    provider, recipient, queue = (_part(document, name) for name in ("provider", "recipient", "queue"))
    shown |= {"provider": provider.get("name"), "queue_number": queue.get("number")}
    iin = recipient.get("iin")
    shown["recipient"] = masked(iin) if isinstance(iin, str) else None
    return {name: _words(value, language) for name, value in shown.items() if value not in _EMPTY}


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name)
    return part if isinstance(part, Mapping) else {}


def _words(value: object, language: Language) -> str:
    return str(value.get(language, "")) if isinstance(value, Mapping) else str(value)
