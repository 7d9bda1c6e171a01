"""What the benchmark runs on, and what processes use of it, read from ``/proc`` (Linux)."""

import os
import platform
import statistics
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("aiokafka", "confluent-kafka", "cryptography", "fastapi", "pydantic", "SQLAlchemy", "uvicorn", "uvloop")
_ROOT = Path(__file__).parents[3]


def hardware() -> dict[str, Any]:
    """Processor, cores this process may use, memory and system."""
    return {
        "cpu": _field(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": _kilobytes(Path("/proc/meminfo"), "MemTotal") // 1024,
        "system": f"{platform.system()} {platform.release()}",
    }


def software() -> dict[str, str]:
    """Python, the packages whose speed counts, and the revision of this project."""
    found = {"python": f"{platform.python_implementation()} {platform.python_version()}"}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    found["revision"] = _revision()
    return found


def load_average() -> list[float]:
    """Runnable processes over the last 1, 5 and 15 minutes: a busy machine measures its other work."""
    return [round(value, 2) for value in os.getloadavg()]


def pace_ms() -> float:
    """How long Python takes for a million additions, in milliseconds of CPU time (the median of five): by this the
    numbers of two runs, or of two machines, can be compared. A virtual machine whose neighbours work is slower."""
    return statistics.median(_count() for _ in range(5))


def _count(steps: int = 300_000) -> float:
    total, started = 0, time.process_time()
    for number in range(steps):
        total += number
    return (time.process_time() - started) * 1000 * 1_000_000 / steps


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads so far. Raises ``OSError`` if it is gone."""
    # Behind the last ")": the name of the program may contain anything. utime and stime are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory_mb(pid: int) -> float:
    """The most memory a process has had resident. Raises ``OSError`` if it is gone."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM") / 1024


def _kilobytes(file: Path, name: str) -> int:
    return int((_field(file, name) or "0 kB").split()[0])


def _field(file: Path, name: str) -> str | None:
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return None
    found = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in found if key.strip() == name), None)


def _revision() -> str:
    command = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"
