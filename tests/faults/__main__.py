"""``python -m tests.faults``: play the faults on a stand of real servers and print what was lost, doubled, and how long
it took to recover."""

import argparse
import asyncio
import random
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.kafka.node import NoKafka
from tests.faults.nemesis import FAULTS, possible
from tests.faults.rig import REPLICATED, Rig, running_rig
from tests.faults.run import HEADING, Suite, markdown, suite
from tests.servers.postgres import NoPostgres

NO_SERVERS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if nothing was lost, doubled or wrong; 1 otherwise; ``NO_SERVERS`` if Kafka or PostgreSQL do not start here; 3
    for options that make no sense."""
    options = _parser().parse_args(arguments)
    if options.list:
        print("\n".join(f"{fault.name:<26} {fault.what}" for fault in FAULTS))
        return 0
    try:
        return asyncio.run(_run(options))
    except (NoKafka, NoPostgres, ValueError) as reason:
        print(f"faults: {reason}", file=sys.stderr)
        return NO_SERVERS if isinstance(reason, NoKafka | NoPostgres) else 3


async def _run(options: argparse.Namespace) -> int:
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed

    def say(text: str) -> None:
        print(text, flush=True)

    say(f"seed {seed}")
    current = asyncio.current_task()
    assert current is not None
    # Cancelled and not killed, so that processes end and folders vanish.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, current.cancel)
    async with running_rig(replicated=REPLICATED if options.replicas > 1 else ()) as rig:
        faults, missing = possible(rig, options.fault)
        for name, reason in missing.items():
            say(f"{name} is left out: {reason}")
        say(HEADING)
        async with suite(rig, seed, say) as playing:
            try:
                if options.each:
                    await playing.one_by_one(faults, options.each)
                if options.rotation:
                    await playing.rotation(faults, options.rotation)
            finally:
                if options.keep:
                    await _keep(rig, playing, options.keep)
        found = [violation for row in playing.rows for violation in row.violations]
    if options.markdown:
        say(markdown(playing.rows, {fault.name: fault.what for fault in FAULTS}))
    say(f"{sum(row.applications for row in playing.rows)} applications, {len(found)} violations, seed {seed}")
    return 1 if found else 0


async def _keep(rig: Rig, playing: Suite, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for log in rig.folder.glob("*.log"):
        shutil.copy(log, folder)
    try:
        await rig.collect(playing.history)
    finally:
        playing.history.write(folder / "history.jsonl")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "--each", type=int, default=60, metavar="N", help="applications per fault (default: %(default)s)"
    )
    parser.add_argument(
        "--rotation",
        type=int,
        default=500,
        metavar="N",
        help="under way at once in the rotation (default: %(default)s)",
    )
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="only this one; repeatable")
    parser.add_argument(
        "--replicas",
        type=int,
        choices=(1, 2),
        default=2,
        help=f"processes of {', '.join(REPLICATED)} (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, help="makes the same choices again; the moments still differ")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the history (JSON lines) and the logs there")
    parser.add_argument("--markdown", action="store_true", help="print the table once more as Markdown")
    parser.add_argument("--list", action="store_true", help="only say which faults there are")
    return parser


if __name__ == "__main__":
    sys.exit(main())
