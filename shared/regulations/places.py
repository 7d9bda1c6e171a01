"""Places where a service is rendered, where the text lists them: district, address, contacts and hours of each."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from shared.kit.text import LANGUAGES, Language, Text
from shared.regulations.checks import value_at
from shared.regulations.parts import Clause, Code, LawText, Part, Pointer
from shared.regulations.terms import Hours


class Place(Part):
    """One row of the list. ``value`` is the option of the field it stands for, ``group`` the heading it stands under.

    ``telephones`` and ``electronic`` (mail and sites) are those given to a reader; ``stated`` is everything that each
    language has, where they differ.
    """

    value: Code
    row: int = Field(ge=1)
    group: LawText
    address: LawText
    telephones: tuple[str, ...] = ()
    electronic: tuple[str, ...] = ()
    stated: dict[Language, tuple[str, ...]] = {}
    note: str | None = None


class Places(Part):
    """The list. ``field`` of the form says which of them is meant; ``reception`` are the ``hours`` in words, ``stated``
    what each language has of them."""

    field: Pointer
    clause: Clause
    reception: LawText
    hours: Hours
    stated: dict[Language, Hours] = {}
    note: str | None = None
    places: tuple[Place, ...] = Field(min_length=1)

    def of(self, form: Mapping[str, Any]) -> Place | None:
        """The place that a form names, or ``None``."""
        named = value_at(form, self.field)
        return next((place for place in self.places if place.value == named), None)

    def described(self, place: Place, name: Text) -> Text:
        """Where to go, for a receipt: name, heading, address, telephones, mail and reception hours in each language."""
        contacts = ", ".join((*place.telephones, *place.electronic))
        words = {
            language: "; ".join(
                part
                for part in (
                    name.pick(language),
                    place.group.pick(language),
                    place.address.pick(language),
                    contacts,
                    self.reception.pick(language),
                )
                if part
            )
            for language in LANGUAGES
        }
        return Text(**words)
