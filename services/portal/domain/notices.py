"""Notices in the personal cabinet: formal, addressed, kept."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.kit.text import Text

NoticeKind = Literal["request-accepted", "service-granted", "service-refused", "request-rejected"]

TITLES: dict[NoticeKind, Text] = {
    "request-accepted": Text(kk="Сұрау салу қабылданды", ru="Запрос принят", en="The request is accepted"),
    "service-granted": Text(
        kk="Мемлекеттік қызмет нәтижесі дайын",
        ru="Результат государственной услуги готов",
        en="The result of the public service is ready",
    ),
    "service-refused": Text(
        kk="Мемлекеттік қызмет көрсетуден бас тартылды",
        ru="В государственной услуге отказано",
        en="The public service is refused",
    ),
    "request-rejected": Text(
        kk="Сұрау салу техникалық себеппен қабылданбады",
        ru="Запрос не принят по технической причине",
        en="The request was not taken for a technical reason",
    ),
}


@dataclass(frozen=True)
class Notice:
    """One notice. ``text`` is in the three languages; ``grounds``: the law's reasons of a refusal, with clauses."""

    id: str
    iin: str
    application: str
    kind: NoticeKind
    text: dict[str, str]
    created_at: datetime
    clause: str | None = None
    grounds: list[dict[str, Any]] = field(default_factory=list)


def acceptance_text(entry_number: str) -> Text:
    """«Уведомление о принятии запроса для оказания государственной услуги» with the number in the journal."""
    return Text(
        kk=f"Мемлекеттік қызмет көрсетуге сұрау салуыңыз қабылданды, тіркеу нөмірі {entry_number}.",
        ru=f"Ваш запрос для оказания государственной услуги принят, регистрационный номер {entry_number}.",
        en=f"Your request for the public service is accepted, registration number {entry_number}.",
    )
