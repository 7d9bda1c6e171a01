"""Texts in the languages of the stand: Kazakh, Russian, English."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["kk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = ("kk", "ru", "en")

NO_NUL = r"^[^\x00]*$"
"""Pattern of a text from outside: PostgreSQL keeps no NUL."""


class Text(BaseModel):
    """One text in Kazakh, Russian and English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kk: str
    ru: str
    en: str

    def pick(self, language: Language) -> str:
        """The text in ``language``."""
        return {"kk": self.kk, "ru": self.ru, "en": self.en}[language]


def negotiate(accept_language: str | None, default: Language = "en") -> Language:
    """The stand's language an ``Accept-Language`` header asks for (RFC 9110 §12.5.4); ``default`` when none fits."""
    ranked: list[tuple[float, int, Language]] = []
    for position, part in enumerate((accept_language or "").split(",")):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        quality = 1.0
        if parameters.strip().startswith("q="):
            try:
                quality = float(parameters.strip()[2:])
            except ValueError:
                quality = 0.0
        ranked += [(-quality, position, language) for language in LANGUAGES if primary == language and quality > 0]
    return min(ranked)[2] if ranked else default
