"""The options of ``egov bench`` and ``egov serve``."""

from pathlib import Path

import pytest

from services.stand.addresses import Addresses
from services.stand.bench.plan import Plan
from services.stand.cli import main
from services.stand.processes import CODES, environment, serve


def test_defaults() -> None:
    plan = Plan.of()
    assert (plan.applications, plan.channel, plan.embedded, plan.processes) == (1000, "portal", True, False)
    assert plan.sizes == (1000, 10_000, 100_000)
    assert plan.repetitions == 3


def test_quick_is_smaller_everywhere() -> None:
    quick, full = Plan.of(quick=True), Plan.of()
    assert quick.applications < full.applications
    assert max(quick.sizes) < min(full.sizes)
    assert quick.repetitions == 1


def test_the_number_of_applications_holds_for_every_quick_measurement() -> None:
    plan = Plan.of(quick=True, applications=5)
    assert (plan.applications, plan.alone, plan.paced, plan.growth_batch) == (5, 5, 5, 5)


@pytest.mark.parametrize("count", [0, -1, 1_000_000])
def test_a_number_of_applications_has_bounds(count: int) -> None:
    with pytest.raises(ValueError, match="--applications"):
        Plan.of(applications=count)


def test_a_plot_is_svg() -> None:
    assert Plan.of(plot=Path("a.svg")).plot == Path("a.svg")
    with pytest.raises(ValueError, match="svg"):
        Plan.of(plot=Path("a.png"))


def test_another_broker_is_not_the_embedded_one() -> None:
    assert not Plan.of(broker="127.0.0.1:9092").embedded


def test_the_command_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--plot", "picture.png"]) == 1
    assert "must end in .svg" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["bench", "--channel", "window"], ["bench", "--applications", "many"], ["serve"]])
def test_what_cannot_be_parsed(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err


async def test_only_services_are_served() -> None:
    with pytest.raises(ValueError, match="no service treasury"):
        await serve(["pki", "treasury"])


async def test_serving_needs_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EGOV_KAFKA_BOOTSTRAP", raising=False)
    with pytest.raises(ValueError, match="EGOV_KAFKA_BOOTSTRAP"):
        await serve(["portal"])


def test_the_environment_of_a_stand_in_processes() -> None:
    addresses = Addresses.on_ports({code: number for number, code in enumerate(CODES, 8000)})
    found = environment(
        Path("data"), addresses, bootstrap="127.0.0.1:5", assignment="static", fetch_wait_ms=5, token="token"
    )
    assert found["EGOV_KAFKA_BOOTSTRAP"] == "127.0.0.1:5"
    assert found["EGOV_PKI_URL"] == addresses.of("pki")
    assert found["EGOV_REGIONAL_GATEWAY_PORT"] == addresses.of("regional-gateway").rpartition(":")[2]
    assert found["EGOV_PORTAL_PROVIDER_URL"] == addresses.of("provider")
