"""``egov routes``: who may call which route of which service, read off the applications themselves."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI
from pydantic import SecretStr

from services.stand.addresses import Addresses
from services.stand.catalogue import SERVICES
from services.stand.embedded import addresses_for
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.web.access import Caller

_NOT_TOLD = "HEAD "
_SET = SecretStr("set")


def application(code: str, folder: Path) -> FastAPI:
    """The application of a system as it is with the stand's tools, not started; its files go into ``folder``."""
    addresses = Addresses.on_ports({service.code: service.port for service in SERVICES})
    stand = StandSettings(
        data_dir=folder,
        kafka_bootstrap="127.0.0.1:1",
        pki_url=addresses.of("pki"),
        enrolment_token=_SET,
        auditor_token=_SET,
        operations_token=_SET,
        addresses=addresses.urls,
        tools=True,
    )
    service = next(known for known in SERVICES if known.code == code)
    return service.create_app(service.settings(port=service.port, **addresses_for(code, addresses)), stand, Clock())


def callers(app: FastAPI) -> dict[str, tuple[str, ...]]:
    """Who may call each route of ``app``, by method and path."""
    stated: Mapping[str, tuple[str, ...]] = app.state.callers
    return {route: who for route, who in stated.items() if not route.startswith(_NOT_TOLD)}


def all_callers() -> dict[str, dict[str, tuple[str, ...]]]:
    """Who may call each route, by system."""
    with TemporaryDirectory() as folder:
        return {service.code: callers(application(service.code, Path(folder))) for service in SERVICES}


def as_text(found: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """For reading in a terminal."""
    return "\n".join(_lines(found))


def _lines(found: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[str]:
    for code, routes in found.items():
        yield code
        yield from (f"  {route:<64} {', '.join(who)}" for route, who in routes.items())


def as_markdown(found: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """The tables of ``docs/security.md``: what every service has, and then each by itself."""
    common = dict.fromkeys(next(iter(found.values())))
    for routes in found.values():
        common = {route: None for route in common if route in routes}
    first = next(iter(found.values()))
    parts = [_table("Every service", {route: first[route] for route in common})]
    parts += [
        _table(code, {route: who for route, who in routes.items() if route not in common})
        for code, routes in found.items()
    ]
    return "\n".join(parts)


def _table(heading: str, routes: Mapping[str, Sequence[str]]) -> str:
    names = [caller.value for caller in Caller]
    lines = [f"### {heading}", "", f"| Route | {' | '.join(names)} |", f"|---|{':-:|' * len(names)}"]
    for route, who in routes.items():
        # `system portal`: the system that is meant stands in the column.
        told: dict[str, list[str]] = {}
        for text in who:
            name, _, which = text.partition(" ")
            told.setdefault(name, []).append(which or "●")
        lines.append(f"| `{route}` | {' | '.join(', '.join(told.get(name, ())) for name in names)} |")
    return "\n".join([*lines, ""])


def as_json(found: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """For programs."""
    return json.dumps(found, ensure_ascii=False, indent=2)
