"""Services as the portal offers them."""

from typing import Any

from pydantic import BaseModel

from shared.kit.text import Language, Text
from shared.regulations.model import Channel, Regulation


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


class ServiceRead(ServiceSummary):
    """A service as the portal offers it; texts in all languages, every rule with its clause.

    ``channels``: every way the regulation gives, by the clause that names it.
    """

    channel: str
    channels: dict[str, str]
    regulation: Text
    clause: str
    restrictions: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    terms: list[dict[str, Any]]
    results: list[dict[str, Any]]
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
            restrictions=[part.model_dump(mode="json") for part in channel.restrictions],
            documents=[part.model_dump(mode="json", exclude_none=True) for part in channel.documents],
            terms=[part.model_dump(mode="json", exclude_none=True) for part in terms],
            results=[part.model_dump(mode="json") for part in results],
            links={"form": f"/services/{regulation.id}/form?channel={name}"},
        )
