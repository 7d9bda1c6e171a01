"""What is kept of a parsed file counts for that file only, and its loss costs nothing but time."""

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.kit.files import parsed, read_yaml


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was really parsed, in a process that may write bytecode."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return []


def reading(path: Path, calls: list[bytes], parser: Path) -> Any:
    def parse(content: bytes) -> Any:
        calls.append(content)
        return yaml.safe_load(content)

    return parsed(path, parse, parser)


def kept_of(path: Path) -> Path:
    [found] = path.parent.joinpath("__pycache__").iterdir()
    return found


def test_a_file_is_parsed_once_as_long_as_neither_it_nor_its_parser_changes(tmp_path: Path, calls: list[bytes]) -> None:
    path, parser = tmp_path / "law.yaml", tmp_path / "parser.py"
    parser.write_text("first")
    path.write_text("since: 2015-03-28\nvalues: [1, x]\n")
    content = yaml.safe_load(path.read_text())
    assert [reading(path, calls, parser) for _ in range(3)] == [content] * 3
    assert len(calls) == 1
    path.write_text("since: 2016-01-01\n")
    assert reading(path, calls, parser) == yaml.safe_load("since: 2016-01-01")
    parser.write_text("second")
    reading(path, calls, parser)
    assert len(calls) == 3


@pytest.mark.parametrize("rubbish", [b"", b"rubbish"])
def test_what_was_kept_and_is_broken_is_made_anew(tmp_path: Path, calls: list[bytes], rubbish: bytes) -> None:
    path = tmp_path / "law.yaml"
    path.write_text("a: 1")
    reading(path, calls, path)
    kept = kept_of(path)
    kept.write_bytes(kept.read_bytes()[:32] + rubbish)
    assert reading(path, calls, path) == {"a": 1}
    assert len(calls) == 2
    assert reading(path, calls, path) == {"a": 1}
    assert len(calls) == 2


def test_nothing_is_kept_where_no_bytecode_may_be_or_can_be_written(
    tmp_path: Path, calls: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "law.yaml"
    path.write_text("a: 1")
    (tmp_path / "__pycache__").write_text("not a folder")
    assert reading(path, calls, path) == {"a": 1}
    (tmp_path / "__pycache__").unlink()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert reading(path, calls, path) == {"a": 1}
    assert not (tmp_path / "__pycache__").exists()


def test_a_file_that_is_no_yaml_is_said_to_be_none_each_time(tmp_path: Path, calls: list[bytes]) -> None:
    path = tmp_path / "law.yaml"
    path.write_text("a: [")
    for _ in range(2):
        with pytest.raises(yaml.YAMLError):
            read_yaml(path)
    assert calls == []
