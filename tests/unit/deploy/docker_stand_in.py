"""Stands in for ``docker`` on the PATH of a script: volumes are folders, containers are commands run at once.

``python docker_stand_in.py FOLDER ARGUMENTS…`` with the arguments of ``docker``. In ``FOLDER``: ``volumes/`` with a
folder for each, ``labels.json``, ``running`` if the stand runs, and ``calls`` with every call as a line of JSON. What
the script has never asked for fails, as with the real one.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

PROJECT, VOLUME = "com.docker.compose.project", "com.docker.compose.volume"


def main(folder: Path, arguments: list[str]) -> int:
    """One call; its exit code."""
    with (folder / "calls").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps(arguments) + "\n")
    match arguments:
        case ["ps", "--quiet", "--filter", _]:
            sys.stdout.write("c0ffee\n" if (folder / "running").exists() else "")
        case ["volume", "ls", "--quiet", "--filter", told]:
            wanted = told.removeprefix(f"label={PROJECT}=")
            found = (name for name, labels in _labels(folder).items() if labels.get(PROJECT) == wanted)
            sys.stdout.writelines(f"{name}\n" for name in found)
        case ["volume", "create", "--label", one, "--label", other, name]:
            _make(folder, name, dict(label.split("=") for label in (one, other)))
        case ["compose", *rest]:
            return _compose(folder, rest)
        case ["run", *rest]:
            return _run(folder, rest)
        case _:
            return 125
    return 0


def _compose(folder: Path, arguments: list[str]) -> int:
    files, told = os.environ.get("COMPOSE_FILE", ""), dict[str, str]()
    if not (arguments[0] == "--file" or "--file" in arguments):
        told = _settings(Path(".env"))  # beside the files that it names, or here
    while arguments[0] in ("--file", "--env-file"):
        flag, value, *arguments = arguments
        if flag == "--file":
            files = value
        else:
            told = _settings(Path(value))
    told |= {name: os.environ[name] for name in ("EGOV_IMAGE", "COMPOSE_PROJECT_NAME") if name in os.environ}
    files = files or told.get("COMPOSE_FILE", "")
    if not files:
        return 14
    project = told.get("COMPOSE_PROJECT_NAME", "egov-stand")
    match arguments:
        case ["config"]:
            image = told.get("EGOV_IMAGE", "egov-stand:0.1.0")
            others = {"kafka": {"image": "kafka"}, "pki": {"command": ["serve"], "image": image}, "portal": {}}
            yaml.safe_dump({"name": project, "services": others, "volumes": {"pki": {"image": "none"}}}, sys.stdout)
        case ["up", "--no-start", "--quiet-pull"]:
            for file in files.split(":"):
                content = Path(file).read_text(encoding="utf-8").partition("\nvolumes:\n")[2]
                for name in yaml.safe_load(content) or ():
                    _make(folder, f"{project}_{name}", {PROJECT: project, VOLUME: name})
        case _:
            return 16
    return 0


def _settings(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = (line.strip().split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
    return {name: value for name, value in (line for line in lines if len(line) == 2) if not name.startswith("#")}


def _run(folder: Path, arguments: list[str]) -> int:
    places: dict[str, str] = {}
    while arguments[0].startswith("--"):
        flag, *arguments = arguments
        if flag == "--rm":
            continue
        value, *arguments = arguments
        match flag:
            case "--volume":
                source, _, target = value.partition(":")
                places[target] = source if source.startswith("/") else str(_make(folder, source, {}))
            case "--entrypoint":
                command = [value]
    image, *rest = arguments
    (folder / "image").write_text(image, encoding="utf-8")
    command += rest
    for target, source in places.items():
        command = [argument.replace(target, source) for argument in command]
    return subprocess.run(command, check=False).returncode


def _labels(folder: Path) -> dict[str, dict[str, str]]:
    file = folder / "labels.json"
    found: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def _make(folder: Path, name: str, labels: dict[str, str]) -> Path:
    known = _labels(folder)
    if name not in known:
        (folder / "labels.json").write_text(json.dumps(known | {name: labels}), encoding="utf-8")
    place = folder / "volumes" / name
    place.mkdir(parents=True, exist_ok=True)
    return place


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
