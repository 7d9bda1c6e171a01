"""The files of centres and operators hold together, or nothing starts."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.csc.domain.people import CentreKind
from services.csc.service.operators import load_centres, load_operators
from services.csc.settings import Settings
from shared.kit import iin
from shared.kit.checked_files import FileFaults

CENTRES, OPERATORS = Settings().centres_file, Settings().operators_file


def changed(source: Path, folder: Path, **changes: Any) -> Path:
    """A copy in which the last entry has other values."""
    content = yaml.safe_load(source.read_text())
    next(iter(content.values()))[-1].update(changes)
    copy = folder / source.name
    copy.write_text(yaml.safe_dump(content))
    return copy


def test_centres_of_every_kind_with_operators() -> None:
    centres = load_centres(CENTRES)
    operators = load_operators(OPERATORS, centres)
    assert {centre.kind for centre in centres.values()} == set(CentreKind)
    for code in centres:
        roles = {operator.role for operator in operators if operator.centre == code}
        assert "operator" in roles
    assert {operator.centre for operator in operators if operator.role == "supervisor"} == {"almaly", "auezov"}
    assert all(iin.is_valid(operator.iin) for operator in operators)
    assert all("TEST" in centre.name.en for centre in centres.values())


@pytest.mark.parametrize("changes", [{"code": "almaly"}, {"bin": "041040000118"}, {"bin": "1"}, {"windows": "0"}])
def test_a_centre_that_does_not_fit(tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        load_centres(changed(CENTRES, tmp_path, **changes))


STOP = {"settlement": {"kk": "а", "ru": "а", "en": "a"}, "day": "mon", "opens": "09:00", "closes": "15:00"}


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "mobile_centre"},  # without stops
        {"stops": [STOP]},  # that does not move
        {"kind": "mobile_centre", "stops": [{**STOP, "closes": "14:59"}]},  # less than six hours
        {"kind": "mobile_centre", "stops": [STOP, STOP]},  # in two settlements at once
        {"kind": "palace"},
        {"hours": None},
    ],
)
def test_a_centre_of_another_kind_that_does_not_fit(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        load_centres(changed(CENTRES, tmp_path, **changes))


def test_six_hours_in_a_settlement_are_enough(tmp_path: Path) -> None:
    centres = load_centres(changed(CENTRES, tmp_path, kind="mobile_centre", stops=[STOP]))
    assert centres["taldykorgan-employment"].channel == "csc"


@pytest.mark.parametrize("changes", [{"login": "aigerim"}, {"centre": "nowhere"}, {"role": "king"}])
def test_an_operator_who_does_not_fit(tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        load_operators(changed(OPERATORS, tmp_path, **changes), load_centres(CENTRES))


def test_every_fault_is_told_at_once_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(FileFaults) as refused:
        load_centres(changed(CENTRES, tmp_path, bin="160340000340", windows=0, code="NO"))
    assert [fault.where[2] for fault in refused.value.faults] == ["code", "bin", "windows"]
    lines = (tmp_path / CENTRES.name).read_text().splitlines()
    for told, field in zip(str(refused.value).splitlines()[1:], ("code", "bin", "windows"), strict=True):
        assert f"{field}:" in lines[int(told.split(":")[1]) - 1]


def test_operators_of_no_centre_and_logins_that_stand_twice(tmp_path: Path) -> None:
    with pytest.raises(FileFaults) as refused:
        load_operators(changed(OPERATORS, tmp_path, login="arman", centre="nowhere"), load_centres(CENTRES))
    assert [fault.message for fault in refused.value.faults] == [
        "arman stands twice",
        "arman works at nowhere, which is no centre",
    ]
