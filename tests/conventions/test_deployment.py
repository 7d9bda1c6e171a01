"""The deployment files name every service, give no more rights than needed, and hold no secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.stand.catalogue import SERVICES

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
CODES = [service.code for service in SERVICES]
PORTS = {service.code: service.port for service in SERVICES}


def manifests(code: str) -> dict[str, Any]:
    """The objects of one service by kind."""
    text = (DEPLOY / "kubernetes" / f"{code}.yaml").read_text(encoding="utf-8")
    return {found["kind"]: found for found in yaml.safe_load_all(text)}


@pytest.mark.parametrize("code", CODES)
def test_compose_runs_every_service_with_few_rights(code: str) -> None:
    service = COMPOSE[code]
    assert service["command"] == ["serve", code]
    assert service["ports"] == [f"127.0.0.1:{PORTS[code]}:{PORTS[code]}"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["mem_limit"]
    assert service["environment"]["EGOV_HEALTH_PORT"] == str(PORTS[code])
    needed = {name: condition["condition"] for name, condition in service["depends_on"].items()}
    if code != "pki":
        assert needed == dict.fromkeys(("kafka", "postgres", "pki"), "service_healthy")


def test_every_port_is_on_loopback_and_every_container_limited() -> None:
    for name, service in COMPOSE.items():
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", ())), name
        assert service["mem_limit"], name


@pytest.mark.parametrize("code", CODES)
def test_kubernetes_runs_every_service_with_probes_and_limits(code: str) -> None:
    found = manifests(code)
    pod = found["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"] == ["serve", code]
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
    assert container["resources"]["limits"]["memory"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["terminationGracePeriodSeconds"] > 10
    assert found["Service"]["spec"]["ports"][0]["port"] == PORTS[code]
    if code != "pki":
        assert "PodDisruptionBudget" in found
        assert found["Deployment"]["spec"]["replicas"] >= 2


def test_kustomization_names_every_manifest() -> None:
    kustomization = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text(encoding="utf-8"))
    assert sorted(kustomization["resources"]) == sorted(f"{code}.yaml" for code in CODES)


def test_the_image_is_not_root_and_has_a_health_check() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER [1-9][0-9]*$", text, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)


def test_no_password_stands_in_a_deployment_file() -> None:
    for file in DEPLOY.rglob("*.yaml"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"(?i)password['\"]?\s*[:=]\s*['\"]?[a-z0-9]{4,}", line), f"{file.name}: {line}"
