"""Loading the regulation files: all of them, validated as a whole, or none."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.kit.errors import NotFound
from shared.regulations.errors import ChannelNotOffered, RegulationError, RegulationFault
from shared.regulations.faults import regulation_faults
from shared.regulations.model import Channel, Regulation
from shared.regulations.reading import read
from shared.regulations.schema_words import worded

DATA = Path(__file__).parent / "data"


class Regulations(Mapping[str, Regulation]):
    """The regulations by id, in the order of their ids."""

    def __init__(self, regulations: Mapping[str, Regulation]) -> None:
        self._by_id = {name: regulations[name] for name in sorted(regulations)}

    def __getitem__(self, regulation_id: str) -> Regulation:
        return self._by_id[regulation_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, regulation_id: str, channel: str) -> tuple[Regulation, Channel]:
        """The regulation and its channel. Raises ``NotFound`` for an unknown regulation, ``ChannelNotOffered`` for a
        channel that the text does not give."""
        regulation = self._by_id.get(regulation_id)
        if regulation is None:
            raise NotFound(f"there is no regulation {regulation_id!r}")
        for name, part in regulation.channels.items():
            if name == channel and part.steps:
                return regulation, part
        given = {name: part.clause for name, part in regulation.channels.items() if part.steps}
        excluded = regulation.exclusion(channel)
        raise ChannelNotOffered(
            f"{regulation_id} is not rendered through {channel!r}, but through {', '.join(given) or 'no channel here'}",
            channels=[{"channel": name, "clause": clause} for name, clause in given.items()],
            # Where the text says so itself, that is what is cited; else what it gives, and nothing more.
            clause=excluded.clause if excluded else ", ".join(dict.fromkeys(given.values())),
            excluded=excluded.text.model_dump() if excluded else None,
        )

    def offered(self, channel: str) -> tuple[Regulation, ...]:
        """The regulations that can be run through ``channel``."""
        return tuple(r for r in self._by_id.values() if any(n == channel and c.steps for n, c in r.channels.items()))


def load_regulations(directory: Path | None = None) -> Regulations:
    """Every ``<issuer>/<service>.yaml`` under ``directory`` (default: the project's own data, read once a process).

    Raises ``RegulationError`` naming every fault of every file, and for a directory without any file.
    """
    return _own() if directory is None else _load(directory)


@cache
def _own() -> Regulations:
    # Nothing in it can be changed, so the services of one process share it.
    return _load(DATA)


def _load(directory: Path) -> Regulations:
    faults: list[RegulationFault] = []
    regulations: dict[str, Regulation] = {}
    paths = sorted(path for pattern in ("*.yaml", "*.yml") for path in directory.rglob(pattern))
    if not paths:
        faults.append(RegulationFault(str(directory), "", "there is no regulation file here"))
    for path in paths:
        name = path.relative_to(directory).as_posix()
        if name.count("/") != 1 or path.suffix != ".yaml":
            faults.append(RegulationFault(name, "", "a regulation file is named <issuer>/<service>.yaml"))
        raw, unreadable = read(path, name)
        if unreadable:
            faults += unreadable
            continue
        faults += (RegulationFault(name, *found) for found in regulation_faults(raw, name.rsplit(".", 1)[0]))
        try:
            regulation = Regulation.model_validate(raw)
            regulations[regulation.id] = regulation
        except ValidationError as error:
            faults += (RegulationFault(name, *worded(detail)) for detail in error.errors(include_url=False))
    if faults:
        raise RegulationError(faults)
    return Regulations(regulations)


def summary(regulations: Regulations) -> list[dict[str, Any]]:
    """What can be run and how long the provider takes: ids, step ids per channel, procedure. Plain JSON values."""
    return [
        {
            "id": regulation.id,
            "channels": {
                name: [step.id for step in channel.steps if step.inside is None and not step.instead_of]
                for name, channel in regulation.channels.items()
                if channel.steps
            },
            "procedure": [
                {
                    "n": step.n,
                    "role": step.role.value if step.role else None,
                    "durations": [{"variant": d.variant, "value": d.value, "unit": d.unit} for d in step.durations],
                }
                for step in regulation.procedure
                if not step.of_the_stand
            ],
        }
        for regulation in regulations.values()
    ]
