"""Receipts for the visitor: the groups of fields the regulation lists, filled from the matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from services.csc.domain.matter import Matter
from services.csc.domain.people import Centre
from shared.regulations.intake import ReceiptForm
from shared.regulations.model import Channel, Regulation


@dataclass(frozen=True)
class ReceiptBasis:
    """Everything a receipt is made from."""

    matter: Matter
    regulation: Regulation
    channel: Channel
    centre: Centre
    employee: str
    """Names of the worker who accepted, or did not accept, the documents."""
    zone: tzinfo


def receipt_items(basis: ReceiptBasis) -> dict[str, Any]:
    """Every thing a receipt can state that exists in this matter; texts in three languages, times local."""
    matter, form = basis.matter, basis.matter.form or {}
    present = [paper["document"] for paper in matter.papers if paper["present"]]
    names = {document.code: document.name.model_dump() for document in basis.channel.documents}
    representative = form.get("representative") or {}
    accepted = matter.accepted_at.astimezone(basis.zone) if matter.accepted_at else None
    ready = matter.ready_by.astimezone(basis.zone) if matter.ready_by else None
    found: dict[str, Any] = {
        "number": matter.number,
        "date": accepted and f"{accepted:%d.%m.%Y %H:%M}",
        "service": basis.regulation.service.model_dump(),
        "document_count": len(present),
        "document_names": [names[code] for code in present],
        "missing_documents": [item["name"] for item in (matter.closing or {}).get("missing", ())],
        "issue_date": ready and f"{ready:%d.%m.%Y}",
        "issue_time": ready and f"{ready:%H:%M}",
        "issue_place": {
            language: f"{basis.centre.name.pick(language)}, {basis.centre.address.pick(language)}"
            for language in ("kk", "ru", "en")
        },
        "employee_names": basis.employee,
        "applicant_names": person_names(form.get("applicant") or {}),
        "representative_names": person_names(representative) if representative else None,
        "applicant_phone": (form.get("applicant") or {}).get("phone"),
        "representative_phone": representative.get("phone"),
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def receipt(form: ReceiptForm, basis: ReceiptBasis) -> dict[str, Any]:
    """The receipt group by group, in the order of the regulation. What does not exist in the matter is left out."""
    items = receipt_items(basis)
    return {
        "kind": form.kind,
        "name": form.name.model_dump(),
        "clause": form.clause,
        "annex": form.annex.model_dump() if form.annex else None,
        "regulation": basis.regulation.id,
        "application": basis.matter.id,
        "groups": [
            {
                "code": group.code,
                "text": group.text.model_dump(),
                "items": {name: items[name] for name in group.items if name in items},
            }
            for group in form.groups
        ],
    }


def person_names(person: Mapping[str, Any]) -> str:
    """Surname, name and patronymic, as far as the person has them."""
    parts: Sequence[Any] = [person.get(name) for name in ("surname", "given_name", "patronymic")]
    return " ".join(str(part) for part in parts if part)
