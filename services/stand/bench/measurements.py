"""The measurements of the stand itself: throughput, latency, growth, start. Each starts what it needs."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from services.stand.bench import growth
from services.stand.bench.figures import Figure, percentile, ratio
from services.stand.bench.generator import Generator
from services.stand.bench.hops import HopCounter, HopProfile, hop_counter
from services.stand.bench.machine import cpu_seconds, load_average
from services.stand.bench.plan import Plan
from services.stand.bench.under_test import UnderTest, command_start_s, under_test

Say = Callable[[str], None]
_LOAD_SHARE = 0.7
_FOLLOW_EACH = 5
_IDLE_S = 3.0
_VERDICTS = {"portal": "conformant", "csc": "incomplete"}
"""What the journal says when the result is there; at a centre it is still to be handed out."""


@dataclass(frozen=True)
class Repetition:
    """One run of throughput."""

    applications: int
    seconds: float
    cpu: dict[str, float]
    """CPU seconds by process, until the last receipt."""
    generator_cpu: float
    hops: HopProfile
    counts: dict[str, Any]

    @property
    def per_s(self) -> float:
        """Applications a second."""
        return self.applications / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of the stand for one application."""
        return sum(self.cpu.values()) / self.applications * 1000


@asynccontextmanager
async def loaded(plan: Plan, data_dir: Path, next_number: int = 0) -> AsyncIterator[tuple[UnderTest, Generator]]:
    """A stand and a load generator before it."""
    async with under_test(plan, data_dir) as stand:
        generator = await Generator.start(stand.addresses, plan.channel, next_number)
        try:
            yield stand, generator
        finally:
            await generator.stop()


async def repeat(
    plan: Plan, stand: UnderTest, generator: Generator, counter: HopCounter, applications: int
) -> Repetition:
    """Throughput once. Raises ``RuntimeError`` if the journal does not find the last run in order."""
    await generator.prepare(applications)
    counted = await stand.drained()
    before, cpu, own = await counter.ends(), stand.cpu(), cpu_seconds(generator.pid)
    result = await generator.throughput(plan.window)
    counts = {name: value - counted[name] for name, value in (await stand.drained()).items()}
    spent = {name: value - cpu[name] for name, value in stand.cpu().items()}
    own = cpu_seconds(generator.pid) - own
    profile = await counter.profile(before, await counter.ends(), applications)
    verdict, why = await stand.verdict(result["last"])
    if verdict != _VERDICTS[plan.channel]:
        raise RuntimeError(f"application {result['last']} ran, but is {verdict}: {why}")
    return Repetition(applications, result["seconds"], spent, own, profile, counts)


async def measure_stand(plan: Plan, say: Say) -> tuple[dict[str, Any], HopProfile]:
    """Throughput, latencies, memory and reset of one stand, and the hops that one application makes in it."""
    with tempfile.TemporaryDirectory(prefix="egov-bench-") as folder:
        async with loaded(plan, Path(folder)) as (stand, generator), hop_counter(stand.bootstrap) as counter:
            await generator.prepare(plan.warm_up)
            await generator.throughput(plan.window)
            await stand.drained()
            idle = await _idle(stand)
            runs = []
            for number in range(1, plan.repetitions + 1):
                runs.append(await repeat(plan, stand, generator, counter, plan.applications))
                say(f"stand, repetition {number}: {runs[-1].per_s:.1f} applications/s, load {load_average()[0]}")
            rate = Figure.of([run.per_s for run in runs])
            found = {**_throughput(runs), "idle_cpu": idle}
            found["latency_alone"], found["hops_alone"] = await _alone(plan, stand, generator, counter)
            say("stand: one at a time done")
            found["latency_at_70_percent"] = await _paced(plan, stand, generator, rate.median * _LOAD_SHARE)
            say("stand: 70 % load done")
            found["memory_mb"] = stand.memory()
            found["reset_s"] = await stand.reset_s()
    return found, runs[-1].hops


async def _idle(stand: UnderTest) -> float:
    """CPU seconds a second that the stand spends on waiting."""
    before, started = sum(stand.cpu().values()), perf_counter()
    await asyncio.sleep(_IDLE_S)
    return (sum(stand.cpu().values()) - before) / (perf_counter() - started)


