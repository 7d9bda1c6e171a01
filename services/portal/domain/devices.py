"""Telephones registered on the portal, and the one-time passwords sent to them."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kit.text import Text


@dataclass(frozen=True)
class Device:
    """A recipient's telephone. Field names are the columns."""

    id: str
    iin: str
    phone: str
    registered_at: datetime
    confirmed_at: datetime | None = None
    active_phone: str | None = None
    """The number once it is confirmed; of two telephones only one can have it."""

    def confirmed(self, at: datetime) -> "Device":
        """The recipient has shown that the telephone is at hand."""
        return replace(self, confirmed_at=self.confirmed_at or at, active_phone=self.phone)


@dataclass(frozen=True)
class OneTimePassword:
    """A password that serves once, for one purpose, for a while. Only its hash is kept. Field names are the columns."""

    purpose: str
    device: str
    password_hash: str
    sent_at: datetime
    expires_at: datetime
    ends_s: float
    """``Clock.elapsed_s`` at its end: a clock that is set back does not revive it."""
    used_at: datetime | None = None

    def serves(self, elapsed_s: float) -> bool:
        """Whether it can still be given, at this ``Clock.elapsed_s``."""
        return self.used_at is None and elapsed_s < self.ends_s

    def used(self, at: datetime) -> "OneTimePassword":
        """It was given."""
        return replace(self, used_at=at)


@dataclass(frozen=True)
class TextMessage:
    """A short text message, as it came to the telephone."""

    id: str
    phone: str
    text: dict[str, str]
    sent_at: datetime


def password_text(password: str, service: Text | None) -> Text:
    """What the short message says; ``service``: what is confirmed with it, ``None`` for the telephone itself."""
    if service is None:
        return Text(
            kk=f"ТЕСТ egov.kz: телефонды растау коды {password}",
            ru=f"ТЕСТ egov.kz: код подтверждения телефона {password}",
            en=f"TEST egov.kz: the code to confirm the telephone is {password}",
        )
    return Text(
        kk=f"ТЕСТ egov.kz: «{service.kk}» қызметі үшін бір реттік құпиясөз {password}",
        ru=f"ТЕСТ egov.kz: одноразовый пароль для услуги «{service.ru}» {password}",
        en=f"TEST egov.kz: one-time password for “{service.en}”: {password}",
    )


def taken_back_text() -> Text:
    """What the owner is told when the account was taken back with their certificate."""
    return Text(
        kk="ТЕСТ egov.kz: есептік жазбаңыз ЭЦҚ арқылы қайтарылды; бұл сіз болмасаңыз, куәлікті кері қайтартыңыз",
        ru="ТЕСТ egov.kz: доступ к вашей учётной записи восстановлен по ЭЦП; если это не вы, отзовите сертификат",
        en="TEST egov.kz: your account was taken back with your certificate; if that was not you, have it revoked",
    )
