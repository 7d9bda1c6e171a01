"""Condition 1: what the registries' extracts have against the application. Registries state facts; this judges them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.messages.extracts import PersonExtract, PowerOfAttorneyRecord, PowersOfAttorneyExtract
from shared.regulations.checks import value_at
from shared.regulations.enquiry import Enquiry
from shared.regulations.extracts import judge_person
from shared.regulations.intake import Representation
from shared.regulations.model import Regulation
from shared.regulations.registries import FINDING_TEXTS, Finding

_ABSENT = {
    "applicant": Finding.APPLICANT_ABSENT,
    "child": Finding.CHILD_ABSENT,
    "power_of_attorney": Finding.POWER_ABSENT,
}


@dataclass(frozen=True)
class Judgement:
    """What the judgement rests on: the form, who may act for whom, the day and the moment."""

    service: str
    form: Mapping[str, Any]
    representation: Representation | None
    today: date
    now: datetime


def findings(enquiries: Sequence[Enquiry], basis: Judgement) -> list[Finding]:
    """Everything the answers have against the application, in the order of the questions; empty: condition 1 holds."""
    found: list[Finding] = []
    for enquiry in enquiries:
        if not enquiry.found or enquiry.content is None:
            found.append(_ABSENT[enquiry.about])
        elif enquiry.about == "power_of_attorney":
            extract = PowersOfAttorneyExtract.model_validate_json(enquiry.content)
            found += judge_powers(extract.record.powers_of_attorney, basis)
        else:
            person = PersonExtract.model_validate_json(enquiry.content).record
            found += judge_person(person, enquiry.about, basis.today)
    return found


def judge_powers(powers: Sequence[PowerOfAttorneyRecord], basis: Judgement) -> list[Finding]:
    """What stands against the power of attorney; of several the best one counts."""
    judged = [_judge_power(power, basis) for power in powers]
    return min(judged, key=len) if judged else [Finding.POWER_ABSENT]


def _judge_power(power: PowerOfAttorneyRecord, basis: Judgement) -> list[Finding]:
    rule = basis.representation
    if rule is None:
        return []
    faults = {
        Finding.OTHER_PRINCIPAL: power.principal.iin != value_at(basis.form, rule.principal_iin),
        Finding.OTHER_ATTORNEY: power.attorney.iin != value_at(basis.form, rule.representative_iin),
        Finding.POWER_NOT_YET_VALID: power.valid_from > basis.today,
        Finding.POWER_EXPIRED: power.valid_until < basis.today,
        Finding.POWER_REVOKED: power.revoked_at is not None and power.revoked_at <= basis.now,
        Finding.POWER_NOT_COVERING: not covers(power, rule.power_code, basis.service),
    }
    return [finding for finding, met in faults.items() if met]


def covers(power: PowerOfAttorneyRecord, code: str, service: str) -> bool:
    """Whether the attorney may do the act ``code`` for ``service``."""
    return any(item.code == code and (not item.services or service in item.services) for item in power.powers)


def told(regulation: Regulation, channel: str, found: Sequence[Finding]) -> list[dict[str, Any]]:
    """The findings for the visitor: which and why, each with the law's ground it falls under."""
    grounds = [ground for ground in regulation.grounds if channel in ground.channels]
    lines = []
    for finding in found:
        ground = next((ground for ground in grounds if finding in ground.findings), None)
        line: dict[str, Any] = {"finding": finding.value, "text": FINDING_TEXTS[finding].model_dump()}
        if ground is not None:
            line |= {"ground": ground.code, "ground_text": ground.text.model_dump(), "clause": ground.clause}
        lines.append(line)
    return lines
