"""What notes and clauses of the data claim, against the texts and against what the stand does."""

import re
from collections import Counter

from services.csc.domain.people import CentreKind
from services.csc.service.operators import load_centres
from shared.regulations.actions import Action
from shared.regulations.grounds import in_words
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation
from tests.conventions.sources import ROOT

QUEUE, STANDARD = "almaty-city/preschool-queue", "national/preschool-queue-2012"


def note(regulation: Regulation, code: str) -> str:
    """Topic and choice of a note."""
    (found,) = [known for known in regulation.notes if known.code == code]
    return f"{found.topic}. {found.choice}"


def test_what_is_quoted_from_the_standard_of_2012_cites_its_clause(regulations: Regulations) -> None:
    """Kindergarten queue of the city: its own clause 10 says nothing of results that nobody collects."""
    csc = regulations[QUEUE].channel("csc")
    standard = regulations[STANDARD].channel("csc")
    assert csc.storage is not None
    assert standard.storage is not None
    step = csc.step(csc.storage.step)
    assert step is not None
    assert csc.storage.text.kk.rstrip(";") == standard.storage.text.kk
    assert {csc.storage.clause, step.clause} == {f"2012 standard, {standard.storage.clause}"}


def test_no_clause_names_an_item_of_an_item(regulations: Regulations) -> None:
    """Duplicates, clause 13: its process 2 is 13(2), and there is no second item in it."""
    for regulation in regulations.values():
        cited = re.findall(r"'clause': '([^']*)'", str(regulation.model_dump(mode="json")))
        assert not [clause for clause in cited if re.search(r"\)\(\w+\)\(|\(\d+\)\(\d+\)", clause)], regulation.id


def test_a_refusal_for_missing_documents_says_that_it_can_be_made_up_for(regulations: Regulations) -> None:
    """2012 16(1), its parenthesis: once, whatever is missing; 16(2) has no such words."""
    standard = regulations[STANDARD]
    assert {ground.clause for ground in standard.grounds if ground.remedy} == {"16(1)"}
    assert all(ground.remedy for ground in standard.grounds if ground.clause == "16(1)")
    found = [{"code": g.code, "text": g.text.model_dump()} for g in standard.grounds if "office" in g.channels]
    words = in_words(standard, "office", found)
    assert words is not None
    assert words.en.count("considered on general grounds") == 1
    assert in_words(standard, "office", []) is None
    other = in_words(standard, "office", [f for f in found if f["code"] == "law-on-informatisation"])
    assert other is not None
    assert "general grounds" not in other.en


def test_the_two_gateways_of_clause_9_are_noted(regulations: Regulations) -> None:
    assert "regional gateway" in note(regulations[QUEUE], "through-or-in-the-regional-gateway")


def test_under_which_item_of_the_standard_acceptance_is_refused(regulations: Regulations) -> None:
    """Oblast, the refusal of the State Corporation: item 9 in eight annexes, item 10 in six. The notes say so."""
    items: Counter[str] = Counter()
    for regulation in (r for r in regulations.values() if r.id.startswith("almaty-oblast/") and "csc" in r.channels):
        (step,) = [s for s in regulation.channel("csc").steps if s.action is Action.REFUSE_PACKAGE]
        items[re.findall(r"Стандарттың (\d+)-тармағына", step.text.kk)[0]] += 1
    assert items == {"9": 8, "10": 6}
    assert "most" not in note(regulations["almaty-oblast/rehabilitated-person-certificate"], "item-9-of-the-standard")


def test_the_stand_has_stops_of_a_mobile_centre_and_the_note_says_so(regulations: Regulations) -> None:
    """2012 9(2)."""
    mobile = [
        centre
        for centre in load_centres(ROOT / "deploy/demo/centres.yaml").values()
        if centre.kind is CentreKind.MOBILE_CENTRE
    ]
    assert mobile
    assert all(centre.stops for centre in mobile)
    assert "weekly stops" in note(regulations[STANDARD], "mobile-centres")


def test_no_two_notes_of_the_standard_say_who_asks_the_registries(regulations: Regulations) -> None:
    """2012 11: the body itself asks; the note that had the centres alone ask was not true."""
    codes = [known.code for known in regulations[STANDARD].notes]
    assert [code for code in codes if code.startswith("registry-data")] == ["registry-data-by-the-body"]


def test_requests_of_third_parties_are_taken(regulations: Regulations) -> None:
    """Home schooling, row 8."""
    assert "are taken" in note(regulations["national/home-schooling"], "third-parties")


def test_the_standard_of_2012_has_addresses_of_its_own(regulations: Regulations) -> None:
    """2012 21 and 22(1): of the Ministry and of the republican enterprise."""
    assert "The text itself has the address of the Ministry" in note(regulations[STANDARD], "addresses")
