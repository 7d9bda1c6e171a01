"""``egov kafka-access`` shows what the routes give; the addresses of a stand of containers."""

import json

import pytest

from services.stand.addresses import Addresses
from services.stand.cli import main
from services.stand.kafka_access import bindings
from shared.messages.rights import rights_of
from shared.messages.systems import System


def test_rights_are_shown_as_the_routes_give_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kafka-access", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.keys() == {system.value for system in System}
    for system in System:
        rights = rights_of(system)
        assert shown[system.value] == {
            "reads": list(rights.reads),
            "writes": list(rights.writes),
            "group": rights.group,
        }
    assert main(["kafka-access"]) == 0
    assert "    reads   egov.notary.in (group egov.notary)" in capsys.readouterr().out


def test_silent_cluster_is_named_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EGOV_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    assert main(["kafka-access", "--apply"]) == 1
    assert capsys.readouterr().err.startswith("egov: the cluster was not set up: ")


@pytest.mark.parametrize("system", System)
def test_entries_are_for_the_systems_own_user_and_for_nothing_but_topics_and_its_group(system: System) -> None:
    found = bindings(system, rights_of(system))
    assert {binding.principal for binding in found} == {f"User:{system}"}
    assert {binding.restype.name for binding in found} == {"TOPIC", "GROUP"}
    assert {binding.name for binding in found if binding.operation.name == "READ"} == {
        *rights_of(system).reads,
        rights_of(system).group,
    }


def test_services_may_be_on_a_host_each() -> None:
    addresses = Addresses.at("http://{code}", {"portal": 8101, "pki": 8106})
    assert addresses.urls == {"portal": "http://portal:8101", "pki": "http://pki:8106"}
    assert (
        Addresses.at("http://{code}.egov.example", {"portal": 8101}).of("portal") == "http://portal.egov.example:8101"
    )
