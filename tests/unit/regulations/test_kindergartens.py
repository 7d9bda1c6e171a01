"""004, annex 6: a place in the preschool organisation that the application names by its number."""

from pathlib import Path

import pytest

from shared.kit.checked_files import FileFaults
from shared.regulations.form_schema import form_schema
from shared.regulations.forms import validate_form
from shared.regulations.kindergartens import with_kindergartens
from shared.regulations.loader import Regulations
from shared.regulations.samples import Person, sample_form
from tests.unit.regulations.oblast_assistance import RECIPIENT, TODAY

STANDARD = "national/preschool-queue-2012"
CHANNELS = ("office", "akim", "csc", "portal")


def numbers(regulations: Regulations, channel: str) -> list[str] | None:
    """Those that the form of the channel takes; ``None``: any."""
    field = form_schema(regulations[STANDARD], channel, "en")["properties"]["kindergarten"]
    return field.get("enum")


def test_the_form_lists_the_kindergartens_of_who_renders_the_service_in_the_channel(regulations: Regulations) -> None:
    found = {channel: numbers(with_kindergartens(regulations), channel) for channel in CHANNELS}
    assert found == {"office": ["1", "2", "3"], "akim": ["1"], "csc": ["1", "2", "3"], "portal": ["1", "2", "3"]}
    schema = form_schema(with_kindergartens(regulations)[STANDARD], "akim", "ru")
    assert "Акбота" in schema["properties"]["kindergarten"]["x-options"]["1"]["ru"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_number_that_none_has_is_a_fault_of_the_form(regulations: Regulations, channel: str) -> None:
    standard = with_kindergartens(regulations)[STANDARD]
    person: Person = RECIPIENT
    form = sample_form(standard, channel, "default", person, TODAY).form
    assert validate_form(standard, channel, form) == []
    for number in ("99", "01", "", "№ 1", "1 "):
        assert [fault.path for fault in validate_form(standard, channel, {**form, "kindergarten": number})] == [
            "/kindergarten"
        ]


def test_nothing_else_is_changed(regulations: Regulations) -> None:
    filled = with_kindergartens(regulations)
    assert list(filled) == list(regulations)
    assert [name for name in filled if filled[name] is not regulations[name]] == [STANDARD]


def test_where_nobody_has_kindergartens_any_number_is_taken(regulations: Regulations, tmp_path: Path) -> None:
    empty = tmp_path / "kindergartens.yaml"
    empty.write_text("kindergartens: []", encoding="utf-8")
    assert numbers(with_kindergartens(regulations, empty), "portal") is None


def test_who_is_named_for_a_channel_comes_before_who_takes_everything(regulations: Regulations, tmp_path: Path) -> None:
    organisations = tmp_path / "organisations.yaml"
    organisations.write_text(
        """
organisations:
  - {code: all, serves: ["national/*"]}
  - {code: portal, serves: [{regulation: "national/*", channels: [portal]}]}
  - {code: office, serves: [{regulation: national/preschool-queue-2012, channels: [office]}]}
  - {code: other, serves: [{regulation: national/preschool-queue-2012, channels: [office], when: {field: /x}}]}
""",
        encoding="utf-8",
    )
    kindergartens = tmp_path / "kindergartens.yaml"
    named = [(code, place) for place, code in enumerate(("all", "portal", "office", "other", "nobody"))]
    kindergartens.write_text(
        "kindergartens:\n"
        + "".join(
            f'  - {{organisation: {code}, number: "{place}", name: {{kk: n, ru: n, en: n}}}}\n' for code, place in named
        ),
        encoding="utf-8",
    )
    filled = with_kindergartens(regulations, kindergartens, organisations)
    assert {channel: numbers(filled, channel) for channel in CHANNELS} == {
        "office": ["2", "3"],
        "akim": ["0"],
        "csc": ["0"],
        "portal": ["1"],
    }


def test_a_file_that_does_not_hold_together_is_told(regulations: Regulations, tmp_path: Path) -> None:
    file = tmp_path / "kindergartens.yaml"
    file.write_text("kindergartens: [{organisation: all}]", encoding="utf-8")
    with pytest.raises(FileFaults, match="number"):
        with_kindergartens(regulations, file)
