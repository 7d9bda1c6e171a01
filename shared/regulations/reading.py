"""Reading one YAML file strictly: no value changes its type behind the author's back, no key is given twice."""

import re
from pathlib import Path
from typing import Any

import yaml

from shared.kit.files import parsed
from shared.regulations.errors import RegulationFault


class _StrictLoader(yaml.CSafeLoader):
    """libyaml with the implicit types a regulation needs and no others (no ``yes``, no base 60, no octal).

    Fewer patterns also make it faster: every plain scalar is tried against them.
    """

    yaml_implicit_resolvers: dict[str, list[Any]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; raises ``ConstructorError`` at the second of two equal keys."""
        made: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(made) != len(node.value):
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} twice", key.start_mark)
                seen.add(key.value)
        return made


def _resolve(tag: str, pattern: str, first: str) -> None:
    _StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


_resolve("bool", r"^(?:true|false)$", "tf")
_resolve("null", r"^null$", "n")
_resolve("int", r"^(?:0|-?[1-9][0-9]*)$", "-0123456789")
_resolve("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789")


def _load(content: bytes) -> Any:
    return yaml.load(content, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader with fewer types


def read(path: Path, name: str) -> tuple[dict[str, Any], list[RegulationFault]]:
    """The mapping in ``path`` and what is wrong with the file as YAML; ``name`` is how faults call it."""
    try:
        raw = parsed(path, _load, Path(__file__))
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        return {}, [RegulationFault(name, place, f"not readable as YAML: {error.problem}")]
    except (yaml.YAMLError, ValueError) as error:
        return {}, [RegulationFault(name, "", f"not readable as YAML: {error}")]
    if not isinstance(raw, dict):
        return {}, [RegulationFault(name, "", "the file holds no mapping")]
    return raw, []
