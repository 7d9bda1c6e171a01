"""The command line ``egov``. Everything heavy is imported by the command that needs it."""

import argparse
import os
import signal
import sys
from pathlib import Path

_CUT_OFF = 128 + 13
"""Exit code of a command whose reader went away, as a shell would report its end by SIGPIPE."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    from services.stand import commands

    try:
        code = int(getattr(commands, options.command)(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has seen enough (`egov demo | head`). What the interpreter still wants to flush at its
        # end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _CUT_OFF
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as error:
        what = commands.told(error)
        if what is None:
            raise  # a defect of ours, which whoever reports it can show
        print(f"egov: {what}", file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="egov",
        description="The open stand of the e-government gateway. A test stand: no state system, synthetic people only.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = _command(
        commands,
        "up",
        "start the whole stand in this terminal (Ctrl-C stops it); EGOV_PORT_BASE moves its ports, EGOV_PORTAL_PORT "
        "the portal's alone",
    )
    up.add_argument("--data-dir", type=Path, help="keep keys and databases here; default: a folder that vanishes")

    up.add_argument("--any-ports", action="store_true", help="take free ports instead of the well-known ones")

    down = _command(commands, "down", "stop a stand that was started elsewhere, and wait until it is down")
    down.add_argument("--data-dir", type=Path, help="the stand in this folder; default: the one that runs")
    down.add_argument("--all", action="store_true", help="every stand of yours on this machine")

    demo = _command(commands, "demo", "play granted cases and every refusal, at portal and centres")
    demo.add_argument("--json", action="store_true", help="print the runs as JSON")
    demo.add_argument(
        "--url",
        help="play against the stand on this host (http://127.0.0.1; http://{code}: a host each); default: own",
    )

    journal = _command(commands, "journal", "the steps of an application and the verdict on them")
    journal.add_argument("application", help="application id, or the journal id of a refused sign-in")
    journal.add_argument("--url", help="the gateway (default: the one on its port of this machine, as egov up)")
    journal.add_argument("--json", action="store_true", help="print the journal as JSON")

    _add_clock(_command(commands, "clock", "the stand's time: show, set, advance, resume"))

    reset = _command(commands, "reset", "make the whole stand forget every application, message, file and fault")
    reset.add_argument("--url", help="any service of the stand (default: the authority of this machine, as egov up)")

    regulations = _command(commands, "regulations", "the regulations the stand runs")
    regulations.add_argument("--json", action="store_true", help="ids, channels with their steps, procedure")
    regulations.add_argument("--notes", action="store_true", help="where the texts differ or are silent (Markdown)")

    paths = _command(commands, "paths", "run every path that the regulations give, and judge it")
    paths.add_argument("--regulation", metavar="ID", help="only the paths of this one")
    paths.add_argument("--short", action="store_true", help="one granted path for every regulation and channel")
    paths.add_argument("--url", help="against the stand on this host, whose clock is moved; default: one of its own")
    paths.add_argument("--json", action="store_true", help="print paths, verdicts and a summary as JSON")

    routes = _command(commands, "routes", "who may call which route of which service")
    routes.add_argument("--json", action="store_true", help="by service, method and path")
    routes.add_argument("--markdown", action="store_true", help="the tables of docs/security.md")

    serve = _command(commands, "serve", "serve single services in this process, with the EGOV_ settings (Ctrl-C stops)")
    serve.add_argument("--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
    serve.add_argument("code", nargs="+", metavar="CODE", help="which services, e.g. portal")

    _add_dlq(_command(commands, "dlq", "dead letters: list, show, redrive"))

    _add_migrate(_command(commands, "migrate", "bring the tables of the services up to date; --new: write a migration"))

    _add_kafka_access(
        _command(commands, "kafka-access", "who may read and write which topic, from the routes; --apply")
    )

    _add_bench(_command(commands, "bench", "measure the stand against the bare pipeline it is built on"))
    return parser


class _Version(argparse.Action):
    """Prints the version; read only if it is asked for."""

    def __init__(self, option_strings: list[str], dest: str, help: str | None = None) -> None:  # noqa: A002
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"egov {version('egov-stand')}")
        parser.exit()


def _add_clock(clock: argparse.ArgumentParser) -> None:
    clock.add_argument("action", choices=("show", "set", "advance", "resume"))
    clock.add_argument(
        "value",
        nargs="?",
        help="set: 10:00 (of the stand's day), +3d, 2026-03-20T09:00 (where the offices are), or an instant "
        "(2026-03-20T09:00:00+05:00); advance: 3d, 12h, 1d12h, 90s",
    )
    clock.add_argument("--freeze", action="store_true", help="time then stands still until it is resumed")
    clock.add_argument("--wait", type=float, default=30.0, help="seconds to wait for the stand to settle (default: 30)")
    clock.add_argument("--url", help="any service of the stand (default: the authority of this machine, as egov up)")


def _add_dlq(dlq: argparse.ArgumentParser) -> None:
    dlq.add_argument("action", choices=("list", "show", "redrive"))
    dlq.add_argument("service", nargs="?", metavar="SERVICE", help="which system; list: default all")
    dlq.add_argument("id", nargs="*", type=int, metavar="ID", help="which dead letters")
    dlq.add_argument("--reason", help="only those with this reason, e.g. handler-failed")
    dlq.add_argument("--all", action="store_true", help="also those that were re-driven")
    dlq.add_argument(
        "--url", default="http://127.0.0.1", help="host of the stand; http://{code}: a host each (default: %(default)s)"
    )
    dlq.add_argument("--json", action="store_true", help="print JSON")


def _add_kafka_access(access: argparse.ArgumentParser) -> None:
    access.add_argument("--apply", action="store_true", help="make topics and rights so, as EGOV_KAFKA_USERNAME")
    access.add_argument("--passwords", type=Path, metavar="DIR", help="with --apply: make users; one file a system")
    access.add_argument("--json", action="store_true", help="print JSON")


def _add_migrate(migrate: argparse.ArgumentParser) -> None:
    migrate.add_argument("code", nargs="*", metavar="CODE", help="which services; default: all that keep tables")
    migrate.add_argument("--new", metavar="WHAT", help="write the next migration to the models, e.g. --new 'due dates'")
    migrate.add_argument("--initial", action="store_true", help="with --new: one migration in the place of all")


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
    command.set_defaults(command=name.replace("-", "_"))
    return command


if __name__ == "__main__":
    sys.exit(main())
