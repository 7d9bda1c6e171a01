"""The documents say what the data and the loader say."""

import re
from pathlib import Path

import pytest

from services.stand.cli import main
from shared.regulations.errors import RegulationError
from shared.regulations.loader import Regulations, load_regulations
from shared.regulations.notes import notes_table
from tests.conventions.sources import ROOT

NOTES = ROOT / "docs" / "regulation-notes.md"
GUIDE = (ROOT / "docs" / "regulations.md").read_text(encoding="utf-8")
_FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_ROW = re.compile(r"^\| `(.+)` \| `(.+)` \|$", re.MULTILINE)


def block(language: str) -> str:
    """The first block of that language in the part on adding a service."""
    part = GUIDE[GUIDE.index("## Adding a public service") :]
    return next(text for found, text in _FENCE.findall(part) if found == language)


def loaded(directory: Path, text: str) -> Regulations:
    """The example as the guide says it is named."""
    place = directory / "almaty-city"
    place.mkdir(parents=True)
    (place / "library-card.yaml").write_text(text, encoding="utf-8")
    return load_regulations(directory)


def test_the_table_of_notes_is_that_of_the_data(regulations: Regulations) -> None:
    text = NOTES.read_text(encoding="utf-8")
    assert text[text.index("| Regulation |") :] == notes_table(regulations), "the notes have changed: make notes"


def test_the_command_prints_that_table(regulations: Regulations, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["regulations", "--notes"]) == 0
    assert capsys.readouterr().out == notes_table(regulations)


def test_every_note_is_in_the_table_once(regulations: Regulations) -> None:
    rows = notes_table(regulations).splitlines()[2:]
    named = [(r.id, note.code) for r in regulations.values() for note in r.notes]
    assert [tuple(row.split("`")[1:4:2]) for row in rows] == named
    assert all(row.count(" | ") == 5 for row in (row.replace("\\|", "") for row in rows))


def test_the_example_of_the_guide_loads(tmp_path: Path) -> None:
    assert list(loaded(tmp_path, block("yaml"))) == ["almaty-city/library-card"]


def test_the_mistakes_of_the_guide_give_the_faults_it_shows(tmp_path: Path) -> None:
    text, mistakes = block("yaml"), _ROW.findall(GUIDE[GUIDE.index("| Instead of | written |") :])
    assert len(mistakes) > 10
    for right, wrong in mistakes:
        assert text.count(right) >= 1, right
        text = text.replace(right, wrong, 1)
    with pytest.raises(RegulationError) as caught:
        loaded(tmp_path, text)
    assert str(caught.value) == block("text").rstrip("\n")
