"""The closed vocabulary of checks on an application, used by grounds for refusal and by form constraints.

A check is pure. Given the form, the attached documents and the day of application it answers with the finding in
three languages, or ``None`` when it is met. A field that is absent is not its business: the form's schema asks for it.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.kit import iin
from shared.kit.text import Text
from shared.regulations.parts import Code, Part, Pointer


class DocumentAttached(Part):
    """The document is attached, whatever the form says."""

    name: Literal["document_attached"]
    document: Code


class DocumentAttachedIf(Part):
    """The document is attached if the field is filled; with ``equals``, if it has that value."""

    name: Literal["document_attached_if"]
    document: Code
    field: Pointer
    equals: str | None = None


class ChildBornAfter(Part):
    """The date of birth in ``field`` is later than ``after``."""

    name: Literal["child_born_after"]
    field: Pointer
    after: date


class ChildYoungerThan(Part):
    """On the day of application the child has not had the birthday number ``years``."""

    name: Literal["child_younger_than"]
    field: Pointer
    years: int = Field(ge=1)


class IinMatchesBirthDate(Part):
    """The date of birth inside the IIN is the date of birth in the form."""

    name: Literal["iin_matches_birth_date"]
    iin: Pointer
    birth_date: Pointer


class FilledOnlyIf(Part):
    """``target`` may be filled only if ``field`` has the value ``equals``."""

    name: Literal["filled_only_if"]
    target: Pointer
    field: Pointer
    equals: str


class RequiredIf(Part):
    """``target`` has to be filled if ``field`` is; with ``equals``, if it has that value."""

    name: Literal["required_if"]
    target: Pointer
    field: Pointer
    equals: str | None = None


class OneOf(Part):
    """The field has one of the values; an empty field has none of them."""

    name: Literal["one_of"]
    field: Pointer
    values: tuple[str, ...] = Field(min_length=1)


class NoneOf(Part):
    """The field has none of the values."""

    name: Literal["none_of"]
    field: Pointer
    values: tuple[str, ...] = Field(min_length=1)


class OneOfIf(Part):
    """``target`` has one of the values if ``field`` has the value ``equals``; an empty target has none of them."""

    name: Literal["one_of_if"]
    target: Pointer
    values: tuple[str, ...] = Field(min_length=1)
    field: Pointer
    equals: str


class IncludedIn(Part):
    """The value of the field is one of those in the list that ``among`` names: a list the intake knows beside the form
    (``/centre/serves``). Where there is no such list, or an empty one, it is met."""

    name: Literal["included_in"]
    field: Pointer
    among: Pointer


_OfForm = ChildBornAfter | IinMatchesBirthDate | FilledOnlyIf | RequiredIf | OneOf | NoneOf | OneOfIf | IncludedIn
FormCheck = Annotated[_OfForm, Field(discriminator="name")]
"""Checks that need nothing but the form."""
Check = Annotated[_OfForm | DocumentAttached | DocumentAttachedIf | ChildYoungerThan, Field(discriminator="name")]


_EMPTY: tuple[object, ...] = (None, "", [], {})


def value_at(form: Mapping[str, Any], pointer: str) -> Any:
    """The value a pointer names in ``form``, or ``None`` if there is none."""
    value: Any = form
    for part in pointer.split("/")[1:]:
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def claimed(form: Mapping[str, Any], pointer: str, equals: str | None) -> bool:
    """Whether the field is filled or, if ``equals`` is given, has that value."""
    value = value_at(form, pointer)
    return value not in _EMPTY if equals is None else bool(value == equals)


def date_at(form: Mapping[str, Any], pointer: str) -> date | None:
    """The date (``YYYY-MM-DD``) a pointer names in ``form``, or ``None`` if there is none or it is not a date."""
    value = value_at(form, pointer)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def age_on(birth_date: date, on: date) -> int:
    """Full years between ``birth_date`` and ``on``; a child born on 29 February is older from 1 March."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def finding(
    check: Check, form: Mapping[str, Any], documents: AbstractSet[str], on: date, names: Mapping[str, Text]
) -> Text | None:
    """What the check finds wrong, or ``None``.

    ``documents``: codes attached; ``on``: day of application; ``names``: what the channel's documents are called.
    """
    match check:
        case DocumentAttached():
            return None if check.document in documents else _missing(names[check.document])
        case DocumentAttachedIf():
            needed = claimed(form, check.field, check.equals)
            return _missing(names[check.document]) if needed and check.document not in documents else None
        case ChildYoungerThan():
            born = date_at(form, check.field)
            return _too_old(born, on) if born and age_on(born, on) >= check.years else None
        case _:
            return form_finding(check, form)


