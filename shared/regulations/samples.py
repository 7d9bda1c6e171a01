"""A filled form that a channel takes: for people who try a service, and for the stand's own runs.

Every required field is filled, by the field's own example where it has one; rules between fields, the restrictions of
the channel and the checks behind grounds for refusal are then met one after the other. Nothing here knows a service.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from typing import Any

from shared.kit.iin import birth_date_of, make_iin
from shared.regulations.checks import (
    Check,
    ChildBornAfter,
    ChildYoungerThan,
    FilledOnlyIf,
    IinMatchesBirthDate,
    NoneOf,
    OneOf,
    OneOfIf,
    RequiredIf,
    date_at,
    finding,
    form_finding,
    value_at,
)
from shared.regulations.fields import FormField
from shared.regulations.grounds import examination_grounds
from shared.regulations.model import Regulation
from shared.regulations.terms import DEFAULT

_ROUNDS = 8
"""How often what one rule changed may have to be mended for another."""
_CHILD_AGE = 4


class NoSample(LookupError):
    """No form was found that the channel takes as this case."""


@dataclass(frozen=True)
class Person:
    """Whose data go into the form, as far as they are known; what is not known is invented."""

    iin: str
    surname: str = "Тестов"
    given_name: str = "Тест"


@dataclass
class Sample:
    """A form that fits, and what the intake has to be like (``centre`` of a variant), if that decides."""

    form: dict[str, Any]
    intake: dict[str, str] = field(default_factory=dict)


def sample_form(
    regulation: Regulation,
    channel: str,
    variant: str,
    recipient: Person,
    today: date,
    *,
    child: Person | None = None,
    born: date | None = None,
    claims: Mapping[str, str | None] | None = None,
) -> Sample:
    """A form of ``channel`` that is the case ``variant``, made by ``recipient``, with no ground against it.

    ``child`` and ``born``: the child it is about, where it is about one; default: an invented one of four years. A
    child of another age is taken if the field's own example says so. ``claims``: fields to be filled beside those that
    have to be, with a value or with any. Raises ``NoSample``, ``KeyError`` for a channel
    without a form.
    """
    definition = regulation.channel(channel).form
    if definition is None:
        raise KeyError(f"{regulation.id}: channel {channel} has no form")
    for wanted in _facts(regulation, channel, variant):
        inside = {pointer: value for pointer, value in wanted.items() if _find(definition.fields, pointer)}
        intake = {pointer.rpartition("/")[2]: value for pointer, value in wanted.items() if pointer not in inside}
        maker = _Maker(regulation, channel, recipient, today, child, born, {**(claims or {}), **inside})
        form = maker.made()
        facts = form | _nested({p: v for p, v in wanted.items() if p not in inside})
        if form and regulation.variant_of(channel, facts) == variant:
            return Sample(form, intake)
    raise NoSample(f"{regulation.id}: no form of channel {channel} is the case {variant!r}")


def variants_of(regulation: Regulation, channel: str) -> tuple[str, ...]:
    """The cases an application of ``channel`` can be, those the text sets apart first; ``default`` where it can be
    none of them."""
    fitting = [known for known in regulation.variants if not known.channels or channel in known.channels]
    codes = tuple(known.code for known in fitting)
    always = any(not known.when for known in fitting)
    # No field at all may have to be set for it, so the facts themselves may be empty.
    others = codes and next(_facts(regulation, channel, DEFAULT), None) is None
    return codes if always or others else (*codes, DEFAULT)


def _facts(regulation: Regulation, channel: str, variant: str) -> Iterator[dict[str, str]]:
    """Values of the deciding fields under which an application is the case ``variant``, by pointer."""
    fitting = [known for known in regulation.variants if not known.channels or channel in known.channels]
    if not any(known.when for known in fitting):
        if variant == next((known.code for known in fitting), DEFAULT):
            yield {}
        return
    pointers = list(dict.fromkeys(condition.field for known in fitting for condition in known.when))
    definition = regulation.channel(channel).form
    choices = [_choices(regulation, pointer, definition.fields if definition else ()) for pointer in pointers]
    for values in product(*choices):
        chosen = {pointer: value for pointer, value in zip(pointers, values, strict=True) if value is not None}
        if regulation.variant_of(channel, _nested(chosen)) == variant:
            yield chosen


def _choices(regulation: Regulation, pointer: str, fields: tuple[FormField, ...]) -> list[str | None]:
    found = _find(fields, pointer)
    if found is None:  # a fact of the intake: any value the variants name, or none of them
        named = (condition for known in regulation.variants for condition in known.when if condition.field == pointer)
        return [*dict.fromkeys(condition.equals for condition in named), None]
    values: list[str | None] = [option.value for option in found.options]
    return values if found.required else [*values, None]


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for pointer, value in values.items():
        _put(form, pointer, value)
    return form


def _put(form: dict[str, Any], pointer: str, value: Any) -> None:
    *above, last = pointer.split("/")[1:]
    for name in above:
        form = form.setdefault(name, {})
    form[last] = value


def _drop(form: dict[str, Any], pointer: str) -> None:
    above, _, last = pointer.rpartition("/")
    holder = value_at(form, above) if above else form
    if isinstance(holder, dict):
        holder.pop(last, None)


def _find(fields: tuple[FormField, ...], pointer: str) -> FormField | None:
    found: FormField | None = None
    for name in pointer.split("/")[1:]:
        found = next((known for known in fields if known.name == name), None)
        if found is None:
            return None
        fields = found.fields
    return found


class _Maker:
    """One attempt at a form."""

    def __init__(
        self,
        regulation: Regulation,
        channel: str,
        recipient: Person,
        today: date,
        child: Person | None,
        born: date | None,
        fixed: Mapping[str, str | None],
    ) -> None:
        self._channel = regulation.channel(channel)
        definition = self._channel.form
        assert definition is not None
        self._fields = definition.fields
        self._recipient, self._today, self._fixed = recipient, today, fixed
        self._born = born or today.replace(year=today.year - _CHILD_AGE, day=min(today.day, 28))
        self._child = child or Person(make_iin(self._born, "female", 1), given_name="Аяла")
        self._checks: list[Check] = [
            *(constraint.check for constraint in definition.constraints),
            *(known.check for known in self._channel.restrictions if known.check),
            *(known.check for known in examination_grounds(regulation, channel) if known.check),
        ]
        self._names = {document.code: document.name for document in self._channel.documents}
        self._form: dict[str, Any] = {}

    def made(self) -> dict[str, Any]:
        """The form; empty if the rules cannot be met."""
        self._form = self._group(self._fields, "")
        for pointer, value in self._fixed.items():
            self._fill(pointer, value)
        for _ in range(_ROUNDS):
            unmet = [check for check in self._checks if self._unmet(check)]
            if not unmet:
                return self._form
            for check in unmet:
                self._meet(check)
        return {}

    def _unmet(self, check: Check) -> bool:
        if isinstance(check, ChildYoungerThan):
            return finding(check, self._form, set(), self._today, self._names) is not None
        if check.name in ("document_attached", "document_attached_if"):
            return False  # whoever hands the form in hands in the documents
        return form_finding(check, self._form) is not None  # type: ignore[arg-type]

    def _meet(self, check: Check) -> None:
        match check:
            case OneOf():
                self._choose(check.field, list(check.values))
            case OneOfIf():
                self._choose(check.target, list(check.values))
            case NoneOf():
                found = _find(self._fields, check.field)
                self._choose(
                    check.field, [o.value for o in found.options if o.value not in check.values] if found else []
                )
            case RequiredIf():
                self._fill(check.target)
            case FilledOnlyIf():
                if check.target not in self._fixed:
                    _drop(self._form, check.target)
                else:
                    self._choose(check.field, [check.equals])
            case IinMatchesBirthDate():
                self._same_birth(check)
            case ChildBornAfter() | ChildYoungerThan():
                self._fill(check.field, self._born.isoformat())

    def _same_birth(self, check: IinMatchesBirthDate) -> None:
        born = date_at(self._form, check.birth_date) or self._born
        number = self._child.iin if born == self._born else make_iin(born, "female", 1)
        if check.iin.startswith("/child") or "child" in check.iin:
            self._fill(check.iin, number)
            self._fill(check.birth_date, born.isoformat())
        else:
            own = birth_date_of(str(value_at(self._form, check.iin)))
            self._fill(check.birth_date, own.isoformat() if own else None)

    def _choose(self, pointer: str, values: list[str]) -> None:
        if pointer not in self._fixed and values:
            self._fill(pointer, values[0])

    def _fill(self, pointer: str, value: Any = None) -> None:
        found = _find(self._fields, pointer)
        if found is None:
            return
        above = pointer.rpartition("/")[0]
        if above and value_at(self._form, above) is None:
            self._fill(above)
        _put(self._form, pointer, self._value(found, pointer) if value is None else value)

    def _group(self, fields: tuple[FormField, ...], above: str) -> dict[str, Any]:
        return {
            known.name: self._value(known, f"{above}/{known.name}")
            for known in fields
            if known.required or f"{above}/{known.name}" in self._fixed
        }

    def _value(self, known: FormField, pointer: str) -> Any:
        if known.type == "group":
            return self._group(known.fields, pointer)
        if known.type == "list":
            return [self._value(known.item, pointer)] if known.item else []
        return known.example or self._made_up(known, pointer)

    def _made_up(self, known: FormField, pointer: str) -> str | int:
        about_child = "child" in pointer
        person = self._child if about_child else self._recipient
        match known.type:
            case "choice":
                return known.options[0].value
            case "iin":
                return person.iin
            case "date":
                return (self._born if about_child else self._today - timedelta(days=30)).isoformat()
            case "number":
                return known.minimum if known.minimum is not None else known.maximum or 1
            case _:
                named = {"surname": person.surname, "given_name": person.given_name}
                return named.get(known.name, "Тест")[: known.max_length]
