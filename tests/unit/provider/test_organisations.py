"""The demo files hold together, and files that do not are refused at start."""

from pathlib import Path

import pytest
import yaml

from services.provider.service.officers import load_officers
from services.provider.service.organisations import load_organisations
from services.provider.settings import Settings
from shared.kit.errors import Unavailable
from shared.kit.iin import _check_digit, is_valid
from shared.regulations.loader import load_regulations
from tests.unit.provider.conftest import ORGANISATIONS


def test_demo_organisation_is_synthetic_but_valid() -> None:
    settings, regulations = Settings(), load_regulations()
    organisations = load_organisations(settings.organisations_file, regulations)
    assert {name for organisation in organisations for name in organisation.serves} <= set(regulations)
    for organisation in organisations:
        # BINs and IINs share their check digit.
        assert _check_digit(organisation.bin[:11]) == int(organisation.bin[11])
        assert is_valid(organisation.authorised_person.iin)
        assert "ТЕСТ" in organisation.name.kk
        assert "ТЕСТ" in organisation.name.ru
        assert "TEST" in organisation.name.en
    assert load_officers(settings.officers_file, organisations)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("code: other", "code: almaty"),
        ("050640001236", "990140000017"),
        ("050640001236", "12"),
        ("preschool-queue]", "preschool-queue, almaty-city/unknown]"),
        ("name_in_certificate: TEST other", f"name_in_certificate: {'T' * 65}"),
        ("surname: ТЕСТОВ,", "surname: ТЕСТОВ, age: 3,"),
    ],
)
def test_file_that_does_not_hold_together_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in ORGANISATIONS
    path = tmp_path / "organisations.yaml"
    path.write_text(ORGANISATIONS.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError):
        load_organisations(path, load_regulations())


@pytest.mark.parametrize(("name", "value"), [("organisation", "nowhere"), ("login", "head"), ("login", "../x")])
def test_officers_of_nobody_are_refused(tmp_path: Path, name: str, value: str) -> None:
    settings = Settings()
    organisations = load_organisations(settings.organisations_file, load_regulations())
    content = yaml.safe_load(settings.officers_file.read_text(encoding="utf-8"))
    content["officers"][0][name] = value
    path = tmp_path / "officers.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ValueError):
        load_officers(path, organisations)


def test_nothing_is_signed_before_the_key_is_enrolled() -> None:
    organisations = load_organisations(Settings().organisations_file, load_regulations())
    with pytest.raises(Unavailable):
        organisations.signatory(organisations.of_code("almaty-education"))
