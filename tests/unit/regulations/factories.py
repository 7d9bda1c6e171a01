"""Builders: raw regulations that load, runs that conform, forms that validate."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.kit.iin import make_iin
from shared.regulations.actions import CONDITIONS, OWNERS, Action
from shared.regulations.conformance import StepEvent
from shared.regulations.model import Channel, Regulation

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def text(en: str) -> dict[str, str]:
    """A text in three languages."""
    return {"kk": f"kk {en}", "ru": f"ru {en}", "en": en}


def step(step_id: str, action: Action, **more: Any) -> dict[str, Any]:
    """A raw step with the right owner."""
    actor = OWNERS[action].value
    return {"id": step_id, "action": action.value, "actor": actor, "clause": "10", "text": text(step_id), **more}


def small_regulation() -> dict[str, Any]:
    """Four steps, one condition, one document, one ground: fill, check, refuse or deliver."""
    return {
        "id": "city/service",
        "title": text("title"),
        "service": text("service"),
        "source": {"act": "regulation", "issuer": text("issuer")},
        "provider": {"name": text("provider")},
        "recipients": {"persons": ["natural"], "fee": "free"},
        "channels": {
            "portal": {
                "title": text("portal"),
                "clause": "1",
                "documents": [
                    {
                        "code": "benefit",
                        "name": text("benefit"),
                        "required": "if_claimed",
                        "claimed_by": "/claim",
                        "kind": "scan",
                        "source": "standard",
                        "clause": "9",
                    }
                ],
                "form": {
                    "fields": [
                        {"name": "claim", "type": "choice", "label": text("claim"), "options": [option("yes")]},
                        {"name": "born", "type": "date", "label": text("born")},
                    ]
                },
                "steps": [
                    step("process-1", Action.FILL_REQUEST),
                    step("condition-1", Action.CHECK_DOCUMENTS, on_fail="process-2", next="process-3"),
                    step("process-2", Action.REFUSE_SERVICE, terminal="refused"),
                    step("process-3", Action.DELIVER_RESULT, terminal="granted"),
                ],
                "outcomes": {"granted": "receipt", "refused": "refusal"},
            }
        },
        "results": [result("receipt"), result("refusal")],
        "grounds": [
            {
                "code": "benefit-missing",
                "category": "documents",
                "text": text("missing"),
                "clause": "9",
                "channels": ["portal"],
                "step": "condition-1",
                "check": {"name": "document_attached_if", "document": "benefit", "field": "/claim"},
            }
        ],
        "procedure": [
            {"n": 1, "role": "head", "action": text("decide"), "clause": "5(1)", "durations": []},
        ],
    }


def option(value: str) -> dict[str, Any]:
    """A raw option of a choice."""
    return {"value": value, "label": text(value)}


def result(kind: str) -> dict[str, Any]:
    """A raw result kind."""
    return {"kind": kind, "name": text(kind), "forms": ["electronic"], "clause": "4"}


def centre_regulation() -> dict[str, Any]:
    """The same regulation with the eleven steps of the centre's flow (diagram 1) as its ``csc`` channel."""
    raw = small_regulation()
    raw["grounds"] = []
    raw["channels"] = {"csc": raw["channels"]["portal"]}
    raw["channels"]["csc"]["steps"] = [
        step("process-1", Action.OPERATOR_SIGN_IN),
        step("process-2", Action.ENTER_APPLICANT),
        step("process-3", Action.QUERY_REGISTRIES),
        step("condition-1", Action.CHECK_REGISTRY_DATA, on_fail="process-4", next="process-5"),
        step("process-4", Action.REFUSE_NO_REGISTRY_DATA, terminal="refused"),
        step("process-5", Action.COMPLETE_REQUEST),
        step("process-6", Action.SEND_REQUEST),
        step("process-7", Action.REGISTER_DOCUMENT),
        step("condition-2", Action.CHECK_DOCUMENTS, on_fail="process-8", next="process-9"),
        step("process-8", Action.REFUSE_SERVICE, terminal="refused"),
        step("process-9", Action.HAND_OUT_RESULT, terminal="granted"),
    ]
    return raw


def with_representative(form: dict[str, Any], certification: str = "notarial") -> dict[str, Any]:
    """``form`` with somebody who acts for the applicant; a notarised power of attorney has its data."""
    data = {"register_number": "1-2301", "notarised_on": "2026-01-15"} if certification == "notarial" else {}
    representative = {
        "iin": make_iin(date(2001, 7, 5), "female", 3),
        "surname": "ТЕСТ",
        "given_name": "Виктория",
        "phone": "+77017654321",
    }
    return form | {"representative": representative, "power_of_attorney": {"certification": certification, **data}}


def duplicate_form(**fields: Any) -> dict[str, Any]:
    """A form for a duplicate that validates; keywords replace or add fields."""
    applicant = queue_form()["applicant"]
    del applicant["address"]
    return {
        "applicant": applicant,
        "document_kind": "general_secondary_attestat",
        "school": "№ 12 гимназия",
        "graduation_year": 2007,
        "reason": "lost",
        **fields,
    }


def run(regulation: Regulation, channel: str, path: tuple[str, ...]) -> list[StepEvent]:
    """The events of a right run along ``path``, a second apart; a condition passed unless its refusal follows."""
    part = regulation.channel(channel)
    return [
        event(regulation, channel, part, step_id, at, path[at + 1] if at + 1 < len(path) else None)
        for at, step_id in enumerate(path)
    ]


def event(
    regulation: Regulation, channel: str, part: Channel, step_id: str, at: int, following: str | None
) -> StepEvent:
    """The event of one step."""
    taken = part.step(step_id)
    assert taken is not None
    return StepEvent(
        application="a-1",
        regulation=regulation.id,
        channel=channel,
        step=step_id,
        actor=taken.actor.value,
        time=START + timedelta(seconds=at),
        passed=(following != taken.on_fail) if taken.action in CONDITIONS else None,
        clause=taken.clause,
    )


def queue_form(birth_date: date = date(2022, 3, 4), **child: Any) -> dict[str, Any]:
    """A form of the preschool queue that validates; keywords replace fields of the child."""
    return {
        "applicant": {
            "iin": make_iin(date(1990, 1, 2), "female", 5),
            "surname": "ТЕСТОВА",
            "given_name": "Айгүл",
            "phone": "+77011234567",
            "address": "Алматы қаласы, Абай даңғылы, 1",
        },
        "relation": "parent",
        "child": {
            "iin": make_iin(birth_date, "male", 7),
            "surname": "ТЕСТОВ",
            "given_name": "Әли",
            "birth_date": birth_date.isoformat(),
            **child,
        },
        "district": "medeu",
        "language": "kk",
    }
