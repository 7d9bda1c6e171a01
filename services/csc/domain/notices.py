"""Notices of the provider on the way of a matter, and what the visitor supplies because one asks for it. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.csc.domain.matter import Matter
from services.csc.domain.states import Demand
from services.csc.errors import SupplementClosed


def noticed(matter: Matter, notice: Mapping[str, Any], at: datetime) -> Matter:
    """The provider gives notice; with ``expects`` it asks for a document. The same notice twice changes nothing."""
    if any(known["id"] == notice["id"] for known in matter.notices):
        return matter
    told = replace(matter, notices=[*matter.notices, dict(notice)], changed_at=at)
    if notice["expects"] is None:
        return told
    demand = Demand(
        notice=notice["id"],
        expects=notice["expects"],
        until=notice["until"],
        scan=None,
        sent_at=None,
        message_id=None,
        digest=None,
        trouble=None,
    )
    return replace(told, demands=[*told.demands, demand])


def open_demand(matter: Matter, notice: str, at: datetime) -> Demand:
    """The demand of a notice that can still be met. Raises ``SupplementClosed``."""
    demand = next((known for known in matter.demands if known["notice"] == notice), None)
    if demand is None:
        raise SupplementClosed("no notice asks for this")
    if matter.decision is not None or matter.state.terminal:
        raise SupplementClosed(f"the matter is {matter.state.value}", state=matter.state.value)
    if demand["sent_at"] is not None:
        raise SupplementClosed("it was supplied", sent_at=demand["sent_at"])
    if demand["until"] is not None and at > datetime.fromisoformat(demand["until"]):
        raise SupplementClosed("the time for it is over", until=demand["until"])
    return demand


def met(matter: Matter, demand: Demand, at: datetime) -> Matter:
    """The demand as it stands now."""
    others = [demand if known["notice"] == demand["notice"] else known for known in matter.demands]
    return replace(matter, demands=others, changed_at=at)


def supplement_document(matter: Matter, demand: Demand, operator: Mapping[str, Any]) -> dict[str, Any]:
    """What the visitor supplies in answer to a notice, as an electronic document that ``operator`` certifies."""
    notice = next(known for known in matter.notices if known["id"] == demand["notice"])
    scan = demand["scan"]
    return {
        "kind": "supplement",
        "application": matter.id,
        "service": matter.service,
        "channel": matter.channel,
        "applicant": {"iin": (matter.form or {})["applicant"]["iin"]},
        "operator": dict(operator),
        "notice": {
            "id": notice["id"],
            "kind": notice["kind"],
            "expects": demand["expects"],
            "sha256": (notice["document"] or {}).get("sha256"),
            "issued_at": notice["issued_at"],
        },
        "attachments": [{"document": demand["expects"], **scan}] if scan else [],
        "created_at": notice["issued_at"],
    }


def supplement_rejected(matter: Matter, message_id: str, digest: str, trouble: str, at: datetime) -> Matter:
    """A system does not take what was supplied: it may be supplied again."""
    for demand in matter.demands:
        if (demand["message_id"], demand["digest"]) == (message_id, digest):
            return met(matter, Demand(**{**demand, "sent_at": None, "trouble": trouble}), at)
    return matter
