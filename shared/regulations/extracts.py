"""What a person's extract means to whoever asked for it: which documents it stands for, what it has against an
application. A registry states facts; this reads them as the regulation's file says.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shared.messages.extracts import (
    Benefit,
    CapabilityStatus,
    CivilCertificate,
    LifeStatus,
    PersonExtract,
    PersonRecord,
    RestrictionKind,
)
from shared.messages.registry import Part
from shared.regulations.checks import value_at
from shared.regulations.enquiry import Enquiry
from shared.regulations.model import Channel, Document
from shared.regulations.registries import Finding

CHILD_IIN = "/child/iin"
"""Where forms have the IIN of the child they are about."""
_RELATIVES = (Part.CHILDREN, Part.GUARDIANSHIP)


def judge_person(person: PersonRecord, about: str, today: date) -> list[Finding]:
    """What stands against relying on the record of the applicant or the child (``about``) on the day ``today``."""
    child = about == "child"
    if person.removed or any(
        item.kind is RestrictionKind.EXCLUDED and (item.until is None or item.until >= today)
        for item in person.restrictions or ()
    ):
        return [Finding.CHILD_REMOVED if child else Finding.APPLICANT_REMOVED]
    if person.life_status is LifeStatus.DEAD:
        return [Finding.CHILD_DEAD if child else Finding.APPLICANT_DEAD]
    if not child and person.capability and person.capability.status is CapabilityStatus.INCAPABLE:
        return [Finding.APPLICANT_INCAPABLE]
    return []


def judge_answer(enquiry: Enquiry, form: Mapping[str, Any], today: date) -> list[Finding]:
    """Everything the answer to a question about a person has against the application; empty: nothing.

    Where the applicant's relatives were asked for, the child of the form has to be one of them.
    """
    if not enquiry.found or enquiry.content is None:
        return [Finding.CHILD_ABSENT if enquiry.about == "child" else Finding.APPLICANT_ABSENT]
    person = PersonExtract.model_validate_json(enquiry.content).record
    found = judge_person(person, enquiry.about, today)
    asked = enquiry.about == "applicant" and any(part.value in enquiry.include for part in _RELATIVES)
    if asked and value_at(form, CHILD_IIN) and not _is_theirs(person, form, today):
        found.append(Finding.CHILD_OF_OTHERS)
    return found


def _is_theirs(person: PersonRecord, form: Mapping[str, Any], today: date) -> bool:
    """Whether the child of the form is a child or ward of the person."""
    relatives = (*(person.children or ()), *(person.guardianship or ()))
    return any(
        relative.iin == value_at(form, CHILD_IIN) and (relative.until is None or relative.until >= today)
        for relative in relatives
    )


def obtained_documents(channel: Channel, enquiry: Enquiry, form: Mapping[str, Any]) -> list[str]:
    """The codes of the documents of the channel that the answer stands for."""
    if not enquiry.found:
        return []
    return [document.code for document in channel.documents if stands_for(document, enquiry, form)]


def stands_for(document: Document, enquiry: Enquiry, form: Mapping[str, Any]) -> bool:
    """Whether the extract has the part of a person's record that stands for the document."""
    part = document.registry
    if part is None or part.value not in enquiry.include or enquiry.content is None:
        return False
    record = PersonExtract.model_validate_json(enquiry.content).record
    value = getattr(record, part.value)
    if part in _RELATIVES:
        # Of the applicant's relatives the extract has the birth certificates too.
        relatives = (*(record.children or ()), *(record.guardianship or ()))
        return any(item.iin == value_at(form, CHILD_IIN) and item.birth_certificate is not None for item in relatives)
    if part is Part.BENEFITS:
        claim = value_at(form, document.claimed_by) if document.claimed_by else None
        return any(benefit.kind == claim and _lasts(benefit, enquiry) for benefit in value or ())
    if not value or document.registry_after is None:
        return bool(value)
    issued_on = value.issued_on if isinstance(value, CivilCertificate) else None
    return issued_on is not None and issued_on > document.registry_after


def _lasts(benefit: Benefit, enquiry: Enquiry) -> bool:
    return benefit.until is None or enquiry.answered_at is None or benefit.until >= enquiry.answered_at.date()
