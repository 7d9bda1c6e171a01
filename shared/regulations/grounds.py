"""Which of the regulation's grounds for refusal an application meets, by its documents and by what registries say.

Only what the regulation's file names is looked at. A ground without a check is for an officer to establish.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from shared.kit.text import Language, Text
from shared.regulations.actions import Action
from shared.regulations.checks import finding
from shared.regulations.model import Ground, Regulation, Step
from shared.regulations.parts import Part
from shared.regulations.registries import FINDING_TEXTS, Finding


class FoundGround(Part):
    """A ground that is met: the law's words with their clause, and what was found this time."""

    code: str
    text: Text
    clause: str
    detail: Text


def evaluate(
    regulation: Regulation, channel: str, form: Mapping[str, Any], documents: AbstractSet[str], on: date
) -> list[FoundGround]:
    """The grounds met where the provider examines the application, in the order of the file; empty: none.

    ``form``: the form as sent; ``documents``: codes of the documents attached; ``on``: day of application in the
    provider's local calendar. Raises ``KeyError`` for a channel the regulation has not.
    """
    names = {document.code: document.name for document in regulation.channel(channel).documents}
    found: list[FoundGround] = []
    for ground in examination_grounds(regulation, channel, regulation.variant_of(channel, form)):
        detail = finding(ground.check, form, documents, on, names) if ground.check else None
        if detail is not None:
            found.append(FoundGround(code=ground.code, text=ground.text, clause=ground.clause, detail=detail))
    return found


def ground_of(regulation: Regulation, channel: str, finding: Finding) -> FoundGround:
    """The ground of condition 1 under which an answer of a registry falls, with the finding as its detail.

    Raises ``LookupError`` if the regulation has none for it in this channel.
    """
    for ground in regulation.grounds:
        if channel in ground.channels and finding in ground.findings:
            detail = FINDING_TEXTS[finding]
            return FoundGround(code=ground.code, text=ground.text, clause=ground.clause, detail=detail)
    raise LookupError(f"{regulation.id} names no ground for {finding.value} ({channel})")


def in_words(regulation: Regulation, channel: str, grounds: Sequence[Mapping[str, Any]]) -> Text | None:
    """The reasons of a refusal in the law's words, one after another, and once what may be done about them.

    ``grounds``: found ones as plain data, of which ``code`` and ``text`` are read. ``None`` without any.
    """
    known = [regulation.ground(ground["code"], channel) for ground in grounds]
    remedies = dict.fromkeys(ground.remedy for ground in known if ground is not None and ground.remedy is not None)

    def words(language: Language) -> str:
        reasons = "; ".join(ground["text"][language] for ground in grounds)
        return " ".join((reasons, *(f"({remedy.pick(language)})" for remedy in remedies)))

    return Text(kk=words("kk"), ru=words("ru"), en=words("en")) if grounds else None


def grounds_at(regulation: Regulation, channel: str, action: Action) -> list[Ground]:
    """The grounds that may be found where ``action`` stands in the channel, with and without a check.

    Raises ``KeyError`` for a channel the regulation has not.
    """
    steps = {step.id for step in regulation.channel(channel).steps if step.action is action}
    return [ground for ground in regulation.grounds if channel in ground.channels and ground.step in steps]


def examination_grounds(regulation: Regulation, channel: str, variant: str | None = None) -> list[Ground]:
    """The grounds on which the provider may refuse after examining: those at the condition that checks the documents,
    and those at the end that refuses the service where the flow has no such condition. Empty: the text states none.

    ``variant``: only those stated for that case. Raises ``KeyError`` for a channel the regulation has not.
    """
    actions = (Action.CHECK_DOCUMENTS, Action.REFUSE_SERVICE)
    steps = {step.id for step in regulation.channel(channel).steps if step.action in actions}
    return [
        ground
        for ground in regulation.grounds
        if channel in ground.channels
        and ground.step in steps
        and (variant is None or not ground.variants or variant in ground.variants)
    ]


def may_refuse(regulation: Regulation, channel: str, variant: str | None = None) -> Step | None:
    """The step by which the provider refuses the service in that channel, or ``None`` if the text states no refusal;
    ``variant``: none for that case."""
    if variant is not None and not examination_grounds(regulation, channel, variant):
        return None
    return next((step for step in regulation.channel(channel).steps if step.action is Action.REFUSE_SERVICE), None)
