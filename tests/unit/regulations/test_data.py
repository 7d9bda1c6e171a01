"""Every regulation against what its text states (``source_facts``), and against what every file owes its reader."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from shared.regulations.actions import Action
from shared.regulations.flow import outcome, paths
from shared.regulations.grounds import examination_grounds, may_refuse
from shared.regulations.loader import Regulations, load_regulations, summary
from shared.regulations.model import Channel, Regulation
from shared.regulations.procedure import PROVIDERS_STEPS, tasks_of
from tests.unit.regulations.source_facts import FACTS, Facts, written

KNOWN = load_regulations()
IDS = list(KNOWN)
CHANNELS = [(r.id, name) for r in KNOWN.values() for name, channel in r.channels.items() if channel.steps]
_CYRILLIC, _LATIN = "\u0400-\u04ff", "A-Za-z"
_MIXED = re.compile(f"[{_CYRILLIC}][{_LATIN}]|[{_LATIN}][{_CYRILLIC}]")
_NOTE = re.compile(r"[Ss]ee the notes? ([a-z0-9-]+)(?: and ([a-z0-9-]+))?")


@pytest.fixture(params=IDS)
def regulation(request: pytest.FixtureRequest) -> Regulation:
    """Each regulation."""
    return KNOWN[request.param]


@pytest.fixture
def facts(regulation: Regulation) -> Facts:
    """What its text states."""
    return FACTS[regulation.id]


@pytest.fixture(params=CHANNELS, ids=":".join)
def channel(request: pytest.FixtureRequest) -> tuple[Regulation, str, Channel]:
    """Each channel that can be run."""
    found = KNOWN[request.param[0]]
    return found, request.param[1], found.channel(request.param[1])


def kinds(regulation: Regulation, kind: str) -> list[str]:
    """The terms of one kind, as the table writes them."""
    return sorted(written(term.duration) for term in regulation.terms if term.kind == kind)


def strings(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text inside plain data, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for n, item in enumerate(value):
            yield from strings(item, (*path, str(n)))


def test_channels_and_recipients(regulation: Regulation, facts: Facts) -> None:
    assert {name for name, part in regulation.channels.items() if part.steps} == set(facts.channels)
    assert regulation.recipients.persons == facts.persons
    assert regulation.recipients.fee == facts.fee


def test_restrictions(regulation: Regulation, facts: Facts) -> None:
    stated = dict(facts.restricted)
    for name, channel in regulation.channels.items():
        # A signature that the flow asks for may be named as a restriction too.
        signature = [known for known in channel.restrictions if known.kept_by == "signature"]
        assert len(channel.restrictions) - stated.get(name, 0) in (0, len(signature))
        assert all(known.check or known.kept_by for known in channel.restrictions)


def test_the_signature_of_a_request_is_a_restriction_of_its_channel(regulation: Regulation) -> None:
    """City queue 5; oblast 10, 14, 16 8(1), 11, 13, 18 10(1); 2012 11; home schooling, row 8."""
    if "portal" in regulation.channels:
        portal = regulation.channel("portal")
        (signature,) = [known for known in portal.restrictions if known.kept_by == "signature"]
        (request,) = [document for document in portal.documents if document.kind == "signed_request"]
        if regulation.id.startswith("almaty-oblast/"):
            assert signature.clause == request.clause


def test_roles_and_durations_of_the_procedure(regulation: Regulation, facts: Facts) -> None:
    steps = [step for step in regulation.procedure if not step.of_the_stand]
    assert [step.n for step in steps] == list(range(1, len(facts.procedure) + 1))
    found = [(step.role.value if step.role else None, {written(d) for d in step.durations}) for step in steps]
    assert found == list(facts.procedure)


def test_steps_of_the_stand_only_where_the_text_describes_none(regulation: Regulation, facts: Facts) -> None:
    own = [step for step in regulation.procedure if step.of_the_stand]
    assert bool(own) == (not facts.procedure)
    assert all(step.role is None and step.acts_as and not step.durations for step in own)
    row = next(row for row in summary(KNOWN) if row["id"] == regulation.id)
    assert len(row["procedure"]) == len(facts.procedure)


def test_terms(regulation: Regulation, facts: Facts) -> None:
    assert kinds(regulation, "overall") == sorted(facts.overall)
    assert kinds(regulation, "waiting") == sorted(facts.waiting)
    assert kinds(regulation, "service") == sorted(facts.service)
    assert kinds(regulation, "extension") == sorted(facts.extension)
    assert kinds(regulation, "notice") == sorted(facts.notice)
    assert kinds(regulation, "course") == sorted(facts.course)


def test_what_the_text_excludes(regulation: Regulation, facts: Facts) -> None:
    assert sorted(name for excluded in regulation.exclusions for name in excluded.channels) == sorted(facts.excluded)


def test_numbered_flows(regulation: Regulation, facts: Facts) -> None:
    row = next(row for row in summary(KNOWN) if row["id"] == regulation.id)
    for name, count in facts.flows:
        steps = row["channels"][name]
        assert len(steps) == count
        assert all(re.fullmatch(r"(process|condition|step)-[0-9]+|registration", step) for step in steps)


def test_the_service_is_refused_only_where_the_text_has_a_refusal(regulation: Regulation, facts: Facts) -> None:
    refusing = {name for name in regulation.channels if may_refuse(regulation, name)}
    assert refusing == set(facts.refuses)
    assert {name for name in regulation.channels if examination_grounds(regulation, name)} == refusing


def test_every_place_of_doubt_has_a_note(regulation: Regulation, facts: Facts) -> None:
    doubtful = [note for note in regulation.notes if note.kind != "silent"]
    assert len(regulation.notes) >= facts.discrepancies
    assert doubtful or not facts.discrepancies
    assert all(note.topic.strip() and note.choice.strip() for note in regulation.notes)


def test_notes_that_are_referred_to_exist(regulation: Regulation) -> None:
    codes = {note.code for note in regulation.notes}
    referred = {
        code
        for _, value in strings(regulation.model_dump(mode="json"))
        for found in _NOTE.findall(value)
        for code in found
        if code
    }
    assert referred <= codes


def test_texts_are_normalised(regulation: Regulation) -> None:
    for path, value in strings(regulation.model_dump(mode="json")):
        if path[-1] in ("kk", "ru"):
            assert not _MIXED.search(value), path
            assert "  " not in value, path
            assert "\u00a0" not in value, path
            assert value == value.strip(), path


def test_a_run_can_be_granted_and_every_end_says_what_it_gives(channel: tuple[Regulation, str, Channel]) -> None:
    regulation, _, part = channel
    ends = {outcome(part, path) for path in paths(part)}
    assert "granted" in ends
    for path in paths(part):
        kind = part.result_of(path[-1])
        assert kind is not None
        found = regulation.result(kind)
        assert found is not None
        assert found.is_refusal == (outcome(part, path) != "granted")


def test_what_the_provider_gives_has_a_form(channel: tuple[Regulation, str, Channel]) -> None:
    regulation, name, part = channel
    cases = [known for known in regulation.variants if not known.channels or name in known.channels]
    given = [part.outcomes["granted"], *part.alternatives.get("granted", ())]
    given += [kind for known in cases for kind in known.gives.values()]
    refusal = may_refuse(regulation, name)
    if refusal is not None:
        given.append(part.result_of(refusal.id) or "")
    for kind in given:
        result = regulation.result(kind)
        assert result is not None
        assert result.form is not None, kind
        values = {field.value for field in result.form.fields}
        assert {"signatory", "decided_on"} <= values, kind
        assert values & {"recipient_name", "child_name"} or any(value.startswith("/") for value in values), kind
        assert name in result.delivery, kind
        if result.is_refusal:
            assert "reasons" in values, kind


def test_somebody_works_on_every_application(channel: tuple[Regulation, str, Channel]) -> None:
    regulation, name, part = channel
    assert any(step.action in PROVIDERS_STEPS for step in part.steps)
    variants = [known.code for known in regulation.variants if not known.channels or name in known.channels]
    for variant in variants or ["default"]:
        acts = {act for task in tasks_of(regulation, name, variant) for act in task.acts}
        assert acts


def test_documents_say_where_they_are_from(channel: tuple[Regulation, str, Channel]) -> None:
    regulation, name, part = channel
    assert part.form is not None
    assert part.documents
    own = [document for document in part.documents if document.source.startswith("The stand's own list")]
    assert bool(own) <= any(note.code == "document-list" for note in regulation.notes)
    if name == "portal":
        assert {"signed_request"} == {d.kind for d in part.documents if d.code == "request"}


def test_whoever_takes_papers_gives_the_receipts_of_the_text(channel: tuple[Regulation, str, Channel]) -> None:
    _, _, part = channel
    actions = {step.action for step in part.steps}
    if Action.REFUSE_PACKAGE in actions:
        assert part.receipt("acceptance")
        assert part.receipt("refusal")


def test_all_of_them_are_there(regulations: Regulations) -> None:
    assert set(regulations) == set(FACTS)
    assert len(FACTS) == 27
    # The 56 pairs of the texts, and home schooling as the state itself offers it.
    assert len(CHANNELS) == 57
