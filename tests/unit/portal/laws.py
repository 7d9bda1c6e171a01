"""Small regulations with the flows that those of Almaty city do not have: short form, mobile, proactive."""

from typing import Any

from shared.regulations.actions import Action
from shared.regulations.model import Regulation
from tests.unit.portal.bench import Bench
from tests.unit.regulations.factories import option, result, small_regulation, step, text

SHORT = "oblast/assistance"
SCHOOLING = "national/schooling"


def _applicant() -> dict[str, Any]:
    fields = [
        {"name": "iin", "type": "iin", "label": text("iin"), "required": True},
        {"name": "surname", "type": "text", "label": text("surname"), "required": True, "max_length": 100},
    ]
    return {"name": "applicant", "type": "group", "label": text("applicant"), "required": True, "fields": fields}


def _channel(steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    refused = step("refuse-service", Action.REFUSE_SERVICE, instead_of=["procedure"], terminal="refused")
    delivery = step("delivery", Action.DELIVER_RESULT, inside="procedure", terminal="granted")
    procedure = step("procedure", Action.RUN_PROCEDURE)
    outcomes = {"granted": "notification", "refused": "refusal"}
    return {
        "title": text("channel"),
        "clause": "1(2)",
        "form": {"fields": [_applicant()]},
        "outcomes": outcomes,
        "steps": [*steps, procedure, delivery, refused],
        **more,
    }


def _raw(regulation_id: str, channels: dict[str, Any], **more: Any) -> dict[str, Any]:
    minutes = {"n": 1, "role": "head", "action": text("sign"), "clause": "5(1)", "acts": ["sign"]}
    days = {"n": 2, "role": "head", "action": text("issue"), "clause": "5(2)", "acts": ["issue"]}
    return {
        **small_regulation(),
        "id": regulation_id,
        "channels": channels,
        "results": [result("notification"), {**result("refusal"), "is_refusal": True}],
        "grounds": [],
        "procedure": [
            {**minutes, "durations": [{"value": 30, "unit": "minutes"}]},
            {**days, "durations": [{"value": 2, "unit": "working_days"}]},
        ],
        **more,
    }


def short_form() -> Regulation:
    """Two steps of the portal before the procedure, only for persons with disabilities; and a channel of the centre."""
    category = {
        "name": "category",
        "type": "choice",
        "label": text("category"),
        "required": True,
        "options": [option("disability"), option("other")],
    }
    restriction = {
        "text": text("only for persons with disabilities"),
        "clause": "1(3)",
        "check": {"name": "one_of", "field": "/category", "values": ["disability"]},
    }
    channels = {
        "portal": _channel(
            [
                step("step-1", Action.SUBMIT_REQUEST, person="recipient"),
                step("step-2", Action.SHOW_ACCEPTANCE),
            ],
            form={"fields": [_applicant(), category]},
            restrictions=[restriction],
        ),
        "csc": _channel([step("step-0", Action.RECEIVE_PACKAGE)], clause="1(1)"),
    }
    return Regulation.model_validate(_raw(SHORT, channels))


def schooling() -> Regulation:
    """A service that is asked for from a registered device, or offered by the state."""
    consent = [
        step("offer", Action.OFFER_SERVICE),
        step("consent", Action.GIVE_CONSENT, on_fail="no-consent", next="procedure"),
        step("no-consent", Action.REFUSE_SERVICE, terminal="refused"),
    ]
    channels = {
        "mobile": _channel([step("submit", Action.SUBMIT_FROM_DEVICE, person="recipient")], clause="1(3)"),
        "proactive": {**_channel(consent, clause="3"), "form": None},
    }
    return Regulation.model_validate(_raw(SCHOOLING, channels))


def know(bench: Bench, *regulations: Regulation) -> None:
    """Let the portal render these services too."""
    for regulation in regulations:
        bench.regulations._by_id[regulation.id] = regulation
