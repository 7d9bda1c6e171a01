"""YAML files of the stand that people write: everything wrong with one is told at once, with file and line."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from shared.kit.files import read_yaml

M = TypeVar("M", bound=BaseModel)
Where = tuple[str | int, ...]
"""A place inside a file: keys and positions from the top."""


class FileFault(NamedTuple):
    """One thing that is wrong: where in the file, and what."""

    where: Where
    message: str


class FileFaults(ValueError):
    """A file does not hold together; the text has a line for every fault: ``file:line: place: message``."""

    def __init__(self, path: Path, faults: Iterable[FileFault]) -> None:
        self.path, self.faults = path, tuple(faults)
        root = _composed(path)
        lines = [f"  {path}:{_line(root, where)}: {_place(where)}{message}" for where, message in self.faults]
        super().__init__(f"{len(lines)} fault(s) in {path.name}\n" + "\n".join(lines))


def read_model(path: Path, model: type[M]) -> M:
    """The content of ``path`` as ``model``. Raises ``FileFaults`` with every fault, ``OSError``."""
    try:
        return model.model_validate(read_yaml(path))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileFaults(path, [FileFault((), f"not readable as YAML, line {line}: {error.problem}")]) from error
    except ValidationError as error:
        found = (FileFault(detail["loc"], detail["msg"]) for detail in error.errors(include_url=False))
        raise FileFaults(path, found) from error


def refuse(path: Path, faults: Sequence[FileFault]) -> None:
    """Raise ``FileFaults`` if there are any."""
    if faults:
        raise FileFaults(path, faults)


def twice(group: str, field: str, values: Iterable[object]) -> list[FileFault]:
    """A fault for every entry of ``group`` whose ``field`` an earlier one has as well."""
    seen: set[object] = set()
    faults = []
    for index, value in enumerate(values):
        if value in seen:
            faults.append(FileFault((group, index, field), f"{value} stands twice"))
        seen.add(value)
    return faults


def _composed(path: Path) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return None
    return node


def _line(root: yaml.Node | None, where: Where) -> int:
    """The line, from 1, of the place or of the last part of it that the file has."""
    node, line = root, root.start_mark.line if root else 0
    for part in where:
        found: tuple[yaml.Node, yaml.Node] | None = None
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = (node.value[part], node.value[part])
        if found is None:
            break
        line, node = found[0].start_mark.line, found[1]
    return line + 1


def _place(where: Where) -> str:
    return f"{'.'.join(str(part) for part in where)}: " if where else ""
