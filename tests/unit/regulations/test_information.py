"""Where the texts say that something can be learnt, and the annexes that show how a service is rendered."""

import pytest

from shared.regulations.loader import Regulations

STANDARD, SCHOOLING = "national/preschool-queue-2012", "national/home-schooling"
CENTRE = "8-800-080-7777"


def test_the_five_sources_of_the_standard_of_2012(regulations: Regulations) -> None:
    """Clause 4: the Ministry, the enterprise, stands, the call centre, the portal."""
    found = [source for source in regulations[STANDARD].information if "service" in source.about]
    assert [(source.clause, source.sites, source.telephones) for source in found] == [
        ("4(1)", ("www.edu.gov.kz",), ()),
        ("4(2)", ("www.con.gov.kz",), ()),
        ("4(3)", (), ()),
        ("4(4)", (), ("1414",)),
        ("4(5)", ("www.egov.kz",), ()),
    ]


def test_where_blank_forms_are(regulations: Regulations) -> None:
    """2012, clause 12: at the body, at the centres and on a site."""
    found = [source for source in regulations[STANDARD].information if "forms" in source.about]
    assert [(source.clause, source.sites) for source in found] == [("12", ()), ("12", ("www.con.gov.kz",))]


def test_whom_to_ask_how_to_complain(regulations: Regulations) -> None:
    """2012, clause 20: the head of the centre, or 1414. No other text says it."""
    asked = {r.id: [s for s in r.information if "complaints" in s.about] for r in regulations.values()}
    found = asked.pop(STANDARD)
    assert [(source.code, source.telephones) for source in found] == [
        ("head-of-the-centre", ()),
        ("call-centre-on-complaints", ("1414",)),
    ]
    assert not any(asked.values())


def test_places_and_telephones_of_home_schooling(regulations: Regulations) -> None:
    """Schedule: the places. Row 8: the provider's telephones on the Ministry's site, the contact centre, the state."""
    found = {source.code: source for source in regulations[SCHOOLING].information}
    assert (found["places"].clause, found["places"].sites) == ("schedule", ("www.egov.kz",))
    assert found["provider-telephones"].sites == ("www.edu.gov.kz",)
    for code in ("provider-telephones", "progress"):
        assert set(found[code].telephones) == {CENTRE, "1414"}
    assert "progress" in found["progress"].about


@pytest.mark.parametrize(("name", "clause"), [("preschool-queue", "11"), ("education-document-duplicate", "13")])
def test_the_contact_centre_of_the_city(regulations: Regulations, name: str, clause: str) -> None:
    (source,) = regulations[f"almaty-city/{name}"].information
    assert (source.clause, source.telephones, source.about) == (clause, ("1414",), ("service", "progress"))
    assert "1414" in source.text.kk
    assert "1414" in source.text.ru


def test_what_is_named_as_telephone_or_site_stands_in_the_words(regulations: Regulations) -> None:
    for regulation in regulations.values():
        for source in regulation.information:
            for known in (*source.telephones, *source.sites):
                assert known in source.text.kk or source.code == "portal", (regulation.id, known)


HANDBOOKS = {
    "education-document-duplicate": ("annex 1", True),
    "externat-permission": ("annex 2", True),
    "pmp-examination-consultation": ("annex", False),
    "rehabilitation": ("annex", False),
    "family-consultation": ("annex", False),
}
"""Regulations of the city with a handbook: its annex, and whether the Kazakh legend has centres and the portal too."""


@pytest.mark.parametrize("name", list(HANDBOOKS))
def test_the_legend_of_a_handbook_of_the_city(regulations: Regulations, name: str) -> None:
    clause, wider = HANDBOOKS[name]
    (handbook,) = [annex for annex in regulations[f"almaty-city/{name}"].annexes if annex.kind == "handbook"]
    assert handbook.clause == clause
    assert handbook.legend is not None
    (unit,) = handbook.legend.symbols
    assert (unit.short.kk, unit.short.ru) == ("ҚФБ", "СФЕ")
    assert ("веб-порталының" in unit.text.kk) == wider
    assert "портал" not in unit.text.ru


def test_diagrams_are_of_channels_and_their_table_is_in_russian_alone(regulations: Regulations) -> None:
    """City queue, its annex; duplicates, annex 2."""
    diagrams = {
        (regulation.id, annex.channel): annex.legend
        for regulation in regulations.values()
        for annex in regulation.annexes
        if annex.kind == "diagram"
    }
    assert set(diagrams) == {
        ("almaty-city/preschool-queue", "csc"),
        ("almaty-city/preschool-queue", "portal"),
        ("almaty-city/education-document-duplicate", "csc"),
    }
    assert all(legend is not None and legend.only_in == ("ru",) and not legend.symbols for legend in diagrams.values())


def test_every_text_that_names_a_handbook_or_diagram_has_it(regulations: Regulations) -> None:
    """All but the two of the Republic: oblast, clause 7; Karaganda, clause 9; the city, its annexes."""
    assert {r.id for r in regulations.values() if not r.annexes} == {STANDARD, SCHOOLING}


def test_where_the_annex_of_the_oblast_has_no_heading_clause_7_alone_names_the_handbook(
    regulations: Regulations,
) -> None:
    annexes = {r.source.annex: r.annexes for r in regulations.values() if r.id.startswith("almaty-oblast/")}
    assert {annex for annex, (handbook,) in annexes.items() if handbook.clause == "7"} == {"5", "9", "10", "11", "16"}
    assert {handbook.clause for (handbook,) in annexes.values()} == {"7", "7, annex"}
