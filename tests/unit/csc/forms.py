"""Filled forms of both services."""

from typing import Any

QUEUE, DUPLICATE = "almaty-city/preschool-queue", "almaty-city/education-document-duplicate"
APPLICANT, CHILD, ATTORNEY = "900101300017", "230510500012", "850615400026"
CHILD_BORN = "2023-05-10"

_PERSON = {"surname": "ТЕСТОВА", "given_name": "Әсел", "phone": "+77010000000"}
NOTARIAL = {"certification": "notarial", "register_number": "1-2301", "notarised_on": "2026-01-15"}
OTHER_CERTIFICATION = {"certification": "other"}


def queue_form(**changes: Any) -> dict[str, Any]:
    """A form of the preschool queue without a fault."""
    return {
        "applicant": {"iin": APPLICANT, **_PERSON, "address": "Алматы, Абай даңғылы, 1"},
        "relation": "parent",
        "child": {"iin": CHILD, "birth_date": CHILD_BORN, "surname": "ТЕСТОВ", "given_name": "Алан"},
        "district": "almaly",
        "language": "kk",
        **changes,
    }


def duplicate_form(**changes: Any) -> dict[str, Any]:
    """A form of the duplicate of an education document without a fault."""
    return {
        "applicant": {"iin": APPLICANT, **_PERSON},
        "document_kind": "general_secondary_attestat",
        "school": "№ 1 мектеп",
        "graduation_year": 2008,
        "reason": "lost",
        **changes,
    }


def represented(power: dict[str, str] | None = None) -> dict[str, Any]:
    """The parts of a form that name a representative and the power of attorney."""
    representative = {"iin": ATTORNEY, "surname": "ТЕСТОВ", "given_name": "Болат", "phone": "+77020000000"}
    return {"representative": representative, "power_of_attorney": NOTARIAL if power is None else power}
