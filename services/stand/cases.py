"""The cases of diagram 2 that the demo plays: the granted one and every refusal of the diagram.

A case says what the citizen does differently and how the run must end. Which steps it takes is not said here: that is
for the journal to show and for the regulation to judge.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shared.kit.iin import birth_date_of, make_iin

SERVICE = "almaty-city/preschool-queue"
_SCHOOL = 7
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


def child_of(case: Case, applicant: dict[str, Any], today: date) -> tuple[str, date]:
    """The child a case is about, with the date of birth: one of the applicant's own, as the persons registry is asked
    about it: the eldest or the youngest, whichever is on the case's side of the seventh birthday.

    Where the applicant has none that old or young the run must end before a registry is asked; it gets an invented one.
    """
    for iin in sorted(
        (str(child["iin"]) for child in applicant["children"]), key=_born, reverse=case.child_age < _SCHOOL
    ):
        if (_age(_born(iin), today) < _SCHOOL) == (case.child_age < _SCHOOL):
            return iin, _born(iin)
    born = today.replace(year=today.year - case.child_age, day=min(today.day, 28))
    return make_iin(born, "male", 1), born


def _born(iin: str) -> date:
    born = birth_date_of(iin)
    assert born is not None, "people of the stand have numbers with a date"
    return born


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


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
