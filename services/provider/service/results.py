"""What the provider gives out: the result or the reasoned refusal as an electronic document, formed and signed."""

import base64
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from services.provider.domain.matter import Act, Matter
from services.provider.service.organisations import Organisation, Signatory
from shared.crypto.canonical import canonical_json
from shared.crypto.cms import sign_document
from shared.kit.clock import rfc3339
from shared.kit.ids import sha256_hex
from shared.regulations.actions import Action
from shared.regulations.calendar import WorkCalendar
from shared.regulations.checks import value_at
from shared.regulations.grounds import in_words
from shared.regulations.model import Regulation, ResultKind
from shared.regulations.results import ResultForm
from shared.regulations.terms import Role

REASONED_REFUSAL = "reasoned_refusal"
_PERSON = ("iin", "surname", "given_name", "patronymic", "birth_date")


def allowed_kinds(regulation: Regulation, channel: str, variant: str, outcome: str) -> tuple[str, ...]:
    """The result kinds an outcome may have in that channel and case, the one it has if nobody says more first."""
    part = regulation.channel(channel)
    case = regulation.variant(variant)
    ends = Action.RUN_PROCEDURE if outcome == "granted" else Action.REFUSE_SERVICE
    own = next((step.gives for step in part.steps if step.action is ends and step.gives), None)
    own = own or (case.gives.get(outcome) if case else None)  # type: ignore[call-overload]
    usual = own or part.outcomes.get(outcome)  # type: ignore[call-overload]
    others: tuple[str, ...] = part.alternatives.get(outcome, ())  # type: ignore[call-overload]
    return tuple(dict.fromkeys((*((usual,) if usual else ()), *others)))


def kind_of(matter: Matter, regulation: Regulation) -> ResultKind | None:
    """What the matter results in by its decision; ``None`` where the text names nothing."""
    kinds = allowed_kinds(regulation, matter.channel, matter.variant, matter.decision or "granted")
    kind = matter.result or next(iter(kinds), None)
    return regulation.result(kind) if kind else None


def signing_role(matter: Matter, regulation: Regulation) -> Role | None:
    """Who signs what the matter results in; ``None``: the authorised person."""
    kind = kind_of(matter, regulation)
    return kind.form.signed_by if kind and kind.form else None


def act_fields(
    matter: Matter,
    regulation: Regulation,
    organisation: Organisation,
    form: Mapping[str, Any],
    calendar: WorkCalendar,
    verification_url: str,
    issued_at: datetime,
) -> dict[str, Any]:
    """The result or the reasoned refusal as an electronic document. Who checks it appends its SHA-256 to
    ``verification_url``: a document cannot hold its own digest."""
    granted = matter.decision == "granted"
    person, kind = organisation.signer(signing_role(matter, regulation)), kind_of(matter, regulation)
    decided_at = matter.decided_at or matter.registered_at
    fields: dict[str, Any] = {
        "kind": kind.kind if granted and kind else REASONED_REFUSAL,
        "application": matter.application,
        "entry_number": matter.entry_number,
        "service": matter.regulation,
        "clause": _clause(matter, regulation, kind if granted else None),
        "provider": {"name": organisation.name.model_dump(), "bin": organisation.bin},
        "recipient": person_fields(form.get("applicant")),
        "signed_by": {"name": f"{person.surname} {person.given_name}", "role": person.role.model_dump()},
        "decided_at": rfc3339(decided_at),
        "verification_url": verification_url,
    }
    if kind is not None:
        fields["result"] = kind.kind
    child = person_fields(form.get("child"))
    if child:
        fields["child"] = child
    if matter.queue_number is not None and matter.placing is None:
        fields["queue"] = {"number": matter.queue_number, "place": matter.queue_place}
    if not granted:
        fields["grounds"] = matter.grounds
    if kind is not None and kind.form is not None:
        if kind.form.valid is not None:
            until = calendar.due(issued_at, kind.form.valid)
            if until is not None:
                fields["valid_until"] = rfc3339(until)
        fields["values"] = form_values(kind.form, fields, matter, regulation, form, calendar.zone)
    return fields


def form_values(
    form: ResultForm,
    fields: Mapping[str, Any],
    matter: Matter,
    regulation: Regulation,
    application: Mapping[str, Any],
    zone: tzinfo,
) -> dict[str, Any]:
    """What stands in the fields of the result's form, by their codes; what does not exist in the matter is left out.
    A value is text, or texts by language."""
    known = _known(fields, matter, regulation, zone)
    values: dict[str, Any] = {}
    for item in form.fields:
        value = value_at(application, item.value) if item.value.startswith("/") else known.get(item.value)
        if value not in (None, "", [], {}):
            values[item.code] = value
    return values


def _known(fields: Mapping[str, Any], matter: Matter, regulation: Regulation, zone: tzinfo) -> dict[str, Any]:
    recipient, child, provider = fields["recipient"], fields.get("child", {}), fields["provider"]
    signer = fields["signed_by"]
    decided_at = matter.decided_at or matter.registered_at
    place = matter.placing or {}
    reasons = in_words(regulation, matter.channel, matter.grounds)
    return {
        "recipient_name": names_of(recipient),
        "recipient_iin": recipient.get("iin"),
        "child_name": names_of(child),
        "child_iin": child.get("iin"),
        "child_birth_date": child.get("birth_date"),
        "organisation": provider["name"],
        "signatory": {language: f"{signer['name']}, {role}" for language, role in signer["role"].items()},
        "entry_number": matter.book_entry or matter.entry_number,
        "register_number": matter.register_number or matter.entry_number,
        "decided_on": decided_at.astimezone(zone).date().isoformat(),
        "valid_until": _last_day(fields.get("valid_until"), zone),
        "queue_number": matter.queue_number,
        "kindergarten": place.get("name"),
        "contract_number": (matter.contract or {}).get("number"),
        "reasons": reasons.model_dump() if reasons else None,
    }


def _last_day(until: str | None, zone: tzinfo) -> str | None:
    # The end of a day at 24:00 is shown as that day.
    if until is None:
        return None
    return (datetime.fromisoformat(until).astimezone(zone) - datetime.resolution).date().isoformat()


def sign_act(fields: Mapping[str, Any], signatory: Signatory, at: Any) -> Act:
    """Canonical JSON (RFC 8785) of the act with the authorised person's detached CMS signature."""
    content = canonical_json(fields)
    identity = signatory.identity
    der = sign_document(content, identity.key, identity.certificate, signatory.chain, at)
    return Act(content.decode(), sha256_hex(content), base64.b64encode(der).decode())


def person_fields(part: object) -> dict[str, str]:
    """What an act says of a person of the form; empty if there is none."""
    if not isinstance(part, Mapping):
        return {}
    return {name: str(part[name]) for name in _PERSON if part.get(name)}


def names_of(person: Mapping[str, Any]) -> str:
    """Surname, name and patronymic, as far as the person has them."""
    return " ".join(str(person[name]) for name in ("surname", "given_name", "patronymic") if person.get(name))


def _clause(matter: Matter, regulation: Regulation, granted: ResultKind | None) -> str:
    if granted is not None:
        return granted.clause
    channel = regulation.channel(matter.channel)
    steps = [step.clause for step in channel.steps if step.action is Action.REFUSE_SERVICE]
    return steps[0] if steps else channel.clause
