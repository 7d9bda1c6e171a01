"""The cases of diagram 2 that the demo plays: the granted one and every refusal of the diagram.

A case says what the citizen does differently and how the run must end. Which steps it takes is not said here: that is
for the journal to show and for the regulation to judge.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

SERVICE = "almaty-city/preschool-queue"
SCAN = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
"""A one-page scan of a document."""


@dataclass(frozen=True)
class Case:
    """One run through the portal."""

    name: str
    outcome: Literal["granted", "refused", "not_authorised"]
    what: str
    signer: str = "ordinary"
    """Kind of the demo person whose certificate signs (``deploy/demo/people.yaml``)."""
    wrong_password: bool = False
    borrowed_certificate: bool = False
    """Signs with the certificate of somebody else."""
    claims_priority: bool = False
    attaches_scan: bool = False
    child_age: int = 3


CASES: tuple[Case, ...] = (
    Case("granted", "granted", "everything in order: a queue number"),
    Case(
        "granted-with-priority",
        "granted",
        "a first-priority place is claimed and its document attached",
        claims_priority=True,
        attaches_scan=True,
    ),
    Case("wrong-password", "not_authorised", "process 2: the password is wrong", wrong_password=True),
    Case("certificate-revoked", "refused", "process 4: the certificate is on the revocation list", signer="revoked"),
    Case("certificate-expired", "refused", "process 4: the certificate is past its term", signer="expired"),
    Case(
        "iin-mismatch",
        "refused",
        "process 4: the IIN of the certificate is not that of the request",
        borrowed_certificate=True,
    ),
    Case(
        "document-missing",
        "refused",
        "process 7: priority is claimed without the document that proves it",
        claims_priority=True,
    ),
    Case("child-of-school-age", "refused", "process 7: the child has turned seven", child_age=8),
)


def form_for(case: Case, applicant: dict[str, Any], child_iin: str, born: date) -> dict[str, Any]:
    """The filled request form of a case."""
    names = applicant["names"]["ru"]
    form: dict[str, Any] = {
        "applicant": {
            "iin": applicant["iin"],
            "surname": names["surname"],
            "given_name": names["given_name"],
            "phone": "+77010000000",
            "address": "Алматы, ул. Абая, 1",
        },
        "relation": "parent",
        "child": {
            "iin": child_iin,
            "surname": names["surname"],
            "given_name": "Алан",
            "birth_date": born.isoformat(),
        },
        "district": "almaly",
        "language": "kk",
        "preferred_kindergartens": ["№ 1"],
    }
    if case.claims_priority:
        form["priority_category"] = "large_family"
    return form
