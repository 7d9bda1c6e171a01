"""What is wrong with the table of obligations: rows, cells, files and tests."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

NUMBER = 58
COLUMNS = ("No", "Obligation", "Source", "Honoured in", "Test")
_TICKED = re.compile(r"`([^`]+)`")


def table(text: str) -> list[list[str]]:
    """The cells of every row below the heading and its line of dashes."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[2:]]


def findings(text: str, root: Path) -> Iterator[str]:
    """Everything that is wrong with the table of ``text``; files are looked for under ``root``."""
    rows = table(text)
    numbers = [row[0] for row in rows]
    if numbers != [str(n) for n in range(1, NUMBER + 1)]:
        yield f"the rows are not 1 to {NUMBER} in order: {', '.join(numbers)}"
    for row in rows:
        if len(row) != len(COLUMNS):
            yield f"row {row[0]} has {len(row)} cells"
            continue
        yield from (f"row {row[0]}: {name} is empty" for name, cell in zip(COLUMNS, row, strict=True) if not cell)
        if not list(_named(row[3])):
            yield f"row {row[0]}: no file honours it"
        if not [named for named in _named(row[4]) if "::" in named]:
            yield f"row {row[0]}: no test shows it"
        if any("::" not in named for named in _named(row[4])):
            yield f"row {row[0]}: a test is path::name"
    for named in dict.fromkeys(_named(text)):
        path, *inside = named.split("::")
        if not (root / path).exists():
            yield f"{path} does not exist"
        elif inside and not _defines(root / path, inside):
            yield f"{named} does not exist"


def _named(text: str) -> Iterator[str]:
    """Paths in backticks, with the test after them; addresses such as ``GET /services`` have a space."""
    return (found for found in _TICKED.findall(text) if "/" in found and " " not in found and found[0] != "/")


def _defines(file: Path, names: list[str]) -> bool:
    """Whether the file has the test ``names``: classes, then a function."""
    scope: ast.AST = ast.parse(file.read_text(encoding="utf-8"))
    for name in names:
        nodes = [node for node in ast.iter_child_nodes(scope) if getattr(node, "name", None) == name]
        if not nodes:
            return False
        scope = nodes[0]
    return isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef) and scope.name.startswith("test_")
