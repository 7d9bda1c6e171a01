"""Which registries a channel asks about whom, and the findings that stand against an application there.

A query is data: search mode and the fields of the form that fill it. What a registry's answer means is for the asker to
judge; the judgement has a name here (``Finding``), and the regulation says under which of the law's grounds it falls.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from shared.kit.text import Text
from shared.messages.registry import ByDocument, ByIIN, ByNames, ByParties, ByRegisterNumber, Search
from shared.messages.registry import Part as RecordPart
from shared.messages.systems import System
from shared.regulations.checks import value_at
from shared.regulations.parts import Clause, Part, Pointer

_MODES = {mode.model_fields["mode"].default: mode for mode in (ByIIN, ByNames, ByDocument, ByRegisterNumber, ByParties)}
_OF_PERSONS = {"iin", "names", "document"}
_SEARCH: TypeAdapter[Search] = TypeAdapter(Search)


class Condition(Part):
    """Met when the field of the form has the value."""

    field: Pointer
    equals: str

    def met(self, form: Mapping[str, Any]) -> bool:
        """Whether ``form`` meets it."""
        return bool(value_at(form, self.field) == self.equals)


class Filled(Part):
    """Met when the field of the form is filled."""

    field: Pointer

    def met(self, form: Mapping[str, Any]) -> bool:
        """Whether ``form`` meets it."""
        return bool(value_at(form, self.field))


class RegistryQuery(Part):
    """One question. ``search`` gives the form's field for each field of the search mode; ``include`` the parts of a
    person's record that are needed; without ``when`` it is always asked."""

    registry: Literal[System.PERSONS, System.NOTARY]
    about: Literal["applicant", "child", "power_of_attorney"]
    mode: Literal["iin", "names", "document", "register_number", "parties"]
    search: dict[str, Pointer] = Field(min_length=1)
    include: tuple[RecordPart, ...] = ()
    when: Condition | Filled | None = None
    clause: Clause

    @model_validator(mode="after")
    def _answerable(self) -> Self:
        if (self.registry is System.PERSONS) != (self.mode in _OF_PERSONS):
            raise ValueError(f"registry {self.registry.value!r} is not searched by {self.mode!r}")
        known = {name: part for name, part in _MODES[self.mode].model_fields.items() if name != "mode"}
        needed = {name for name, part in known.items() if part.is_required()}
        if not needed <= set(self.search) <= set(known):
            raise ValueError(f"a search by {self.mode!r} has the fields {', '.join(known)}")
        return self

    def searched(self, form: Mapping[str, Any]) -> Search:
        """What to ask for this form; raises ``pydantic.ValidationError`` for a form that does not validate."""
        values = {name: value_at(form, pointer) for name, pointer in self.search.items()}
        return _SEARCH.validate_python({"mode": self.mode, **values})


class Finding(StrEnum):
    """What the registries' answers have against an application."""

    APPLICANT_ABSENT = "applicant-absent"
    APPLICANT_REMOVED = "applicant-removed"
    APPLICANT_DEAD = "applicant-dead"
    APPLICANT_INCAPABLE = "applicant-incapable"
    CHILD_ABSENT = "child-absent"
    CHILD_REMOVED = "child-removed"
    CHILD_DEAD = "child-dead"
    CHILD_OF_OTHERS = "child-of-others"
    POWER_ABSENT = "power-of-attorney-absent"
    POWER_NOT_YET_VALID = "power-of-attorney-not-yet-valid"
    POWER_EXPIRED = "power-of-attorney-expired"
    POWER_REVOKED = "power-of-attorney-revoked"
    POWER_NOT_COVERING = "power-of-attorney-not-covering"
    OTHER_PRINCIPAL = "other-principal"
    OTHER_ATTORNEY = "other-attorney"


def _text(kk: str, ru: str, en: str) -> Text:
    return Text(kk=kk, ru=ru, en=en)


