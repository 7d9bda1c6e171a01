"""The deployment files name every service, give no more rights than needed, and hold no secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from services.stand.catalogue import SERVICES
from shared.kit.settings import StandSettings

DEPLOY = Path(__file__).parents[2] / "deploy"
OVERLAYS = sorted(DEPLOY.glob("compose*.yaml"))


class Loader(yaml.SafeLoader):
    """YAML with the tags of Compose."""


Loader.add_constructor("!reset", lambda _loader, _node: [])


def compose(file: Path) -> dict[str, Any]:
    """The services of a Compose file, as far as it describes them itself."""
    services: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader)["services"]
    return services


COMPOSE = compose(DEPLOY / "compose.yaml")
CODES = [service.code for service in SERVICES]
PORTS = {service.code: service.port for service in SERVICES}


@pytest.mark.parametrize("code", CODES)
def test_compose_runs_every_service_with_few_rights(code: str) -> None:
    service = COMPOSE[code]
    assert service["command"] == ["serve", code]
    variable = f"EGOV_{code.replace('-', '_').upper()}_PORT"
    assert service["ports"] == [f"127.0.0.1:${{{variable}:-{PORTS[code]}}}:{PORTS[code]}"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["mem_limit"]
    assert service["environment"]["EGOV_HEALTH_PORT"] == str(PORTS[code])
    needed = {name: condition["condition"] for name, condition in service["depends_on"].items()}
    if code != "pki":
        assert needed == {
            "kafka-access": "service_completed_successfully",
            "migration": "service_completed_successfully",
            "pki": "service_healthy",
        }
        # Who the system is at the cluster; its password is in its own volume.
        assert service["environment"]["EGOV_KAFKA_USERNAME"] == code
        assert service["environment"]["EGOV_KAFKA_SECURITY_PROTOCOL"] == "SASL_PLAINTEXT"
        assert service["environment"]["EGOV_KAFKA_PASSWORD_FILE"].startswith("/var/lib/egov/")


def test_tables_of_every_system_are_migrated_before_one_starts() -> None:
    told = COMPOSE["migration"]["environment"]
    keeps_tables = {code.replace("-", "_").upper() for code in CODES if code != "pki"}
    assert {f"EGOV_{code}_DATABASE_URL_FILE" for code in keeps_tables} == told.keys() - {"EGOV_DATA_DIR"}
    assert COMPOSE["migration"]["read_only"] is True
    assert COMPOSE["migration"]["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("file", OVERLAYS, ids=lambda file: file.name)
def test_every_port_is_on_loopback(file: Path) -> None:
    for name, service in compose(file).items():
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", ())), name


@pytest.mark.parametrize("name", COMPOSE)
def test_every_container_is_limited_and_can_do_no_more_than_it_must(name: str) -> None:
    service = COMPOSE[name]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service["image"].endswith(":latest}")
    if name != "secrets":  # it ends at once, and says nothing
        assert service["cpus"]
        assert service["logging"]["options"]["max-size"]


def test_tools_are_closed_unless_asked_for() -> None:
    for code in CODES:
        assert COMPOSE[code]["environment"]["EGOV_TOOLS"] == "${EGOV_TOOLS:-false}"
        assert compose(DEPLOY / "compose.dev.yaml")[code]["environment"] == {"EGOV_TOOLS": "true"}


def test_nobody_is_anonymous_at_the_cluster() -> None:
    lines = (DEPLOY / "kafka" / "server.properties").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    protocols = dict(entry.split(":") for entry in settings["listener.security.protocol.map"].split(","))
    listeners = dict(entry.split("://", 1) for entry in settings["listeners"].split(","))
    assert protocols.keys() == listeners.keys()
    assert set(protocols.values()) == {"SASL_PLAINTEXT"}
    # What takes the node's own password is reached by nobody else.
    assert {name for name, address in listeners.items() if address.startswith("127.0.0.1:")} == {"BROKER", "CONTROLLER"}
    assert settings["authorizer.class.name"].endswith("StandardAuthorizer")
    assert settings["allow.everyone.if.no.acl.found"] == "false"
    assert settings["super.users"] == "User:admin;User:broker"


def test_the_image_is_not_root_and_has_a_health_check() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER [1-9][0-9]*:[1-9][0-9]*$", text, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)


def test_no_password_stands_in_a_deployment_file() -> None:
    for file in DEPLOY.rglob("*.yaml"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"(?i)password['\"]?\s*[:=]\s*['\"]?[a-z0-9]{4,}", line), f"{file.name}: {line}"


def test_example_of_the_environment_is_exactly_what_compose_reads() -> None:
    text = (DEPLOY.parent / ".env.example").read_text(encoding="utf-8")
    told = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    read = dict[str, set[str]]()
    for file in OVERLAYS:
        for name, default in re.findall(
            r"\$\{([A-Z_]+):-((?:[^${}]|\$\{[^}]*\})*)\}", file.read_text(encoding="utf-8")
        ):
            read.setdefault(name, set()).add(default)
            # A default may itself name a variable with a default.
            for inner, value in re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", default):
                read.setdefault(inner, set()).add(value)
        # No variable without a default: a stand comes up without any .env.
        assert not re.search(r"\$\{?[A-Z_]+(?!:-)[^A-Z_:]", file.read_text(encoding="utf-8").replace("$${", "")), file
    assert told.pop("COMPOSE_FILE") == "deploy/compose.yaml"
    assert told.keys() == read.keys()
    for name, value in told.items():
        assert {default if "${" not in default else "" for default in read[name]} == {value}, name


def test_table_of_settings_is_the_settings() -> None:
    text = (DEPLOY.parent / "docs" / "deployment.md").read_text(encoding="utf-8")
    section = text.partition("\n## Settings\n")[2].partition("\n| Variable of one service |")[0]
    told = dict(re.findall(r"^\| `([A-Z_]+)` \| (\S+) \|", section, re.MULTILINE))
    found = {}
    for name, field in StandSettings.model_fields.items():
        value = field.default
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        shown = str(plain).lower() if isinstance(plain, bool) else str(plain)
        found[f"EGOV_{name.upper()}"] = "–" if plain in (None, "", {}, ()) else f"`{shown}`"
    assert told == found


def test_documentation_of_containers_names_what_is_there() -> None:
    text = (DEPLOY.parent / "docs" / "deployment.md").read_text(encoding="utf-8")
    for path in set(re.findall(r"\bdeploy/[\w./-]+\w", text)):
        assert (DEPLOY.parent / path).exists(), path
    for file in OVERLAYS:
        assert f"`deploy/{file.name}`" in text or file.name == "compose.yaml", file.name
    profiles = {name for name, service in COMPOSE.items() if service.get("profiles")}
    assert set(re.findall(r"docker compose run --rm (\w+)", text)) == profiles
    assert set(re.findall(r"docker compose exec ([\w-]+)", text)) <= set(CODES)
