"""Notices in the personal cabinet: formal, addressed, kept."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.kit.text import Text

OFFER = "proactive_offer"
"""The kind of a notice with which the state offers a service."""
TITLES: dict[str, Text] = {
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
    "first_stage_done": Text(kk="Бірінші кезең аяқталды", ru="Первый этап завершён", en="The first stage is done"),
    "term_extended": Text(kk="Қарау мерзімі ұзартылды", ru="Срок рассмотрения продлён", en="The term is extended"),
    OFFER: Text(
        kk="Сізге мемлекеттік қызмет ұсынылады",
        ru="Вам предлагается государственная услуга",
        en="A public service is offered to you",
    ),
}
"""By kind; a notice of another kind comes from the provider."""
FROM_PROVIDER = Text(
    kk="Көрсетілетін қызметті берушінің хабарламасы",
    ru="Уведомление услугодателя",
    en="Notice of the service provider",
)


@dataclass(frozen=True)
class Notice:
    """One notice. ``text`` is in the three languages; ``grounds``: the law's reasons of a refusal, with clauses.

    One from the provider may bring a signed ``document`` (content, signature, sha256, report), and ask for a document:
    ``expects`` is its code, ``until`` by when.
    """

    id: str
    iin: str
    application: str
    kind: str
    text: dict[str, str]
    created_at: datetime
    clause: str | None = None
    grounds: list[dict[str, Any]] = field(default_factory=list)
    document: dict[str, Any] | None = None
    expects: str | None = None
    until: datetime | None = None
    document_sha256: str | None = None

    @property
    def title(self) -> Text:
        """Its heading."""
        return TITLES.get(self.kind, FROM_PROVIDER)


def status_text(step: Text, ready: datetime | None) -> Text:
    """What the cabinet shows once the request is accepted: the words of the step, and when the result is due at the
    latest; ``ready`` is local time."""
    if ready is None:
        return step
    when = f"{ready:%d.%m.%Y %H:%M}"
    return Text(
        kk=f"{step.kk} Нәтиже алынатын күн мен уақыт: {when}.",
        ru=f"{step.ru} Дата и время получения результата: {when}.",
        en=f"{step.en} Date and time of the result: {when}.",
    )


def acceptance_text(entry_number: str) -> Text:
    """«Уведомление о принятии запроса для оказания государственной услуги» with the number in the journal."""
    return Text(
        kk=f"Мемлекеттік қызмет көрсетуге сұрау салуыңыз қабылданды, тіркеу нөмірі {entry_number}.",
        ru=f"Ваш запрос для оказания государственной услуги принят, регистрационный номер {entry_number}.",
        en=f"Your request for the public service is accepted, registration number {entry_number}.",
    )
