"""Who may sign acts on which service."""

from pathlib import Path

import pytest

from services.provider.service.organisations import load_organisations
from services.provider.settings import Settings
from shared.kit.checked_files import FileFaults
from shared.regulations.issuers import load_issuers
from shared.regulations.loader import load_regulations


def test_only_who_renders_a_service_and_the_head_that_signs_for_another(tmp_path: Path) -> None:
    file = tmp_path / "organisations.yaml"
    file.write_text(
        """
organisations:
  - {code: head, bin: "1", serves: [city/one, "oblast/*"]}
  - code: akim
    bin: "2"
    serves: [{regulation: "oblast/*", channels: [akim], signed_by: head}, {regulation: city/two}]
  - {code: idle, bin: "3"}
""",
        encoding="utf-8",
    )
    issuers = load_issuers(file)
    told = {
        (organisation, regulation): issuers.may_issue(organisation, regulation)
        for organisation in ("1", "2", "3", "4")
        for regulation in ("city/one", "city/two", "oblast/any", "city/one-more")
    }
    assert {pair for pair, may in told.items() if may} == {("1", "city/one"), ("1", "oblast/any"), ("2", "city/two")}


def test_a_file_that_says_nothing_of_it_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "organisations.yaml"
    file.write_text("organisations: [{code: head}]", encoding="utf-8")
    with pytest.raises(FileFaults, match="bin"):
        load_issuers(file)


def test_whoever_the_provider_has_sign_may_sign() -> None:
    """The provider reads the same file by rules of its own."""
    regulations = load_regulations()
    organisations = load_organisations(Settings().organisations_file, regulations)
    issuers = load_issuers(None)
    for regulation in regulations.values():
        for organisation in organisations:
            if any(organisations.takes(organisation, regulation.id, channel) for channel in regulation.channels):
                signing = organisations.signing_for(organisation, regulation.id)
                assert issuers.may_issue(signing.bin, regulation.id), (organisation.code, regulation.id)
