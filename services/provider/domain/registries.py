"""What the registries were asked about a matter, and what their answers do to the grounds found by rule.

An answer stands for documents of the package, and may have something against the application. What it has falls under a
ground only where the regulation's file says so; else it is for the officer to see and to judge.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from services.provider.domain.grounds import violations_ground
from shared.kit.text import Text
from shared.messages.registry import Search
from shared.messages.systems import System
from shared.regulations.grounds import FoundGround, evaluate, ground_of
from shared.regulations.model import Channel, Regulation
from shared.regulations.registries import Finding, RegistryQuery, due

_NOT_OBTAINED = Text(
    kk="тізілімде жоқ және қоса берілмеген",
    ru="нет в реестре и не приложено",
    en="neither in the registry nor attached",
)


@dataclass(frozen=True)
class Asked:
    """The questions of one matter: what they are about, which are open, and what the answers said."""

    asked: tuple[str, ...]
    awaited: tuple[str, ...]
    documents: tuple[str, ...] = ()
    """Codes of the documents that the answers stand for."""
    findings: tuple[Finding, ...] = ()
    """What they have against the application."""
    silent: bool = False
    """Whether enough was asked in vain for an officer to go on without the answer."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """As it is kept in the matter."""
        return cls(
            asked=tuple(kept["asked"]),
            awaited=tuple(kept["awaited"]),
            documents=tuple(kept["documents"]),
            findings=tuple(Finding(found) for found in kept["findings"]),
            silent=kept["silent"],
        )

    def kept(self) -> dict[str, Any]:
        """For the matter."""
        return {
            "asked": list(self.asked),
            "awaited": list(self.awaited),
            "documents": list(self.documents),
            "findings": [found.value for found in self.findings],
            "silent": self.silent,
        }

    def answered(self, about: str, documents: Iterable[str], findings: Iterable[Finding]) -> Self:
        """One of them is answered; with the last answer nothing is silent any more."""
        awaited = tuple(item for item in self.awaited if item != about)
        return type(self)(
            asked=self.asked,
            awaited=awaited,
            documents=tuple(dict.fromkeys((*self.documents, *documents))),
            findings=tuple(dict.fromkeys((*self.findings, *findings))),
            silent=self.silent and bool(awaited),
        )


def questions(channel: Channel, form: Mapping[str, Any]) -> tuple[tuple[RegistryQuery, Search], ...]:
    """What the provider asks about an application of the channel; nothing where people of a centre take the documents,
    for they ask. Raises ``pydantic.ValidationError`` for a form that names nobody to ask about."""
    if not channel.steps or channel.steps[0].actor is System.CSC:
        return ()
    return due(channel.registry_queries, form)


def with_answers(
    regulation: Regulation,
    channel: str,
    form: Mapping[str, Any],
    found: Sequence[FoundGround],
    asked: Asked,
    documents: AbstractSet[str],
    on: date,
) -> list[FoundGround]:
    """The grounds ``found`` by rule, once every registry has answered: without those that an extract cures, and with
    what the answers have against the application.

    ``documents``: codes of the documents attached or shown; ``on``: day of application in the provider's calendar.
    """
    before = {ground.code for ground in evaluate(regulation, channel, form, documents, on)}
    after = {ground.code for ground in evaluate(regulation, channel, form, documents | set(asked.documents), on)}
    grounds = {ground.code: ground for ground in found if ground.code in after or ground.code not in before}
    for more in (*_by_findings(regulation, channel, asked), *_not_obtained(regulation, channel, asked, documents)):
        known = grounds.get(more.code)
        grounds[more.code] = more if known is None else _joined(known, more)
    return list(grounds.values())


def _by_findings(regulation: Regulation, channel: str, asked: Asked) -> Iterable[FoundGround]:
    for found in asked.findings:
        try:
            yield ground_of(regulation, channel, found)
        except LookupError:
            continue  # the text makes no ground of it


def _not_obtained(
    regulation: Regulation, channel: str, asked: Asked, documents: AbstractSet[str]
) -> Iterable[FoundGround]:
    """The documents that a registry was to give, did not, and that nobody handed in instead."""
    try:
        ground = violations_ground(regulation, channel)
    except LookupError:
        return
    for document in regulation.channel(channel).documents:
        wanted = document.registry is not None and document.required == "from_registry"
        if wanted and document.code not in documents and document.code not in asked.documents:
            name, words = document.name, _NOT_OBTAINED
            detail = Text(
                kk=f"{name.kk}: {words.kk}", ru=f"{name.ru}: {words.ru}", en=f"{name.en or name.ru}: {words.en}"
            )
            yield FoundGround(code=ground.code, text=ground.text, clause=ground.clause, detail=detail)


def _joined(first: FoundGround, second: FoundGround) -> FoundGround:
    one, other = first.detail, second.detail
    detail = Text(kk=f"{one.kk}; {other.kk}", ru=f"{one.ru}; {other.ru}", en=f"{one.en}; {other.en}")
    return first.model_copy(update={"detail": detail})
