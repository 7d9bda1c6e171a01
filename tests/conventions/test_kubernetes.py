"""The manifests run every service, give no more rights than needed, open no way nobody takes, and hold no secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.stand.catalogue import SERVICES
from shared.messages.systems import System

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"
CODES = [service.code for service in SERVICES]
PORTS = {service.code: service.port for service in SERVICES}
JOBS = ["migration", "kafka-access"]


def read(*path: str) -> list[dict[str, Any]]:
    """The objects of one file."""
    return list(yaml.safe_load_all(KUBERNETES.joinpath(*path).read_text(encoding="utf-8")))


def of_service(code: str) -> dict[str, Any]:
    """The objects of one service by kind."""
    return {found["kind"]: found for found in read(f"{code}.yaml")}


def pod_of(name: str) -> dict[str, Any]:
    """What runs for a service, or as a job."""
    (found,) = read("jobs", f"{name}.yaml") if name in JOBS else [of_service(name)["Deployment"]]
    pod: dict[str, Any] = found["spec"]["template"]["spec"]
    return pod


def environment(code: str) -> dict[str, str]:
    """What a service is told: by its own manifest, and by the one for all."""
    (generated,) = read("kustomization.yaml")[0]["configMapGenerator"]
    own = pod_of(code)["containers"][0]["env"]
    return dict(line.split("=", 1) for line in generated["literals"]) | {entry["name"]: entry["value"] for entry in own}


@pytest.mark.parametrize("code", CODES)
def test_every_service_runs_with_probes_and_survives_the_loss_of_a_host(code: str) -> None:
    found, pod = of_service(code), pod_of(code)
    (container,) = pod["containers"]
    assert container["args"] == ["serve", code]
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
    assert pod["terminationGracePeriodSeconds"] > 10
    assert found["Service"]["spec"]["ports"][0]["port"] == PORTS[code]
    if code != "pki":
        assert found["Deployment"]["spec"]["replicas"] >= 2
        assert found["PodDisruptionBudget"]["spec"]["selector"] == found["Deployment"]["spec"]["selector"]
        (rule,) = pod["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
        assert rule["podAffinityTerm"]["labelSelector"] == found["Deployment"]["spec"]["selector"]


@pytest.mark.parametrize("name", [*CODES, *JOBS])
def test_every_pod_is_limited_and_can_do_no_more_than_it_must(name: str) -> None:
    pod = pod_of(name)
    (container,) = pod["containers"]
    assert container["resources"]["limits"].keys() == {"cpu", "memory", "ephemeral-storage"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsNonRoot"] is True
    # As the image: a user and a group that the host has nobody of.
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]) == (10001, 10001)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False


@pytest.mark.parametrize("name", [*CODES, *JOBS])
def test_secrets_come_as_files_and_each_pod_has_only_its_own(name: str) -> None:
    pod = pod_of(name)
    (container,) = pod["containers"]
    assert all("secretRef" not in source for source in container.get("envFrom", ()))
    assert all("valueFrom" not in variable for variable in container["env"])
    (volume,) = (volume["projected"] for volume in pod["volumes"] if volume["name"] == "secrets")
    named = {source["secret"]["name"] for source in volume["sources"]}
    others = {f"egov-{system.value}" for system in System}
    expected = {"migration": others, "kafka-access": others | {"egov-kafka-admin"}, "pki": {"egov-stand"}}
    assert named == expected.get(name, {"egov-stand", f"egov-{name}"})
    # What the variables lead to is in the volume.
    files = {item["path"] for source in volume["sources"] for item in source["secret"].get("items", ())}
    files |= set() if name in JOBS else {"enrolment-token", "operations-token", "database-url", "kafka-password"}
    files |= {"auditor-token"} if name in ("gateway", "regional-gateway") else set()
    told = environment(name) if name in CODES else {entry["name"]: entry["value"] for entry in container["env"]}
    paths = {value for variable, value in told.items() if variable.endswith("_FILE")}
    assert {path.removeprefix("/run/secrets/egov/") for path in paths} <= files


def test_jobs_bring_every_system() -> None:
    told = {entry["name"] for entry in pod_of("migration")["containers"][0]["env"]}
    assert {f"EGOV_{system.value.upper().replace('-', '_')}_DATABASE_URL_FILE" for system in System} <= told
    (access,) = (volume["projected"] for volume in pod_of("kafka-access")["volumes"] if volume["name"] == "secrets")
    paths = {item["path"] for source in access["sources"] for item in source["secret"]["items"]}
    assert paths == {"admin", *(system.value for system in System)}


def calls() -> set[tuple[str, str, int]]:
    """Who asks whom on which port over HTTP, as the settings in the manifests say."""
    found = set()
    for code in CODES:
        for variable, value in environment(code).items():
            # What certificates and acts name is for people and for others.
            if variable in {"EGOV_PKI_PUBLIC_URL", "EGOV_PROVIDER_VERIFICATION_URL"}:
                continue
            if address := re.fullmatch(r"http://([a-z-]+):([0-9]+)", value):
                found.add((code, address[1], int(address[2])))
    return {call for call in found if call[0] != call[1]}


def selected(selector: dict[str, Any]) -> set[str]:
    """The components that a selector of pods means."""
    known = {*CODES, "jobs"}
    for name, value in selector.get("matchLabels", {}).items():
        assert name == "app.kubernetes.io/component"
        known &= {value}
    for rule in selector.get("matchExpressions", ()):
        assert rule["key"] == "app.kubernetes.io/component"
        known = known & set(rule["values"]) if rule["operator"] == "In" else known - set(rule["values"])
    return known


@pytest.mark.parametrize(("direction", "peers"), [("Egress", "to"), ("Ingress", "from")])
def test_policies_open_what_the_services_call_and_nothing_else(direction: str, peers: str) -> None:
    opened = set()
    for policy in read("network-policies.yaml"):
        for rule in policy["spec"].get(direction.lower(), ()):
            others = {code for peer in rule[peers] for code in selected(peer.get("podSelector", {"matchLabels": {}}))}
            if any("namespaceSelector" in peer for peer in rule[peers]):
                continue
            for own in selected(policy["spec"]["podSelector"]):
                for other in others:
                    pair = (own, other) if direction == "Egress" else (other, own)
                    opened |= {(*pair, port["port"]) for port in rule["ports"]}
    assert {call for call in opened if call[0] != call[1]} == calls()


def test_policies_close_everything_first() -> None:
    (closed,) = (found for found in read("network-policies.yaml") if found["metadata"]["name"] == "nothing-else")
    assert closed["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_tools_are_closed() -> None:
    assert environment("pki")["EGOV_TOOLS"] == "false"


@pytest.mark.parametrize("file", sorted(KUBERNETES.rglob("kustomization.yaml")), ids=lambda file: file.parent.name)
def test_kustomization_names_every_manifest(file: Path) -> None:
    (found,) = yaml.safe_load_all(file.read_text(encoding="utf-8"))
    beside = {other.name for other in file.parent.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(found.get("resources", ())) == beside
    # A version of its own, never what happens to be the latest; the same for services and jobs.
    for image in found.get("images", ()):
        assert image == {"name": "egov-stand", "newName": "egov-stand", "newTag": "0.1.0"}


def test_outside_only_portal_and_what_certificates_name() -> None:
    paths = {
        (rule["host"].partition(".")[0], path["path"], path["backend"]["service"]["name"])
        for ingress in read("components", "ingress", "ingress.yaml")
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    assert paths == {
        ("portal", "/", "portal"),
        ("pki", "/crl/", "pki"),
        ("pki", "/ca/", "pki"),
        ("pki", "/ocsp", "pki"),
    }
