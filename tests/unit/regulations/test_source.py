"""The act of each regulation against its text: new editions, registration numbers, legal basis, automation."""

import pytest

from shared.regulations.loader import Regulations
from shared.regulations.source import MODE_WORDS

NEW_EDITIONS = {
    "semey-nuclear-victims": ("104", "2019-03-29"),
    "hearing-vision-hygiene-means": ("104", "2019-03-29"),
    "targeted-social-assistance": ("547", "2019-12-03"),
    "oralman-status": ("104", "2019-03-29"),
    "rehabilitated-person-certificate": ("104", "2019-03-29"),
}
"""Regulations of the oblast that stand in a new edition: the resolution that gave it, and its day."""
AUTOMATED = {
    "partly_automated": {
        "almaty-oblast/local-social-assistance",
        "almaty-oblast/employment-referral",
        "almaty-oblast/foreign-labour-permit",
        "national/home-schooling",
        "national/preschool-queue-2012",
    },
    "fully_automated": {
        "almaty-oblast/home-education-reimbursement",
        "almaty-oblast/targeted-assistance-certificate",
        "almaty-oblast/housing-assistance",
    },
    "not_automated": {"karaganda/rehabilitation"},
}
"""What clause 2 (2012: clause 2; home schooling: row 3; Karaganda: clause 10) says of automation."""


def test_the_new_editions_of_the_oblast_are_named(regulations: Regulations) -> None:
    for regulation in (r for r in regulations.values() if r.id.startswith("almaty-oblast/")):
        editions = [c for c in regulation.source.changes if c.kind == "new_edition"]
        expected = NEW_EDITIONS.get(regulation.id.split("/")[1])
        assert [(c.number, str(c.adopted_on)) for c in editions] == ([expected] if expected else []), regulation.id


def test_clause_1_of_the_resolution_of_the_oblast_was_amended(regulations: Regulations) -> None:
    for regulation in regulations.values():
        amended = [c for c in regulation.source.changes if c.kind == "amendment"]
        assert bool(amended) == regulation.id.startswith("almaty-oblast/")
        assert all((c.number, c.clause) == ("104", "1 of the resolution") for c in amended)


@pytest.mark.parametrize(
    ("issuer", "numbers"),
    [("almaty-oblast", {"279": "11342", "319": "11015"}), ("karaganda", {"174": "11047"}), ("almaty-city", {})],
)
def test_the_registration_number_of_the_standard(
    regulations: Regulations, issuer: str, numbers: dict[str, str]
) -> None:
    """Oblast, clause 1 of every annex; Karaganda, clause 3. The acts of the city give none."""
    for source in (r.source for r in regulations.values() if r.id.startswith(f"{issuer}/")):
        assert source.standard_registration_number == numbers.get(source.standard_number or "")


def test_the_legal_basis_is_that_of_the_text(regulations: Regulations) -> None:
    """Clause 3 of the standard of 2012, the preambles of the resolutions; the other two texts name no law."""
    stated = {r.id: r.legal_basis.clause for r in regulations.values() if r.legal_basis}
    assert stated.pop("national/preschool-queue-2012") == "3"
    assert set(stated.values()) == {"preamble"}
    assert {r.id for r in regulations.values() if not r.legal_basis} == {
        "karaganda/rehabilitation",
        "national/home-schooling",
    }
    basis = regulations["national/preschool-queue-2012"].legal_basis
    assert basis is not None
    assert "29-бабы" in basis.text.kk
    assert "статьи 29" in basis.text.ru


@pytest.mark.parametrize("word", list(AUTOMATED))
def test_how_far_a_service_is_automated(regulations: Regulations, word: str) -> None:
    assert {r.id for r in regulations.values() if word in r.modes} == AUTOMATED[word]


def test_every_word_of_a_mode_has_its_text(regulations: Regulations) -> None:
    assert {mode for r in regulations.values() for mode in r.modes} == set(MODE_WORDS)


def test_what_states_only_the_automation_is_given_no_other_mode(regulations: Regulations) -> None:
    """Karaganda 10 and 2012 2: neither says electronic or on paper."""
    assert regulations["karaganda/rehabilitation"].modes == ("not_automated",)
    assert regulations["national/preschool-queue-2012"].modes == ("partly_automated",)
