"""The command line ``egov``. Everything heavy is imported by the command that needs it."""

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    from services.stand import commands

    return int(getattr(commands, options.command)(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="egov",
        description="The open stand of the e-government gateway. A test stand: no state system, synthetic people only.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = _command(commands, "up", "start the whole stand in this terminal (Ctrl-C stops it)")
    up.add_argument("--data-dir", type=Path, help="keep keys and databases here; default: a folder that vanishes")

    up.add_argument("--any-ports", action="store_true", help="take free ports instead of the well-known ones")

    _command(commands, "down", "stop a stand that was started elsewhere")

    demo = _command(commands, "demo", "play the granted case and every refusal of the diagram")
    demo.add_argument("--json", action="store_true", help="print the runs as JSON")

    journal = _command(commands, "journal", "the steps of an application and the verdict on them")
    journal.add_argument("application", help="application id, or the journal id of a refused sign-in")
    journal.add_argument("--url", default="http://127.0.0.1:8103", help="the gateway (default: %(default)s)")
    journal.add_argument("--json", action="store_true", help="print the journal as JSON")

    regulations = _command(commands, "regulations", "the regulations the stand runs")
    regulations.add_argument("--json", action="store_true", help="ids, channels with their steps, procedure")

    serve = _command(commands, "serve", "serve single services in this process, with the EGOV_ settings (Ctrl-C stops)")
    serve.add_argument("--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
    serve.add_argument("code", nargs="+", metavar="CODE", help="which services, e.g. portal")

    _add_bench(_command(commands, "bench", "measure the stand against the bare pipeline it is built on"))
    return parser


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("--json", action="store_true", help="print the results as JSON")
    bench.add_argument("--markdown", action="store_true", help="print the results as the tables of docs/performance.md")
    bench.add_argument("--applications", type=int, metavar="N", help="applications of one repetition (default: 1000)")
    bench.add_argument("--channel", choices=("portal", "csc"), default="portal", help="who applies (default: portal)")
    bench.add_argument("--broker", default="embedded", metavar="embedded|HOST:PORT", help="default: %(default)s")
    bench.add_argument("--processes", action="store_true", help="every service in a process of its own")
    bench.add_argument("--plot", type=Path, metavar="FILE", help="draw the results into this SVG file")
    bench.add_argument("--quick", action="store_true", help="few applications, once: to see that it works")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=what, description=what)
    command.set_defaults(command=name)
    return command


if __name__ == "__main__":
    sys.exit(main())
