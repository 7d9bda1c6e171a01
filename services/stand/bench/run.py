"""The benchmark from the first measurement to the last, one at a time, and its results by name."""

import secrets
import tempfile
from pathlib import Path
from typing import Any

from services.stand.bench import floor, measurements, parts
from services.stand.bench.figures import Figure, ratio, rounded
from services.stand.bench.hops import HopProfile
from services.stand.bench.machine import hardware, load_average, pace_ms, software
from services.stand.bench.measurements import Say
from services.stand.bench.peer import spiff_alone
from services.stand.bench.plan import Plan
from shared.messaging.embedded import EmbeddedBroker


async def measure(plan: Plan, say: Say) -> dict[str, Any]:
    """Everything the plan asks for. ``say`` is told how far it is."""
    load, pace = load_average(), [pace_ms()]
    say(f"load average {load}; what else runs on this machine is measured too")
    start = await measurements.measure_start(plan)
    pace.append(pace_ms())
    stand, profile = await measurements.measure_stand(plan, say)
    pace.append(pace_ms())
    bare = await _measure_floor(plan, profile, say)
    pace.append(pace_ms())
    grown = await measurements.measure_growth(plan, say)
    with tempfile.TemporaryDirectory(prefix="egov-bench-") as folder:
        peers = [spiff_alone(Path(folder), plan.peer_runs)]
    found = {
        **_headline(stand, bare, start, grown),
        "hardware": hardware(),
        "software": software(),
        "settings": plan.as_dict(),
        "load_average": {"before": load, "after": load_average()},
        "pace_ms": dict(zip(("start", "stand", "floor", "growth", "after"), [*pace, pace_ms()], strict=True)),
        "stand": stand,
        "hops": [
            {
                "name": item.name,
                "per_application": item.per_application,
                "bytes": item.hop.size,
                "signatures": item.hop.signatures,
            }
            for item in profile.classes
        ],
        "floor": bare,
        "growth": grown,
        "start": start,
        "peers": peers,
    }
    return _rounded(found)


def _headline(
    stand: dict[str, Any], bare: dict[str, Any], start: dict[str, Any], grown: dict[str, Any]
) -> dict[str, float]:
    """The keys others rely on."""
    floor_rate = bare["applications_per_s"]["median"]
    stand_rate = stand["applications_per_s"]["median"]
    return {
        "floor_applications_per_s": floor_rate,
        "stand_applications_per_s": stand_rate,
        "ratio": ratio(stand_rate, floor_rate),
        "cpu_ratio": ratio(bare["cpu_ms_per_application"]["median"], stand["cpu_ms_per_application"]["median"]),
        "hops_per_application": stand["hops_per_application"]["median"],
        "p50_ms": stand["latency_alone"]["p50_ms"],
        "p95_ms": stand["latency_alone"]["p95_ms"],
        "p99_ms": stand["latency_alone"]["p99_ms"],
        "rss_mb": sum(stand["memory_mb"].values()),
        "cold_start_s": start["cold_start_s"]["median"],
        "reset_s": stand["reset_s"],
        "cost_growth": grown["cost_growth"],
    }


async def _measure_floor(plan: Plan, profile: HopProfile, say: Say) -> dict[str, Any]:
    """The bare pipeline with the hops of ``profile``, and each of its parts alone."""
    broker, hops = EmbeddedBroker(), profile.plan()
    bootstrap = broker.start() if plan.embedded else plan.broker
    race = floor.in_processes if plan.processes else floor.in_one_process
    try:
        with tempfile.TemporaryDirectory(prefix="egov-bench-") as folder:
            runs = []
            for number in range(1, plan.repetitions + 1):
                ring = floor.Ring.new(hops, bootstrap, Path(folder), f"floor-{_run_id()}-{number}")
                if not plan.embedded:
                    await floor.create_topics(ring)
                runs.append(await race(ring, plan.applications, plan.floor_window))
                say(f"floor, repetition {number}: {runs[-1].hops_per_s:.0f} hops/s, load {load_average()[0]}")
            ring = floor.Ring.new(hops, bootstrap, Path(folder), f"parts-{_run_id()}")
            if not plan.embedded:
                await floor.create_topics(ring)
            alone = {
                "crypto": parts.crypto_alone(ring, plan.part_hops),
                "broker": await parts.broker_alone(ring, plan.part_hops),
                "database": await parts.database_alone(ring, plan.part_hops),
            }
    finally:
        broker.stop()
    # The plan has whole hops; the rate is for exactly as many as an application makes.
    exact = profile.per_application
    return {
        "applications_per_s": Figure.of([run.hops_per_s / exact for run in runs]).as_dict(),
        "hops_per_s": Figure.of([run.hops_per_s for run in runs]).as_dict(),
        "cpu_ms_per_application": Figure.of(
            [run.cpu_s / run.applications / run.hops * exact * 1000 for run in runs]
        ).as_dict(),
        "hops_of_the_plan": len(hops),
        "alone": alone,
    }


def _run_id() -> str:
    """Makes the topics on a cluster that lives on different from those of the run before."""
    return secrets.token_hex(4)


def _rounded(value: Any) -> Any:
    """``value`` with every fraction in it rounded."""
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