def form_finding(check: FormCheck, form: Mapping[str, Any]) -> Text | None:
    """What a check that needs only the form finds wrong, or ``None`` if it is met."""
    match check:
        case ChildBornAfter():
            born = date_at(form, check.field)
            return _born_too_early(born, check.after) if born and born <= check.after else None
        case IinMatchesBirthDate():
            number, born = value_at(form, check.iin), date_at(form, check.birth_date)
            if born is None or not isinstance(number, str) or not iin.is_valid(number):
                return None
            return None if iin.birth_date_of(number) == born else _iin_differs(born)
        case FilledOnlyIf() | RequiredIf():
            return _filling_finding(check, form)
        case OneOf() | NoneOf() | OneOfIf() | IncludedIn():
            return None if _value_fits(check, form) else _OTHER_VALUE


def _value_fits(check: OneOf | NoneOf | OneOfIf | IncludedIn, form: Mapping[str, Any]) -> bool:
    match check:
        case OneOf():
            return value_at(form, check.field) in check.values
        case NoneOf():
            return value_at(form, check.field) not in check.values
        case OneOfIf():
            return value_at(form, check.field) != check.equals or value_at(form, check.target) in check.values
        case IncludedIn():
            among = value_at(form, check.among)
            return not among or value_at(form, check.field) in among


def _filling_finding(check: FilledOnlyIf | RequiredIf, form: Mapping[str, Any]) -> Text | None:
    empty = value_at(form, check.target) in _EMPTY
    if isinstance(check, FilledOnlyIf):
        return None if empty or value_at(form, check.field) == check.equals else _NOT_FILLED
    return _REQUIRED if empty and claimed(form, check.field, check.equals) else None


_OTHER_VALUE = Text(
    kk="көрсетілген мән бұған сәйкес келмейді",
    ru="указанное значение этому не соответствует",
    en="the value given does not fit this",
)
_NOT_FILLED = Text(kk="бұл өріс толтырылмайды", ru="это поле не заполняется", en="this field is not filled in here")
_REQUIRED = Text(kk="өрісті толтыру қажет", ru="поле нужно заполнить", en="this field is required")


def _missing(document: Text) -> Text:
    return Text(
        kk=f"қоса берілмеген: {document.kk}",
        ru=f"не приложено: {document.ru}",
        en=f"not attached: {document.en}",
    )


def _too_old(born: date, on: date) -> Text:
    age = age_on(born, on)
    return Text(
        kk=f"өтініш берілген күні ({on:%d.%m.%Y}) баланың жасы: {age}",
        ru=f"возраст ребёнка на день обращения ({on:%d.%m.%Y}), полных лет: {age}",
        en=f"age of the child on the day of application ({on:%d.%m.%Y}), full years: {age}",
    )


def _born_too_early(born: date, limit: date) -> Text:
    return Text(
        kk=f"баланың туған күні {born:%d.%m.%Y}, {limit:%d.%m.%Y} кейін болуға тиіс",
        ru=f"дата рождения ребёнка {born:%d.%m.%Y}, должна быть позже {limit:%d.%m.%Y}",
        en=f"the child was born on {born:%d.%m.%Y}, which is not after {limit:%d.%m.%Y}",
    )


def _iin_differs(born: date) -> Text:
    return Text(
        kk=f"ЖСН-дегі туған күн {born:%d.%m.%Y} күніне сәйкес келмейді",
        ru=f"дата рождения в ИИН не совпадает с {born:%d.%m.%Y}",
        en=f"the date of birth in the IIN is not {born:%d.%m.%Y}",
    )
