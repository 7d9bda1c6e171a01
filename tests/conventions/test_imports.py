"""The import rules hold for the project, and each rule catches the violation planted for it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conventions.sources import ROOT

SKELETON = [
    "services/__init__.py",
    "services/portal/__init__.py",
    "services/portal/endpoints.py",
    "services/portal/service.py",
    "services/portal/repository.py",
    "services/portal/domain.py",
    "services/pki/__init__.py",
    "services/pki/consumers.py",
    "services/pki/models.py",
    "services/registries/__init__.py",
    "services/registries/persons/__init__.py",
    "services/registries/notary/__init__.py",
    "services/stand/__init__.py",
    "shared/__init__.py",
    "shared/kit/__init__.py",
    "shared/messages/__init__.py",
    "shared/regulations/__init__.py",
    "shared/crypto/__init__.py",
    "shared/db/__init__.py",
    "shared/messaging/__init__.py",
    "shared/web/__init__.py",
    "shared/hosting/__init__.py",
]
ALLOWED = {
    "services/stand/__init__.py": "import services.portal.service\nimport services.pki.models",
    "services/portal/endpoints.py": "import services.portal.service",
    "services/portal/service.py": "import services.portal.repository\nimport shared.db",
}
PLANTED = [
    ("services/portal/service.py", "import services.pki.models", "never import one another"),
    ("services/pki/models.py", "import services.stand", "never import one another"),
    ("shared/kit/__init__.py", "import services.pki", "shared never imports services"),
    ("shared/messages/__init__.py", "import shared.crypto", "Layers of shared"),
    ("shared/web/__init__.py", "import shared.messaging", "Layers of shared"),
    ("services/portal/domain.py", "import services.portal.service", "Layers of a service"),
    ("services/portal/domain.py", "import httpx", "A domain needs no server"),
    ("services/portal/endpoints.py", "import services.portal.repository", "only through the service layer"),
    ("services/pki/consumers.py", "import services.pki.models", "only through the service layer"),
    ("shared/regulations/__init__.py", "import sqlalchemy", "Messages and regulations run without"),
    ("shared/crypto/__init__.py", "import fastapi", "Cryptography runs without"),
]


def lint(folder: Path) -> tuple[bool, str]:
    """Whether the rules hold in ``folder``, and what was said."""
    command = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [command, "--no-cache", "--config", ROOT / ".importlinter"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode == 0, result.stdout + result.stderr


def skeleton(folder: Path) -> Path:
    """The smallest project the rules speak about, with every import that must stay allowed."""
    for name in SKELETON:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ALLOWED.get(name, ""))
    return folder


def test_project_keeps_the_import_rules() -> None:
    kept, said = lint(ROOT)
    assert kept, said


def test_what_must_be_allowed_is_allowed(tmp_path: Path) -> None:
    kept, said = lint(skeleton(tmp_path))
    assert kept, said


@pytest.mark.parametrize(("name", "line", "rule"), PLANTED)
def test_planted_violation_is_caught(tmp_path: Path, name: str, line: str, rule: str) -> None:
    path = skeleton(tmp_path) / name
    path.write_text(f"{path.read_text()}\n{line}\n")
    kept, said = lint(tmp_path)
    assert not kept
    broken = [row for row in said.splitlines() if " BROKEN" in row]
    assert any(rule in row for row in broken), said


def test_a_new_package_of_shared_needs_a_layer(tmp_path: Path) -> None:
    (skeleton(tmp_path) / "shared" / "misc").mkdir()
    (tmp_path / "shared" / "misc" / "__init__.py").write_text("")
    assert not lint(tmp_path)[0]
    shutil.rmtree(tmp_path / "shared" / "misc")
    assert lint(tmp_path)[0]