FINDING_TEXTS: Mapping[Finding, Text] = {
    Finding.APPLICANT_ABSENT: _text(
        "көрсетілетін қызметті алушы ЖТ ММБ-да табылмады",
        "услугополучатель не найден в ГБД ФЛ",
        "the service recipient is not in the persons registry",
    ),
    Finding.APPLICANT_REMOVED: _text(
        "ЖТ ММБ-дағы көрсетілетін қызметті алушы туралы жазба жарамсыз",
        "запись об услугополучателе исключена из ГБД ФЛ",
        "the record of the service recipient is removed from the persons registry",
    ),
    Finding.APPLICANT_DEAD: _text(
        "ЖТ ММБ мәліметі бойынша көрсетілетін қызметті алушы қайтыс болған",
        "по данным ГБД ФЛ услугополучатель умер",
        "the service recipient is dead according to the persons registry",
    ),
    Finding.APPLICANT_INCAPABLE: _text(
        "ЖТ ММБ мәліметі бойынша көрсетілетін қызметті алушы әрекетке қабілетсіз",
        "по данным ГБД ФЛ услугополучатель недееспособен",
        "the service recipient is legally incapable according to the persons registry",
    ),
    Finding.CHILD_ABSENT: _text(
        "бала ЖТ ММБ-да табылмады", "ребёнок не найден в ГБД ФЛ", "the child is not in the persons registry"
    ),
    Finding.CHILD_REMOVED: _text(
        "ЖТ ММБ-дағы бала туралы жазба жарамсыз",
        "запись о ребёнке исключена из ГБД ФЛ",
        "the record of the child is removed from the persons registry",
    ),
    Finding.CHILD_DEAD: _text(
        "ЖТ ММБ мәліметі бойынша бала қайтыс болған",
        "по данным ГБД ФЛ ребёнок умер",
        "the child is dead according to the persons registry",
    ),
    Finding.CHILD_OF_OTHERS: _text(
        "ЖТ ММБ мәліметі бойынша бала көрсетілетін қызметті алушының баласы да, қамқорлығындағы да емес",
        "по данным ГБД ФЛ ребёнок не является ни ребёнком, ни подопечным услугополучателя",
        "according to the persons registry the child is neither a child nor a ward of the service recipient",
    ),
    Finding.POWER_ABSENT: _text(
        "сенімхат БНАЖ-да табылмады",
        "доверенность не найдена в ЕНИС",
        "the power of attorney is not in the notary registry",
    ),
    Finding.POWER_NOT_YET_VALID: _text(
        "сенімхаттың қолданылу мерзімі басталған жоқ",
        "срок действия доверенности не начался",
        "the power of attorney is not valid yet",
    ),
    Finding.POWER_EXPIRED: _text(
        "сенімхаттың қолданылу мерзімі өткен", "срок действия доверенности истёк", "the power of attorney has expired"
    ),
    Finding.POWER_REVOKED: _text("сенімхат жойылған", "доверенность отменена", "the power of attorney is revoked"),
    Finding.POWER_NOT_COVERING: _text(
        "сенімхат осы қызметке өтініш беруге өкілеттік бермейді",
        "доверенность не даёт полномочия на обращение за этой услугой",
        "the power of attorney does not cover applying for this service",
    ),
    Finding.OTHER_PRINCIPAL: _text(
        "сенімхатты басқа адам берген",
        "доверенность выдана другим лицом",
        "the power of attorney was given by another person",
    ),
    Finding.OTHER_ATTORNEY: _text(
        "сенімхат басқа адамға берілген",
        "доверенность выдана на другое лицо",
        "the power of attorney was given to another person",
    ),
}
"""What the visitor is told of each finding."""


def due(queries: tuple[RegistryQuery, ...], form: Mapping[str, Any]) -> tuple[tuple[RegistryQuery, Search], ...]:
    """The questions this form calls for, in the order of the file, each with what to search for."""
    asked = (query for query in queries if query.when is None or query.when.met(form))
    return tuple((query, query.searched(form)) for query in asked)
