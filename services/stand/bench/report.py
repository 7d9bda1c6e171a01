"""The results for people: plain text, and the Markdown tables of ``docs/performance.md``."""

from collections.abc import Iterable, Sequence
from typing import Any

Rows = Sequence[tuple[str, str, str]]
_COLUMNS = ("measured", "median", "spread over the repetitions")


def as_text(results: dict[str, Any]) -> str:
    """Aligned columns under headings."""
    out = _preface(results)
    for heading, rows in sections(results):
        width = max(len(row[0]) for row in rows)
        value = max(len(row[1]) for row in rows)
        out += ["", heading, "-" * len(heading)]
        out += [f"  {name:<{width}}  {found:>{value}}  {spread}".rstrip() for name, found, spread in rows]
    return "\n".join(out)


def as_markdown(results: dict[str, Any]) -> str:
    """Tables under headings of the third level."""
    out = [f"- {line}" for line in _preface(results)]
    for heading, rows in sections(results):
        out += ["", f"### {heading}", "", _row(_COLUMNS), _row(("---", "---:", "---"))]
        out += [_row(row) for row in rows]
    return "\n".join(out)


def sections(results: dict[str, Any]) -> list[tuple[str, Rows]]:
    """Headings with their rows: what, value, spread."""
    return [
        ("Headline", _headline(results)),
        ("The stand", _stand(results["stand"])),
        ("The floor and its parts", _floor(results["floor"])),
        ("Growth", _growth(results["growth"])),
        ("Start", _start(results)),
        ("Peers", list(_peers(results["peers"]))),
    ]


def _preface(results: dict[str, Any]) -> list[str]:
    machine, settings, load = results["hardware"], results["settings"], results["load_average"]
    return [
        f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_mb']} MB, {machine['system']}",
        "Software: " + ", ".join(f"{name} {value}" for name, value in results["software"].items()),
        "Settings: " + ", ".join(f"{name} {value}" for name, value in settings.items() if value is not None),
        f"Load average before {load['before']}, after {load['after']}",
        "A million additions in Python before each part: "
        + ", ".join(f"{name} {ms:.0f} ms" for name, ms in results["pace_ms"].items()),
    ]


def _headline(results: dict[str, Any]) -> Rows:
    return [
        ("floor", f"{results['floor_applications_per_s']:g} applications/s", _spread(results["floor"])),
        ("stand", f"{results['stand_applications_per_s']:g} applications/s", _spread(results["stand"])),
        ("ratio stand / floor", f"{results['ratio']:.2f}", ""),
        ("ratio of CPU time, floor / stand", f"{results['cpu_ratio']:.2f}", ""),
        ("hops of one application", f"{results['hops_per_application']:g}", ""),
        ("unloaded, submit to result, p50", f"{results['p50_ms']:g} ms", ""),
        ("unloaded, submit to result, p99", f"{results['p99_ms']:g} ms", ""),
        ("peak memory of the stand", f"{results['rss_mb']:.0f} MB", ""),
        ("cold start to ready", f"{results['cold_start_s']:g} s", ""),
        ("cost, largest over smallest store", f"{results['cost_growth']:.2f}", ""),
    ]


def _stand(stand: dict[str, Any]) -> Rows:
    alone, paced = stand["latency_alone"], stand["latency_at_70_percent"]
    return [
        ("throughput", *_figure(stand["applications_per_s"], "applications/s")),
        ("hops", *_figure(stand["hops_per_s"], "hops/s")),
        ("hops of an application under load", *_figure(stand["hops_per_application"], "")),
        ("hops of an application alone", f"{stand['hops_alone']:g}", ""),
        ("signatures verified per application", f"{stand['verifications_per_application']:g}", ""),
        ("signed bytes per application", f"{stand['bytes_per_application']}", ""),
        ("CPU per application", *_figure(stand["cpu_ms_per_application"], "ms")),
        *((f"CPU per application in {name}", f"{ms:g} ms", "") for name, ms in stand["cpu_ms_by_process"].items()),
        ("CPU of the stand while nobody asks for anything", f"{stand['idle_cpu']:.1%} of a core", ""),
        ("CPU of the load generator per application", f"{stand['generator_cpu_ms']:g} ms", ""),
        ("messages sent again", f"{stand['resent']}", ""),
        *_latency("unloaded", alone),
        *_latency(f"at {paced['rate_per_s']:g}/s (70 %)", paced),
        *((f"peak memory of {name}", f"{mb:.0f} MB", "") for name, mb in stand["memory_mb"].items()),
        ("reset", f"{stand['reset_s']:g} s", ""),
    ]


def _latency(when: str, found: dict[str, float]) -> Iterable[tuple[str, str, str]]:
    names = ("p50", "p95", "p99", "max")
    yield (
        f"latency {when}: {' / '.join(names)}",
        " / ".join(f"{found[f'{name}_ms']:.0f}" for name in names) + " ms",
        f"{found['samples']} samples",
    )


def _floor(floor: dict[str, Any]) -> Rows:
    alone = floor["alone"]
    return [
        ("bare pipeline", *_figure(floor["applications_per_s"], "applications/s")),
        ("bare pipeline", *_figure(floor["hops_per_s"], "hops/s")),
        ("CPU per application", *_figure(floor["cpu_ms_per_application"], "ms")),
        ("crypto alone, sign", f"{alone['crypto']['sign_us']:.0f} µs", ""),
        ("crypto alone, verify", f"{alone['crypto']['verify_us']:.0f} µs", ""),
        ("crypto alone, a hop", f"{alone['crypto']['hop_us']:.0f} µs", ""),
        ("broker alone, a hop", f"{alone['broker']['hop_us']:.0f} µs", ""),
        *(
            (f"database alone, a hop in a batch of {name.rpartition('_')[2]}", f"{us:.0f} µs", "")
            for name, us in alone["database"].items()
        ),
    ]


def _growth(growth: dict[str, Any]) -> Rows:
    return [
        (f"{name} per application at {point['stored']} stored", *_figure(point[key], "ms"))
        for point in growth["points"]
        for name, key in (("CPU", "cpu_ms_per_application"), ("time", "wall_ms_per_application"))
    ]


def _start(results: dict[str, Any]) -> Rows:
    start = results["start"]
    return [
        ("cold start to ready", *_figure(start["cold_start_s"], "s")),
        ("start with kept keys to ready", *_figure(start["warm_start_s"], "s")),
        ("egov --help", *_figure(start["help_s"], "s")),
    ]


def _peers(peers: Iterable[dict[str, Any]]) -> Iterable[tuple[str, str, str]]:
    for peer in peers:
        if "skipped" in peer:
            yield peer["name"], "left out", peer["skipped"]
        else:
            yield peer["name"], f"{peer['applications_per_s']:g} applications/s", peer["includes"]


def _figure(figure: dict[str, float], unit: str) -> tuple[str, str]:
    return f"{figure['median']:g} {unit}".rstrip(), _range(figure)


def _range(figure: dict[str, float]) -> str:
    return f"{figure['lowest']:g} to {figure['highest']:g} ({figure['spread']:.0%})"


def _spread(found: dict[str, Any]) -> str:
    return _range(found["applications_per_s"])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
