"""The whole benchmark with five applications, and what it prints."""

import json
import os
from xml.etree import ElementTree as ET

import pytest

from services.stand.bench.machine import cpu_seconds, hardware, load_average, pace_ms, peak_memory_mb, software
from services.stand.bench.plan import Plan
from services.stand.bench.plot import draw
from services.stand.bench.report import as_markdown, as_text
from services.stand.bench.run import measure

KEYS = (
    "floor_applications_per_s", "stand_applications_per_s", "ratio", "hops_per_application",
    "p50_ms", "p99_ms", "rss_mb", "cold_start_s", "cost_growth",
)  # fmt: skip


def test_what_a_process_uses() -> None:
    before = cpu_seconds(os.getpid())
    sum(number * number for number in range(300_000))
    assert cpu_seconds(os.getpid()) >= before > 0
    assert 5 < peak_memory_mb(os.getpid()) < 10_000
    with pytest.raises(OSError):
        cpu_seconds(2**22 + 1)


def test_the_machine_is_named() -> None:
    assert hardware()["cores"] >= 1
    assert software()["python"].count(".") == 2
    assert len(load_average()) == 3
    assert pace_ms() > 0


@pytest.mark.slow
@pytest.mark.parametrize(("processes", "channel"), [(False, "portal"), (True, "portal"), (False, "csc")])
async def test_five_applications(processes: bool, channel: str) -> None:
    said: list[str] = []
    plan = Plan.of(applications=5, quick=True, processes=processes, channel=channel)  # type: ignore[arg-type]
    results = await measure(plan, said.append)
    assert all(results[key] > 0 for key in KEYS)
    assert results["ratio"] == pytest.approx(
        results["stand_applications_per_s"] / results["floor_applications_per_s"], rel=0.01
    )
    # Nine messages of diagram 2 with their relays, and receipts and journal with them.
    assert results["hops_per_application"] > 9
    assert (len(results["stand"]["memory_mb"]) > 1) == processes
    assert results["stand"]["rejected"] == 0
    assert json.loads(json.dumps(results)) == results
    assert "applications/s" in as_text(results)
    assert as_markdown(results).count("| --- | ---: | --- |") == 6
    picture = ET.fromstring(draw(results))
    assert picture.tag.endswith("svg")
    assert said
