"""The commands of ``egov``."""

import argparse
import asyncio
import contextlib
import json
import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote


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
    from services.stand.auditor import as_auditor
    from services.stand.remote import answer_of, fitting
    from services.stand.report import remarks
    from shared.messaging.http import waiting_client_to

    options.url = options.url or _address("gateway")
    with waiting_client_to(options.url, timeout=10) as http:
        answer = answer_of(
            http, "GET", f"{options.url.rstrip('/')}/journal/{quote(options.application, safe='')}", auth=as_auditor()
        )
    found = fitting(answer, dict, "regulation", "channel", "outcome", "verdict", "steps", "deviations")
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    print(f"{found['regulation']}, {found['channel']}: {found['outcome'] or 'running'}; {found['verdict']}")
    for step in found["steps"]:
        passed = {True: "passed", False: "FAILED", None: ""}[step["passed"]]
        print(f"  {step['at']}  {step['step']:<18} cl. {step['clause']:<7} {step['actor']:<17} {passed}")
    for remark in remarks(found):
        print(f"  {remark}")
    return 0


def clock(options: argparse.Namespace) -> int:
    """``egov clock``."""
    from services.stand.time import clock as run

    options.url = options.url or _address("pki")
    return run(options)


def _address(code: str) -> str:
    """Where a service of this machine's stand is."""
    from services.stand.embedded import fixed_ports

    return f"http://127.0.0.1:{fixed_ports()[code]}"


def reset(options: argparse.Namespace) -> int:
    """``egov reset``."""
    from services.stand.reset import reset as run

    options.url = options.url or _address("pki")
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
            return _complain(f"there is no regulation {error}; `egov regulations` lists them")

    return _run(work())


def up(options: argparse.Namespace) -> int:
    """``egov up``."""
    if options.data_dir is not None:
        return _run(_up(options.data_dir.absolute(), any_ports=options.any_ports, kept=True))
    with tempfile.TemporaryDirectory(prefix="egov-stand-", ignore_cleanup_errors=True) as folder:
        clear = partial(shutil.rmtree, folder, ignore_errors=True)
        return _run(_up(Path(folder), any_ports=options.any_ports, kept=False, last=clear))


async def _up(folder: Path, *, any_ports: bool, kept: bool, last: Callable[[], None] | None = None) -> int:
    from services.stand.embedded import PortTaken, StartFailed
    from shared.hosting.ending import told_to_end
    from shared.kit.logging import configure_logging

    configure_logging("human", "WARNING")
    current = asyncio.current_task()
    assert current is not None
    try:
        # Cancelled, so that it also ends while it starts.
        with contextlib.suppress(asyncio.CancelledError), told_to_end(current.cancel, last):
            await _serve_until_told(folder, any_ports=any_ports, kept=kept)
    except StartFailed as error:
        beside = " (is another stand up? `egov down` stops it, `egov up --any-ports` goes beside it)"
        return _complain(f"{error}{beside if isinstance(error, PortTaken) else ''}")
    return 0


async def _serve_until_told(folder: Path, *, any_ports: bool, kept: bool) -> None:
    from services.stand.catalogue import SERVICES
    from services.stand.embedded import embedded_stand, fixed_ports, free_ports, until_one_ends
    from services.stand.report import address_table
    from services.stand.running import noted
    from shared.hosting.memory import settle_memory
    from shared.kit.durable import replace_file

    # For programs that start a stand and want to know where it is; written last, so its presence means ready.
    told = folder / "addresses.json"
    async with embedded_stand(folder, free_ports() if any_ports else fixed_ports()) as stand:
        with noted(folder, any_ports=any_ports):
            settle_memory()
            replace_file(told, json.dumps(stand.addresses.urls, indent=2).encode(), mode=0o644)
            try:
                print("TEST STAND. Not a state system; its certificates are worthless outside.")
                print("\n".join(address_table(stand.addresses.urls, {s.code: s.duty for s in SERVICES})))
                print(f"Data: {folder}{' (kept)' if kept else ' (vanishes at the end; --data-dir keeps it)'}")
                print(f"Enrolment token, for POST /people and /systems/… of the authority: {stand.token}")
                print(f"Auditor's token, for the messages and journals of the gateways: {stand.auditor}")
                print(
                    f"Kafka (embedded): {stand.broker.bootstrap}    API pages: /docs on every service"
                    "    Ctrl-C stops it",
                    flush=True,
                )
                await until_one_ends(stand.services.values())
            finally:
                told.unlink(missing_ok=True)


def down(options: argparse.Namespace) -> int:
    """``egov down``."""
    from services.stand import running

    if options.data_dir is not None:
        one = running.in_folder(options.data_dir)
        found = [] if one is None else [one]
        nothing = f"no stand runs in {options.data_dir}"
    else:
        found, nothing = running.running(), "no stand is running"
        if len(found) > 1 and not options.all:
            # The one on the well-known ports is the one that is meant, where there is one.
            found = [stand for stand in found if not stand.any_ports] or found
    if not found:
        return _complain(nothing)
    if len(found) > 1 and not options.all:
        which = "".join(f"\n  {stand}" for stand in found)
        return _complain(f"which one? --data-dir FOLDER names it, --all stops them all:{which}")
    code = 0
    for stand in found:
        if running.end(stand):
            print(f"stopped {stand}")
        else:
            code = _complain(f"{stand} does not end; `kill -9 {stand.pid}` ends it by force")
    return code


def routes(options: argparse.Namespace) -> int:
    """``egov routes``."""
    from services.stand.callers import all_callers, as_json, as_markdown, as_text

    form = as_markdown if options.markdown else as_json if options.json else as_text
    print(form(all_callers()))
    return 0


def serve(options: argparse.Namespace) -> int:
    """``egov serve CODE``."""
    from services.stand.embedded import StartFailed
    from services.stand.processes import serve as serve_services
    from shared.kit.logging import configure_logging

    async def work() -> int:
        try:
            await serve_services(options.code)
        except (ValueError, StartFailed) as error:
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


def kafka_access(options: argparse.Namespace) -> int:
    """``egov kafka-access``."""
    from services.stand.kafka_access import run

    return run(options)


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


def told(error: BaseException) -> str | None:
    """What is wrong, in words for the user, if it lies in what they gave or in the surroundings; ``None``: a defect."""
    import httpx

    from services.stand.embedded import StartFailed
    from services.stand.paths.stage import Stuck
    from services.stand.remote import Cannot
    from shared.kit.errors import StandError
    from shared.kit.settings import WrongSetting

    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    kinds = (Cannot, StartFailed, Stuck, StandError, WrongSetting, OSError, TimeoutError, httpx.HTTPError)
    return (str(error) or type(error).__name__) if isinstance(error, kinds) else None


def _complain(what: str) -> int:
    print(f"egov: {what}", file=sys.stderr)
    return 1
