"""The files of centres and operators hold together, or nothing starts."""

from pathlib import Path

import pytest
import yaml

from services.csc.service.operators import load_centres, load_operators
from services.csc.settings import Settings
from shared.kit import iin

CENTRES, OPERATORS = Settings().centres_file, Settings().operators_file


def changed(source: Path, folder: Path, **changes: str) -> Path:
    """A copy in which the last entry has other values."""
    content = yaml.safe_load(source.read_text())
    next(iter(content.values()))[-1].update(changes)
    copy = folder / source.name
    copy.write_text(yaml.safe_dump(content))
    return copy


def test_two_centres_with_operators_and_supervisors() -> None:
    centres = load_centres(CENTRES)
    operators = load_operators(OPERATORS, centres)
    assert len(centres) == 2
    for code in centres:
        roles = {operator.role for operator in operators if operator.centre == code}
        assert roles == {"operator", "supervisor"}
    assert all(iin.is_valid(operator.iin) for operator in operators)
    assert all("TEST" in centre.name.en for centre in centres.values())


@pytest.mark.parametrize("changes", [{"code": "almaly"}, {"bin": "041040000118"}, {"bin": "1"}, {"windows": "0"}])
def test_a_centre_that_does_not_fit(tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        load_centres(changed(CENTRES, tmp_path, **changes))


@pytest.mark.parametrize("changes", [{"login": "aigerim"}, {"centre": "nowhere"}, {"role": "king"}])
def test_an_operator_who_does_not_fit(tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        load_operators(changed(OPERATORS, tmp_path, **changes), load_centres(CENTRES))
