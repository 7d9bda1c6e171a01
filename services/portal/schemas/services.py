"""Services as the portal offers them."""

from typing import Any

from pydantic import BaseModel, Field

from shared.kit.text import Language, Text
from shared.regulations.model import Channel, Regulation
from shared.regulations.source import MODE_WORDS, Mode

_TEXT = {"kk": "Мәтін қазақша", "ru": "Текст по-русски", "en": "The text in English"}


class ServiceSummary(BaseModel):
    """A line of the list of services."""

    id: str
    title: str
    titles: Text
    provider: str

    @classmethod
    def of(cls, regulation: Regulation, language: Language) -> "ServiceSummary":
        """What the list shows of a regulation."""
        return cls(
            id=regulation.id,
            title=regulation.service.pick(language),
            titles=regulation.service,
            provider=regulation.provider.name.pick(language),
        )


class ModeRead(BaseModel):
    """A word of the form in which the service is rendered: electronic or on paper, and how far it is automated."""

    code: Mode = Field(examples=["partly_automated"])
    name: Text


class ServiceRead(ServiceSummary):
    """A service as the portal offers it; texts in all languages, every rule with its clause.

    ``channels``: every way the regulation gives, by the clause that names it. ``source``: the act with what changed it
    and the standard it rests on; ``legal_basis``: the laws it names itself. ``places``: the text's own list of where
    the service is rendered; ``information``: where it says more can be learnt, also about complaining; ``annexes``: its
    handbooks and diagrams with their legends.
    """

    channel: str
    channels: dict[str, str]
    regulation: Text
    clause: str
    source: dict[str, Any] = Field(examples=[{"act": "regulation", "number": "81", "adopted_on": "2018-03-01"}])
    legal_basis: dict[str, Any] | None = Field(examples=[{"text": _TEXT, "clause": "preamble"}])
    modes: list[ModeRead]
    restrictions: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    terms: list[dict[str, Any]]
    results: list[dict[str, Any]]
    places: dict[str, Any] | None = Field(examples=[{"field": "/school", "clause": "annex 1", "places": []}])
    information: list[dict[str, Any]] = Field(
        examples=[[{"code": "contact-centre", "about": ["service"], "clause": "11", "telephones": ["1414"]}]]
    )
    annexes: list[dict[str, Any]] = Field(examples=[[{"code": "diagram-1", "kind": "diagram", "channel": "csc"}]])
    links: dict[str, str]

    @classmethod
    def read(cls, regulation: Regulation, channel: Channel, name: str, language: Language) -> "ServiceRead":
        """Everything about the service in the channel of that name."""
        terms = [term for term in regulation.terms if not term.channels or name in term.channels]
        results = [result for result in regulation.results if result.kind in channel.outcomes.values()]
        return cls(
            **ServiceSummary.of(regulation, language).model_dump(),
            channel=name,
            channels={known: part.clause for known, part in regulation.channels.items() if part.steps},
            regulation=regulation.title,
            clause=channel.clause,
            source=regulation.source.model_dump(mode="json", exclude_none=True),
            legal_basis=regulation.legal_basis.model_dump() if regulation.legal_basis else None,
            modes=[ModeRead(code=mode, name=MODE_WORDS[mode]) for mode in regulation.modes],
            restrictions=[part.model_dump(mode="json") for part in channel.restrictions],
            documents=[part.model_dump(mode="json", exclude_none=True) for part in channel.documents],
            terms=[part.model_dump(mode="json", exclude_none=True) for part in terms],
            results=[part.model_dump(mode="json") for part in results],
            places=regulation.places.model_dump(mode="json", exclude_none=True) if regulation.places else None,
            information=[part.model_dump(mode="json") for part in regulation.information],
            annexes=[part.model_dump(mode="json", exclude_none=True) for part in regulation.annexes],
            links={"form": f"/services/{regulation.id}/form?channel={name}"},
        )
