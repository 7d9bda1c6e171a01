"""The demo files hold together, and files that do not are refused at start."""

from pathlib import Path

import pytest
import yaml

from services.provider.app import create_app
from services.provider.service.officers import load_officers
from services.provider.service.organisations import load_organisations, require_all_served
from services.provider.settings import Settings
from shared.kit.checked_files import FileFaults
from shared.kit.clock import Clock
from shared.kit.errors import Unavailable
from shared.kit.iin import bin_fault, is_valid
from shared.kit.settings import StandSettings
from shared.regulations.loader import load_regulations
from shared.regulations.procedure import tasks_of
from shared.regulations.samples import variants_of
from shared.regulations.terms import Role
from tests.unit.provider.conftest import OFFICERS, ORGANISATIONS


def test_demo_organisation_is_synthetic_but_valid() -> None:
    settings, regulations = Settings(), load_regulations()
    organisations = load_organisations(settings.organisations_file, regulations)
    for organisation in organisations:
        assert bin_fault(organisation.bin) is None
        assert is_valid(organisation.authorised_person.iin)
        assert "ТЕСТ" in organisation.name.kk
        assert "ТЕСТ" in organisation.name.ru
        assert "TEST" in organisation.name.en
    assert load_officers(settings.officers_file, organisations)


def test_demo_serves_every_channel_of_every_regulation_and_has_somebody_for_every_task() -> None:
    settings, regulations = Settings(), load_regulations()
    organisations = load_organisations(settings.organisations_file, regulations)
    officers = load_officers(settings.officers_file, organisations)
    for regulation in regulations.values():
        for channel in regulation.channels:
            for case in (None, *organisations.cases(regulation.id, channel)):
                facts = {} if case is None else {case.field[1:]: case.equals}
                if case is None and None not in organisations.cases(regulation.id, channel):
                    continue
                serving = organisations.serving(regulation.id, channel, facts)
                assert serving is not None, (regulation.id, channel)
                roles = {role for officer in officers if officer.organisation == serving.code for role in officer.roles}
                for variant in variants_of(regulation, channel):
                    needed = {task.role for task in tasks_of(regulation, channel, variant)} - {Role.RECIPIENT}
                    assert needed <= roles, (regulation.id, channel, serving.code, needed - roles)
    served = set(organisations.served())
    assert {(r.id, channel) for r in regulations.values() for channel in r.channels} == served


@pytest.mark.parametrize("district", ["aksu", "taldykorgan", "karasay"])
@pytest.mark.parametrize(
    ("name", "channel", "serving"),
    [
        ("targeted-social-assistance", "employment_centre", "oblast-employment-centre"),
        ("targeted-social-assistance", "akim", "rural-akim"),
        ("local-social-assistance", "akim", "rural-akim"),
        ("rural-specialists-fuel", "akim", "rural-akim"),
        # There the centre only hands the documents to the provider.
        ("targeted-assistance-certificate", "employment_centre", None),
    ],
)
def test_whose_counter_a_channel_is(name: str, channel: str, serving: str | None, district: str) -> None:
    organisations = load_organisations(Settings().organisations_file, load_regulations())
    found = organisations.serving(f"almaty-oblast/{name}", channel, {"district": district})
    assert found is not None
    assert found.code == serving or (serving is None and found.kind == "employment_department")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("preschool-queue]", "preschool-queue, nowhere/*]"),
        ("preschool-queue]", "preschool-queue, {regulation: almaty-city/rehabilitation, channels: [portal]}]"),
        ("serves: [almaty-city/preschool-queue]", "serves: [almaty-city/preschool-queue, almaty-city/preschool-queue]"),
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


def faults_of(tmp_path: Path, content: str) -> list[str]:
    """The lines with which a file of organisations is refused, without the folder."""
    path = tmp_path / "organisations.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileFaults) as refused:
        require_all_served(path, load_regulations())
    return [line.strip().removeprefix(f"{tmp_path}/") for line in str(refused.value).splitlines()[1:]]


def test_the_demo_organisations_serve_every_regulation() -> None:
    require_all_served(Settings().organisations_file, load_regulations())


def test_every_regulation_that_nobody_serves_is_named_at_the_start(tmp_path: Path, clock: Clock) -> None:
    told = faults_of(tmp_path, ORGANISATIONS)
    assert all(line.startswith("organisations.yaml:2: organisations: no organisation serves ") for line in told)
    assert len(told) == len(load_regulations()) - 1
    assert any("karaganda/rehabilitation (channels: " in line for line in told)
    settings = Settings(organisations_file=tmp_path / "organisations.yaml")
    with pytest.raises(FileFaults, match="karaganda/rehabilitation"):
        create_app(settings, StandSettings(data_dir=tmp_path), clock)


def test_every_fault_of_the_file_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    wrong = ORGANISATIONS.replace("990140000017", "990140000018").replace("830902332004", "830902332005")
    told = faults_of(tmp_path, wrong.replace("code: other", "code: OTHER"))
    assert [line.partition(": Value error, ")[::2] for line in told if "check digit" in line] == [
        ("organisations.yaml:3: organisations.0.bin", "the check digit of the BIN is wrong"),
        ("organisations.yaml:8: organisations.1.authorised_person.iin", "the check digit of the IIN is wrong"),
    ]
    assert any(line.startswith("organisations.yaml:7: organisations.1.code: ") for line in told)


def test_every_contradiction_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    wrong = ORGANISATIONS.replace("preschool-queue]", "preschool-queue, nowhere/*, almaty-city/unknown]")
    assert faults_of(tmp_path, wrong.replace("code: other", "code: almaty")) == [
        "organisations.yaml:7: organisations.1.code: almaty stands twice",
        "organisations.yaml:4: organisations.0.serves.2: no such regulation: almaty-city/unknown",
        "organisations.yaml:4: organisations.0.serves.1: no regulation of the issuer nowhere/",
    ]


def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    (told,) = faults_of(tmp_path, "organisations:\n  - {code: a\n  - b: [")
    assert "not readable as YAML, line 3" in told


def test_every_fault_of_the_officers_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    organisations = load_organisations(Settings().organisations_file, load_regulations())
    path = tmp_path / "officers.yaml"
    path.write_text(OFFICERS.replace("login: dana", "login: aliya"), encoding="utf-8")
    with pytest.raises(FileFaults) as refused:
        load_officers(path, organisations)
    told = str(refused.value)
    assert f"{path}:5: officers.1.login: aliya stands twice" in told
    assert f"{path}:3: officers.0.organisation: aliya works for almaty, which is not served" in told
