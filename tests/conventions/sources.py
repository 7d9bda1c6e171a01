"""The project's files as the convention rules see them: path, text and, for Python, the syntax tree."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """One file; ``path`` is relative to the project and has forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return ast.parse(self.text, self.path)

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    @property
    def is_code(self) -> bool:
        """Whether it is part of the product, not of its tests."""
        return self.is_python and self.path.startswith(("services/", "shared/"))

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def at(self, node: ast.AST) -> str:
        """Where ``node`` stands, as editors understand it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def project_files(root: Path = ROOT) -> list[Source]:
    """Every text file that git has or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    found = []
    for name in sorted(set(listed.stdout.decode().split("\0"))):
        path = root / name
        if not path.is_file():
            continue
        try:
            found.append(Source(name, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found
