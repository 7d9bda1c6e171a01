"""The commands of ``egov``."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Coroutine
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

_PID_FILE = Path(tempfile.gettempdir()) / f"egov-stand-{os.getuid()}.pid"


def regulations(options: argparse.Namespace) -> int:
    """``egov regulations``."""
    from shared.regulations.loader import load_regulations, summary
    from shared.regulations.notes import notes_table

    found = load_regulations()
    if options.notes:
        print(notes_table(found), end="")
        return 0
    if options.json:
        print(json.dumps(summary(found), ensure_ascii=False, indent=2))
        return 0
    for regulation in found.values():
        print(f"{regulation.id}  ({', '.join(regulation.channels)})")
        print(f"    {regulation.service.ru}")
    return 0


def journal(options: argparse.Namespace) -> int:
    """``egov journal APPLICATION``."""
    try:
        answer = httpx.get(f"{options.url}/journal/{options.application}", timeout=10)
    except httpx.HTTPError as error:
        return _complain(f"the gateway at {options.url} does not answer ({type(error).__name__}); is the stand up?")
    if answer.is_error:
        return _complain(str(answer.json().get("detail", answer.status_code)))
    found = answer.json()
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    print(f"{found['regulation']}, {found['channel']}: {found['outcome'] or 'running'}; {found['verdict']}")
    for step in found["steps"]:
        passed = {True: "passed", False: "FAILED", None: ""}[step["passed"]]
        print(f"  {step['at']}  {step['step']:<18} cl. {step['clause']:<7} {step['actor']:<17} {passed}")
    for deviation in found["deviations"]:
        print(f"  deviation: {deviation['name']} at {deviation['step']}: {deviation['text']}")
    return 0


def clock(options: argparse.Namespace) -> int:
    """``egov clock``."""
    from services.stand.time import clock as run

    return run(options)


def reset(options: argparse.Namespace) -> int:
    """``egov reset``."""
    from services.stand.reset import reset as run

    return run(options)


def demo(options: argparse.Namespace) -> int:
    """``egov demo``."""
    from services.stand.demo_run import against, embedded

    run = against(options.url, as_json=options.json) if options.url else embedded(as_json=options.json)
    return _run(run)


def paths(options: argparse.Namespace) -> int:
    """``egov paths``."""
    from services.stand.paths.command import paths as run

    async def work() -> int:
        try:
            return await run(options.url, options.regulation, short=options.short, json_wanted=options.json)
        except KeyError as error:
            return _complain(f"there is no regulation {error}")

    return _run(work())


def up(options: argparse.Namespace) -> int:
    """``egov up``."""
    if options.data_dir is not None:
        return _run(_up(options.data_dir, any_ports=options.any_ports))
    with tempfile.TemporaryDirectory(prefix="egov-stand-") as folder:
        return _run(_up(Path(folder), any_ports=options.any_ports))


async def _up(folder: Path, *, any_ports: bool) -> int:
    from services.stand.embedded import StartFailed

    try:
        return await _serve_until_told(folder, any_ports=any_ports)
    except StartFailed as error:
        return _complain(f"{error} (is another stand up? `egov down` stops it, `egov up --any-ports` goes beside it)")


async def _serve_until_told(folder: Path, *, any_ports: bool) -> int:
    from services.stand.catalogue import SERVICES
    from services.stand.embedded import embedded_stand, fixed_ports, free_ports
    from services.stand.report import address_table
    from shared.hosting.memory import settle_memory

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with embedded_stand(folder, free_ports() if any_ports else fixed_ports()) as stand:
        if not any_ports:  # ``egov down`` is for the one stand on the well-known ports
            _PID_FILE.write_text(str(os.getpid()))
        settle_memory()
        # For programs that start a stand and want to know where it is; written last, so its presence means ready.
        (folder / "addresses.json").write_text(json.dumps(stand.addresses.urls, indent=2))
        print("TEST STAND. Not a state system; its certificates are worthless outside; its state vanishes.")
        print("\n".join(address_table(stand.addresses.urls, {s.code: s.duty for s in SERVICES})))
        print(
            f"Kafka (embedded): {stand.broker.bootstrap}    API pages: /docs on every service    Ctrl-C stops it",
            flush=True,
        )
        await stop.wait()
    if not any_ports:
        _PID_FILE.unlink(missing_ok=True)
    return 0


def down(_options: argparse.Namespace) -> int:
    """``egov down``."""
    try:
        os.kill(int(_PID_FILE.read_text()), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        _PID_FILE.unlink(missing_ok=True)
        return _complain("no stand is running")
    print("the stand stops")
    return 0


def serve(options: argparse.Namespace) -> int:
    """``egov serve CODE``."""
    from services.stand.processes import serve as serve_services
    from shared.kit.logging import configure_logging

    async def work() -> int:
        try:
            await serve_services(options.code)
        except ValueError as error:
            return _complain(str(error))
        return 0

    configure_logging(level=options.log_level)
    if options.log_level == "INFO":
        # One line for every question to the authority would hide the service's own.
        logging.getLogger("httpx").setLevel(logging.WARNING)
    return _run(work())


def dlq(options: argparse.Namespace) -> int:
    """``egov dlq``."""
    from services.stand.dlq import run

    return run(options)


def migrate(options: argparse.Namespace) -> int:
    """``egov migrate``."""
    from services.stand.migrate import run
    from shared.kit.errors import InvalidInput

    try:
        return run(options)
    except InvalidInput as error:
        return _complain(str(error))


def bench(options: argparse.Namespace) -> int:
    """``egov bench``."""
    from services.stand.bench.plan import Plan
    from services.stand.bench.plot import draw
    from services.stand.bench.report import as_markdown, as_text
    from services.stand.bench.run import measure

    try:
        plan = Plan.of(
            applications=options.applications,
            channel=options.channel,
            broker=options.broker,
            processes=options.processes,
            plot=options.plot,
            quick=options.quick,
        )
    except ValueError as error:
        return _complain(str(error))
    results: dict[str, Any] = {}

    async def work() -> int:
        current = asyncio.current_task()
        assert current is not None
        # Cancelled and not killed, so that processes end and folders vanish.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, current.cancel)
        try:
            results.update(await measure(plan, lambda line: print(line, file=sys.stderr, flush=True)))
        except asyncio.CancelledError:
            return 128 + signal.SIGTERM
        return 0

    code = _run(work())
    if code:
        return code
    if plan.plot is not None:
        plan.plot.write_text(draw(results), encoding="utf-8")
    form = as_markdown if options.markdown else as_text
    print(json.dumps(results, ensure_ascii=False, indent=2) if options.json else form(results))
    return 0


def _run(command: Coroutine[Any, Any, int]) -> int:
    # uvloop is not there on every system; without it only speed is lost.
    factory = import_module("uvloop").new_event_loop if find_spec("uvloop") else None
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(command)
    return 130


def _complain(what: str) -> int:
    print(f"egov: {what}", file=sys.stderr)
    return 1