def _throughput(runs: list[Repetition]) -> dict[str, Any]:
    hops = Figure.of([run.hops.per_application for run in runs])
    names = list(runs[0].cpu)
    return {
        "applications_per_s": Figure.of([run.per_s for run in runs]).as_dict(),
        "hops_per_s": Figure.of([run.per_s * run.hops.per_application for run in runs]).as_dict(),
        "hops_per_application": hops.as_dict(),
        "bytes_per_application": round(runs[-1].hops.bytes_per_application),
        "verifications_per_application": runs[-1].hops.verifications_per_application,
        "cpu_ms_per_application": Figure.of([run.cpu_ms for run in runs]).as_dict(),
        "cpu_ms_by_process": {
            name: Figure.of([run.cpu[name] / run.applications * 1000 for run in runs]).median for name in names
        },
        "generator_cpu_ms": Figure.of([run.generator_cpu / run.applications * 1000 for run in runs]).median,
        "resent": sum(run.counts["resent"] for run in runs),
        "rejected": sum(run.counts["rejected"] for run in runs),
    }


async def _alone(
    plan: Plan, stand: UnderTest, generator: Generator, counter: HopCounter
) -> tuple[dict[str, float], float]:
    await generator.prepare(plan.alone)
    before = await counter.ends()
    result = await generator.alone()
    await stand.drained()
    profile = await counter.profile(before, await counter.ends(), plan.alone)
    return latencies(result["latencies_s"]), profile.per_application


async def _paced(plan: Plan, stand: UnderTest, generator: Generator, rate: float) -> dict[str, float]:
    count = max(1, min(plan.paced, round(rate * 30)))
    await generator.prepare(count)
    result = await generator.paced(rate, min(_FOLLOW_EACH, count))
    await stand.drained()
    return {**latencies(result["latencies_s"]), "rate_per_s": rate}


def latencies(seconds: list[float]) -> dict[str, float]:
    """The percentiles people ask for, in milliseconds."""
    shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "max_ms": 1.0}
    return {**{name: percentile(seconds, share) * 1000 for name, share in shares.items()}, "samples": len(seconds)}


async def measure_start(plan: Plan) -> dict[str, Any]:
    """From nothing to ready, from what a former start left to ready, and ``egov --help``."""
    cold: list[float] = []
    warm: list[float] = []
    for _ in range(plan.repetitions):
        with tempfile.TemporaryDirectory(prefix="egov-bench-") as folder:
            for times in (cold, warm):
                async with under_test(plan, Path(folder)) as stand:
                    times.append(stand.start_s)
    help_s = [await command_start_s("--help") for _ in range(plan.repetitions)]
    return {
        "cold_start_s": Figure.of(cold).as_dict(),
        "warm_start_s": Figure.of(warm).as_dict(),
        "help_s": Figure.of(help_s).as_dict(),
    }


async def measure_growth(plan: Plan, say: Say) -> dict[str, Any]:
    """The cost of an application among few and among many others."""
    points: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="egov-bench-") as folder:
        data_dir = Path(folder)
        template = min(100, plan.sizes[0] // 2)
        async with loaded(plan, data_dir) as (stand, generator):
            await generator.prepare(template)
            await generator.throughput(plan.window)
            await stand.drained()
            next_number = generator.next_number
        growth.keep_template(data_dir)
        stored, copies = template, 0
        for size in plan.sizes:
            started = perf_counter()
            made = growth.fill(data_dir, size - stored, template, copies + 1)
            copies, stored = copies + made, stored + made * template
            say(f"growth: {stored} applications stored in {perf_counter() - started:.0f} s")
            async with (
                loaded(plan, data_dir, next_number) as (stand, generator),
                hop_counter(stand.bootstrap) as counter,
            ):
                await generator.prepare(plan.warm_up)
                await generator.throughput(plan.window)
                await stand.drained()
                runs = [
                    await repeat(plan, stand, generator, counter, plan.growth_batch) for _ in range(plan.repetitions)
                ]
                next_number = generator.next_number
            points.append(
                {
                    "stored": stored,
                    "cpu_ms_per_application": Figure.of([run.cpu_ms for run in runs]).as_dict(),
                    "wall_ms_per_application": Figure.of([1000 / run.per_s for run in runs]).as_dict(),
                    "start_s": stand.start_s,
                }
            )
            stored += plan.warm_up + plan.repetitions * plan.growth_batch
            say(f"growth: {points[-1]['cpu_ms_per_application']} CPU ms")
    costs: list[float] = [point["cpu_ms_per_application"]["median"] for point in points]
    return {"points": points, "cost_growth": ratio(costs[-1], costs[0])}
