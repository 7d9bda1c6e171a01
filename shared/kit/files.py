"""Files of YAML, quickly."""

import contextlib
import hashlib
import pickle
import sys
from collections.abc import Callable
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import yaml

from shared.kit.durable import replace_file

# libyaml is ten times as fast; where it is missing the result is the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises ``OSError``, ``yaml.YAMLError``."""
    return parsed(path, _load, Path(__file__))


def _load(content: bytes) -> Any:
    return yaml.load(content, _LOADER)  # noqa: S506 - a safe loader either way


def parsed(path: Path, parse: Callable[[bytes], Any], parser: Path) -> Any:
    """What ``parse`` makes of the bytes in ``path``; kept beside the compiled modules, so that the next start finds it.

    ``parser`` is the source file that ``parse`` comes from. What is kept counts for the same bytes and the same parser
    only, and may be deleted. Raises ``OSError`` and what ``parse`` raises.
    """
    content = path.read_bytes()
    # A YAML file's name would become that of a module: notary.yaml is not notary.py.
    kept = Path(cache_from_source(str(path))).with_suffix(f"{path.suffix}.parsed")
    mark = hashlib.sha256(parser.read_bytes() + b"\0" + content).digest()
    # Whatever is wrong with what was kept, the file itself is there.
    with contextlib.suppress(Exception):
        found = kept.read_bytes()
        body = found[2 * len(mark) :]
        if found[: len(mark)] == mark and found[len(mark) : 2 * len(mark)] == hashlib.sha256(body).digest():
            return pickle.loads(body)  # noqa: S301 - ours, and as trusted as the bytecode beside it
    made = parse(content)
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):  # an installation that is not ours to write in
            kept.parent.mkdir(exist_ok=True)
            body = pickle.dumps(made)
            replace_file(kept, mark + hashlib.sha256(body).digest() + body, mode=0o644)
    return made
