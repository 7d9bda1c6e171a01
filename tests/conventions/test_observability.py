"""The numbers are told once in code and once in the documentation; the board and the rules ask for nothing else."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from services.provider.service.missing import MissingAttachments
from services.stand.catalogue import SERVICES
from shared.kit.clock import Clock
from shared.messaging.numbers import Numbers
from shared.web.metrics import Metrics

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "boards" / "egov.json").read_text(encoding="utf-8"))
SUFFIXES = re.compile(r"_(bucket|sum|count)$")


def read(*path: str) -> Any:
    """A YAML file of ``deploy``."""
    return yaml.safe_load((DEPLOY.joinpath(*path)).read_text(encoding="utf-8"))


def in_code() -> set[str]:
    """The names under which numbers are asked for: counters with ``_total``, histograms without their parts."""
    registries = (Metrics(Clock()).registry, Numbers({"taken": 0}).registry, MissingAttachments().registry)
    families = [family for registry in registries for family in registry.collect()]
    return {family.name + ("_total" if family.type == "counter" else "") for family in families}


def asked_for(expression: str) -> set[str]:
    """The numbers of ours that an expression names."""
    return set(re.findall(r"\begov_[a-z_]+", expression))


def expressions() -> list[str]:
    """All that the board and the rules ask."""
    rules = [rule["expr"] for group in read("prometheus", "rules.yml")["groups"] for rule in group["rules"]]
    return [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]] + rules


def test_documentation_has_exactly_the_numbers_of_the_code() -> None:
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(egov_[a-z_]+)`", text, re.MULTILINE)) == in_code()


def test_names_follow_the_conventions() -> None:
    for name in in_code():
        assert re.fullmatch(r"egov_[a-z]+(_[a-z]+)+", name), name
        assert not SUFFIXES.search(name), name


def test_board_and_rules_ask_only_for_numbers_that_exist() -> None:
    asked = {SUFFIXES.sub("", name) for expression in expressions() for name in asked_for(expression)}
    assert asked
    assert asked <= in_code()


def test_a_number_that_does_not_exist_would_be_found() -> None:
    assert not asked_for('rate(egov_messaging_nothing_total{event="taken"}[1m])') <= in_code()


def test_every_number_of_the_message_exchange_is_on_the_board() -> None:
    shown = {
        SUFFIXES.sub("", name)
        for panel in BOARD["panels"]
        for target in panel["targets"]
        for name in asked_for(target["expr"])
    }
    assert in_code() - shown == set()


def test_board_is_well_formed() -> None:
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(ids)) == len(ids)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in BOARD["panels"]}
    assert len(places) == len(ids)
    (source,) = read("grafana", "provisioning", "datasources", "prometheus.yaml")["datasources"]
    assert {panel["datasource"]["uid"] for panel in BOARD["panels"]} == {source["uid"]}
    for expression in expressions():
        assert expression.count("(") == expression.count(")"), expression


def test_every_service_is_asked_for_its_numbers() -> None:
    (job,) = read("prometheus", "prometheus.yml")["scrape_configs"]
    asked = {(entry["names"][0], entry["port"]) for entry in job["dns_sd_configs"]}
    assert asked == {(service.code, service.port) for service in SERVICES}


def test_overlay_mounts_what_is_there_and_has_no_password() -> None:
    services = read("compose.observability.yaml")["services"]
    for service in services.values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert not source.startswith("./") or (DEPLOY / source).exists(), source
        assert not re.search(r":latest}?$", service["image"])
    assert services["grafana"]["environment"]["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"
    (provider,) = read("grafana", "provisioning", "dashboards", "egov.yaml")["providers"]
    assert f"./grafana/boards:{provider['options']['path']}:ro" in services["grafana"]["volumes"]
    assert services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].startswith(
        provider["options"]["path"]
    )
