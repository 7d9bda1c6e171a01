"""On which ports a stand is started and looked for."""

import pytest

from services.stand.catalogue import SERVICES
from services.stand.cli import main
from services.stand.embedded import fixed_ports
from shared.kit.errors import InvalidInput

USUAL = {service.code: service.port for service in SERVICES}


def test_without_anything_they_are_the_well_known_ones() -> None:
    assert fixed_ports({}) == fixed_ports({"EGOV_PORT_BASE": "", "EGOV_PORTAL_PORT": ""}) == USUAL


def test_all_can_be_moved_and_a_single_one_put_elsewhere() -> None:
    moved = {code: port + 1000 for code, port in USUAL.items()}
    assert fixed_ports({"EGOV_PORT_BASE": "9100"}) == moved
    single = {"EGOV_PORT_BASE": "9100", "EGOV_REGIONAL_GATEWAY_PORT": "7000"}
    assert fixed_ports(single) == {**moved, "regional-gateway": 7000}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"EGOV_PORT_BASE": "x"}, "EGOV_PORT_BASE is 'x'"),
        ({"EGOV_PORT_BASE": "-1"}, "EGOV_PORT_BASE is '-1'"),
        ({"EGOV_PORT_BASE": "65530"}, "EGOV_PKI_PORT is '65536'"),
        ({"EGOV_PORTAL_PORT": "0"}, "EGOV_PORTAL_PORT is '0'"),
        ({"EGOV_PORTAL_PORT": "8102"}, "same port"),
    ],
)
def test_what_is_no_port_or_taken_twice_is_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        fixed_ports(environment)


@pytest.mark.parametrize(
    "command", [["up"], ["clock", "show"], ["journal", "a"], ["demo", "--url", "http://127.0.0.1"]]
)
def test_a_command_says_so_without_a_traceback(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EGOV_PORT_BASE", "no port")
    assert main(command) == 1
    assert capsys.readouterr().err.startswith("egov: EGOV_PORT_BASE is 'no port', which is no port")


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("egov 0.")
