"""No word of the closed lists without a regulation that uses it."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from shared.messages.registry import Part as RecordPart
from shared.regulations import checks, intake, model, parts, registries, results, terms
from shared.regulations.actions import OWNERS, Action
from shared.regulations.fields import FieldType
from shared.regulations.loader import Regulations


def values(part: Any) -> Iterator[tuple[str, str]]:
    """Every word in a regulation with the key it stands under; a key of a mapping stands under ``[key]``."""
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            found = getattr(part, name)
            for key, word in values(found):
                yield (key or name), word
    elif isinstance(part, dict):
        for name, item in part.items():
            yield "[key]", str(name)
            yield from values(item)
    elif isinstance(part, tuple | list):
        for item in part:
            yield from values(item)
    elif isinstance(part, str):
        yield "", str(part)


@pytest.fixture(scope="module")
def used(regulations: Regulations) -> dict[str, set[str]]:
    """The words of all regulations by the key they stand under."""
    found: dict[str, set[str]] = {}
    for regulation in regulations.values():
        for key, word in values(regulation):
            found.setdefault(key, set()).add(word)
    return found


CHECKS = {check.model_fields["name"].annotation for check in (*get_args(get_args(checks.Check)[0]),)}
LISTS: list[tuple[str, str, set[str]]] = [
    ("actions", "action", {action.value for action in Action}),
    ("acts", "acts", {act.value for act in terms.Act}),
    ("units", "unit", set(get_args(terms.Unit))),
    ("bounds", "bound", set(get_args(terms.Bound))),
    ("starts", "counted_from", set(get_args(terms.CountedFrom)) - {"previous_step"}),  # the default
    ("result values", "value", set(get_args(results.ResultValue))),
    ("receipt items", "items", set(get_args(intake.ReceiptItem))),
    ("checks", "name", {get_args(name)[0] for name in CHECKS}),
    ("findings", "findings", {finding.value for finding in registries.Finding}),
    ("record parts", "include", set(get_args(RecordPart))),
    ("field types", "type", set(get_args(FieldType))),
    ("categories", "category", set(get_args(model.Ground.model_fields["category"].annotation))),
    ("kinds of notes", "kind", set(get_args(model.Note.model_fields["kind"].annotation))),
    ("kinds of terms", "kind", set(get_args(terms.Term.model_fields["kind"].annotation))),
    ("kinds of documents", "kind", set(get_args(model.Document.model_fields["kind"].annotation))),
    ("channels", "[key]", set(get_args(parts.ChannelName))),
    ("outcomes", "terminal", set(get_args(parts.Outcome))),
]


@pytest.mark.parametrize(("key", "words"), [pytest.param(key, words, id=name) for name, key, words in LISTS])
def test_every_word_is_used(used: dict[str, set[str]], key: str, words: set[str]) -> None:
    assert words - used[key] == set()


def test_every_role_acts(used: dict[str, set[str]]) -> None:
    roles = used["role"] | used["acts_as"] | used["[key]"] | used["stated"]
    assert {role.value for role in terms.Role} - roles == set()


def test_every_action_has_an_owner() -> None:
    assert set(OWNERS) == set(Action)
