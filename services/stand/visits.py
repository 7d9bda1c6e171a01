"""The cases that the demo plays at centres: diagram 1 for both regulations that have it, and the short form."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shared.kit.iin import make_iin

QUEUE = "almaty-city/preschool-queue"
DUPLICATE = "almaty-city/education-document-duplicate"

APPLICANT = "900412412107"
"""Who applies, unless the case says otherwise; known to the persons registry with her children."""
ATTORNEY = "010705612384"
"""Whom the powers of attorney of the stand name, unless their fate says otherwise."""
UNKNOWN = "880818349011"
"""In no register."""


@dataclass(frozen=True)
class Visit:
    """One visit to a centre."""

    name: str
    outcome: Literal["granted", "refused"]
    what: str
    service: str
    applicant: str = APPLICANT
    certification: Literal["notarial", "other"] | None = None
    """A representative comes, under a power of attorney certified like this."""
    register_number: str = "1-2301"
    package: Literal["complete", "incomplete"] = "complete"
    child_age: int | None = None
    """The child is not one of the applicant's in the registry but a namesake of this age."""
    refused_by_officer: str | None = None
    """Ground an officer refuses with; the autopilot is off meanwhile."""
    collected: bool = True


@dataclass(frozen=True)
class ShortVisit:
    """One visit to a counter that takes documents in the short form: package, provider, result."""

    name: str
    outcome: Literal["granted", "refused"]
    what: str
    service: str
    kind: str = "centre"
    """Of the counter."""
    centre: str = "taldykorgan"
    package: Literal["complete", "incomplete"] = "complete"

    @property
    def channel(self) -> str:
        """The channel of the regulation."""
        return "employment_centre" if self.kind == "employment_centre" else "csc"


def _visits(service: str, short: str) -> tuple[Visit, ...]:
    return (
        Visit(f"csc-{short}-granted", "granted", "a visitor applies and collects the result", service),
        Visit(
            f"csc-{short}-notarised-representative",
            "granted",
            "a representative under a notarised power of attorney: both registries are asked",
            service,
            certification="notarial",
        ),
        Visit(
            f"csc-{short}-other-certification",
            "granted",
            "a power of attorney certified otherwise: handed in on paper, the notary registry is not asked",
            service,
            certification="other",
        ),
        Visit(
            f"csc-{short}-unknown-person",
            "refused",
            "process 4: the applicant is not in the persons registry",
            service,
            applicant=UNKNOWN,
        ),
        Visit(
            f"csc-{short}-unknown-power-of-attorney",
            "refused",
            "process 4: the notary registry has no such power of attorney",
            service,
            certification="notarial",
            register_number="9-9999",
        ),
        Visit(
            f"csc-{short}-acceptance-refused",
            "refused",
            "the package is not complete: refusal to accept, with a receipt that lists what is missing",
            service,
            certification="other",
            package="incomplete",
        ),
        Visit(
            f"csc-{short}-refused",
            "refused",
            "process 8: the provider finds no ground for the service",
            service,
            refused_by_officer="child-not-under-seven" if service == QUEUE else "no-basis",
        ),
        Visit(
            f"csc-{short}-uncollected",
            "granted",
            "nobody comes for the result: after a month it goes back to the provider",
            service,
            collected=False,
        ),
    )


ORALMAN = "almaty-oblast/oralman-status"
ASSISTANCE_CERTIFICATE = "almaty-oblast/targeted-assistance-certificate"
SHORT_VISITS: tuple[ShortVisit, ...] = (
    ShortVisit("csc-oralman-granted", "granted", "the five steps of the State Corporation", ORALMAN),
    ShortVisit(
        "csc-oralman-district-branch",
        "granted",
        "at a district branch: couriers bring the package and the result",
        ORALMAN,
        kind="district_branch",
        centre="eskeldi",
    ),
    ShortVisit(
        "csc-oralman-acceptance-refused",
        "refused",
        "the package is not complete: refusal to accept, with a receipt that lists what is missing",
        ORALMAN,
        package="incomplete",
    ),
    ShortVisit(
        "employment-centre-certificate",
        "granted",
        "the employment centre takes the documents as the State Corporation does",
        ASSISTANCE_CERTIFICATE,
        kind="employment_centre",
        centre="taldykorgan-employment",
    ),
)
VISITS: tuple[Visit, ...] = (*_visits(QUEUE, "queue"), *_visits(DUPLICATE, "duplicate"))


def form_of(visit: Visit, notarised_on: str | None, today: date) -> dict[str, Any]:
    """The form an operator fills for a visit."""
    form: dict[str, Any] = {
        "applicant": {
            "iin": visit.applicant,
            "surname": "Сеитова",
            "given_name": "Асель",
            "phone": "+77010000000",
        }
    }
    if visit.service == QUEUE:
        form["applicant"]["address"] = "Алматы, ул. Абая, 1"
        born = date(2021, 11, 25)
        child = "211125625724"
        if visit.child_age is not None:
            born = today.replace(year=today.year - visit.child_age, day=min(today.day, 28))
            child = make_iin(born, "female", 1)
        form |= {
            "relation": "parent",
            "child": {"iin": child, "surname": "Сеитова", "given_name": "Аяла", "birth_date": born.isoformat()},
            "district": "almaly",
            "language": "kk",
        }
    else:
        form |= {
            "document_kind": "general_secondary_attestat",
            "school": "Школа № 0",
            "graduation_year": 2008,
            "reason": "lost",
        }
    if visit.certification is not None:
        form["representative"] = {
            "iin": ATTORNEY,
            "surname": "Тестов",
            "given_name": "Адиль",
            "phone": "+77010000001",
        }
        form["power_of_attorney"] = {"certification": visit.certification}
        if visit.certification == "notarial":
            form["power_of_attorney"] |= {
                "register_number": visit.register_number,
                "notarised_on": notarised_on or today.isoformat(),
            }
    return form
