"""One question to a registry about an application, asked as often as it takes, and its answer.

Every asking is a new signed request. An answer counts for whichever of them it names and is bound to; so it may come
late or twice.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict

from shared.kit.clock import rfc3339
from shared.messages.registry import Search
from shared.regulations.registries import RegistryQuery

EnquiryState = Literal["waiting", "silent", "answered"]


class Asked(TypedDict):
    """One request: its message id, the digest of its bytes, and when it left."""

    message_id: str
    digest: str
    at: str


@dataclass(frozen=True)
class Backoff:
    """So many attempts, the first pause ``first``, each further one twice as long up to ``longest``."""

    first: timedelta
    attempts: int
    longest: timedelta = timedelta(days=1)

    def due_after(self, attempt: int, at: datetime) -> datetime:
        """When the ``attempt``-th request (from 1) counts as unanswered."""
        return at + min(self.first * float(1 << min(attempt - 1, 16)), self.longest)


@dataclass(frozen=True)
class Enquiry:
    """What is asked about one person or power of attorney in a matter. Field names are the columns of the table in
    which a system keeps it."""

    key: str
    matter: str
    """Id of the application; the subject of every request."""
    about: str
    system: str
    """The registry that is asked."""
    search: dict[str, Any]
    include: list[str]
    clause: str
    state: EnquiryState = "waiting"
    asked: list[Asked] = field(default_factory=list)
    attempts: int = 0
    """Since it was last begun to ask."""
    due_at: datetime | None = None
    found: bool | None = None
    not_found_reason: str | None = None
    content: str | None = None
    """The extract the registry signed, as it came."""
    signature: str | None = None
    document_sha256: str | None = None
    """Of the file that holds the extract with its signature."""
    document_size: int = 0
    answered_at: datetime | None = None
    trouble: str | None = None
    """Why the registry did not take a request."""

    def requested(self, message_id: str, digest: str, at: datetime, rule: Backoff) -> "Enquiry":
        """One more request leaves."""
        attempt = self.attempts + 1
        return replace(
            self,
            state="waiting",
            asked=[*self.asked, Asked(message_id=message_id, digest=digest, at=rfc3339(at))],
            attempts=attempt,
            due_at=rule.due_after(attempt, at),
            trouble=None,
        )

    def may_ask(self, rule: Backoff) -> bool:
        """Whether it is asked again before whoever waits is told."""
        return self.state == "waiting" and self.attempts < rule.attempts

    def fell_silent(self, trouble: str | None = None) -> "Enquiry":
        """Enough was asked; somebody has to decide what becomes of it."""
        return replace(self, state="silent", due_at=None, trouble=trouble)

    def begun_again(self) -> "Enquiry":
        """It is asked again from the beginning."""
        return replace(self, attempts=0, trouble=None)

    def was_asked(self, message_id: str, digest: str | None) -> bool:
        """Whether it is one of these requests an answer names, by id and digest."""
        return any(item["message_id"] == message_id and item["digest"] == digest for item in self.asked)

    def answered(
        self,
        found: bool,
        reason: str | None,
        record: tuple[str, str] | None,
        file: tuple[str, int] | None,
        at: datetime,
    ) -> "Enquiry":
        """The registry has answered: ``record`` is the extract and its signature, ``file`` the digest and size of the
        file that holds both. A second answer changes nothing."""
        if self.state == "answered":
            return self
        content, signature = record or (None, None)
        sha256, size = file or (None, 0)
        return replace(
            self,
            state="answered",
            due_at=None,
            trouble=None,
            found=found,
            not_found_reason=reason,
            content=content,
            signature=signature,
            document_sha256=sha256,
            document_size=size,
            answered_at=at,
        )


def enquiry_key(matter: str, about: str) -> str:
    """The key of what is asked about ``about`` in a matter."""
    return f"{matter}/{about}"


def new_enquiry(matter: str, query: RegistryQuery, search: Search) -> Enquiry:
    """What a regulation has asked about a matter with the form that ``search`` was filled from."""
    return Enquiry(
        key=enquiry_key(matter, query.about),
        matter=matter,
        about=query.about,
        system=query.registry.value,
        search=search.model_dump(mode="json", exclude_none=True),
        include=[part.value for part in query.include],
        clause=query.clause,
    )
