"""What the demo prints: for every run its steps and its messages, with signature verdicts and times."""

from datetime import datetime
from typing import Any

from services.stand.demo import Run


def lines(run: Run, signature_verdicts: dict[str, str]) -> list[str]:
    """The report on one run. ``signature_verdicts`` by message id, from the gateway's reports."""
    # Registration may be long ago; the run begins with the sign-in.
    start = next((_instant(s["at"]) for s in run.journal["steps"] if s["step"] != "registration"), None)
    head = f"{run.case.name}: {run.case.what}"
    out = ["", head, "-" * len(head)]
    for number, step in enumerate(run.journal["steps"], 1):
        passed = {True: "passed", False: "FAILED", None: ""}[step["passed"]]
        offset = (_instant(step["at"]) - start).total_seconds() * 1000 if start else 0.0
        when = _offset(offset)
        out.append(
            f"  {number:2}. {step['step']:<18} cl. {step['clause']:<7} {_way(run, step):<28} {passed:<7}"
            f"{_signature(step, signature_verdicts):<17} {when}"
        )
    for message in run.messages:
        verdict = signature_verdicts.get(message["message_id"], "unknown")
        way = f"{message['source']} → gateway → {message['destination']}"
        out.append(f"      {message['type']:<26} {way:<44} signatures {verdict}, {message['delivery_state']}")
    note = f" ({run.note})" if run.note else ""
    out.append(f"  => {run.journal['outcome']}{note}; {run.journal['verdict']}; {run.ms} ms")
    return out + [f"     {line}" for line in remarks(run.journal)]


def remarks(journal: dict[str, Any]) -> list[str]:
    """What the gateway adds to its verdict: the deviations, what it waits for, and what went wrong after the end."""
    found = [f"deviation: {d['name']} at {d['step']}: {d['text']}" for d in journal["deviations"]]
    found += [f"awaited: {awaited['text']}" for awaited in journal["awaited"]]
    return found + [f"afterwards: {d['name']} at {d['step']}: {d['text']}" for d in journal["afterwards"]]


def _offset(ms: float) -> str:
    """Time since the sign-in; days where the stand's clock has jumped."""
    if ms < 0:
        return "   earlier"
    return f"{ms:+7.0f} ms" if ms < 3_600_000 else f"{ms / 86_400_000:+7.1f} days"


def _way(run: Run, step: dict[str, Any]) -> str:
    """From whom the step's message came, or to whom it went; the system alone if there was none."""
    if step["received_from"]:
        return f"{step['received_from']} → {step['actor']}"
    sent = next((m for m in run.messages if m["message_id"] == step["message_id"]), None)
    return f"{sent['source']} → {sent['destination']}" if sent else str(step["actor"])


def _signature(step: dict[str, Any], verdicts: dict[str, str]) -> str:
    verdict = step["signature"] or verdicts.get(step["message_id"] or "")
    return f" signature {verdict}" if verdict else ""


def summary(runs: list[Run]) -> str:
    """The last line."""
    good = sum(run.as_expected for run in runs)
    return f"{good} of {len(runs)} runs ended as the regulation says, every step journaled and conformant."


def address_table(urls: dict[str, str], duties: dict[str, str]) -> list[str]:
    """Service, address and what to do there."""
    return [f"  {code:<17} {url:<24} {duties.get(code, '')}" for code, url in urls.items()]


def _instant(value: Any) -> datetime:
    return datetime.fromisoformat(str(value))
